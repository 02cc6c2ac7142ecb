"""The runs of each command, in order.

Belongs here: stages and their partitions. Does not belong here: starting a run (`runner.py`), printing (`views/`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from rates_assets.assets.models import TUNING_ASSET
from rates_assets.cli.backfill_plan import Plan, Stage, game_days, landed_seasons, stints_alone
from rates_assets.cli.choices import Measured, Retrain, Through
from rates_assets.cli.runner import Runner, RunReport
from rates_assets.periods import day_key, season_key, window_key
from rates_assets.staging import KEEP_TAG, discard, experiment
from rates_assets.step import asset_key
from rates_lib.core.calendar import season_of
from rates_lib.core.errors import RatesError
from rates_lib.exports.target import open_target
from rates_lib.lake import Lake, write_atomically
from rates_lib.models.tuned import Tuned, tuned_from_dict


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
        RatesError: if the seasons have a gap, one of them is not landed, or not in the graph.
    """
    for season in seasons:
        season_key(season)
    plan = Plan(runner.lake, seasons, through, retrain, rebuild)
    if plan.earlier:
        built_too = ", ".join(map(str, plan.earlier))
        runner.console.print(f"[yellow]landed but not backfilled, built too: {built_too}[/]", highlight=False)
    return [_run(runner, stage) for stage in plan.stages()]


def _run(runner: Runner, stage: Stage) -> RunReport:
    return runner.run(stage.job, (stage.first, stage.last), assets=map(asset_key, stage.assets))


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
    stints = [_run(runner, stage) for stage in stints_alone(runner.lake, seasons)]
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


def mid_season_day(lake: Lake, season: int) -> date:
    """The day with games in the middle of a season."""
    days = game_days(lake, season)
    return days[len(days) // 2]


def _span(seasons: Sequence[int]) -> tuple[str, str]:
    return season_key(min(seasons)), season_key(max(seasons))
