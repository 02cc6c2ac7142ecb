"""Lineage: the partitions that a partition is made from, and whether they still hold the rows that it was made from.

The writer of a partition stores the fingerprints of its inputs in the file (`lake.Record`); this module compares them with the present
fingerprints. Only rows count: file times, copies, and a run that writes the same rows again change nothing.

    season of bronze ──> season of silver ──> earlier seasons within reach ──> impact ─┐
                         all seasons up to that of the games ──────────────────────────┴──> form tables ──> training sets

Belongs here: tables and seasons that others are made from. Does not belong here: building tables, storing records (`lake.py`), the
consequences of stale inputs. Model runs have fingerprints of their own (`models/bundle.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from rates_lib.features.impact import config
from rates_lib.features.impact.estimates import IMPACT_TABLE
from rates_lib.features.registry import FAMILIES
from rates_lib.lake import Lake
from rates_lib.pipeline.transform import BUILD_ORDER, SNAPSHOTS, sql_inputs

_ALL = 1000  # all earlier seasons
#: Tables that `features.history.load_history` reads for the games of a season, with the number of earlier seasons.
_HISTORY = dict.fromkeys(
    ("silver.game", "silver.player_game", "silver.team_game", "silver.tracking_game", "bronze.player_tracking", "bronze.player_bio",
     IMPACT_TABLE), _ALL,
) | {"silver.player_availability": 0}  # fmt: skip
#: Tables that `features.impact.games.load_games` reads.
_IMPACT = dict.fromkeys(
    ("silver.game", "silver.player_game", "silver.team_game", "silver.lineup_stint", "bronze.player_bio"), config.LOOKBACK_SEASONS
)
_FORMS = {family.table: _HISTORY for family in FAMILIES}
_OF_SEASON = dict.fromkeys((*_FORMS, "silver.odds_game", "silver.game"), 0)
_TRAINING = dict.fromkeys(
    ("gold.player_game_training", "gold.rates_training_base"), _OF_SEASON | {"silver.player_game": 0, "gold.minutes_walk_forward": 0}
) | {"gold.minutes_walk_forward": _OF_SEASON, "gold.team_matchup_training": _OF_SEASON | {IMPACT_TABLE: _ALL}}
_GOLD = {IMPACT_TABLE: _IMPACT} | _FORMS | _TRAINING

#: Tables of forms and impact, and training sets, which the graph builds in this order.
FORM_TABLES, TRAINING_TABLES = (*_FORMS, IMPACT_TABLE), tuple(_TRAINING)
#: Models whose runs of the season's months predict what a table holds.
PREDICTED_INPUTS = dict.fromkeys(("gold.minutes_walk_forward", "gold.team_matchup_training"), ("minutes_v1",))
#: Tables whose files hold the fingerprints of their inputs; all are partitioned by season.
FOLLOWED = frozenset((*BUILD_ORDER, *_GOLD))


@cache
def inputs(table: str) -> Mapping[str, int]:
    """Tables that one of `FOLLOWED` is made from, each with the number of earlier seasons that are read; without landed files."""
    if table in _GOLD:
        return _GOLD[table]
    return {name: 0 for name in sql_inputs(table) if not name.startswith("landing.")}


def slate_inputs() -> Mapping[str, int]:
    """As `inputs`, for a slate built as of an instant: history, and the publications of its season."""
    return {table: 0 for snapshot in SNAPSHOTS for table in (snapshot, *inputs(snapshot))} | _HISTORY


class Files:
    """Records of the files of a lake; each file is opened once."""

    def __init__(self, lake: Lake) -> None:
        self.record = cache(lake.record)
        self._seasons = cache(lambda table: [int(key) for key in lake.partitions(table)])

    def fingerprints(self, sources: Mapping[str, int], season: int) -> dict[str, str]:
        """Fingerprint of each partition of `sources` that a season is made from, by `<table>/<season>`."""
        read = [(table, key) for table, back in sources.items() for key in self._seasons(table) if season - back <= key <= season]
        return {f"{table}/{key}": record.content for table, key in read if (record := self.record(table, key))}


def fingerprints(lake: Lake, sources: Mapping[str, int], season: int) -> dict[str, str]:
    """Fingerprint of each partition of `sources` (see `inputs`) that a season is made from, by `<table>/<season>`.

    Take them before reading, so that an input replaced in the meantime counts as changed.
    """
    return Files(lake).fingerprints(sources, season)


def absent_inputs(lake: Lake, table: str, season: int) -> tuple[str, str] | None:
    """Table and season of the first partition that a season of a `FOLLOWED` table was made from, and which is not there; None if none."""
    record = lake.record(table, season)
    for source in sorted(record.made_from or {}) if record else []:
        name, key = source.split("/")
        if not lake.partition_path(name, key).exists():
            return name, key
    return None


def why_stale(lake: Lake, tables: Iterable[str], season: int) -> str:
    """Reason why a season of some `FOLLOWED` tables is stale, in words: the nearest changed input, direct or indirect; "" if none."""
    files = Files(lake)
    ahead = [(table, season) for table in tables]
    seen = set(ahead)
    for table, of in ahead:  # `ahead` grows in the loop: the nearest inputs come first
        record = files.record(table, of)
        if record is None:
            return f"{table} holds no season {of}"
        if record.made_from is None:
            return f"{table} of {of} was written by an earlier version, which kept no fingerprints: run `rates backfill` for it again"
        now = files.fingerprints(inputs(table), of)
        if changed := difference(now, record.made_from):
            return f"{table} of {of} was made {changed}"
        read = [(name, int(key)) for name, key in (source.split("/") for source in now)]
        ahead += [partition for partition in read if partition not in seen]
        seen.update(read)
    return ""


def difference(now: Mapping[str, str], then: Mapping[str, str]) -> str:
    """The first changed input, as the end of the sentence "<table> was made …"; "" if none."""
    for source in sorted(now.keys() | then.keys()):
        name = " of ".join(source.split("/"))
        if source not in then:
            return f"without {name}"
        if source not in now:
            return f"from {name}, which is not there"
        if now[source] != then[source]:
            return f"from other rows of {name}"
    return ""
