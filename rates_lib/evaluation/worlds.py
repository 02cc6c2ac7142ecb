"""Accuracy of the worlds: distributions of a season's players against outcomes, and moments of worlds against those of real games.

The season's games are drawn again from the stored predictions and the parameters that served each day: worlds are a function of
these and the seed, so only the predictions need to be stored. Only players who played (MIN > 0) are scored; a player's distribution is
that of the worlds in which the player plays.

targets     pts, reb, ast, fg3m, pra, dk_points; margin, total, home_win; moments (`sim.moments`)
predictors  worlds; last20: a player's last twenty games (ten at least) with equal weights; negbin: negative binomial with the worlds'
            means and the dispersion that fits this very season best; market: the books' prices without their margin; real: real games
metrics     crps; crps_ratio: CRPS of the worlds over another predictor's, with its interval by bootstrap of games
            coverage_50 … coverage_90: share of outcomes inside the central interval. An outcome that equals the value
            of some worlds counts as a fraction, the part of its probability inside the interval (the PIT of counts: Czado, Gneiting and
            Held 2009), so nothing is randomised
            tail_low, tail_high: chances of at least k, up to .1 and from .9 on: mean forecast (worlds), share that came true (real)
            brier, log_loss: of going over the books' line
            names of moments; real ones have an interval by bootstrap of games

Belongs here: measuring. Does not belong here: what is drawn (`sim/`), pictures (`reports/worlds.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core import metrics as m
from rates_lib.core.basketball import TEAM_SECONDS
from rates_lib.core.errors import RatesError
from rates_lib.core.metrics import Floats
from rates_lib.core.odds import implied, without_vig
from rates_lib.core.stats import MEDIANS, of_kind, value_of
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.evaluation.scored import predicted_days
from rates_lib.lake import Lake
from rates_lib.models.registry import bundle_of_day
from rates_lib.models.world_parameters import parameters_of
from rates_lib.pipeline.projections import PREDICTIONS
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from rates_lib.sim.game import foul_rates
from rates_lib.sim.moments import MOMENT_STATS, PLAY_WEIGHTS, GameRows, Moments, PlayerRows, of_drawn, per_minute
from rates_lib.sim.parameters import Parameters
from rates_lib.sim.summary import values_of
from rates_lib.sim.worlds import Drawn, Slot, draw_slate, short_handed, slots

COUNTS = of_kind(MEDIANS, "count", "combination")  # statistics that a negative binomial can describe
LEVELS = (50, 80, 90)
LEAST_GAMES, MOST_GAMES = 10, 20  # a player's last games that the baseline uses
MOMENT_WORLDS = 200  # worlds per game for the moments
BINS = 20  # bins of the PIT histogram
REPLICATES = 400
_OUTCOMES = ("minutes", *RATE_TARGETS, "fg2m", "fg3m", "ftm", "reb", "pf", "pts")


@dataclass
class Scores:
    """Scores of a season: rows of players who played, by target; games; moments of each real game and of all drawn ones; run ids."""

    rows: list[pl.DataFrame] = field(default_factory=list)
    games: list[dict[str, object]] = field(default_factory=list)
    real: list[Moments] = field(default_factory=list)
    drawn: Moments = field(default_factory=Moments)
    runs: set[str] = field(default_factory=set)


def evaluate_worlds(
    lake: Lake,
    season: int,
    worlds: int = 2000,
    seed: int = 7,
    threads: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> pl.DataFrame:
    """Rows of evals.worlds of one season.

    Args:
        lake: holds predictions.* of the season's days, silver.player_game (also of earlier seasons: a player's last games), silver.game,
            silver.odds_game, silver.peer_forecast where there are lines, and runs of worlds_v1.
        season: start year.
        worlds: number per game.
        seed: of all games.
        threads: number of drawing threads.
        progress: called after each game with the number of days that are done and of all.

    Raises:
        RatesError: if no day of the season is predicted.
        MissingModelError: if no run of worlds_v1 serves one of its days.
    """
    return report(score_season(lake, season, worlds, seed, threads, progress), season, worlds)


def score_season(
    lake: Lake,
    season: int,
    worlds: int = 2000,
    seed: int = 7,
    threads: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> Scores:
    """Draw a season and score it; arguments and errors as in `evaluate_worlds`."""
    outcome = outcomes(lake, season)
    game = lake.read("silver.game", [season]).drop_nulls(["home_pts", "away_pts"])
    odds = lake.read("silver.odds_game", [season]).filter(pl.col("as_of") == "close").select("game_id", "spread_home", "total")
    game = game.join(odds, on="game_id", how="left")
    lines = _lines(lake, season)
    scores = Scores()
    days = {day: number for number, day in enumerate(predicted_days(lake, season))}
    for redrawn in draw_season(lake, season, worlds, seed, threads):
        scores.runs.add(redrawn.run)
        slot = redrawn.drawn.slot
        if progress and (done := days[slot.game_date.isoformat()]):
            progress(done, len(days))
        this = pl.col("game_id") == slot.game_id
        played = outcome.filter(this, pl.col("game_date") == slot.game_date)
        _score_game(scores, redrawn.drawn, redrawn.parameters, played, game.filter(this).row(0, named=True), redrawn.known, lines)
    return scores


@dataclass(frozen=True)
class Redrawn:
    """A finished game drawn again: its worlds, run and parameters of worlds_v1 of its day, and its known starters and list."""

    drawn: Drawn
    run: str
    parameters: Parameters
    known: pl.DataFrame


def draw_season(lake: Lake, season: int, worlds: int, seed: int, threads: int) -> Iterator[Redrawn]:
    """Draw the finished games of a season that were predicted, by day; arguments and errors as in `evaluate_worlds`."""
    days = predicted_days(lake, season)
    if not days:
        raise RatesError(f"season {season} has no predictions: run `rates backfill --seasons {season} --through predictions` first")
    finished = lake.read("silver.game", [season]).drop_nulls(["home_pts", "away_pts"]).select("game_id")
    for day in days:
        minutes, rates, box = (lake.read(table, [day]) for table in PREDICTIONS)
        minutes = minutes.join(short_handed(minutes), on="game_id", how="anti").join(finished, on="game_id", how="semi")
        run = bundle_of_day(lake, "worlds_v1", date.fromisoformat(day))
        parameters = parameters_of(run)
        known = minutes.select("game_id", "player_id", "is_starter", "availability_source")
        for drawn in draw_slate(slots(minutes, rates, box), parameters, worlds, seed, threads):
            yield Redrawn(drawn, run.run_id, parameters, known)


def _score_game(
    scores: Scores,
    drawn: Drawn,
    parameters: Parameters,
    played: pl.DataFrame,
    game: Mapping[str, object],
    known: pl.DataFrame,
    lines: pl.DataFrame,
) -> None:
    slot = drawn.slot
    place = {player: i for i, player in enumerate(slot.player_ids)}
    rows = played.filter(pl.col("player_id").is_in(list(place)))
    index = np.array([place[player] for player in rows["player_id"]], dtype=np.int64)
    plays = drawn.seconds > 0
    some = plays[index].any(axis=1)
    rows, index = rows.filter(pl.Series(some)), index[some]
    rows = rows.join(known, on=["game_id", "player_id"], how="left", maintain_order="left")
    rows = rows.join(lines, on=["game_id", "player_id"], how="left", maintain_order="left")
    for stat in MEDIANS:
        values = values_of(drawn, stat)
        scores.rows.append(_score_stat(rows, stat, [values[i][plays[i]] for i in index]))
    fouls = foul_rates(slot.means.rates, parameters)
    few = Drawn(slot, drawn.first_world, drawn.seconds[:, :MOMENT_WORLDS], drawn.counts[:, :, :MOMENT_WORLDS])
    drawn_rows, drawn_games = of_drawn(few, fouls)
    scores.drawn.add(drawn_rows, drawn_games)
    real = Moments()
    real.add(*_real(slot, rows, index, game, drawn, fouls))
    scores.real.append(real)
    scores.games.append(_score_margin(drawn, game))


def _score_stat(rows: pl.DataFrame, stat: str, samples: list[Floats]) -> pl.DataFrame:
    """One row per player: CRPS, mean, F(y - 1) and F(y), CRPS of the player's last games, chances by threshold, chance over a line."""
    y = rows[stat].to_numpy().astype(np.float64)
    below = np.array([np.mean(s < v) for s, v in zip(samples, y, strict=True)])
    upto = np.array([np.mean(s <= v) for s, v in zip(samples, y, strict=True)])
    own = rows[f"{stat}_last"].to_list()
    scored = rows.select("game_id", "player_id", "is_starter", "availability_source").with_columns(
        pl.lit(stat).alias("target"),
        pl.Series("y", y),
        pl.Series("crps", [crps_of(v, s) for v, s in zip(y, samples, strict=True)], dtype=pl.Float64),
        pl.Series("mean", [s.mean() for s in samples], dtype=pl.Float64),
        pl.Series("below", below),
        pl.Series("upto", upto),
        pl.Series(
            "last20", [crps_of(v, np.array(g)) if len(g) >= LEAST_GAMES else None for v, g in zip(y, own, strict=True)], dtype=pl.Float64
        ),
        pl.Series("chances", [_chances(s) for s in samples], dtype=pl.List(pl.Float64)),
    )
    if stat != "pra":
        return scored.with_columns(pl.lit(None, pl.Float64).alias(c) for c in ("line", "market", "over"))
    line = rows["line"].to_list()
    over = [None if v is None else float(np.mean(s > v) / max(np.mean(s != v), 1e-9)) for v, s in zip(line, samples, strict=True)]
    return scored.with_columns(rows["line"], rows["market"], pl.Series("over", over, dtype=pl.Float64))


