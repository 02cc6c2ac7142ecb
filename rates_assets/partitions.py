"""SEASON, RETRAIN, GAME_DATE and the mappings between them, and nothing else.

All three are time windows in Eastern time, so that days, months and seasons map onto each other without a line of code; `end_offset=1`
keeps the running season, month and day. Offsets of a mapping count windows of the downstream side.
Day to season and day to month are Dagster's default mapping: the window that holds the day. So is season to season: forms do
start from those of earlier seasons, but a mapping that said so would make a backfill of one season from the UI re-make every later one.
"""

from dagster import DailyPartitionsDefinition, MonthlyPartitionsDefinition, TimeWindowPartitionMapping, TimeWindowPartitionsDefinition

# a season runs from 12 October to 11 October: the bubble of 2020 falls into 2019-20, where it belongs
SEASON = TimeWindowPartitionsDefinition(start="2012", fmt="%Y", cron_schedule="0 0 12 10 *", timezone="America/New_York", end_offset=1)
# the month in which a model is used: it has seen nothing from its first day on
RETRAIN = MonthlyPartitionsDefinition(start_date="2012-11-01", timezone="America/New_York", end_offset=1)
GAME_DATE = DailyPartitionsDefinition(start_date="2012-10-12", timezone="America/New_York", end_offset=1)

# a model of a month learns from its own season so far and from all before: 240 months reach past the first season
SEASONS_BEFORE_MONTH = TimeWindowPartitionMapping(start_offset=-240, allow_nonexistent_upstream_partitions=True)
# months or days of a season: those of the running one are not all there yet, and without the flag it could not be launched
WITHIN_SEASON = TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True)
