"""What the command line prints: tables of the lake as tables on the screen, or as JSON."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.console import Console
from rich.table import Column, Table

from rates_assets.choices import FITS
from rates_lib.core.calendar import EASTERN, season_of, window_of
from rates_lib.evaluation.reports.accuracy import Evals, ablation_table, accuracy_summary
from rates_lib.evaluation.reports.impact import impact_summary
from rates_lib.lake import Lake
from rates_lib.models.consistency import mean_of
from rates_lib.models.tuned import Tuned
from rates_lib.pipeline.fallbacks import of_game
from rates_lib.questions.price import Price
from rates_lib.schemas.tables import TABLES

if TYPE_CHECKING:  # what only asks the lake shall not wait for the graph to load
    from rates_assets.runner import Outcome

_MEANS = {"PTS": "pts", "REB": "reb", "AST": "ast", "3PM": "fg3m", "STL": "stl", "BLK": "blk", "TOV": "tov", "DK": "dk_points"}
_NAME_LENGTH = 22


def frame_as_json(frame: pl.DataFrame) -> str:
    """Rows as a JSON array, dates and instants in ISO form."""
    return frame.write_json()


def print_json(console: Console, value: Any) -> None:
    """JSON without colours or line breaks of the terminal's own."""
    console.print(value if isinstance(value, str) else json.dumps(value, default=str), soft_wrap=True, highlight=False, markup=False)


def print_frame(console: Console, frame: pl.DataFrame, limit: int) -> None:
    """Rows of any frame, at most `limit`."""
    table = Table(show_edge=False, header_style="bold", box=None)
    for name, dtype in frame.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.head(limit).iter_rows():
        table.add_row(*(_cell(value) for value in row))
    console.print(table)
    more = f", first {limit} shown: --limit for more" if frame.height > limit else ""
    console.print(f"[dim]{frame.height:,} rows{more}[/]", highlight=False)


def print_landed(console: Console, datasets: dict[str, dict[str, int]]) -> None:
    """Files and rows of each dataset."""
    table = Table("dataset", *(_right(name) for name in ("files", "new", "rows")), show_edge=False, box=None, header_style="bold")
    for name, counts in datasets.items():
        table.add_row(name, *(f"{counts[c]:,}" for c in ("files", "new_files", "rows")))
    console.print(table)


def print_runs(console: Console, outcomes: "Sequence[Outcome]") -> None:
    """Time of a command's runs, the fits apart."""
    fits = sum(outcome.seconds for outcome in outcomes if outcome.job in FITS)
    rest = sum(outcome.seconds for outcome in outcomes if outcome.job not in FITS)
    apart = f", fits of models {fits:.1f} s" if fits else ""
    console.print(f"tables {rest:.1f} s{apart}; {len(outcomes)} runs, all in `rates ui`", highlight=False)


def print_registry(console: Console, lake: Lake, day: date) -> None:
    """The runs that serve the month of `day`, and why."""
    table = Table("run", "status", "why", show_edge=False, box=None, header_style="bold")
    runs = lake.read("models.registry").filter(pl.col("window") == window_of(day))
    for row in runs.sort("model", "feature_set", "run_id").iter_rows(named=True):
        table.add_row(row["run_id"], row["run_status"], row["why"])
    console.print(table)


def print_accuracy(console: Console, evals: Evals) -> None:
    """The main figures of each season as tables."""
    console.print(accuracy_summary(evals), markup=False, highlight=False, soft_wrap=True)


def print_price(console: Console, told: Price, sql: bool) -> None:
    """A chance, its interval and its fair odds; the statement if it is asked for."""
    odds = f"{told.decimal_odds:.2f}, {told.american_odds:+.0f}" if 0 < told.chance < 1 else "none"
    console.print(" and ".join(told.conditions), highlight=False, markup=False, soft_wrap=True)
    console.print(f"{told.chance:.1%} ({told.low:.1%} to {told.high:.1%}), fair odds {odds}", highlight=False)
    apart = "" if told.worlds == told.drawn else f" of {told.drawn:,}: those in which the players play and no line is hit exactly"
    console.print(f"from {told.worlds:,} worlds{apart}", highlight=False, soft_wrap=True)
    if sql:
        console.print(told.sql, highlight=False, markup=False, soft_wrap=True)


def print_markdown(console: Console, text: str) -> None:
    """Tables as they are."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def print_ablation(console: Console, rows: pl.DataFrame) -> None:
    """Rows of evals.ablation as a table: groups by targets."""
    console.print(ablation_table(rows), markup=False, highlight=False, soft_wrap=True)


def print_impact(console: Console, rows: pl.DataFrame) -> None:
    """Rows of evals.impact as tables."""
    console.print(impact_summary(rows), markup=False, highlight=False, soft_wrap=True)


def print_tuned(console: Console, tuned: Tuned) -> None:
    """What a search found, a line per booster."""
    table = Table(
        "booster", "metric", *map(_right, ("before", "after", "%", "rows")), "settings", show_edge=False, box=None, header_style="bold"
    )
    for model, targets in tuned.items():
        for target, chosen in targets.items():
            before, after = chosen.before[chosen.metric], chosen.after[chosen.metric]
            settings = ", ".join(f"{name} {value:g}" for name, value in chosen.settings.items())
            figures = f"{before:.5f}", f"{after:.5f}", f"{100 * (after / before - 1):+.2f}", f"{chosen.rows:,}"
            table.add_row(f"{model}.{target}", chosen.metric, *figures, settings)
    console.print(table)


def slate_frames(lake: Lake, day: date) -> dict[str, pl.DataFrame]:
    """The day's tables that `rates slate` shows, by name; `games` are those of silver.game."""
    names = ("predictions.minutes", "predictions.player_box", "sims.game_summary", "exports.files")
    games = lake.read("silver.game", [season_of(day)]).filter(pl.col("game_date") == day)
    return {name: lake.read(name, [day.isoformat()]) for name in names} | {"games": games}


