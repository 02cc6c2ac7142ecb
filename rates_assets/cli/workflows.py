"""The runs of each command, in order.

Belongs here: stages and their partitions. Does not belong here: starting a run (`runner.py`), printing (`views/`).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from rates_assets.assets.gold import FAMILY_TABLES, MATCHUP_TABLE, TRAINING_TABLES
from rates_assets.assets.models import TUNING_ASSET, config_class
from rates_assets.cli.choices import Measured, Retrain, Through
from rates_assets.cli.runner import Runner, RunReport
from rates_assets.partitions import SEASON
from rates_assets.periods import day_key, season_key, season_of_file, window_key, windows_of
from rates_assets.staging import KEEP_TAG, discard, experiment
from rates_assets.step import asset_key
from rates_lib.core.calendar import first_window, season_of
from rates_lib.core.errors import RatesError
from rates_lib.day_sets import LAYERS
from rates_lib.exports.target import open_target
from rates_lib.features.impact.estimates import IMPACT_TABLE
from rates_lib.lake import Lake, write_atomically
from rates_lib.models.specs import MODELS
from rates_lib.models.tuned import Tuned, tuned_from_dict
from rates_lib.pipeline.freshness import model_stamp, stale_days, stale_seasons, stamp_of
from rates_lib.pipeline.transform import BUILD_ORDER
from rates_lib.schemas.tables import TABLES

STINT_TABLES = (
    "bronze.player_bio",
    "bronze.impact_rating",
    "bronze.lineup_stint",
    "silver.lineup_stint",
)  # of a season without logs
SEASON_TABLES = ("gold.minutes_walk_forward", *TRAINING_TABLES, MATCHUP_TABLE)  # of the job training_sets
SEASON_START = SEASON.start.year


def land(runner: Runner, **config: Any) -> RunReport:
    """Fill the landing zone; `config` has the fields of `LandConfig`."""
    return runner.run("land", config={"landing__zone": config})


def backfill(runner: Runner, seasons: Sequence[int], through: Through, retrain: Retrain, *, rebuild: bool = False) -> list[RunReport]:
    """Build the tables of a contiguous range of seasons, layer by layer; whatever would come out the same is left alone.

    Forms and models need earlier seasons: landed seasons without forms or training sets are built too, and those between them and the
    range are rebuilt. The first season gets no models, and therefore no predictions.

    Args:
        runner: starts the runs.
        seasons: start years.
        through: last layer to build.
        retrain: how often models are fitted.
        rebuild: build everything again, also what is fresh (see `pipeline.freshness`).

    Returns:
        The runs that were needed; none if nothing has changed.

    Raises:
        RatesError: if the seasons have a gap, or one of them is not landed.
    """
    lake = runner.lake
    landed = landed_seasons(lake)
    _require(seasons, landed, lake)
    layers = list(Through)[: list(Through).index(through) + 1]
    history = _extended(seasons, landed, lake, "gold.player_form") if Through.FORMS in layers else sorted(seasons)
    sets = _extended(history, landed, lake, "gold.rates_training_base") if Through.TRAINING in layers else []
    earlier = [str(season) for season in sets or history if season < min(seasons)]
    if earlier:
        runner.console.print(f"[yellow]landed but not backfilled, built too: {', '.join(earlier)}[/]", highlight=False)

    def stale(tables: Iterable[str], of: Sequence[int]) -> list[tuple[str, str]]:
        return _ranges(of if rebuild else stale_seasons(lake, tables, of))

    reports = _stints_alone(runner, range(SEASON_START, min(history)))
    built_by_sql = [table for table in BUILD_ORDER if TABLES[table].layer in layers]
    only = [] if Through.FORMS in layers else [asset_key(spec.name) for spec in TABLES.values() if spec.layer in layers]
    tables = [*built_by_sql, *([*FAMILY_TABLES, IMPACT_TABLE] if Through.FORMS in layers else [])]
    reports += [runner.run("history", keys, assets=only) for keys in stale(tables, history)]
    built = [int(season) for season in lake.partitions("gold.player_form")]
    modelled = [season for season in sets if season > min(built)]
    requested = [season for season in modelled if season in seasons]

    def fit(job: str, of: Sequence[int], how: Retrain, *models: str) -> list[RunReport]:
        windows = [(season, _windows(lake, season, how)) for season in of]
        return [runner.run(job, keys) for season, keys in windows if rebuild or _any_stale(lake, season, keys, models)]

    reports += fit("minutes", modelled, retrain, "minutes_v1")
    reports += [runner.run("training_sets", keys) for keys in stale(SEASON_TABLES, sets)]
    if Through.TEAMS in layers:
        reports += fit("team_models", requested, Retrain.MONTH, "team_v1")
    if Through.MODELS in layers:
        reports += fit("models", requested, retrain, *(set(MODELS) - {"minutes_v1", "team_v1"}))
    if Through.PREDICTIONS in layers:
        reports += [runner.run("predictions", _days(lake, s)) for s in requested if rebuild or stale_days(lake, s, ["predictions"])]
    if Through.WORLDS in layers:
        drawn = [asset_key(spec.name) for spec in TABLES.values() if spec.layer in LAYERS[1:]]
        of_worlds = [season for season in requested if rebuild or stale_days(lake, season, LAYERS)]
        reports += [runner.run("slate", _days(lake, season), assets=drawn) for season in of_worlds]
    return reports


def train(runner: Runner, day: date) -> list[RunReport]:
    """Fit the models of the month of `day`, on everything before that month.

    Raises:
        RatesError: if there are no earlier seasons to learn from.
    """
    window, season = window_key(day), season_key(season_of(day))
    return [
        runner.run("minutes", window),
        runner.run("training_sets", season),
        runner.run("models", window),
        runner.run("team_models", window),
    ]


def slate(
    runner: Runner,
    day: date,
    as_of_utc: str = "",
    worlds: int | None = None,
    seed: int | None = None,
    export_to: str = "",
    *,
    replace: bool = False,
) -> RunReport:
    """Project and simulate one day; its files also go to `export_to`, a folder or a URL.

    The new tables become the day's current ones unless those know more, have more worlds, or another seed (`replace` overrides this).
    See `projected`.

    Raises:
        RatesError: if the lake lacks what a slate needs, another run writes the day, or `export_to` is no target.
        NotCopiedError: if the tables and files are written, but `export_to` cannot be.
        MissingModelError: if no model is available.
    """
    if export_to:
        with open_target(export_to):
            pass  # fail early on a mistyped URL
    config: dict[str, dict[str, Any]] = {
        "predictions__slate": {"as_of_utc": as_of_utc, "replace": replace},
        "sims__slate": {name: value for name, value in (("worlds", worlds), ("seed", seed)) if value is not None},
        "exports__files": {"export_to": export_to},
    }
    return runner.run("slate", day_key(day), config=config, tags={KEEP_TAG: "true"})


@contextmanager
def projected(runner: Runner, day: date, report: RunReport) -> Iterator[Lake]:
    """A lake with the tables that a run of `slate` has made: the day's current set, or an experiment, which is discarded afterwards."""
    lake = experiment(report.run_id)
    if lake is None:
        with runner.lake.frozen(day.isoformat()) as current:
            yield current
        return
    try:
        yield lake
    finally:
        discard(report.run_id)