@cache
def _rules() -> Any:
    """The module scoringrules, imported at the first score, because its import compiles for seconds."""
    return import_module("scoringrules")


def crps_of(y: float, sample: Floats) -> float:
    """CRPS of a sample: unbiased for the number of draws above 50 values, else that of the values with equal weights."""
    return float(
        _rules().crps_ensemble(y, np.asarray(sample, dtype=np.float64), estimator="pwm" if len(sample) > 50 else "nrg", backend="numpy")
    )


def _chances(sample: Floats) -> list[float]:
    """Chance of at least 1, 2, 3 … up to the largest that occurs."""
    counts = np.bincount(np.maximum(np.floor(sample), 0).astype(np.int64))
    return list(np.cumsum(counts[::-1])[::-1][1:] / len(sample))


def _real(
    slot: Slot, rows: pl.DataFrame, index: NDArray[np.int64], game: Mapping[str, object], drawn: Drawn, fouls: Floats
) -> tuple[PlayerRows, GameRows]:
    """The real game as arguments of `Moments.add`, points relative to the line where there is one, else to the worlds' means."""
    minutes = rows["minutes"].to_numpy()
    long = minutes >= 1
    expected = per_minute(slot.means.rates, slot.means.percentages, fouls)
    given = slot.means.minutes / slot.means.play_prob
    means = given[:, None] * expected[:, [MOMENT_STATS.index("pts"), MOMENT_STATS.index("ast")]]
    at_home = slot.team_ids[0] == game["home_team_id"]
    team = slot.teams if at_home else 1 - slot.teams
    counts = rows.select(MOMENT_STATS).to_numpy().astype(np.float64)
    home, away = float(game["home_pts"]), float(game["away_pts"])  # type: ignore[arg-type]
    spread, total = game["spread_home"], game["total"]
    drawn_home, drawn_away = drawn.home_and_away(str(game["home_team_id"])).mean(axis=1)
    if spread is not None and total is not None:
        drawn_home, drawn_away = (float(total) - float(spread)) / 2, (float(total) + float(spread)) / 2  # type: ignore[arg-type]
    every = rows.select(list(PLAY_WEIGHTS)).to_numpy() @ np.array(list(PLAY_WEIGHTS.values()))
    plays = np.bincount(team[index], every, 2)
    usual = (_usual_plays(drawn, team == 0) + _usual_plays(drawn, team == 1)) / 2  # both teams have equally many possessions
    players = PlayerRows(
        team=team[index][long],
        minutes=minutes[long],
        counts=counts[long],
        expected=expected[index][long],
        given=given[index][long],
        band=slot.means.band[:, [0, 2]][index][long],
        means=means[index][long],
    )
    one = np.ones(1)
    games = GameRows(
        margin=(home - away) * one,
        home=(home - drawn_home) * one,
        away=(away - drawn_away) * one,
        overtimes=float(game["overtimes"]) * one,  # type: ignore[arg-type]
        plays=plays.sum() * one,
        pace=np.asarray((plays - usual)[:, None], dtype=np.float64),
    )
    return players, games