def slate_as_dict(lake: Lake, day: date, frames: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """The same for `--json`."""
    players = frames["predictions.player_box"].join(
        frames["predictions.minutes"].select("game_id", "player_id", "status", "availability_source"),
        on=["game_id", "player_id"],
    )
    return {
        "game_date": day.isoformat(),
        "games": json.loads(frame_as_json(frames["sims.game_summary"])),
        "players": json.loads(frame_as_json(players)),
        "files": [str(path) for paths in written_paths(lake, day, frames) for path in paths],
    }


def print_slate(console: Console, lake: Lake, day: date, frames: dict[str, pl.DataFrame]) -> None:
    """One table per game, then which models and lists it came from, and the files that were written."""
    minutes, box = frames["predictions.minutes"], frames["predictions.player_box"]
    summaries = {row["game_id"]: row for row in frames["sims.game_summary"].iter_rows(named=True)}
    listed = minutes.select("game_id", "player_id", "status", "minutes_p10", "minutes_p90")
    rows = box.join(listed, on=["game_id", "player_id"]).filter(pl.col("play_prob") > 0)
    for game in frames["games"].sort("tipoff_utc", "game_id").iter_rows(named=True):
        codes = {game[f"{side}_team_id"]: game[f"{side}_team_abbreviation"] for side in ("away", "home")}
        of_this = rows.filter(pl.col("game_id") == game["game_id"]).with_columns(
            pl.col("team_id").replace_strict(codes).alias("team_abbreviation")
        )
        console.print(_game_table(game, summaries.get(game["game_id"]), of_this))
        lacking = "; ".join(of_game(of_this))
        if lacking:
            console.print(f"fell back: {lacking}", style="yellow", highlight=False, markup=False)
        console.print()
    _print_sources(console, minutes, box)
    console.print("written:")
    partitions, exported = written_paths(lake, day, frames)
    folders, reports = {f"{path.parent}/" for path in exported}, [path for path in exported if path.suffix == ".html"]
    for line in (*partitions, *sorted(folders), *reports):
        console.print(f"  {line}", highlight=False, soft_wrap=True)


def written_paths(lake: Lake, day: date, frames: dict[str, pl.DataFrame]) -> tuple[list[Path], list[Path]]:
    """Partitions and exported files of the day."""
    tables = [spec.name for spec in TABLES.values() if spec.partition == "game_date"]
    partitions = [path for name in tables if (path := lake.partition_path(name, day.isoformat())).exists()]
    exported = [lake.exports_root(day.isoformat()).parent / name for name in frames["exports.files"]["path"]]
    return [_short(path) for path in partitions], [_short(path) for path in exported]


def _game_table(game: dict[str, Any], summary: dict[str, Any] | None, rows: pl.DataFrame) -> Table:
    away, home = game["away_team_abbreviation"], game["home_team_abbreviation"]
    title = f"{away} @ {home}, {game['tipoff_utc'].astimezone(EASTERN):%H:%M} Eastern{' (assumed)' if game['tipoff_assumed'] else ''}"
    if summary:
        title += f": {home} wins {summary['home_win_prob']:.0%}, margin {summary['margin_mean']:+.1f}, total {summary['total_mean']:.1f}"
    else:
        title += ": not simulated, a team has too few players"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0), header_style="dim")
    for name in ("team", "player", "status"):
        table.add_column(name, no_wrap=True)
    for name in ("plays", "MIN", "p10-p90", *_MEANS):
        table.add_column(name, justify="right", no_wrap=True)
    order = rows.sort(pl.col("team_id") == game["home_team_id"], "dk_points_mean", "player_id", descending=[False, True, False])
    for row in order.iter_rows(named=True):
        table.add_row(
            row["team_abbreviation"],
            (row["player_name"] or row["player_id"])[:_NAME_LENGTH],
            "" if row["status"] == "active" else row["status"],
            f"{row['play_prob']:.0%}",
            f"{row['minutes_reconciled']:.1f}",
            f"{row['minutes_p10']:.0f}-{row['minutes_p90']:.0f}",
            *(f"{mean_of(row, stat):.1f}" for stat in _MEANS.values()),
        )
    return table


def _print_sources(console: Console, minutes: pl.DataFrame, box: pl.DataFrame) -> None:
    for run_id, window, fallback in box.select("model_run_id", "model_window", "model_fallback").unique().sort("model_run_id").iter_rows():
        late = " [yellow](this month has no model yet: the newest earlier one)[/]" if fallback else ""
        console.print(f"models: {run_id}, of {window[:7]}{late}", highlight=False)
    sources = minutes["availability_source"].unique().sort().to_list()
    flatters = " [yellow](proxy: there is no list; who appeared counts as active, which flatters)[/]" if "proxy" in sources else ""
    console.print(f"availability: {', '.join(sources)}{flatters}; as of {minutes['as_of_utc'].max():%Y-%m-%d %H:%M} UTC", highlight=False)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _right(name: str) -> Column:
    return Column(name, justify="right")


def _short(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
