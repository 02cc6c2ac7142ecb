"""Rows of `evals.impact` as text: the page docs/impact.md and, shorter, the terminal.

Belongs here: texts and tables. Does not belong here: figures (`evaluation/impact.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from rates_lib.evaluation.impact import FOLDS, HOME_COURT, SEASON_BOX_PENALTY, SEASON_PENALTY
from rates_lib.evaluation.reports.tables import prose
from rates_lib.features.impact import config

WORDS = {
    "stints": "season's stints alone",
    "box": "season's box scores alone",
    "plus_minus": "raw plus-minus, shrunk",
    "impact": "gold.player_impact",
    "impact_preseason": "gold.player_impact of 12 October",
    "stints_before": "last season's stints alone",
    "box_before": "last season's box scores alone",
    "plus_minus_before": "last season's plus-minus, shrunk",
    "published_rapm_before": "last season's published RAPM",
}
_TARGETS = ("total", "offence", "defence")

_HEAD = f"""# Player impact

Written by `rates impact --seasons {{years}} --output docs/impact.md`, after `rates backfill` of these seasons.

`gold.player_impact` is the points per 100 possessions that a player adds on offence and on defence; positive is good on both ends.
It is estimated on a season's first day and on the first of its months, from games strictly before. The evidence is stints where they
exist (2012-13 to 2014-15, 2017-18), else box scores: each player's plus-minus is exactly the right side of the regression on stints,
and the time that two players share on the floor is replaced by its expectation given all players' time
(`rates_lib/features/impact/equations.py`). Evidence counts half after {config.HALF_LIFE_DAYS:.0f} days. The ridge
({config.PENALTY:,.0f} possessions) draws each player towards the impact that earlier box scores predict, by weights learnt from the
games that followed them. Settings were chosen by the games of 2018-19, 2021-22 and 2023-24. A player without an earlier game has no
row and counts as {config.UNSEEN_PER_100:g}.

## Against a published RAPM

The table shows the correlation over players with a published rating of the same season; 1 means the same order and spacing. It is
not weighted: a player of ten minutes counts as much as a star. The published rating was computed from play by play and is no input
of anything here. The rating that should resemble it is the one of the season by itself, drawn to 0 (penalty
{SEASON_PENALTY:,.0f}; box scores {SEASON_BOX_PENALTY:,.0f}). `gold.player_impact` after the season looks back on four seasons and
rates players who hardly play low, so it differs on purpose.
"""

_MARGINS = f"""## Against the games that follow

Ratings from before a game, weighted by the minutes that were then played, give a margin for each game (home court {HOME_COURT:g}
per 100 for all ratings, unseen players {config.UNSEEN_PER_100:g}). The table shows the correlation r with the real margin (higher is
better) and the MAE (lower is better), with 95 % intervals by bootstrap of games. All ratings of a season are compared on the same
games. Actual minutes are more than a forecast knows, so these figures are not those of a forecast.
"""

_LEFT_OUT = f"""## On games left out