def evaluate(runner: Runner, seasons: Sequence[int], measured: Measured = Measured.ALL) -> RunReport:
    """Measure a contiguous range of seasons."""
    tables = {Measured.ALL: (), Measured.PLAYERS: ("evals.player", "evals.calibration"), Measured.TEAMS: ("evals.team",)}[measured]
    return runner.run("evaluate", _span(seasons), assets=map(asset_key, tables))


def evaluate_worlds(runner: Runner, seasons: Sequence[int], worlds: int = 2000, seed: int = 7) -> RunReport:
    """Measure the worlds of a contiguous range of seasons."""
    config = {"evals__worlds": {"worlds": worlds, "seed": seed}}
    return runner.run("evaluate_worlds", _span(seasons), config=config)


def ablate(runner: Runner, season: int, targets: Sequence[str], groups: Sequence[str]) -> RunReport:
    """Fit a season's first models without each of some groups of features; empty: all targets, all groups.

    Raises:
        RatesError: if a target or a group does not exist.
    """
    config = {"evals__ablation": {"targets": list(targets), "groups": list(groups)}}
    return runner.run("ablate", season_key(season), config=config)


def impact(runner: Runner, seasons: Sequence[int]) -> list[RunReport]:
    """Measure the player impacts of a contiguous range of seasons; estimates for seasons with only stints are built if missing."""
    stints = _stints_alone(runner, seasons)
    return [*stints, runner.run("impact", _span(seasons))]


