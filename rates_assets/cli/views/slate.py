"""A day's projections on the screen and as JSON."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from rates_assets.cli.views.fitted import Column, print_fitted
from rates_lib.core.calendar import EASTERN
from rates_lib.core.stats import EXPORTED, labels_of, of_kind
from rates_lib.lake import Lake, games_of
from rates_lib.models.consistency import mean_of
from rates_lib.pipeline.fallbacks import of_game
from rates_lib.pipeline.game_forecasts import forecasts_of
from rates_lib.schemas.tables import TABLES

_MEANS = labels_of(of_kind(EXPORTED, "count", "fantasy"))
_LEFT_OUT_LAST = ("fg3m", "stl", "blk", "tov")  # on a narrow terminal the last goes first
_READING = (
    "MIN exp: expected minutes, including the chance not to play; a team's add up to 240. p10-p90: the range of minutes if the player "
    "plays. The other columns are means that include the chance not to play"
)


def slate_frames(lake: Lake, day: date) -> dict[str, pl.DataFrame]:
    """The day's tables that `rates slate` shows, by name; `games` are those of silver.game."""
    names = ("predictions.minutes", "predictions.player_box", "predictions.team", "sims.game_summary", "exports.files")
    return {name: lake.read(name, [day.isoformat()]) for name in names} | {"games": games_of(lake, day)}


def slate_as_dict(lake: Lake, day: date, frames: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """For `--json`: the worlds' summaries of games, forecasts of teams, projections of players, and paths of files.

    `games` start from the market's line; `teams` has the forecasts without it (`home_win_prob` …) and with it (`with_market_*`).
    """
    players = frames["predictions.player_box"].join(
        frames["predictions.minutes"].select("game_id", "player_id", "status", "availability_source"),
        on=["game_id", "player_id"],
    )
    return {
        "game_date": day.isoformat(),
        "games": json.loads(frames["sims.game_summary"].write_json()),
        "teams": json.loads(frames["predictions.team"].write_json()),
        "players": json.loads(players.write_json()),
        "files": [str(path) for paths in written_paths(lake, day, frames) for path in paths],
    }


def print_slate(console: Console, lake: Lake, day: date, frames: dict[str, pl.DataFrame]) -> None:
    """One table per game, then the models, the sources of availability, and the written files."""
    if frames["games"].is_empty():
        console.print(f"no games on {day} in silver.game: nothing to project")
        return
    minutes, box = frames["predictions.minutes"], frames["predictions.player_box"]
    summaries, teams = (
        {row["game_id"]: row for row in frames[name].iter_rows(named=True)} for name in ("sims.game_summary", "predictions.team")
    )
    listed = minutes.select("game_id", "player_id", "status", "minutes_p10", "minutes_p90")
    rows = box.join(listed, on=["game_id", "player_id"]).filter(pl.col("play_prob") > 0)
    for game in frames["games"].sort("tipoff_utc", "game_id").iter_rows(named=True):
        codes = {game[f"{side}_team_id"]: game[f"{side}_team_abbreviation"] for side in ("away", "home")}
        of_this = rows.filter(pl.col("game_id") == game["game_id"]).with_columns(
            pl.col("team_id").replace_strict(codes).alias("team_abbreviation")
        )
        _print_game(console, game, summaries.get(game["game_id"]), teams.get(game["game_id"]))
        _print_players(console, game, of_this)
        lacking = "; ".join(of_game(of_this))
        if lacking:
            console.print(f"fell back: {lacking}", style="yellow", highlight=False, markup=False)
        console.print()
    if rows.height:
        console.print(_READING, style="dim", highlight=False)
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


def _print_game(console: Console, game: dict[str, Any], summary: dict[str, Any] | None, team: dict[str, Any] | None) -> None:
    """The game, and its forecasts: the worlds' and the one without the market."""
    away, home = game["away_team_abbreviation"], game["home_team_abbreviation"]
    title = f"{away} @ {home}, {game['tipoff_utc'].astimezone(EASTERN):%H:%M} Eastern{' (assumed)' if game['tipoff_assumed'] else ''}"
    forecasts = forecasts_of(summary, team)
    columns = [
        Column("", [forecast.source for forecast in forecasts], "label"),
        Column(f"{home} wins", [f"{forecast.home_win_prob:.0%}" for forecast in forecasts]),
        Column("margin", [f"{forecast.margin:+.1f}" for forecast in forecasts]),
        Column("total", [f"{forecast.total:.1f}" for forecast in forecasts]),
    ]
    print_fitted(console, columns, title if summary else f"{title}: not simulated, a team has too few players")


def _print_players(console: Console, game: dict[str, Any], rows: pl.DataFrame) -> None:
    order = rows.sort(pl.col("team_id") == game["home_team_id"], "dk_points_mean", "player_id", descending=[False, True, False])
    players = list(order.iter_rows(named=True))
    columns = [
        Column("team", [row["team_abbreviation"] for row in players], "label"),
        Column("player", [row["player_name"] or row["player_id"] for row in players], "name"),
        Column("status", ["" if row["status"] == "active" else row["status"] for row in players], "label"),
        Column("plays", [f"{row['play_prob']:.0%}" for row in players]),
        Column("MIN exp", [f"{row['minutes_reconciled']:.1f}" for row in players]),
        Column("p10-p90", [f"{row['minutes_p10']:.0f}-{row['minutes_p90']:.0f}" for row in players], rank=1),
    ]
    for label, stat in _MEANS.items():
        rank = 2 + _LEFT_OUT_LAST.index(stat) if stat in _LEFT_OUT_LAST else 0
        columns.append(Column(label, [f"{mean_of(row, stat):.1f}" for row in players], rank=rank))
    print_fitted(console, columns)


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
