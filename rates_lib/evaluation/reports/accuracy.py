"""Accuracy as text: rows of `evals.*` as Markdown, for docs/accuracy.md and, shorter, for the terminal.

Every figure is shown with its season, its rows and its baseline. Figures are formatted here, not computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from rates_lib.core.stats import MEDIANS
from rates_lib.evaluation.goals import DESIGN_DEVIANCE, GOALS, judge
from rates_lib.evaluation.player import MEAN_TARGET, ROW_SETS
from rates_lib.evaluation.reports.consistency import consistency_section
from rates_lib.evaluation.reports.tables import cell as _cell
from rates_lib.evaluation.reports.tables import counts as _counts
from rates_lib.evaluation.reports.tables import number as _number
from rates_lib.evaluation.reports.tables import prose as _prose
from rates_lib.evaluation.reports.tables import table as _table
from rates_lib.evaluation.reports.tables import with_interval as _with_interval
from rates_lib.evaluation.reports.teams import team_section, team_summary
from rates_lib.evaluation.scored import missing_predictions
from rates_lib.evaluation.segments import DESCRIPTIONS
from rates_lib.lake import Lake
from rates_lib.schemas.columns import RATE_TARGETS

BOX_SHOWN = (*MEDIANS, "stl", "blk", "tov")
_PEERS = ("linestar", "books")
_SLOPE_SEGMENTS = ("all", "starter", "bench", "rookie", "new_team", "usage_vacated")
_SHORT_SETS = tuple(segment for segment in ROW_SETS if segment != "starters_known")
_NAMED_AT_MOST = 20

_WRITTEN_BY = """Written by `rates evaluate --seasons {years} --output {path}`, after `rates backfill` of all seasons and
`rates backfill --seasons {years} --through predictions`, which fits a model for each October. `rates train --as-of DAY` fits the
models of one month, `--retrain month` those of all months, before the predictions are computed again. Each season names the runs
that served it."""
_TEAMS_WRITTEN_BY = """Written by `rates evaluate --seasons {years} --what teams --output {path}`, after
`rates backfill --seasons {years} --through teams`: team models of every month. The minutes of players come from the model of each
October."""
_HEAD = """Every figure is walk-forward: the newest model of a month not after the day predicts the day, and the model of a month has
seen nothing from the first day of that month on. Of the days before, the last 45 with games validate, the 120 before those
calibrate, all older ones train. Settings (features, hyper-parameters, half-lives) were chosen on 2023-24 alone, so the figures of
that season are in sample as far as settings go; those of all other seasons are not.

On *active list* games a published list names the active players. On *proxy* games no list is known and players in the box score
count as active, which flatters. *Starters known*: the starters were announced.

All predictors of a table are compared on the same rows. *Missing* counts rows with an outcome for which some predictor has no value;
they are left out for all predictors. DraftKings points are without bonuses. *To reach* are targets that the project set itself, from
a prototype whose lists were all proxies. Where an active list replaces the proxy, .05 worse is allowed for minutes and DraftKings
points, in proportion to such rows."""
_READ = """## How to read the tables

- **MAE** and **RMSE** are errors in the unit of the target; lower is better. RMSE weighs large errors more.
- **Poisson deviance** is the error of a predicted count; compare it only within a column. A ratio below 1 means that the model has the
smaller error, so .97 is 3 % better than the baseline.
- `[low, high]` is a 95 % interval from drawing whole games again. A difference is more than chance where its interval excludes 0, a
ratio where it excludes 1.
- **coverage_80** should be .80. At equal coverage a smaller **width_80** is better; **winkler_80** and **pinball** count both, and
lower is better.
- **Brier** and **log loss** are errors of a probability; lower is better. **Bias** is predicted minus actual; 0 is best.
- A **calibration slope** of 1 is right; below 1 the predictions spread too far, above 1 too little."""


class Evals(NamedTuple):
    """The rows that a page shows.

    Attributes:
        player, calibration, ablation, team, consistency: rows of the tables `evals.*` of these names.
        missing: result of `scored.missing_predictions`.
    """

    player: pl.DataFrame
    calibration: pl.DataFrame
    ablation: pl.DataFrame
    team: pl.DataFrame
    consistency: pl.DataFrame
    missing: pl.DataFrame

    def figures(self) -> pl.DataFrame:
        """Rows of evals.player and evals.team together."""
        return pl.concat([self.player, self.team.with_columns(pl.lit("team_v1").alias("model"))], how="diagonal")

    def of(self, season: int) -> Evals:
        """The rows of one season."""
        return Evals(*(frame.filter(pl.col("season") == season) for frame in self))


def read_evals(lake: Lake, seasons: Sequence[int]) -> Evals:
    """The lake's rows of some seasons."""
    names = ("evals.player", "evals.calibration", "evals.ablation", "evals.team", "evals.consistency")
    player, calibration, ablation, team, consistency = (lake.read(name, seasons) for name in names)
    measured = player["season"].unique().sort().to_list() or list(seasons)[:1]  # one season if none has players, for the columns
    missing = pl.concat([missing_predictions(lake, season) for season in measured])
    missing = missing.filter(pl.col("season").is_in(player["season"].unique().implode()))
    return Evals(player, calibration, ablation, team, consistency, missing)


