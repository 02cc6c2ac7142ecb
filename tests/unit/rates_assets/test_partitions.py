"""The three partitions and every mapping between them."""

from datetime import UTC, date, datetime

import pytest
from dagster import TimeWindowPartitionMapping, TimeWindowPartitionsDefinition
from dagster._core.definitions.partitions.context import partition_loading_context

from rates_assets import periods
from rates_assets.partitions import GAME_DATE, RETRAIN, SEASON, SEASONS_BEFORE_MONTH, WITHIN_SEASON
from rates_lib.core import calendar
from rates_lib.core.errors import RatesError

DEFAULT = TimeWindowPartitionMapping()
NOVEMBER_2024 = datetime(2024, 11, 20, 18, tzinfo=UTC)  # the season 2024-25 is running


def upstream(
    mapping: TimeWindowPartitionMapping, of: TimeWindowPartitionsDefinition, keys: list[str], to: TimeWindowPartitionsDefinition
) -> tuple[list[str], list[str]]:
    """Upstream keys of some keys, and those that are asked for but do not exist, in November 2024."""
    with partition_loading_context(NOVEMBER_2024, None):
        result = mapping.get_upstream_mapped_partitions_result_for_partitions(of.subset_with_partition_keys(keys), of, to)
        missing = result.required_but_nonexistent_subset.get_partition_keys()
        return sorted(result.partitions_subset.get_partition_keys()), sorted(missing)


@pytest.mark.parametrize(
    ("definition", "first", "last"),
    [(SEASON, "2012", "2024"), (RETRAIN, "2012-11-01", "2024-11-01"), (GAME_DATE, "2012-10-12", "2024-11-20")],
)
def test_the_running_season_month_and_day_exist(definition: TimeWindowPartitionsDefinition, first: str, last: str) -> None:
    with partition_loading_context(NOVEMBER_2024, None):
        keys = definition.get_partition_keys()
    assert (keys[0], keys[-1]) == (first, last)


def test_a_season_runs_from_12_october_to_11_october() -> None:
    window = SEASON.time_window_for_partition_key("2019")
    assert (window.start.date(), window.end.date()) == (date(2019, 10, 12), date(2020, 10, 12))


@pytest.mark.parametrize(
    ("day", "season"), [("2020-10-11", "2019"), ("2020-10-12", "2020"), ("2024-12-25", "2024"), ("2025-04-13", "2024")]
)
def test_a_day_reads_its_season(day: str, season: str) -> None:
    with partition_loading_context(datetime(2026, 1, 1, tzinfo=UTC), None):
        result = DEFAULT.get_upstream_mapped_partitions_result_for_partitions(
            GAME_DATE.subset_with_partition_keys([day]), GAME_DATE, SEASON
        )
    assert list(result.partitions_subset.get_partition_keys()) == [season]


def test_a_day_reads_the_models_of_its_month() -> None:
    assert upstream(DEFAULT, GAME_DATE, ["2024-02-29"], RETRAIN) == (["2024-02-01"], [])


def test_a_day_before_the_first_month_reads_none() -> None:
    assert upstream(DEFAULT, GAME_DATE, ["2012-10-20"], RETRAIN)[0] == []


def test_a_model_learns_from_its_season_and_all_before() -> None:
    assert upstream(SEASONS_BEFORE_MONTH, RETRAIN, ["2014-11-01"], SEASON) == (["2012", "2013", "2014"], [])
    assert upstream(SEASONS_BEFORE_MONTH, RETRAIN, ["2024-11-01"], SEASON) == ([str(y) for y in range(2012, 2025)], [])


def test_a_backfill_of_one_season_makes_no_other() -> None:
    with partition_loading_context(NOVEMBER_2024, None):
        downstream = DEFAULT.get_downstream_partitions_for_partitions(SEASON.subset_with_partition_keys(["2015"]), SEASON, SEASON)
    assert list(downstream.get_partition_keys()) == ["2015"]


def test_a_season_reads_its_months() -> None:
    months, missing = upstream(WITHIN_SEASON, SEASON, ["2013"], RETRAIN)
    assert (months[0], months[-1], len(months), missing) == ("2013-10-01", "2014-10-01", 13, [])


def test_the_running_season_can_be_launched_though_its_months_are_not_over() -> None:
    assert upstream(WITHIN_SEASON, SEASON, ["2024"], RETRAIN) == (["2024-10-01", "2024-11-01"], [])
    assert upstream(DEFAULT, SEASON, ["2024"], RETRAIN)[1]  # without the flag it could not


def test_a_season_reads_its_days() -> None:
    days, missing = upstream(WITHIN_SEASON, SEASON, ["2024"], GAME_DATE)
    assert (days[0], days[-1], missing) == ("2024-10-12", "2024-11-20", [])


def test_windows_of_a_season_end_with_its_last_game() -> None:
    assert calendar.windows_of(2023, date(2023, 12, 3)) == [date(2023, 10, 1), date(2023, 11, 1), date(2023, 12, 1)]
    assert calendar.windows_of(2023, date(2023, 10, 30)) == [date(2023, 10, 1)]


def test_a_key_outside_the_graph_is_refused_in_one_line() -> None:
    with pytest.raises(RatesError, match="season 1999 is not in the graph, which has 2012 to"):
        periods.season_key(1999)
    with pytest.raises(RatesError, match="day 2999-01-01"):
        periods.day_key(date(2999, 1, 1))
    with pytest.raises(RatesError, match="retrain window 2012-10-01"):
        periods.window_key(date(2012, 10, 20))