def _usual_plays(drawn: Drawn, side: NDArray[np.bool_]) -> float:
    straight = drawn.seconds[drawn.slot.teams == 0].sum(axis=0, dtype=np.int64) == TEAM_SECONDS
    return float(sum(w * drawn.count(name)[side][:, straight].sum(axis=0, dtype=np.int64).mean() for name, w in PLAY_WEIGHTS.items()))


def _score_margin(drawn: Drawn, game: Mapping[str, object]) -> dict[str, object]:
    home, away = drawn.home_and_away(str(game["home_team_id"])).astype(np.float64)
    margin, total = float(game["home_pts"]) - float(game["away_pts"]), float(game["home_pts"]) + float(game["away_pts"])  # type: ignore[arg-type]
    scored: dict[str, object] = {"game_id": drawn.slot.game_id, "home_win_prob": float(np.mean(home > away)), "home_win": margin > 0}
    for name, y, sample in (("margin", margin, home - away), ("total", total, home + away)):
        scored |= {f"{name}_crps": crps_of(y, sample), f"{name}_error": y - float(sample.mean())}
        scored |= {f"{name}_below": float(np.mean(sample < y)), f"{name}_upto": float(np.mean(sample <= y))}
    return scored


# --- figures ----------------------------------------------------------------------------------------------------------


