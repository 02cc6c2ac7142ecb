"""The partitions SEASON, RETRAIN and GAME_DATE, and the mappings between them.

All three are time windows in Eastern time, so Dagster maps days, months and seasons onto each other; `end_offset=1` includes the running
season, month and day. Offsets of a mapping count windows of the downstream asset.
Day to season and day to month are Dagster's default mapping: the window that contains the day. So is season to season: forms start from
those of earlier seasons, but with such a mapping a backfill of one season from the UI would rebuild every later one.
"""

from dagster import DailyPartitionsDefinition, MonthlyPartitionsDefinition, TimeWindowPartitionMapping, TimeWindowPartitionsDefinition

# a season runs from 12 October to 11 October, so that the bubble of 2020 is in 2019-20
SEASON = TimeWindowPartitionsDefinition(start="2012", fmt="%Y", cron_schedule="0 0 12 10 *", timezone="America/New_York", end_offset=1)
# the month in which a model is used; the model has seen nothing from its first day on
RETRAIN = MonthlyPartitionsDefinition(start_date="2012-11-01", timezone="America/New_York", end_offset=1)
GAME_DATE = DailyPartitionsDefinition(start_date="2012-10-12", timezone="America/New_York", end_offset=1)

# a model learns from its season so far and from all earlier ones: 240 months reach beyond the first season
SEASONS_BEFORE_MONTH = TimeWindowPartitionMapping(start_offset=-240, allow_nonexistent_upstream_partitions=True)
# months or days of a season; some of the running season do not exist yet, and without the flag it could not be launched
WITHIN_SEASON = TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True)