def _seasons(evals: Evals) -> list[int]:
    return sorted({*evals.player["season"].to_list(), *evals.team["season"].to_list()})


def accuracy_page(evals: Evals, path: str = "docs/accuracy.md") -> str:
    """The page docs/accuracy.md, or a page of teams alone if there are no figures of players.

    Args:
        evals: of one season at least.
        path: path of the page, shown in the command that writes it.

    Returns:
        Markdown, ending in a newline.
    """
    seasons = _seasons(evals)
    years = str(seasons[0]) if len(seasons) == 1 else f"{seasons[0]}..{seasons[-1]}"
    written_by = (_TEAMS_WRITTEN_BY if evals.player.is_empty() else _WRITTEN_BY).format(years=years, path=path)
    parts = ["# Accuracy", _prose(f"{written_by}\n\n{_HEAD}\n\n{_READ}")]
    for season in seasons:
        parts += _season(evals.of(season), season)
    return "\n\n".join(part for part in parts if part) + "\n"


def accuracy_summary(evals: Evals) -> str:
    """The text for the terminal: per season the main figures, the goals and the missing predictions.

    Returns:
        Markdown, ending in a newline; "" where there are no rows.
    """
    parts = []
    for season in _seasons(evals):
        own = evals.of(season)
        if own.player.is_empty():
            parts += [_name(season), *team_summary(own.team)]
            continue
        parts += [f"{_name(season)}: {_missing(own)}", _minutes(own.player), _ratios(own.player, bare=True), _box(own.player, "all"),
                  _play(own.player), _goals(own), *team_summary(own.team)]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n" if parts else ""


def _season(evals: Evals, season: int) -> list[str]:
    player, calibration = evals.player, evals.calibration
    if player.is_empty():  # only teams were measured
        return [f"## {_name(season)}", *_section("### Teams", *team_section(evals.team))]
    parts = [f"## {_name(season)}", _row_sets(player), _missing(evals), _models(player)]
    parts += _section("### To reach", _goals(evals))
    parts += _section("### Rates per minute: Poisson deviance of counts given actual minutes", _deviances(player, season), _ratios(player))
    parts += _section(
        "### Minutes, given that the player played (MAE / RMSE)",
        _minutes(player),
        _minutes_intervals(player),
        _band(player),
        _teams(player),
    )
    parts += _section("### Box score, given that the player played (MAE / RMSE)", *_boxes(player))
    parts += _section("### Probability to play, and expected values of listed players", _play(player), _reliability(calibration))
    parts += _section("### Teams", *team_section(evals.team))
    parts += _section("### Points that add up", *consistency_section(evals.consistency))
    parts += _section("### Segments", _segments(player))
    parts += _section("### Calibration", _slopes(calibration), _deciles(calibration))
    parts += _section("### Others' forecasts", _peers(player))
    parts += _section("### What each group of features is worth", ablation_table(evals.ablation))
    return parts


def _section(title: str, *parts: str) -> list[str]:
    shown = [part for part in parts if part]
    return [title, *shown] if shown else []


# --- what is measured -----------------------------------------------------------------------------------------------------


