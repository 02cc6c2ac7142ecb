"""Accuracy as text: rows of evals.player as markdown tables for docs/accuracy.md and the terminal.

Every figure stands with its season, its rows and its baseline; nothing is computed here.
"""

from __future__ import annotations

import polars as pl

from rates_lib.evaluation.baseline import MEAN_TARGET
from rates_lib.schemas.columns import RATE_TARGETS

_MINUTES_METRICS = ("mae", "rmse", "bias", "coverage_80", "width_80", "winkler_80")


_PAGE_HEAD = """# Accuracy

Made by `rates evaluate --seasons {years} --output docs/accuracy.md`, after `rates backfill` of all seasons and `rates
backfill --seasons {years} --through models`: one model a season, trained on everything before its October. Every figure
is walk-forward: the model had not seen the game. `rows` are those behind the value; `missing` are outcomes without a
prediction, left out of it.

These are the kept baselines, `minutes_v1` and `rates_v1:plain`, beside simpler ones: the last five games, the season's
mean, the raw season to date. On `active_list` games a published list says who is active; on `proxy` games whoever
appeared counts as active, which flatters. Announced starters are known where the data has them (`starters_known`).

Runs: {runs}.

"""


def accuracy_page(evals: pl.DataFrame) -> str:
    """The page `docs/accuracy.md`: how it is made, which runs are measured, then `accuracy_markdown`.

    Args:
        evals: rows of evals.player, of one season at least.
    """
    seasons = evals["season"].unique().sort().to_list()
    runs = sorted({run for ids in evals["model_run_id"].drop_nulls() for run in ids.replace(",", " ").split()})
    years = str(seasons[0]) if len(seasons) == 1 else f"{seasons[0]}..{seasons[-1]}"
    return _PAGE_HEAD.format(years=years, runs=", ".join(f"`{run}`" for run in runs)) + accuracy_markdown(evals)


def accuracy_markdown(evals: pl.DataFrame) -> str:
    """Tables of one or more seasons.

    Args:
        evals: rows of evals.player.

    Returns:
        Markdown, ending in a newline; "" where there are no rows.
    """
    parts = [_season(evals.filter(pl.col("season") == season), season) for season in evals["season"].unique().sort().to_list()]
    return "\n".join(parts)


def _season(rows: pl.DataFrame, season: int) -> str:
    minutes = rows.filter(pl.col("target") == "minutes")
    play = rows.filter(pl.col("target").is_in(["play_prob", "minutes_expected"]))
    teams = rows.filter(pl.col("target") == "team_minutes")
    lines = [f"## {season}-{(season + 1) % 100:02d}, walk-forward", ""]
    lines += ["### Minutes, given that he played", "", *_by_metric(minutes, list(_MINUTES_METRICS)), ""]
    if play.height:
        lines += ["### Probability to play, and the product (games with a real list)", ""]
        lines += [*_by_metric(play, ["brier", "log_loss", "mae", "rmse", "bias"]), ""]
    if teams.height:
        lines += ["### Expected minutes of a team before they are reconciled to 240", "", *_by_metric(teams, ["mean", "mae"]), ""]
    lines += ["### Rates: Poisson deviance of counts given actual minutes, rows of at least a minute", "", *_rates(rows), ""]
    return "\n".join(lines)


def _by_metric(rows: pl.DataFrame, metrics: list[str]) -> list[str]:
    shown = [metric for metric in metrics if metric in set(rows["metric"])]
    keys = ["target", "segment", "predictor"]
    lines = [_line(["target", "rows are", "predictor", *shown, "rows", "missing"]), _rule(5 + len(shown))]
    for group in rows.sort(*keys).partition_by(keys, maintain_order=True):
        values = dict(zip(group["metric"], group["value"], strict=True))
        figures = [f"{values[metric]:.3f}" if metric in values else "" for metric in shown]
        lines.append(_line([*(group[k].item(0) for k in keys), *figures, *_counts(group)]))
    return lines


def _rates(rows: pl.DataFrame) -> list[str]:
    chosen = rows.filter((pl.col("model") == "rates_v1") & (pl.col("metric") == "poisson_deviance"))
    targets = [*RATE_TARGETS, MEAN_TARGET]
    lines = [_line(["predictor", *targets, "rows", "missing"]), _rule(3 + len(targets))]
    for group in chosen.sort("predictor").partition_by("predictor", maintain_order=True):
        values = dict(zip(group["target"], group["value"], strict=True))
        figures = [f"{values[t]:.4f}" if t in values else "" for t in targets]
        lines.append(_line([group["predictor"].item(0), *figures, *_counts(group)]))
    return lines


def _counts(group: pl.DataFrame) -> list[str]:
    return [f"{int(group[column].item(0)):,}" for column in ("rows", "rows_missing")]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(cells: int) -> str:
    return f"|{'---|' * cells}"