def tune(runner: Runner, season: int, targets: Sequence[str], trials: int, seed: int) -> Tuned:
    """Search settings on a season; empty `targets`: of all models. Changes no settings.

    Raises:
        RatesError: if the season is in the report period, a target does not exist, or the lake has no rows of the season.
    """
    config = {"models__tuning": {"targets": list(targets), "trials": trials, "seed": seed}}
    report = runner.run("tune", season_key(season), config=config)
    return tuned_from_dict(report.metadata[TUNING_ASSET]["tuned"])


def publish(runner: Runner) -> RunReport:
    """Build the warehouse."""
    return runner.run("publish")


def demo(runner: Runner) -> date:
    """Run all stages on the synthetic league, in a lake of its own; returns the projected day.

    Raises:
        RatesError: if the lake holds anything that an earlier demo has not made.
    """
    lake = runner.lake
    if any(lake.root.glob("[!.]*")) and not lake.demo_mark.exists():
        raise RatesError(
            f"the lake {lake.root} holds other data, and the demo fills a lake with an invented league: unset RATES_ROOT (the demo then "
            "uses ./demo/lake) or set it to a new folder"
        )
    write_atomically(lake.demo_mark, lambda path: path.write_text("Made by `rates demo`: the league in this lake is invented.\n"))
    land(runner, provider="synthetic")
    seasons = landed_seasons(lake)
    backfill(runner, seasons, Through.TRAINING, Retrain.SEASON)
    day = mid_season_day(lake, seasons[-1])
    train(runner, day)
    slate(runner, day)
    return day


def landed_seasons(lake: Lake) -> list[int]:
    """Start years of the graph's seasons whose player logs are in the landing zone, sorted."""
    seasons = {season_of_file(file) for file in lake.landed_files("leaguegamelog_player")}
    return sorted(int(season) for season in seasons if SEASON.has_partition_key(season))


def mid_season_day(lake: Lake, season: int) -> date:
    """The day with games in the middle of a season."""
    days = _game_days(lake, season)
    return days[len(days) // 2]


def _stints_alone(runner: Runner, seasons: Iterable[int]) -> list[RunReport]:
    """Build the missing inputs of player impact for seasons that have landed stints, but no logs."""
    landed = landed_seasons(runner.lake)
    stints = {int(season_of_file(file)) for file in runner.lake.landed_files("stints")}
    have = runner.lake.partitions(IMPACT_TABLE)
    wanted = sorted(season for season in stints & set(seasons) if season not in landed and str(season) not in have)
    names = [TABLES[table].quarantine_name for table in STINT_TABLES] + [*STINT_TABLES, IMPACT_TABLE]
    return [runner.run("history", keys, assets=[asset_key(name) for name in names]) for keys in _ranges(wanted)]


def _require(seasons: Sequence[int], landed: Sequence[int], lake: Lake) -> None:
    for season in seasons:
        season_key(season)
    first, last = min(seasons), max(seasons)
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


def _span(seasons: Sequence[int]) -> tuple[str, str]:
    return season_key(min(seasons)), season_key(max(seasons))


def _any_stale(lake: Lake, season: int, keys: str | tuple[str, str], models: Iterable[str]) -> bool:
    """Whether one of some models must be fitted again for one of a season's months."""
    first, last = keys if isinstance(keys, tuple) else (keys, keys)
    months = [date.fromisoformat(key) for key in windows_of(season, date.fromisoformat(last)) if key >= first]
    specs = [MODELS[model] for model in models]
    return any(
        stamp_of(lake, spec.name, month) != model_stamp(lake, spec, month, config_class(spec)().model_dump())
        for spec in specs
        for month in months
    )


def _ranges(seasons: Sequence[int]) -> list[tuple[str, str]]:
    """First and last key of each contiguous range of seasons, which is one run."""
    firsts = [season for season in seasons if season - 1 not in seasons]
    lasts = [season for season in seasons if season + 1 not in seasons]
    return [(season_key(first), season_key(last)) for first, last in zip(firsts, lasts, strict=True)]


def _windows(lake: Lake, season: int, retrain: Retrain) -> str | tuple[str, str]:
    if retrain == Retrain.SEASON:
        return window_key(first_window(season))
    windows = windows_of(season, _game_days(lake, season)[-1])
    return windows[0], windows[-1]


def _days(lake: Lake, season: int) -> tuple[str, str]:
    days = _game_days(lake, season)
    return day_key(days[0]), day_key(days[-1])


def _game_days(lake: Lake, season: int) -> list[date]:
    days = lake.read("silver.game", [season], ["game_date"])["game_date"].unique().sort().to_list()
    if not days:
        raise RatesError(f"season {season} has no games in silver.game: run `rates backfill --seasons {season}` first")
    return days