def _row_sets(player: pl.DataFrame) -> str:
    lines = []
    for segment in ROW_SETS:
        games = _cell(player, "minutes", segment, "minutes_v1", "games", model="minutes_v1")
        if games:
            counts = f"{int(games['value']):,} games, {games['rows']:,} player-games"
            lines.append([segment, DESCRIPTIONS[segment], counts])
    return _table(["rows", "what they are", "how many"], lines)


def _missing(evals: Evals) -> str:
    missing = evals.missing
    if missing.is_empty():
        return "No prediction is missing: every player who played was predicted."
    whole = missing.filter(pl.col("whole_game"))
    games = whole.select("game_date", "game_id").unique().sort("game_date", "game_id")
    single = missing.filter(~pl.col("whole_game"))
    text = f"Missing: {missing.height:,} player-games were played without a prediction."
    if games.height:
        dates = games["game_date"].unique().sort().to_list()
        text += f" {games.height} whole games ({whole.height:,} of these rows) on {len(dates)} days: {_shortened(_day_ranges(dates))}."
    if single.height:
        players = [f"{r['player_name'] or r['player_id']} {r['game_date']} ({r['game_id']})" for r in single.iter_rows(named=True)]
        text += f" Single players, on no list that day: {_shortened(players)}."
    return _prose(text)


def _models(player: pl.DataFrame) -> str:
    runs = sorted({run for ids in player["model_run_id"].drop_nulls().unique() for run in ids.replace(" + ", ", ").split(", ")})
    return _prose("Runs: " + ", ".join(f"`{run}`" for run in runs) + ".") if runs else ""


def _goals(evals: Evals) -> str:
    judged = judge(evals.player, evals.calibration)
    lines = []
    for row in judged.iter_rows(named=True):
        digits = 4 if row["metric"].startswith("poisson") else 3
        reach = f"{row['low']:g} to {row['high']:g}" if row["low"] is not None else f"<= {row['high']:g}"
        if row["metric"] == "mae_minus_peer" and row["target"] == "dk_points":
            reach = "interval below 0"
        allowed = f" (+ {row['allowed']:.3f})" if row["allowed"] else ""
        stretch = f"{row['stretch']:g}" if row["stretch"] is not None else ""
        value = _with_interval(row["value"], row["value_low"], row["value_high"], digits)
        name = row["metric"].replace("poisson_deviance_over_", "deviance / ")
        cells = [row["section"], row["target"], name, row["segment"], value, reach + allowed, stretch, row["reached"], *_counts(row)]
        lines.append(cells)
    return _table(["table", "target", "metric", "rows are", "ours", "to reach", "stretch", "reached", "rows", "missing"], lines)


# --- rates ----------------------------------------------------------------------------------------------------------------


def _deviances(player: pl.DataFrame, season: int) -> str:
    targets = [*RATE_TARGETS, MEAN_TARGET]
    lines = []
    for predictor in ("rates_v1", "rates_v1:plain", "decayed_prior", "season_to_date"):
        cells = [_cell(player, t, "all", predictor, "poisson_deviance", model="rates_v1") for t in targets]
        if cells[0]:
            lines.append([predictor, *(_number(cell, 4) for cell in cells), *_counts(cells[0])])
    if lines and season == 2024:
        figures = [f"{DESIGN_DEVIANCE[t]:.3f}" for t in RATE_TARGETS]
        lines.append(["design's prototype (other lists)", *figures, "", "", ""])
    return _table(["rows of a minute at least", *targets, "rows", "missing"], lines)


def _ratios(player: pl.DataFrame, *, bare: bool = False) -> str:
    targets = [*RATE_TARGETS, MEAN_TARGET]
    lines = []
    for segment in ("all",) if bare else _SHORT_SETS:
        for baseline in ("rates_v1:plain", "decayed_prior", "season_to_date"):
            cells = [_cell(player, t, segment, "rates_v1", f"poisson_deviance_over_{baseline}", model="rates_v1") for t in targets]
            if cells[0]:
                intervals = segment == "all" and not bare
                lines.append([segment, baseline, *(_number(cell, 3, interval=intervals) for cell in cells), *_counts(cells[0])])
    reach = [_to_reach(player, t, "all", "poisson_deviance_over_rates_v1:plain") for t in targets]
    if lines and any(reach):
        lines.append(["to reach: all", "rates_v1:plain", *reach, "", ""])
    return _table(["rows are", "deviance / that of", *targets, "rows", "missing"], lines)


