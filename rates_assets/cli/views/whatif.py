"""The answer to a scenario on the screen and as JSON: figures before and after the change.

Belongs here: tables and words. Does not belong here: figures (`rates_lib/questions/whatif/`).
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl
from rich.console import Console
from rich.text import Text

from rates_assets.cli.views.fitted import Column, print_fitted
from rates_assets.cli.views.price import interval
from rates_lib.core.stats import MEDIANS, labels_of, of_kind
from rates_lib.questions.price import Price
from rates_lib.questions.whatif.answer import Answer

_SHOWN = labels_of(("minutes", *of_kind(MEDIANS, "count", "fantasy")))
_EXPECTED = "MIN exp"  # as in `rates slate`: means over all worlds, also those without the player
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
        figures = [(_FIGURES[row["figure"]], row) for row in rows.iter_rows(named=True)]
        for row in answer.teams.filter(of_game).iter_rows(named=True):
            if row["figure"] != "possessions":
                figures.append((f"{row['team']} {_OF_TEAM[row['figure']]}", row))
            elif row["team"] == rows["game"][0].split()[-1]:
                figures.append((_OF_TEAM[row["figure"]], row))
        _print_figures(console, figures)
        _print_players(console, answer.players.filter(of_game), all_players)
    if answer.lineups.height:
        _print_lineups(console, answer.lineups)
    for text, before, after in answer.prices:
        console.print(f"\n{text}: {_chance(before)} before, {_chance(after)} after", highlight=False, markup=False)


def _print_figures(console: Console, figures: Sequence[tuple[str, dict[str, Any]]]) -> None:
    names, cells = [name for name, _ in figures], [_changed(row) for _, row in figures]
    heads = ("before", "after", "difference", "±")
    print_fitted(console, [Column("", names, "words"), *(Column(head, [row[i] for row in cells]) for i, head in enumerate(heads))])


def _changed(row: dict[str, Any]) -> tuple[str, str, str, str]:
    scale, unit, digits = (100, " %", 1) if row["figure"] == "home_win" else (1, "", 2)
    before, after = (f"{scale * row[c]:.{digits}f}{unit}" for c in ("before", "after"))
    return before, after, f"{scale * row['difference']:+.2f}", "" if row["error"] is None else f"{scale * row['error']:.2f}"


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
    figures = {(r["player_id"], r["figure"]): r for r in shown.iter_rows(named=True)}
    players_shown = list(order.iter_rows(named=True))
    columns = [
        Column(_EXPECTED if stat == "minutes" else label, [_moved(figures[row["player_id"], stat]) for row in players_shown], rank=i)
        for i, (label, stat) in enumerate(_SHOWN.items())
    ]
    who = Column("player", [row["player_name"] or row["player_id"] for row in players_shown], "name")
    print_fitted(console, [Column("team", [row["team"] for row in players_shown], "label"), who, *columns])


def _moved(of: dict[str, Any]) -> str | Text:
    return f"{of['before']:.1f} → {of['after']:.1f}" if of["moved"] else Text(f"{of['before']:.1f}", "dim")


def _print_lineups(console: Console, lineups: pl.DataFrame) -> None:
    rows = list(lineups.iter_rows(named=True))
    columns = [
        Column("team", [row["team"] for row in rows], "label"),
        Column("on the floor", [row["players"] for row in rows], "words"),
        Column("minutes together", ["" if row["minutes_before"] is None else f"{row['minutes_before']:.1f}" for row in rows]),
        Column("after", [f"{row['minutes_after']:.1f}" for row in rows]),
        Column("impact per 100", [f"{row['impact_per_100']:+.1f}" for row in rows]),
    ]
    console.print()
    print_fitted(console, columns)


def _chance(price: Price | None) -> str:
    if price is None:
        return "void (a named player never plays)"
    return interval(price)
