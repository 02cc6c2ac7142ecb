"""Accuracy of the worlds as text and pictures: rows of evals.worlds, for docs/worlds_accuracy.md and for the terminal.

Belongs here: how figures are shown. Does not belong here: any figure (`evaluation/worlds.py`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rates_lib.core.stats import MEDIANS
from rates_lib.evaluation.reports.tables import cell, prose
from rates_lib.evaluation.worlds import BINS, COUNTS, LEVELS

PICTURE = "worlds_pit.png"
GOAL_RATIO = {"pts": 0.92, "reb": 0.925, "ast": 0.945, "dk_points": 0.905}
_INK, _BAR, _LINE = "#1f2933", "#3b6ea5", "#c4473a"

MOMENTS: dict[str, tuple[str, str]] = {
    "margin_sd": ("SD of the margin around the line (worlds: around their mean)", "{:.2f}"),
    "total_sd": ("SD of the total around the line", "{:.2f}"),
    "home_away_correlation": ("correlation of home and away points around the line", "{:.3f}"),
    "overtime_rate": ("share of games with overtime", "{:.4f}"),
    **{f"dispersion_{s}": (f"variance / mean given minutes: {s}", "{:.2f}") for s in
       ("fga2", "fga3", "fta", "ast", "tov", "oreb", "dreb", "stl", "blk", "pts", "dk_points")},
    "mates_pts_pts": ("team-mates' residuals: PTS with PTS", "{:+.3f}"),
    "mates_pts_ast": ("team-mates' residuals: PTS with AST", "{:+.3f}"),
    "minutes_sd": ("SD of minutes around what was expected (10 or more)", "{:.2f}"),
    "bench_dispersion_pts": ("variance / mean of points given minutes, of who is expected to play 8 to 20", "{:.2f}"),
    "minutes_inside_band": ("minutes inside p10-p90, of who is expected to play 30 or more", "{:.3f}"),
    "middle_inside_band": ("minutes inside p10-p90, 20 to 30", "{:.3f}"),
    "low_inside_band": ("minutes inside p10-p90, 14 to 20", "{:.3f}"),
    "bench_inside_band": ("minutes inside p10-p90, 8 to 14", "{:.3f}"),
    "minutes_on_margin": ("minutes a point of margin costs who is expected to play 28 or more", "{:.3f}"),
    "pace_sd": ("SD of both teams' possessions, relative", "{:.4f}"),
}  # fmt: skip
_HEAD = """# Worlds: their record

Written by `rates evaluate-worlds --seasons {seasons} --worlds {worlds} --output {path}`. Every game of these seasons was drawn again,
from the predictions that were stored for its day and the parameters of the newest month not after its own. Rows are players who
played; their distribution is that of the worlds in which they play. Runs: {runs}.

## How to read the tables