# --- minutes --------------------------------------------------------------------------------------------------------------


def _minutes(player: pl.DataFrame) -> str:
    predictors = (
        "minutes_v1",
        "minutes_v1:starters_hidden",
        "minutes_v1:reconciled",
        "minutes_v1:p50",
        "decayed_mean",
        "last5",
        "season_mean",
    )
    shown = [s for s in ROW_SETS if _cell(player, "minutes", s, "minutes_v1", "mae", model="minutes_v1")]
    lines = []
    for predictor in predictors:
        cells = [_errors(player, "minutes_v1", "minutes", segment, predictor) for segment in shown]
        if any(cells):
            lines.append([predictor, *cells])
    reach = [[_to_reach(player, "minutes", segment, metric) for metric in ("mae", "rmse")] for segment in shown]
    if any(all(pair) for pair in reach):
        lines.append(["to reach", *(" / ".join(pair) if all(pair) else "" for pair in reach)])
    first = [_cell(player, "minutes", segment, "minutes_v1", "mae", model="minutes_v1") for segment in shown]
    for name, i in (("rows", 0), ("missing", 1)):
        lines.append([name, *(_counts(cell)[i] for cell in first if cell)])
    return _table(["minutes", *shown], lines if shown else [])


def _minutes_intervals(player: pl.DataFrame) -> str:
    return _differences(player, "minutes_v1", "minutes", "mae")


def _band(player: pl.DataFrame) -> str:
    metrics = ("coverage_80", "width_80", "winkler_80", "pinball_10", "pinball_50", "pinball_90")
    lines = []
    for segment in ROW_SETS:
        cells = [_cell(player, "minutes", segment, "minutes_v1", metric, model="minutes_v1") for metric in metrics]
        if cells[0]:
            lines.append([segment, *(_number(cell, 3) for cell in cells), *_counts(cells[0])])
    return _table(["band p10 to p90, rows are", *metrics, "rows", "missing"], lines)


def _teams(player: pl.DataFrame) -> str:
    lines = []
    for segment in ROW_SETS:
        for predictor in ("minutes_v1", "minutes_v1:reconciled"):
            cells = [_cell(player, "team_minutes", segment, predictor, metric, model="minutes_v1") for metric in ("mean", "mae")]
            if cells[0]:
                lines.append([segment, predictor, *(_number(cell, 2) for cell in cells), *_counts(cells[0])])
    return _table(["teams of games with", "predictor", "mean of its sum", "mean distance from 240", "teams", "missing"], lines)


# --- box ------------------------------------------------------------------------------------------------------------------


def _boxes(player: pl.DataFrame) -> Iterable[str]:
    for segment in _SHORT_SETS:
        yield _box(player, segment)
    lines = []
    for stat in MEDIANS:
        for baseline in ("decayed_means", "rates_v1:plain", "player_box:raw_minutes"):
            cell = _cell(player, stat, "all", "player_box", f"mae_minus_{baseline}", model="player_box")
            if cell:
                lines.append([stat, baseline, _number(cell, 3, interval=True, sign=True), *_counts(cell)])
    yield _table(["all rows", "MAE of player_box minus that of", "difference", "rows", "missing"], lines)


def _box(player: pl.DataFrame, segment: str) -> str:
    predictors = (
        "player_box",
        "player_box:p50",
        "player_box:raw_minutes",
        "rates_v1:plain",
        "decayed_means",
        "season_to_date",
        "actual_minutes",
    )
    lines = []
    for predictor in predictors:
        first = _cell(player, "pts", segment, predictor, "mae", model="player_box")
        if first:
            lines.append([predictor, *(_errors(player, "player_box", stat, segment, predictor) for stat in BOX_SHOWN), *_counts(first)])
    reach = [[_to_reach(player, stat, segment, metric) for metric in ("mae", "rmse")] for stat in BOX_SHOWN]
    if lines and any(all(pair) for pair in reach):
        lines.append(["to reach", *(" / ".join(pair) if all(pair) else "" for pair in reach), "", ""])
    return _table([f"rows are {segment}", *BOX_SHOWN, "rows", "missing"], lines)


