"""The runs that a backfill needs, found without Dagster, so that "nothing changed" is said at once.

Belongs here: stages of a backfill, and which of them would change something. Does not belong here: starting runs (`workflows.py`), when a
table is fresh (`rates_lib/pipeline/freshness.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from rates_assets.cli.choices import Retrain, Through
from rates_lib.core.calendar import first_window, windows_of
from rates_lib.core.errors import RatesError
from rates_lib.day_sets import LAYERS
from rates_lib.features.impact.estimates import IMPACT_TABLE
from rates_lib.lake import Lake
from rates_lib.models.specs import MODELS
from rates_lib.pipeline.freshness import needs_fit, stale_days, stale_seasons
from rates_lib.pipeline.lineage import FORM_TABLES, TRAINING_TABLES
from rates_lib.pipeline.transform import BUILD_ORDER
from rates_lib.schemas.tables import TABLES

FIRST_SEASON = 2012  # of the graph's partitions
STINT_TABLES = (
    "bronze.player_bio",
    "bronze.impact_rating",
    "bronze.lineup_stint",
    "silver.lineup_stint",
)  # of a season without logs


@dataclass(frozen=True)
class Stage:
    """One run of a backfill.

    Attributes:
        job: name.
        first, last: keys of its range of partitions; the same for one partition.
        assets: names of the job's assets to run; empty: all.
    """

    job: str
    first: str
    last: str
    assets: tuple[str, ...] = ()


@dataclass
class Plan:
    """The plan of a backfill.

    Attributes:
        lake: the lake.
        seasons: requested start years, without a gap.
        through: last layer to build.
        retrain: how often models are fitted.
        rebuild: whether fresh tables and runs are built again too.
        history: seasons whose tables the backfill covers: the requested ones, and landed ones that were never built.
        sets: the same, for training sets; empty if they are not asked for.
    """

    lake: Lake
    seasons: Sequence[int]
    through: Through
    retrain: Retrain
    rebuild: bool = False
    history: list[int] = field(init=False)
    sets: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Look up what is landed.

        Raises:
            RatesError: if the seasons have a gap, or one of them is not landed.
        """
        landed = landed_seasons(self.lake)
        _require(self.seasons, landed, self.lake)
        self._layers = list(Through)[: list(Through).index(self.through) + 1]
        forms, training = (Through.FORMS in self._layers, Through.TRAINING in self._layers)
        self.history = _extended(self.seasons, landed, self.lake, "gold.player_form") if forms else sorted(self.seasons)
        self.sets = _extended(self.history, landed, self.lake, "gold.rates_training_base") if training else []

    @property
    def earlier(self) -> list[int]:
        """Seasons before the requested ones that are landed and were never built, and those between."""
        return [season for season in self.sets or self.history if season < min(self.seasons)]

    def stages(self) -> Iterator[Stage]:
        """The runs, in order. Ask for the next one after the one before has ended: it depends on what that has changed."""
        lake, layers = self.lake, self._layers
        yield from stints_alone(lake, range(FIRST_SEASON, min(self.history)))
        tables = [table for table in BUILD_ORDER if TABLES[table].layer in layers] + list(FORM_TABLES) * (Through.FORMS in layers)
        only = () if Through.FORMS in layers else tuple(spec.name for spec in TABLES.values() if spec.layer in layers)
        yield from _runs("history", self._stale(tables, self.history), only)
        if not self.sets:
            return
        first = min(int(season) for season in lake.partitions("gold.player_form"))
        modelled = [season for season in self.sets if season > first]
        requested = [season for season in modelled if season in self.seasons]
        yield from self._fits("minutes", modelled, self.retrain, ["minutes_v1"])
        yield from _runs("training_sets", self._stale(TRAINING_TABLES, self.sets))
        if Through.TEAMS in layers:
            yield from self._fits("team_models", requested, Retrain.MONTH, ["team_v1"])
        if Through.MODELS in layers:
            yield from self._fits("models", requested, self.retrain, sorted(set(MODELS) - {"minutes_v1", "team_v1"}))
        if Through.PREDICTIONS in layers:
            yield from self._days("predictions", requested, LAYERS[:1])
        if Through.WORLDS in layers:
            drawn = tuple(spec.name for spec in TABLES.values() if spec.layer in LAYERS[1:])
            yield from self._days("slate", requested, LAYERS, drawn)

    def _stale(self, tables: Iterable[str], seasons: Sequence[int]) -> Sequence[int]:
        return seasons if self.rebuild else stale_seasons(self.lake, tables, seasons)

    def _fits(self, job: str, seasons: Iterable[int], retrain: Retrain, models: Iterable[str]) -> Iterator[Stage]:
        for season in seasons:
            months = [first_window(season)]
            if retrain == Retrain.MONTH:
                months = windows_of(season, game_days(self.lake, season)[-1])
            if self.rebuild or any(needs_fit(self.lake, MODELS[model], month) for model in models for month in months):
                yield Stage(job, months[0].isoformat(), months[-1].isoformat())

    def _days(self, job: str, seasons: Iterable[int], layers: Sequence[str], assets: tuple[str, ...] = ()) -> Iterator[Stage]:
        for season in seasons:
            if self.rebuild or stale_days(self.lake, season, layers):
                days = game_days(self.lake, season)
                yield Stage(job, days[0].isoformat(), days[-1].isoformat(), assets)