- **CRPS** is the distance between a distribution and the outcome, in the unit of the outcome; lower is better. Ratios compare it with
the distribution of a player's own last 20 games and with a negative binomial around our mean: below 1 the worlds are better.
- `50 %`, `80 %`, `90 %` are the shares of outcomes inside the central range of that size; a share below its heading means that the
worlds are too narrow. **Bias** is predicted minus actual; 0 is best.
- *said / came true* compares the mean of small and of large forecast chances with the share that came true; they should be equal.
- In the last table of a season, *worlds* should lie inside the 95 % interval of *real*.
- In the picture a flat histogram is right; a hump means too wide, a bowl too narrow."""


def worlds_tables(rows: pl.DataFrame) -> str:
    """The tables of all seasons in `rows`, as Markdown."""
    parts = []
    for season in rows["season"].unique().sort().to_list():
        own = rows.filter(pl.col("season") == season)
        parts += [f"## {season}-{(season + 1) % 100:02}", _distributions(own), _segments(own), _tails(own), _games(own), _moments(own)]
    return "\n\n".join(part for part in parts if part) + "\n"


def write_page(rows: pl.DataFrame, path: Path) -> None:
    """Write the page, and the picture to the folder `img/` next to it."""
    seasons = rows["season"].unique().sort().to_list()
    years = str(seasons[0]) if len(seasons) == 1 else f"{seasons[0]}..{seasons[-1]}"
    run_ids = [run for of_season in rows["model_run_id"].unique().sort() for run in of_season.split(", ")]
    runs = ", ".join(f"`{run}`" for run in run_ids)
    head = _HEAD.format(seasons=years, path=f"docs/{path.name}", worlds=rows["worlds"][0], runs=runs)
    folder = path.parent / "img"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PICTURE).write_bytes(pit_picture(rows))
    path.write_text(f"{prose(head)}\n\n![PIT histograms]({folder.name}/{PICTURE})\n\n{worlds_tables(rows)}")


def pit_picture(rows: pl.DataFrame) -> bytes:
    """PNG: a PIT histogram per season and target; flat is right, a hump is too wide, a bowl too narrow."""
    seasons = rows["season"].unique().sort().to_list()
    figure = Figure(figsize=(2.4 * len(MEDIANS), 1.9 * len(seasons)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(seasons), len(MEDIANS), squeeze=False, sharex=True, sharey=True)
    for line, season in zip(axes, seasons, strict=True):
        for axis, target in zip(line, MEDIANS, strict=True):
            bars = rows.filter(
                pl.col("season") == season, pl.col("target") == target, pl.col("segment") == "all", pl.col("metric").str.starts_with("pit_")
            ).sort("metric")
            axis.bar([(i + 0.5) / BINS for i in range(bars.height)], bars["value"] * BINS, width=0.9 / BINS, color=_BAR)
            axis.axhline(1, color=_LINE, linewidth=1)
            axis.set_title(f"{target} {season}-{(season + 1) % 100:02}", fontsize=9, color=_INK)
            axis.set_ylim(0, 1.4)
            axis.tick_params(labelsize=7, colors=_INK)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()


def _distributions(rows: pl.DataFrame) -> str:
    lines = []
    for target in MEDIANS:
        goal = GOAL_RATIO.get(target)
        lines.append(
            [target, _value(rows, target, "worlds", "crps", "{:.3f}"), _ratio(rows, target, "last20"), f"{goal}" if goal else "",
             _ratio(rows, target, "negbin") if target in COUNTS else "",
             *(_value(rows, target, "worlds", f"coverage_{level}", "{:.3f}") for level in LEVELS),
             _value(rows, target, "worlds", "bias", "{:+.3f}"), f"{_rows(rows, target, 'crps'):,}"]
        )  # fmt: skip
    head = ["", "CRPS", "/ own last 20", "to reach", "/ negative binomial", *(f"{level} %" for level in LEVELS), "bias", "rows"]
    return _table(head, lines)


def _segments(rows: pl.DataFrame) -> str:
    lines = []
    for segment in ("starter", "bench", "active_list", "proxy"):
        own = rows.filter(pl.col("segment") == segment)
        if own.height:
            lines.append(
                [segment, *(_ratio(own, t, "last20", segment) for t in ("pts", "reb", "ast", "dk_points")),
                 *(_value(own, "pts", "worlds", f"coverage_{level}", "{:.3f}", segment) for level in LEVELS),
                 f"{_rows(own, 'pts', 'crps', segment):,}"]
            )  # fmt: skip
    head = ["CRPS / own last 20", "pts", "reb", "ast", "dk_points", *(f"pts {level} %" for level in LEVELS), "rows"]
    return _table(head, lines)


def _tails(rows: pl.DataFrame) -> str:
    lines = []
    for target in COUNTS:
        tails = ("tail_low", "tail_high")
        pairs = [[_value(rows, target, predictor, tail, "{:.4f}") for predictor in ("worlds", "real")] for tail in tails]
        lines.append([target, *(" / ".join(pair) for pair in pairs)])
    return _table(["chances of at least k: said / came true", "up to .1", "from .9 on"], lines)


def _games(rows: pl.DataFrame) -> str:
    lines = [
        [name, _value(rows, name, "worlds", "crps", "{:.3f}"), _value(rows, name, "worlds", "mae_of_mean", "{:.3f}"),
         *(_value(rows, name, "worlds", f"coverage_{level}", "{:.3f}") for level in LEVELS)]
        for name in ("margin", "total")
    ]  # fmt: skip
    text = _table(["", "CRPS", "MAE of the mean", *(f"{level} %" for level in LEVELS)], lines)
    loss, brier = (_value(rows, "home_win", "worlds", metric, "{:.4f}") for metric in ("log_loss", "brier"))
    sentence = f"Home win: log loss {loss}, Brier {brier}."
    lined = _rows(rows, "pra", "brier", "books")
    if lined:
        scores = []
        for predictor in ("worlds", "market"):
            brier, loss = (_value(rows, "pra", predictor, metric, "{:.4f}", "books") for metric in ("brier", "log_loss"))
            scores.append(f"{brier} / {loss} ({predictor})")
        sentence += f" Over the books' PRA lines, Brier / log loss: {' against '.join(scores)}, {lined:,} lines."
    return f"{text}\n\n{prose(sentence)}"


def _moments(rows: pl.DataFrame) -> str:
    lines = []
    for name, (words, text) in MOMENTS.items():
        real = cell(rows, "moments", "all", "real", name)
        if real:
            interval = f"{text.format(real['value_low'])} to {text.format(real['value_high'])}"
            lines.append([words, text.format(real["value"]), interval, _value(rows, "moments", "worlds", name, text)])
    return _table(["", "real", "95 %", "worlds"], lines)


def _value(rows: pl.DataFrame, target: str, predictor: str, metric: str, text: str, segment: str = "all") -> str:
    row = cell(rows, target, segment, predictor, metric)
    return text.format(row["value"]) if row else ""


def _ratio(rows: pl.DataFrame, target: str, other: str, segment: str = "all") -> str:
    row = cell(rows, target, segment, other, "crps_ratio")
    return f"{row['value']:.3f} [{row['value_low']:.3f}, {row['value_high']:.3f}]" if row else ""


def _rows(rows: pl.DataFrame, target: str, metric: str, segment: str = "all") -> int:
    row = cell(rows, target, segment, "worlds", metric)
    return int(row["rows"]) if row else 0


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    if not lines:
        return ""
    ruled = "|---" + "|---:" * (len(head) - 1) + "|"
    return "\n".join([f"| {' | '.join(head)} |", ruled, *(f"| {' | '.join(line)} |" for line in lines)])