# --- the probability to play ----------------------------------------------------------------------------------------------


def _play(player: pl.DataFrame) -> str:
    lines = []
    for predictor in ("minutes_v1", "play_prob_prior"):
        cells = [_cell(player, "play_prob", "all", predictor, metric, model="minutes_v1") for metric in ("brier", "log_loss")]
        if cells[0]:
            lines.append([f"plays: {predictor}", *(_number(cell, 4) for cell in cells), "", *_counts(cells[0])])
    for model, target in (("minutes_v1", "minutes_expected"), ("player_box", "pts_expected"), ("player_box", "dk_points_expected")):
        for predictor in (model, "minutes_v1:reconciled", "player_box:raw_minutes", "decayed_mean", "decayed_means"):
            cell = _cell(player, target, "all", predictor, "mae", model=model)
            if cell:
                lines.append([f"{target}: {predictor}", "", "", _errors(player, model, target, "all", predictor), *_counts(cell)])
    return _table(["listed players, 0 for who did not play", "Brier", "log loss", "MAE / RMSE", "rows", "missing"], lines)


def _reliability(calibration: pl.DataFrame) -> str:
    rows = calibration.filter(kind="reliability", segment="all", predictor="minutes_v1").sort("bin")
    lines = [[r["bin"], f"{r['predicted']:.3f}", f"{r['actual']:.3f}", f"{r['rows']:,}"] for r in rows.iter_rows(named=True)]
    return _table(["probability to play said", "mean said", "share that played", "rows"], lines)


# --- segments, calibration, others, groups -----------------------------------------------------------------------------------


def _segments(player: pl.DataFrame) -> str:
    shown = [*DESCRIPTIONS, *sorted(s for s in player["segment"].unique() if s.startswith("month_"))]
    lines = []
    for segment in shown:
        first = _cell(player, "minutes", segment, "minutes_v1", "mae", model="minutes_v1")
        if not first:
            continue
        bias = _cell(player, "minutes", segment, "minutes_v1", "bias", model="minutes_v1")
        minutes = [_cell(player, "minutes", segment, p, "mae", model="minutes_v1") for p in ("minutes_v1", "decayed_mean")]
        band = _cell(player, "minutes", segment, "minutes_v1", "coverage_80", model="minutes_v1")
        points = [_cell(player, "dk_points", segment, p, "mae", model="player_box") for p in ("player_box", "decayed_means")]
        rates = [_cell(player, MEAN_TARGET, segment, p, "poisson_deviance", model="rates_v1") for p in ("rates_v1", "rates_v1:plain")]
        figures = [*(_number(c, 3) for c in (*minutes, bias, band, *points)), *(_number(c, 4) for c in rates)]
        lines.append([segment, DESCRIPTIONS.get(segment, ""), *figures, *_counts(first)])
    head = ["rows are", "", "minutes MAE", "decayed mean", "bias", "band covers", "DK MAE", "decayed means", "deviance of nine", "plain"]
    return _table([*head, "rows", "missing"], lines)


def _slopes(calibration: pl.DataFrame) -> str:
    lines = []
    for kind, of in (("slope", ""), ("rate_slope", ", minutes held")):
        rows = calibration.filter(kind=kind, predictor="rates_v1")
        for segment in _SLOPE_SEGMENTS:
            chosen = {r["target"]: r for r in rows.filter(segment=segment).iter_rows(named=True)}
            if chosen:
                cells = [_slope(chosen.get(target)) for target in RATE_TARGETS]
                lines.append([segment + of, *cells, f"{max(r['rows'] for r in chosen.values()):,}"])
    return _table(["calibration slope of rates (standard error), rows are", *RATE_TARGETS, "rows"], lines)


def _slope(row: dict[str, Any] | None) -> str:
    return f"{row['slope']:.3f} ({row['slope_se']:.3f})" if row and row["slope"] is not None else ""