def report(scores: Scores, season: int, worlds: int) -> pl.DataFrame:
    """Rows of evals.worlds from the scores of a season, sorted by key."""
    rows = pl.concat(scores.rows)
    figures = [*_of_players(rows), *_of_lines(rows), *_of_games(pl.DataFrame(scores.games)), *_of_moments(scores)]
    spec = TABLES["evals.worlds"]
    common = {"season": season, "worlds": worlds, "model_run_id": ", ".join(sorted(scores.runs))}
    return pl.DataFrame([common | row for row in figures], schema=spec.schema).sort(spec.key)


def _row(
    target: str, segment: str, predictor: str, metric: str, value: float, rows: int, low: float | None = None, high: float | None = None
) -> dict[str, object]:
    return {"target": target, "segment": segment, "predictor": predictor, "metric": metric, "value": value, "value_low": low,
            "value_high": high, "rows": rows}  # fmt: skip


SEGMENTS: dict[str, pl.Expr] = {
    "all": pl.col("target").is_not_null(),  # a bare literal's fill_null is one value per thread where polars filters in parallel
    "starter": pl.col("is_starter") == 1,
    "bench": pl.col("is_starter") == 0,
    "active_list": pl.col("availability_source") == "active_list",
    "proxy": pl.col("availability_source") == "proxy",
}


def _of_players(rows: pl.DataFrame) -> Iterator[dict[str, object]]:
    for target in MEDIANS:
        of_target = rows.filter(pl.col("target") == target)
        if target in COUNTS:
            of_target = of_target.with_columns(pl.Series("negbin", negative_binomial_crps(of_target)))
        for segment, chosen in SEGMENTS.items():
            some = of_target.filter(chosen.fill_null(False))
            if some.height:
                yield from _of_target(some, target, segment)


def _of_target(some: pl.DataFrame, target: str, segment: str) -> Iterator[dict[str, object]]:
    n = some.height
    yield _row(target, segment, "worlds", "crps", _mean(some["crps"]), n)
    yield _row(target, segment, "worlds", "bias", _mean(some["mean"] - some["y"]), n)
    for other in ("last20", "negbin"):
        if other in some.columns:
            both = some.drop_nulls(other)
            if both.height:
                yield _row(target, segment, other, "crps", _mean(both[other]), both.height)
                low, high = _ratio_interval(both, other)
                yield _row(target, segment, other, "crps_ratio", _mean(both["crps"]) / _mean(both[other]), both.height, low, high)
    below, upto = some["below"].to_numpy(), some["upto"].to_numpy()
    for level in LEVELS:
        yield _row(target, segment, "worlds", f"coverage_{level}", float(inside(below, upto, level / 100).mean()), n)
    for i, share in enumerate(pit_histogram(below, upto)):
        yield _row(target, segment, "worlds", f"pit_{i:02}", float(share), n)
    if target in COUNTS:
        yield from _of_tails(some, target, segment)


