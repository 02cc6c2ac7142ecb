"""A day's projections on the screen and as JSON."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from rates_assets.cli.views.frame import titled_table
from rates_lib.core.calendar import EASTERN
from rates_lib.core.stats import EXPORTED, labels_of, of_kind
from rates_lib.lake import Lake, games_of
from rates_lib.models.consistency import mean_of
from rates_lib.pipeline.fallbacks import of_game
from rates_lib.schemas.tables import TABLES

_MEANS = labels_of(of_kind(EXPORTED, "count", "fantasy"))
_NAME_LENGTH = 22


def slate_frames(lake: Lake, day: date) -> dict[str, pl.DataFrame]:
    """The day's tables that `rates slate` shows, by name; `games` are those of silver.game."""
    names = ("predictions.minutes", "predictions.player_box", "sims.game_summary", "exports.files")
    return {name: lake.read(name, [day.isoformat()]) for name in names} | {"games": games_of(lake, day)}


def slate_as_dict(lake: Lake, day: date, frames: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """For `--json`: summaries of games, projections of players, and paths of files."""
    players = frames["predictions.player_box"].join(
        frames["predictions.minutes"].select("game_id", "player_id", "status", "availability_source"),
        on=["game_id", "player_id"],
    )
    return {
        "game_date": day.isoformat(),
        "games": json.loads(frames["sims.game_summary"].write_json()),
        "players": json.loads(players.write_json()),
        "files": [str(path) for paths in written_paths(lake, day, frames) for path in paths],
    }


def print_slate(console: Console, lake: Lake, day: date, frames: dict[str, pl.DataFrame]) -> None:
    """One table per game, then the models, the sources of availability, and the written files."""
    if frames["games"].is_empty():
        console.print(f"no games on {day} in silver.game: nothing to project")
        return
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
    table = titled_table(title)
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
        late = " [yellow](the newest earlier model: this month has none yet)[/]" if fallback else ""
        console.print(f"models: {run_id}, of {window[:7]}{late}", highlight=False)
    sources = minutes["availability_source"].unique().sort().to_list()
    flatters = " [yellow](proxy: there is no list; players who appeared count as active, which flatters)[/]" if "proxy" in sources else ""
    as_of_utc = minutes.select(pl.col("as_of_utc").max()).item()
    console.print(f"availability: {', '.join(sources)}{flatters}; as of {as_of_utc:%Y-%m-%d %H:%M} UTC", highlight=False)


def _short(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