def _deciles(calibration: pl.DataFrame) -> str:
    shown = {"minutes": "minutes_v1", "pts": "player_box", "reb": "player_box", "ast": "player_box", "dk_points": "player_box"}
    rows = calibration.filter(kind="decile")
    lines = []
    for decile in rows["bin"].unique().sort().to_list():
        cells = []
        for target, predictor in shown.items():
            matches = rows.filter(bin=decile, target=target, predictor=predictor)
            cells.append(f"{matches['predicted'].item(0):.2f} / {matches['actual'].item(0):.2f}" if matches.height else "")
        lines.append([decile, *cells, f"{max(rows.filter(bin=decile)['rows'].to_list()):,}"])
    return _table(["tenth by prediction: predicted / actual", *shown, "rows"], lines)


def _peers(player: pl.DataFrame) -> str:
    lines = []
    for peer in _PEERS:
        chosen = player.filter((pl.col("segment") == peer) | pl.col("segment").str.starts_with(f"{peer} "))
        for (target, segment, predictor), rows in chosen.sort("target", "segment", "predictor").partition_by(
            "target", "segment", "predictor", as_dict=True, maintain_order=True
        ).items():  # fmt: skip
            metrics = {r["metric"]: r for r in rows.iter_rows(named=True)}
            difference = _number(metrics.get("mae_minus_peer"), 3, interval=True, sign=True)
            figures = [_number(metrics.get(metric), 3) for metric in ("mae", "rmse", "bias")]
            lines.append([str(target), str(segment), str(predictor), *figures, difference, *_counts(rows.row(0, named=True))])
    return _table(["target", "rows are", "predictor", "MAE", "RMSE", "bias", "MAE minus theirs", "rows", "missing"], lines)


def ablation_table(ablation: pl.DataFrame) -> str:
    """Rows of evals.ablation of one season as a table, groups by targets; "" where there are none."""
    targets = [t for t in ("minutes", *RATE_TARGETS) if t in set(ablation["target"])]
    lines = []
    for group in ablation["feature_group"].unique().sort().to_list():
        own = ablation.filter(feature_group=group)
        lost = dict(zip(own["target"], own["loss_pct"], strict=True))
        columns = own["features_dropped"].max()
        lines.append([group, *(f"{lost[t]:+.2f}" if t in lost else "" for t in targets), str(columns)])
    if lines:
        whole = dict(zip(ablation["target"], ablation["value"], strict=True))
        lines.append(["all groups: deviance (minutes: MAE)", *(f"{whole[t]:.4f}" for t in targets), ""])
        rows = dict(zip(ablation["target"], ablation["rows"], strict=True))
        lines.append(["rows", *(f"{rows[t]:,}" for t in targets), ""])
    return _table(["% lost without", *targets, "columns"], lines)


def _differences(player: pl.DataFrame, model: str, target: str, metric: str) -> str:
    chosen = player.filter(model=model, target=target, predictor=model).filter(pl.col("metric").str.starts_with(f"{metric}_minus_"))
    lines = []
    for segment in _SHORT_SETS:
        for row in chosen.filter(segment=segment).iter_rows(named=True):
            other = row["metric"].removeprefix(f"{metric}_minus_")
            lines.append([segment, other, _number(row, 3, interval=True, sign=True), *_counts(row)])
    return _table(["rows are", f"{metric.upper()} of {model} minus that of", "difference", "rows", "missing"], lines)


# --- how a figure is written ----------------------------------------------------------------------------------------------


def _to_reach(player: pl.DataFrame, target: str, segment: str, metric: str) -> str:
    season = player["season"].item(0)
    goals = [g for g in GOALS if (g.season, g.target, g.segment, g.metric) == (season, target, segment, metric) and g.section != "peers"]
    return f"{goals[0].high:.3f}" if goals else ""


def _errors(player: pl.DataFrame, model: str, target: str, segment: str, predictor: str) -> str:
    cells = [_number(_cell(player, target, segment, predictor, metric, model=model), 3) for metric in ("mae", "rmse")]
    return " / ".join(cells) if all(cells) else ""


def _day_ranges(days: list[date]) -> list[str]:
    """Sorted days as text, consecutive days as a range."""
    ranges: list[list[date]] = []
    for day in days:
        if ranges and (day - ranges[-1][-1]).days == 1:
            ranges[-1].append(day)
        else:
            ranges.append([day])
    return [f"{span[0]} to {span[-1]}" if len(span) > 1 else str(span[0]) for span in ranges]


def _shortened(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _name(season: int) -> str:
    return f"{season}-{(season + 1) % 100:02d}, walk-forward"
