"""The answer to a scenario on the screen and as JSON: figures before and after the change.

Belongs here: tables and words. Does not belong here: figures (`rates_lib/questions/whatif/`).
"""

from dataclasses import asdict
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from rates_assets.cli.views.frame import plain_table, right
from rates_lib.core.stats import MEDIANS, labels_of, of_kind
from rates_lib.questions.price import Price
from rates_lib.questions.whatif.answer import Answer

_SHOWN = labels_of(("minutes", *of_kind(MEDIANS, "count", "fantasy")))
_SURE = 2.0  # standard errors: a smaller difference may be sampling error
_WORTH = 0.05  # of a count: smaller changes are not printed
_FIGURES = {"margin": "margin of the home side", "total": "total", "home_win": "home side wins"}
_OF_TEAM = {
    "pts": "points",
    "possessions": "possessions",
    "pts_per_100": "points per 100",
    "impact_on_floor": "impact on the floor, per 100",
}


def whatif_as_dict(answer: Answer) -> dict[str, Any]:
    """For `--json`: all figures of all players."""
    frames = {name: getattr(answer, name).to_dicts() for name in ("games", "teams", "players", "lineups")}
    prices = [{"question": text, "before": one and asdict(one), "after": two and asdict(two)} for text, one, two in answer.prices]
    return {"told": answer.notes, "worlds": answer.worlds, "worlds_counted": answer.counted, **frames, "prices": prices}


def print_whatif(console: Console, answer: Answer, all_players: bool) -> None:
    """Games, teams, line-ups, players whose figures move by more than chance, prices."""
    for line in answer.notes:
        console.print(line, highlight=False, markup=False)
    for game in answer.games["game_id"].unique(maintain_order=True):
        of_game = pl.col("game_id") == game
        rows = answer.games.filter(of_game)
        counted = answer.counted[game]
        of = f"{counted:,} of {answer.worlds:,} worlds" if counted < answer.worlds else f"{answer.worlds:,} worlds, the same seed in both"
        console.print(f"\n[bold]{rows['game'][0]}[/] · {of}", highlight=False)
        table = plain_table("", *right("before", "after", "difference", "±"))
        for row in rows.iter_rows(named=True):
            _add(table, _FIGURES[row["figure"]], row, percent=row["figure"] == "home_win")
        for row in answer.teams.filter(of_game).iter_rows(named=True):
            if row["figure"] != "possessions" or row["team"] == rows["game"][0].split()[-1]:
                name = _OF_TEAM[row["figure"]] if row["figure"] == "possessions" else f"{row['team']} {_OF_TEAM[row['figure']]}"
                _add(table, name, row)
        console.print(table)
        _print_players(console, answer.players.filter(of_game), all_players)
    if answer.lineups.height:
        _print_lineups(console, answer.lineups)
    for text, before, after in answer.prices:
        console.print(f"\n{text}: {_chance(before)} before, {_chance(after)} after", highlight=False, markup=False)


def _add(table: Table, name: str, row: dict[str, Any], percent: bool = False) -> None:
    scale, unit, digits = (100, " %", 1) if percent else (1, "", 2)
    error = "" if row["error"] is None else f"{scale * row['error']:.2f}"
    values = (f"{scale * row[c]:.{digits}f}{unit}" for c in ("before", "after"))
    table.add_row(name, *values, f"{scale * row['difference']:+.2f}", error)


def _print_players(console: Console, players: pl.DataFrame, all_players: bool) -> None:
    by = pl.col("difference").abs()
    moved = ((by > _SURE * pl.col("error")) & (by > _WORTH)).alias("moved")
    shown = players.filter(pl.col("figure").is_in(list(_SHOWN.values()))).with_columns(moved)
    movers = shown.filter("moved").select("player_id").unique()
    order = shown.filter(pl.col("figure") == "dk_points").sort(
        "team", pl.col("difference").abs(), "player_id", descending=[False, True, False]
    )
    if not all_players:
        order = order.join(movers, on="player_id", how="semi", maintain_order="left")
    if order.is_empty():
        console.print("no player's figures change by more than sampling error", highlight=False)
        return
    table = plain_table("team", "player", *right(*_SHOWN))
    figures = {(r["player_id"], r["figure"]): r for r in shown.iter_rows(named=True)}
    for row in order.iter_rows(named=True):
        cells = []
        for stat in _SHOWN.values():
            of = figures[row["player_id"], stat]
            cells.append(f"{of['before']:.1f} → {of['after']:.1f}" if of["moved"] else f"[dim]{of['before']:.1f}[/]")
        table.add_row(row["team"], row["player_name"], *cells)
    console.print(table)


def _print_lineups(console: Console, lineups: pl.DataFrame) -> None:
    table = plain_table("team", "on the floor", *right("minutes together", "after", "impact per 100"))
    for row in lineups.iter_rows(named=True):
        before = "" if row["minutes_before"] is None else f"{row['minutes_before']:.1f}"
        table.add_row(row["team"], row["players"], before, f"{row['minutes_after']:.1f}", f"{row['impact_per_100']:+.1f}")
    console.print()
    console.print(table)


def _chance(price: Price | None) -> str:
    if price is None:
        return "void (a named player never plays)"
    return f"{price.chance:.1%} ({price.low:.1%} to {price.high:.1%})"