{FOLDS}-fold cross-validation by game on a season's stints, drawn to 0. The table shows by how many percent the RMSE of the margin
lies below that of the mean margin, by penalty in possessions; higher is better.
"""


class ImpactGoal(NamedTuple):
    """One figure to reach: at least `least`."""

    season: int
    predictor: str
    target: str
    metric: str
    least: float


GOALS = (
    *(ImpactGoal(s, "stints", "total", "correlation_published", 0.945) for s in (2012, 2013, 2014)),
    *(ImpactGoal(s, "stints", "defence", "correlation_published", 0.93) for s in (2012, 2013, 2014)),
    ImpactGoal(2017, "stints", "total", "correlation_published", 0.93),
    ImpactGoal(2014, "impact_preseason", "margin", "margin_r", 0.40),
    *(ImpactGoal(s, "stints", f"penalty {SEASON_PENALTY:g}", "left_out_rmse_reduction", 0.09) for s in (2012, 2013, 2014)),
)


def impact_page(rows: pl.DataFrame) -> str:
    """The page docs/impact.md, from rows of evals.impact; Markdown, ending in a newline."""
    seasons = rows["season"].unique().sort().to_list()
    years = f"{seasons[0]}..{seasons[-1]}" if len(seasons) > 1 else str(seasons[0])
    parts = [f"{prose(_HEAD.format(years=years))}\n", *_tables(rows)]
    return "\n".join(part for part in parts if part)


def impact_summary(rows: pl.DataFrame) -> str:
    """The tables alone, for the terminal."""
    return "\n".join(table for table in (_published(rows), _margins(rows), _left_out(rows), _goals(rows)) if table)


def _tables(rows: pl.DataFrame) -> list[str]:
    parts = [_published(rows)]
    for text, table in ((_MARGINS, _margins(rows)), (_LEFT_OUT, _left_out(rows)), ("## To reach", _goals(rows))):
        parts += [f"{prose(text)}\n", table] if table else []
    return parts


def _published(rows: pl.DataFrame) -> str:
    of = rows.filter(pl.col("metric") == "correlation_published")
    lines = []
    for season in of["season"].unique().sort():
        for predictor in ("stints", "box", "plus_minus", "impact"):
            cells = {r["target"]: r for r in of.filter(season=season, predictor=predictor).iter_rows(named=True)}
            if cells:
                figures = [_figure(cells[t]["value"]) if t in cells else "" for t in _TARGETS]
                lines.append([_label(season), WORDS[predictor], *figures, f"{cells['total']['rows']:,}"])
    return _table(["season", "rating", *_TARGETS, "players"], lines)


def _margins(rows: pl.DataFrame) -> str:
    lines = []
    of = rows.filter(pl.col("target") == "margin")
    for season in of["season"].unique().sort():
        names = [name for name in WORDS if name in of.filter(season=season)["predictor"]]
        for predictor in names:
            r, mae = (of.filter(season=season, predictor=predictor, metric=m).row(0, named=True) for m in ("margin_r", "margin_mae"))
            cells = [f"{_figure(x['value'])} [{_figure(x['value_low'])}, {_figure(x['value_high'])}]" for x in (r, mae)]
            lines.append([_label(season), WORDS[predictor], *cells, f"{r['rows']:,}"])
    return _table(["season", "rating", "r", "MAE", "games"], lines)


def _left_out(rows: pl.DataFrame) -> str:
    of = rows.filter(pl.col("metric") == "left_out_rmse_reduction").with_columns(
        pl.col("target").str.extract(r"(\d+)").cast(pl.Int64).alias("penalty")
    )
    penalties = of["penalty"].unique().sort().to_list()
    lines = []
    for season in of["season"].unique().sort():
        cells = {r["penalty"]: r for r in of.filter(season=season).iter_rows(named=True)}
        lines.append([_label(season), *(f"{100 * cells[p]['value']:.2f}" for p in penalties), f"{cells[penalties[0]]['rows']:,}"])
    return _table(["season", *(f"{p:,}" for p in penalties), "games"], lines)


def _goals(rows: pl.DataFrame) -> str:
    lines = []
    for goal in GOALS:
        matches = rows.filter(season=goal.season, predictor=goal.predictor, target=goal.target, metric=goal.metric)
        if matches.height:
            value = matches["value"][0]
            what = f"{goal.metric} of {goal.predictor}, {goal.target}"
            lines.append([_label(goal.season), what, _figure(value), f">= {_figure(goal.least)}", "yes" if value >= goal.least else "no"])
    return _table(["season", "figure", "ours", "to reach", "reached"], lines)


def _label(season: int) -> str:
    return f"{season}-{(season + 1) % 100:02d}"


def _figure(value: float) -> str:
    return f"{value:.3f}"


def _table(head: list[str], lines: list[list[str]]) -> str:
    if not lines:
        return ""
    rule = ["---"] * 2 + ["---:"] * (len(head) - 2)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *lines)) + "\n"