def landed_seasons(lake: Lake) -> list[int]:
    """Start years of the seasons whose player logs are in the landing zone, sorted; without those before the graph's first."""
    seasons = {file.season for file in lake.landed_files("leaguegamelog_player")}
    return sorted(season for season in seasons if season >= FIRST_SEASON)


def game_days(lake: Lake, season: int) -> list[date]:
    """Eastern dates with games of a season, sorted.

    Raises:
        RatesError: if there are none.
    """
    days = lake.read("silver.game", [season], ["game_date"])["game_date"].unique().sort().to_list()
    if not days:
        raise RatesError(f"season {season} has no games in silver.game: run `rates backfill --seasons {season}` first")
    return days


def stints_alone(lake: Lake, seasons: Iterable[int]) -> Iterator[Stage]:
    """The runs that build the missing inputs of player impact for seasons that have landed stints, but no logs."""
    landed, have = landed_seasons(lake), lake.partitions(IMPACT_TABLE)
    stints = {file.season for file in lake.landed_files("stints")}
    wanted = sorted(season for season in stints & set(seasons) if season not in landed and str(season) not in have)
    return _runs("history", wanted, (*(TABLES[table].quarantine_name for table in STINT_TABLES), *STINT_TABLES, IMPACT_TABLE))


def _require(seasons: Sequence[int], landed: Sequence[int], lake: Lake) -> None:
    first, last = min(seasons), max(seasons)
    if first < FIRST_SEASON:
        raise RatesError(
            f"season {first} is not in the graph, which begins with {FIRST_SEASON}: name a season by the year it starts in, 2024 for "
            "2024-25"
        )
    if len(set(seasons)) != last - first + 1:
        raise RatesError(f"seasons {', '.join(map(str, seasons))} have a gap: request {first}..{last}, or one part at a time")
    absent = [season for season in seasons if season not in landed]
    if absent:
        have = f"{landed[0]} to {landed[-1]} are" if landed else "nothing is"
        raise RatesError(
            f"season {', '.join(map(str, absent))} is not landed in {lake.landing_root} ({have}): run "
            "`rates land --provider files --path FOLDER` first"
        )


def _extended(seasons: Sequence[int], landed: Sequence[int], lake: Lake, table: str) -> list[int]:
    """Landed seasons up to the last of `seasons`, from the first one that is in `seasons` or that `table` lacks."""
    have = lake.partitions(table)
    first = min([min(seasons), *(season for season in landed if str(season) not in have)])
    return [season for season in landed if first <= season <= max(seasons)]


def _runs(job: str, seasons: Sequence[int], assets: tuple[str, ...] = ()) -> Iterator[Stage]:
    """A run for each contiguous range of seasons."""
    firsts = [season for season in seasons if season - 1 not in seasons]
    lasts = [season for season in seasons if season + 1 not in seasons]
    for first, last in zip(firsts, lasts, strict=True):
        yield Stage(job, str(first), str(last), assets)
