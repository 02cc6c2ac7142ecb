"""Output of `rates props` on the screen and as JSON."""

import json
from datetime import date
from typing import Any

import polars as pl
from rich.console import Console

from rates_assets.cli.views.fitted import Column, Kind, print_fitted
from rates_lib.core.calendar import EASTERN
from rates_lib.core.odds import VIG_FREE
from rates_lib.questions.props import Props

# head: kind and rank; see `Column`
_COLUMNS: dict[str, tuple[Kind, int]] = {
    "player": ("name", 0), "team": ("label", 5), "line": ("label", 0), "book": ("label", 1), "at": ("number", 6), "plays": ("number", 4),
    "over": ("number", 0), "95 %": ("number", 3), "fair": ("number", 2), "price": ("number", 0), "no vig": ("number", 3),
    "bet": ("label", 0), "edge": ("number", 0), "EV": ("number", 0),
}  # fmt: skip


def props_as_dict(answer: Props, day: date) -> dict[str, Any]:
    """For `--json`: every line that is priced, and every one that is not, with the reason."""
    return {
        "game_date": day.isoformat(),
        "as_of_utc": answer.as_of_utc.isoformat(),
        "games_with_assumed_tipoff": answer.whole_day,
        "vig_free_method": VIG_FREE,
        "lines_priced": answer.priced,
        "lines": json.loads(answer.rows.write_json()),
        "left_out": json.loads(answer.left_out.write_json()),
    }


def print_props(console: Console, answer: Props, day: date, limit: int) -> None:
    """A row per line, then notes on the columns, and the lines left out with reasons."""
    rows = [_cells(row) for row in answer.rows.head(limit).iter_rows(named=True)]
    if rows:
        columns = [Column(head, [row[i] for row in rows], *_COLUMNS[head]) for i, head in enumerate(_COLUMNS)]
        print_fitted(console, columns, f"players' lines of {day}")
    _print_reading(console, answer, limit)
    for reason, lines, example in summary_of(answer.left_out):
        console.print(f"left out: {lines:,} {reason} (e.g. {example})", style="yellow", highlight=False, markup=False, soft_wrap=True)


def _print_reading(console: Console, answer: Props, limit: int) -> None:
    def say(text: str, style: str = "dim") -> None:
        console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)

    shown = min(limit, answer.rows.height)
    more = ": --limit for more" if shown < answer.rows.height else ""
    small = f", {answer.priced - answer.rows.height:,} with a smaller edge or none" if answer.priced > answer.rows.height else ""
    say(f"{answer.priced:,} lines priced, {shown:,} shown{more}{small}; as of {answer.as_of_utc:%Y-%m-%d %H:%M} UTC", "")
    if answer.rows.is_empty():
        return
    say("over, fair (over / under, decimal of the bet) and EV (gain per unit at the book's price): if the player plays, else bets are void")
    say(f"no vig: {VIG_FREE}; edge: our chance of the bet minus that; ~ no more than the worlds' own sampling error (95 %)")
    late = answer.rows["after_as_of"].sum()
    if late:
        say(
            f"* {late:,} lines count because {answer.whole_day} games' tip-offs are assumed: the first of their day, which may have been "
            "published after the real tip-off. Do not trust a large edge",
            "yellow",
        )


def _cells(row: dict[str, Any]) -> list[str]:
    decimal = row[f"fair_{row['side'] or 'over'}_decimal"]
    return [
        row["player_name"] or row["player_id"],
        row["team_abbreviation"] or "",
        f"{row['stat']} {row['line']:g}{'*' if row['after_as_of'] else ''}",
        row["book"],
        f"{row['published_utc'].astimezone(EASTERN):%H:%M}",
        "" if row["play_prob"] is None else f"{row['play_prob']:.0%}",
        f"{row['over_prob']:.1%}",
        f"{100 * row['over_prob_low']:.0f}-{100 * row['over_prob_high']:.0f}",
        f"{_american(row['fair_over_american'])}/{_american(row['fair_under_american'])} {'' if decimal is None else f'{decimal:.2f}'}",
        f"{_american(row['price_over'])}/{_american(row['price_under'])}",
        _share(row["vig_free_over_prob"]),
        row["side"] or "",
        _share(row["edge"]) + ("~" if row["within_noise"] else ""),
        "" if row["expected_value"] is None else f"{row['expected_value']:+.2f}",
    ]


def summary_of(left_out: pl.DataFrame) -> list[tuple[str, int, str]]:
    """Reason, number of lines and an example, the most frequent reason first."""
    named = left_out.with_columns(
        example=pl.concat_str(
            pl.coalesce("player_name", "player_id", pl.lit("?")),
            "stat",
            pl.col("line").cast(pl.String),
            "book",
            separator=" ",
            ignore_nulls=True,
        )
    )
    grouped = named.group_by("reason").agg(pl.len(), pl.col("example").first())
    return list(grouped.sort("len", "reason", descending=[True, False]).select("reason", "len", "example").iter_rows())


def _american(price: float | None) -> str:
    return "-" if price is None else f"{price:+.0f}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