def _of_tails(some: pl.DataFrame, target: str, segment: str) -> Iterator[dict[str, object]]:
    chance = some["chances"].explode().to_numpy()
    lengths = some["chances"].list.len().to_numpy()
    k = np.concatenate([np.arange(1, length + 1) for length in lengths])
    came = np.repeat(some["y"].to_numpy(), lengths) >= k
    for name, chosen in (("tail_low", (chance <= 0.1) & (chance > 0.005)), ("tail_high", chance >= 0.9)):
        if chosen.any():
            yield _row(target, segment, "worlds", name, float(chance[chosen].mean()), int(chosen.sum()))
            yield _row(target, segment, "real", name, float(came[chosen].mean()), int(chosen.sum()))


def _of_lines(rows: pl.DataFrame) -> Iterator[dict[str, object]]:
    lined = rows.filter((pl.col("target") == "pra") & pl.col("over").is_not_null() & (pl.col("y") != pl.col("line")))
    if lined.is_empty():
        return
    came = (lined["y"] > lined["line"]).to_numpy().astype(np.float64)
    for predictor, column in (("worlds", "over"), ("market", "market")):
        p = np.clip(lined[column].fill_null(0.5).to_numpy(), 1e-3, 1 - 1e-3)
        yield _row("pra", "books", predictor, "brier", m.brier(came, p), lined.height)
        yield _row("pra", "books", predictor, "log_loss", m.log_loss(came, p), lined.height)
    yield _row("pra", "books", "real", "over_share", float(came.mean()), lined.height)
    yield _row("pra", "books", "worlds", "over_share", _mean(lined["over"]), lined.height)


def _of_games(games: pl.DataFrame) -> Iterator[dict[str, object]]:
    n = games.height
    p, won = np.clip(games["home_win_prob"].to_numpy(), 1e-3, 1 - 1e-3), games["home_win"].to_numpy().astype(np.float64)
    yield _row("home_win", "all", "worlds", "log_loss", m.log_loss(won, p), n)
    yield _row("home_win", "all", "worlds", "brier", m.brier(won, p), n)
    for name in ("margin", "total"):
        error = games[f"{name}_error"].to_numpy()
        yield _row(name, "all", "worlds", "crps", _mean(games[f"{name}_crps"]), n)
        yield _row(name, "all", "worlds", "mae_of_mean", m.mae(error, np.zeros(n)), n)
        yield _row(name, "all", "worlds", "error_sd", float(error.std()), n)
        for level in LEVELS:
            covered = inside(games[f"{name}_below"].to_numpy(), games[f"{name}_upto"].to_numpy(), level / 100)
            yield _row(name, "all", "worlds", f"coverage_{level}", float(covered.mean()), n)


def _of_moments(scores: Scores) -> Iterator[dict[str, object]]:
    n = len(scores.real)
    real, drawn = _summed(scores.real, np.ones(n)), scores.drawn.values()
    rng = np.random.default_rng(7)
    stacked = {name: np.stack([m.sums[name] for m in scores.real]) for name in scores.real[0].sums}
    draws = []
    for _ in range(REPLICATES):
        weights = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        draws.append(Moments({name: np.tensordot(weights, values, 1) for name, values in stacked.items()}).values())
    for name, value in real.items():
        low, high = interval(np.array([d[name] for d in draws]))
        if np.isfinite(value):
            yield _row("moments", "all", "real", name, value, n, low, high)
            yield _row("moments", "all", "worlds", name, drawn[name], n)


def _summed(parts: list[Moments], weights: Floats) -> dict[str, float]:
    return Moments({name: sum(w * m.sums[name] for w, m in zip(weights, parts, strict=True)) for name in parts[0].sums}).values()


