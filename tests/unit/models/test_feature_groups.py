"""The groups that ablations take out and explanations speak in: every column of every model is in exactly one."""

from __future__ import annotations

from collections import Counter

import pytest

from rates_lib.core.errors import RatesError
from rates_lib.models.feature_groups import GROUP_OF, GROUPS, without_groups
from rates_lib.models.feature_sets import (
    ABSENCES,
    AWARE,
    EFFICIENCY_FEATURES,
    FROM_STATUSES,
    LIKELY_COLUMNS,
    MINUTES_FEATURES,
    PLAY_FEATURES,
    RATES_FEATURES,
    RATES_STAGE2,
    STATUS_KNOWN,
)

READ = {
    "play": (*PLAY_FEATURES, STATUS_KNOWN),
    "minutes": (*MINUTES_FEATURES, STATUS_KNOWN),
    "plain": RATES_STAGE2,
    "efficiency": EFFICIENCY_FEATURES,
    "rates": RATES_FEATURES,
}


@pytest.mark.parametrize("model", READ)
def test_every_column_of_a_model_is_in_one_group(model: str) -> None:
    times = Counter(c for columns in GROUPS.values() for c in columns)
    assert [c for c in READ[model] if times[c] != 1] == []
    assert all(c in GROUPS[GROUP_OF[c]] for c in READ[model])


def test_no_group_is_empty_or_holds_what_nobody_reads() -> None:
    read = {c for columns in READ.values() for c in columns}
    for name, columns in GROUPS.items():
        assert columns, name
        assert set(columns) <= read, name
        assert len(set(columns)) == len(columns), name


def test_columns_stand_where_a_fan_would_look_for_them() -> None:
    assert GROUPS["lines"] == ("spread_close", "total_close", "team_itt", "opp_itt")
    assert {*ABSENCES, *LIKELY_COLUMNS} <= set(GROUPS["team-mates in and out"])
    expected = {
        "is_starter": "starting five", "opp_ast_ratio_hl30": "opponent", "dvp_ast_ratio": "opponent", "days_rest": "rest, load and absence",
        "ast_per_min_hl10": "own rates and form", "height_inches": "body and position", "ast_per_min_position": "body and position",
        "mates_ast_per_min": "team-mates in and out", "minutes_hl10": "recent minutes", "minutes_expected_p50": "expected minutes",
    }  # fmt: skip
    for column, group in expected.items():
        assert GROUP_OF[column] == group


def test_columns_without_groups() -> None:
    columns = ("spread_close", "is_starter", "ast_per_min_hl10", "no_model_reads_it")
    assert without_groups(columns, ()) == columns
    assert without_groups(columns, ("lines", "starting five")) == ("ast_per_min_hl10", "no_model_reads_it")
    with pytest.raises(RatesError, match=r"feature group weather, moon does not exist: choose from .*lines"):
        without_groups(columns, ("weather", "lines", "moon"))


def test_what_hides_and_masks_is_read_by_the_minutes_model() -> None:
    read = set(MINUTES_FEATURES)
    assert {*AWARE, *AWARE.values()} <= read
    assert set(FROM_STATUSES) <= read
    assert len(MINUTES_FEATURES) == len(read)