def inside(below: Floats, upto: Floats, level: float) -> Floats:
    """Share of each outcome inside the central interval: the part of [F(y - 1), F(y)] between the interval's ends."""
    low, high = (1 - level) / 2, (1 + level) / 2
    width = np.maximum(upto - below, 1e-12)
    part = np.clip((np.minimum(upto, high) - np.maximum(below, low)) / width, 0.0, 1.0)
    sure = ((below >= low) & (upto <= high)).astype(np.float64)
    return np.where(upto - below < 1e-12, sure, part)


def pit_histogram(below: Floats, upto: Floats, bins: int = BINS) -> Floats:
    """Shares of the PIT of counts in equal bins: flat where the distributions are right."""
    edges = np.linspace(0, 1, bins + 1)
    width = np.maximum(upto - below, 1e-12)
    upto_edge = np.clip((edges[None, :] - below[:, None]) / width[:, None], 0.0, 1.0)
    return np.asarray(np.diff(upto_edge.mean(axis=0)), dtype=np.float64)


def negative_binomial_crps(rows: pl.DataFrame) -> Floats:
    """CRPS of negative binomials with the means of `rows` and one dispersion, fitted to their outcomes by moments."""
    y, mean = rows["y"].to_numpy(), np.maximum(rows["mean"].to_numpy(), 1e-3)
    excess = max(float(((y - mean) ** 2 - mean).sum() / (mean**2).sum()), 1e-3)  # 1 / size
    size = 1.0 / excess
    return np.asarray(_rules().crps_negbinom(y, size, size / (size + mean)), dtype=np.float64)


def _ratio_interval(rows: pl.DataFrame, other: str) -> tuple[float, float]:
    means = GameBootstrap(rows["game_id"]).means(rows.select("crps", other).to_numpy())
    return interval(means[:, 0] / means[:, 1])


def _mean(values: pl.Series) -> float:
    return float(values.to_numpy().mean())


# --- what is read -----------------------------------------------------------------------------------------------------


def outcomes(lake: Lake, season: int, stats: Sequence[str] = MEDIANS) -> pl.DataFrame:
    """Players who played, with their counts and, as `<stat>_last`, the values of their last games before the day."""
    earlier = [key for key in lake.partitions("silver.player_game") if season - 2 <= int(key) <= season]
    columns = ["season", "game_date", "game_id", "player_id", "min", "oreb", "dreb", *_OUTCOMES]
    log = lake.read("silver.player_game", earlier, list(dict.fromkeys(columns))).filter(pl.col("min") > 0)
    log = log.with_columns(value_of(stat, pl.col).alias(stat) for stat in of_kind(MEDIANS, "combination", "fantasy"))
    log = log.sort("player_id", "game_date", "game_id")
    values = {stat: log[stat].to_numpy().astype(np.float64) for stat in stats}
    player = log["player_id"].rle_id().to_numpy()
    start = np.searchsorted(player, player)
    place = np.arange(log.height)
    first = np.maximum(start, place - MOST_GAMES)
    now = log.with_columns(pl.Series("_first", first), pl.Series("_place", place)).filter(pl.col("season") == season)
    spans = now.select("_first", "_place").rows()
    return now.with_columns(
        pl.Series(f"{stat}_last", [values[stat][a:b] for a, b in spans], dtype=pl.List(pl.Float64)) for stat in stats
    ).drop("_first", "_place")


def _lines(lake: Lake, season: int) -> pl.DataFrame:
    """game_id, player_id, line (median over books of points + rebounds + assists) and market: chance of over without the books' margin."""
    props = lake.read("silver.peer_forecast", [season]).filter((pl.col("source") == "props") & (pl.col("stat") == "pra"))
    line = props.group_by("game_id", "player_id").agg(pl.col("forecast").median().alias("line"))
    at_line = props.join(line, on=["game_id", "player_id"]).filter(pl.col("forecast") == pl.col("line"))
    fair = at_line.drop_nulls(["price_over", "price_under"]).with_columns(implied(pl.col(c)) for c in ("price_over", "price_under"))
    market = without_vig(pl.col("price_over"), pl.col("price_under")).mean().alias("market")
    fair = fair.group_by("game_id", "player_id").agg(market)
    return line.join(fair, on=["game_id", "player_id"], how="left").sort("game_id", "player_id")
