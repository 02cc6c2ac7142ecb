"""Moments of box scores beyond their means: dispersion, correlation, minutes, fouls, overtime; of real games and of worlds alike.

The same function computes both, so a fit compares like with like. Each moment is a ratio of sums over rows (players with a minute or
more), over team-games, or over games; a moment without any row is NaN.

Belongs here: the moments that `models/world_parameters.py` fits and the evaluation of worlds shows. Does not belong here: targets of a
fit, parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.asof import added
from rates_lib.core.basketball import FREE_THROW_WEIGHT, OVERTIME_MINUTES, REGULATION_MINUTES, TEAM_OVERTIME_SECONDS, TEAM_SECONDS
from rates_lib.core.stats import value_of
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.sim.summary import values_of
from rates_lib.sim.worlds import Drawn

Floats = NDArray[np.float64]

MOMENT_STATS = (*RATE_TARGETS, "pts", "pf", "dk_points")  # whose dispersion given minutes is measured
MINUTES_BANDS = {"minutes": (30, 48), "middle": (20, 30), "low": (14, 20), "bench": (8, 14)}
"""Ranges of expected minutes for which the share of minutes inside the predicted band is measured."""
_RATE = {t: i for i, t in enumerate(RATE_TARGETS)}


@dataclass
class PlayerRows:
    """Players who played, in any number of games; teams are numbered consecutively: game 3 has teams 6 and 7.

    Attributes:
        team: (rows,) number of the team-game.
        minutes: (rows,) played.
        counts: (rows, 12) by MOMENT_STATS.
        expected: (rows, 12) per minute, by MOMENT_STATS.
        given: (rows,) expected minutes if the player plays.
        band: (rows, 2) p10 and p90 of them.
        means: (rows, 2) expected points and assists if the player plays.
    """

    team: NDArray[np.int64]
    minutes: Floats
    counts: Floats
    expected: Floats
    given: Floats
    band: Floats
    means: Floats


@dataclass
class GameRows:
    """GameRows. Margin, points of both teams around their expectation, overtimes and plays of games; one entry per game."""

    margin: Floats
    home: Floats
    away: Floats
    overtimes: Floats
    plays: Floats  # of both teams: FGA + .44 FTA + TOV - OREB
    pace: Floats  # shape (2, games): plays of home and away around their expectation


@dataclass
class Moments:
    """Sums from which the moments follow; `add` may be called repeatedly."""

    sums: dict[str, Floats] = field(default_factory=dict)

    def add(self, rows: PlayerRows, games: GameRows) -> None:
        """Add the sums of some games; all games have the same weight."""
        for name, values in {**_given_minutes(rows), **_of_minutes(rows, games), **_of_mates(rows), **_of_games(games)}.items():
            add = np.asarray(values, dtype=np.float64)
            self.sums[name] = self.sums[name] + add if name in self.sums else add

    def values(self) -> dict[str, float]:
        """The moments, by name."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return {**_dispersion(self.sums), **_minutes(self.sums), **_mates(self.sums), **_games(self.sums)}


def _given_minutes(rows: PlayerRows) -> dict[str, Floats]:
    y, e = rows.counts, rows.expected * rows.minutes[:, None]
    twos, threes = _RATE["fga2"], _RATE["fga3"]
    both = np.array([(a[:, twos] * b[:, threes]).sum() for a, b in ((y, y), (y, e), (e, y), (e, e))])
    throws = y[:, _RATE["fta"]]
    bench, pts = (rows.given >= 8) & (rows.given < 20), MOMENT_STATS.index("pts")
    few, rate = y[bench, pts], e[bench, pts]
    return {
        "bench": np.array([few.sum(), rate.sum(), (few * few).sum(), (few * rate).sum(), (rate * rate).sum()]),
        "y": y.sum(axis=0),
        "e": e.sum(axis=0),
        "yy": (y * y).sum(axis=0),
        "ye": (y * e).sum(axis=0),
        "ee": (e * e).sum(axis=0),
        "both": both,
        "throws": np.array([(throws > 0).sum(), (throws == 1).sum(), (throws == 3).sum()]),
    }


def _dispersion(sums: dict[str, Floats]) -> dict[str, float]:
    level = sums["y"] / sums["e"]
    squared = sums["yy"] - 2 * level * sums["ye"] + level**2 * sums["ee"]
    moments = {f"dispersion_{name}": float(v) for name, v in zip(MOMENT_STATS, squared / sums["y"], strict=True)}
    two, three = level[_RATE["fga2"]], level[_RATE["fga3"]]
    yy, ye, ey, ee = sums["both"]
    tried = sums["y"][[_RATE["fga2"], _RATE["fga3"]]].sum()
    moments["twos_with_threes"] = float((yy - three * ye - two * ey + two * three * ee) / tried)
    y, e, yy, ye, ee = sums["bench"]
    moments["bench_dispersion_pts"] = float((yy - 2 * y / e * ye + (y / e) ** 2 * ee) / y)
    throws = sums["throws"]
    return moments | {"one_throw": float(throws[1] / throws[0]), "three_throws": float(throws[2] / throws[0])}


def _of_minutes(rows: PlayerRows, games: GameRows) -> dict[str, Floats]:
    off = rows.minutes - rows.given
    game = rows.team // 2
    overtime = games.overtimes[game] > 0
    regular = rows.given >= 10
    core, star = rows.given >= 20, rows.given >= 28
    lead = np.abs(games.margin)[game]
    fouls = rows.counts[:, MOMENT_STATS.index("pf")]
    inside = (rows.minutes >= rows.band[:, 0]) & (rows.minutes <= rows.band[:, 1])
    straight = star & ~overtime
    # points and turnovers beyond those expected in the minutes played
    beyond = [rows.counts[:, k] - rows.expected[:, k] * rows.minutes for k in (MOMENT_STATS.index("pts"), MOMENT_STATS.index("tov"))]
    groups = [(rows.given >= least) & (rows.given < most) & ~overtime for least, most in MINUTES_BANDS.values()]
    return {
        "inside": np.array([(_n(group), _n(group & inside)) for group in groups]),
        "played_well": np.stack([_line(off[regular], unexpected[regular]) for unexpected in beyond]),
        "early": np.array([core.sum(), (core & (rows.minutes < 0.5 * rows.given)).sum()]),
        "lead": _line(lead[straight], off[straight]),
        "trouble": np.array(
            [_n(m := core & (fouls >= 5) & ~overtime), off[m].sum(), _n(m := core & (fouls < 5) & ~overtime), off[m].sum()]
        ),
        "closers": np.array([_n(m := star & overtime), off[m].sum(), _n(straight), off[straight].sum()]),
        "spread": np.array([regular.sum(), (off[regular] ** 2).sum()]),
    }


def _minutes(sums: dict[str, Floats]) -> dict[str, float]:
    trouble, closers = sums["trouble"], sums["closers"]
    return {
        **{f"{name}_inside_band": float(inside / n) for name, (n, inside) in zip(MINUTES_BANDS, sums["inside"], strict=True)},
        "points_on_minutes": _slope(sums["played_well"][0]),
        "turnovers_on_minutes": _slope(sums["played_well"][1]),
        "minutes_cut_short": float(sums["early"][1] / sums["early"][0]),
        "minutes_on_margin": _slope(sums["lead"]),
        "minutes_in_trouble": float(trouble[1] / trouble[0] - trouble[3] / trouble[2]),
        "minutes_in_overtime": float(closers[1] / closers[0] - closers[3] / closers[2]),
        "minutes_sd": float(np.sqrt(sums["spread"][1] / sums["spread"][0])),
    }


def _of_mates(rows: PlayerRows) -> dict[str, Floats]:
    """Sums of residuals around each player's mean; sums over pairs of a team are (square of the sum - sum of squares) / 2."""
    teams = int(rows.team.max()) + 1 if len(rows.team) else 0
    pts = rows.counts[:, MOMENT_STATS.index("pts")] - rows.means[:, 0]
    ast = rows.counts[:, MOMENT_STATS.index("ast")] - rows.means[:, 1]
    n, p, a = (np.bincount(rows.team, x, teams) for x in (np.ones_like(pts), pts, ast))
    pp, aa, pa = (np.bincount(rows.team, x, teams) for x in (pts * pts, ast * ast, pts * ast))
    return {
        "mates": np.array([
            n.sum(), (n * (n - 1)).sum(), pp.sum(), aa.sum(), pa.sum(), (p * p - pp).sum(), (p * a - pa).sum(), pts.sum(), ast.sum()
        ])
    }  # fmt: skip


def _mates(sums: dict[str, Floats]) -> dict[str, float]:
    n, pairs, pp, aa, _, both, mixed, p, a = sums["mates"]
    mean_p, mean_a = p / n, a / n
    var_p, var_a = pp / n - mean_p**2, aa / n - mean_a**2
    return {
        "mates_pts_pts": float((both / pairs - mean_p**2) / var_p),
        "mates_pts_ast": float((mixed / pairs - mean_p * mean_a) / np.sqrt(var_p * var_a)),
    }


def _of_games(games: GameRows) -> dict[str, Floats]:
    straight = games.overtimes == 0
    return {
        "teams": np.array([
            len(games.home), games.home.sum(), games.away.sum(), (games.home**2).sum(), (games.away**2).sum(),
            (games.home * games.away).sum(), (games.overtimes > 0).sum(),
        ]),
        "plays": np.array([
            straight.sum(), games.plays[straight].sum(), (~straight).sum(), games.plays[~straight].sum(), games.overtimes.sum()
        ]),
        "pace": _both(games, straight),
    }  # fmt: skip


def _both(games: GameRows, straight: NDArray[np.bool_]) -> Floats:
    (one, other), points = games.pace[:, straight], (games.home + games.away)[straight]
    mean = (one + other) / 2
    pairs = ((one, other), (mean, mean), (points, points), (mean, points))
    return np.array([_n(straight), one.sum(), other.sum(), points.sum(), *((a * b).sum() for a, b in pairs)])


def _games(sums: dict[str, Floats]) -> dict[str, float]:
    n, h, a, hh, aa, ha, overtime = sums["teams"]
    var_h, var_a, cov = hh / n - (h / n) ** 2, aa / n - (a / n) ** 2, ha / n - h * a / n**2
    straight, plays, extra, extra_plays, overtimes = sums["plays"]
    usual = plays / straight
    _, one, other, points, common, pace, squared, mixed = sums["pace"] / sums["pace"][0]
    mean = (one + other) / 2
    return {
        "margin_sd": float(np.sqrt(var_h + var_a - 2 * cov)),
        "total_sd": float(np.sqrt(var_h + var_a + 2 * cov)),
        "home_away_correlation": float(cov / np.sqrt(var_h * var_a)),
        "overtime_rate": float(overtime / n),
        "pace_sd": float(np.sqrt(common - one * other) / (usual / 2)),
        "pace_points": float((mixed - mean * points) / np.sqrt((pace - mean**2) * (squared - points**2))),
        "overtime_pace": float((extra_plays / extra / usual - 1) * REGULATION_MINUTES / OVERTIME_MINUTES / (overtimes / extra)),
    }


def _n(mask: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(mask))


def _line(x: Floats, y: Floats) -> Floats:
    return np.array([len(x), x.sum(), y.sum(), (x * x).sum(), (x * y).sum()])


def _slope(sums: Floats) -> float:
    n, x, y, xx, xy = sums
    return float((n * xy - x * y) / (n * xx - x * x))


def of_drawn(drawn: Drawn, fouls: Floats) -> tuple[PlayerRows, GameRows]:
    """A drawn game in the form that `Moments.add` takes, each world as a game.

    Args:
        drawn: the worlds.
        fouls: (players,) expected fouls per minute.
    """
    slot = drawn.slot
    played = drawn.seconds >= 60
    player, world = np.nonzero(played)
    counts = {name: values_of(drawn, name) for name in MOMENT_STATS}
    rates = per_minute(slot.means.rates, slot.means.percentages, fouls)
    given = slot.means.minutes / slot.means.play_prob
    rows = PlayerRows(
        team=2 * world + slot.teams[player],
        minutes=drawn.seconds[played] / 60.0,
        counts=np.stack([counts[name][played] for name in MOMENT_STATS], axis=1),
        expected=rates[player],
        given=given[player],
        band=slot.means.band[:, [0, 2]][player],
        means=(given[:, None] * rates[:, [MOMENT_STATS.index("pts"), MOMENT_STATS.index("ast")]])[player],
    )
    home, away = drawn.team_points().astype(np.float64)
    total = drawn.seconds[: slot.means.first].sum(axis=0, dtype=np.int64)
    first = slot.means.first
    plays = np.stack([
        sum(w * drawn.count(name)[side].sum(axis=0, dtype=np.int64) for name, w in PLAY_WEIGHTS.items())
        for side in (slice(0, first), slice(first, None))
    ])  # fmt: skip
    straight = total == TEAM_SECONDS
    games = GameRows(
        margin=home - away,
        home=home - home.mean(),
        away=away - away.mean(),
        overtimes=np.rint((total - TEAM_SECONDS) / TEAM_OVERTIME_SECONDS),
        plays=plays.sum(axis=0),
        pace=plays - plays[:, straight].mean(axis=1, keepdims=True),
    )
    return rows, games


def of_frame(frame: pl.DataFrame, fouls: Floats) -> tuple[PlayerRows, GameRows]:
    """Real games in the form that `Moments.add` takes.

    Args:
        frame: rows of `training.worlds_training`, whole games.
        fouls: row-aligned expected fouls per minute.
    """
    dk = value_of("dk_points", lambda name: pl.col(name).fill_null(0)).alias("dk_points")
    frame = frame.with_columns(pl.Series("_fouls", fouls), dk).sort("game_id", "home_flag", "player_id", descending=[False, True, False])
    game = frame["game_id"].rle_id().to_numpy().astype(np.int64)
    rates = per_minute(
        frame.select(f"{t}_per_min_mean" for t in RATE_TARGETS).to_numpy(),
        frame.select("fg2_pct_mean", "fg3_pct_mean", "ft_pct_mean").to_numpy(),
        frame["_fouls"].to_numpy(),
    )
    given = (frame["minutes_reconciled"] / frame["play_prob"]).to_numpy()
    played = (frame["minutes"].fill_null(0) >= 1).to_numpy()
    rows = PlayerRows(
        team=(2 * game + 1 - frame["home_flag"].to_numpy())[played],
        minutes=frame["minutes"].fill_null(0).to_numpy()[played],
        counts=frame.select(pl.col(MOMENT_STATS).fill_null(0)).to_numpy().astype(np.float64)[played],
        expected=rates[played],
        given=given[played],
        band=frame.select("minutes_p10", "minutes_p90").to_numpy()[played],
        means=(given[:, None] * rates[:, [MOMENT_STATS.index("pts"), MOMENT_STATS.index("ast")]])[played],
    )
    plays = added(w * pl.col(name).fill_null(0) for name, w in PLAY_WEIGHTS.items())
    first = pl.col("home_pts", "away_pts", "overtimes", "spread_close", "total_close", "season_pace_team", "season_pace_opp").first()
    per_game = frame.group_by("game_id", maintain_order=True).agg(
        first, *(plays.filter(pl.col("home_flag") == flag).sum().alias(f"plays_{flag}") for flag in (1, 0))
    )
    margin = (per_game["home_pts"] - per_game["away_pts"]).to_numpy().astype(np.float64)
    total = (per_game["home_pts"] + per_game["away_pts"]).to_numpy().astype(np.float64)
    off_margin, off_total = margin + per_game["spread_close"].to_numpy(), total - per_game["total_close"].to_numpy()
    games = GameRows(
        margin=margin,
        home=(off_total + off_margin) / 2,
        away=(off_total - off_margin) / 2,
        overtimes=per_game["overtimes"].to_numpy().astype(np.float64),
        plays=per_game.select(pl.col("plays_1") + pl.col("plays_0")).to_series().to_numpy().astype(np.float64),
        pace=_around_expected(per_game),
    )
    return rows, games


def _around_expected(games: pl.DataFrame) -> Floats:
    """Plays of home and away less those expected from both teams' pace and the line's total (least squares, games without overtime)."""
    known = games.select("season_pace_team", "season_pace_opp", "total_close").to_numpy()
    x = np.column_stack([np.ones(games.height), known - known.mean(axis=0)])
    plays = games.select("plays_1", "plays_0").to_numpy()
    straight = (games["overtimes"] == 0).to_numpy()
    weights = np.linalg.lstsq(x[straight], plays[straight].mean(axis=1), rcond=None)[0]
    return np.asarray((plays - (x @ weights)[:, None]).T, dtype=np.float64)


PLAY_WEIGHTS = {"fga2": 1.0, "fga3": 1.0, "fta": FREE_THROW_WEIGHT, "tov": 1.0, "oreb": -1.0}


def per_minute(rates: Floats, percentages: Floats, fouls: Floats) -> Floats:
    """Expected counts per minute, (n, 12) by MOMENT_STATS, from (n, 9) rates, (n, 3) percentages and (n,) fouls."""
    shots = rates[:, [_RATE["fga2"], _RATE["fga3"], _RATE["fta"]]]
    made = shots * percentages
    count = {t: rates[:, i] for t, i in _RATE.items()}
    count |= {"pts": made @ np.array([2.0, 3.0, 1.0]), "fg3m": made[:, 1], "reb": value_of("reb", count.__getitem__)}
    return np.column_stack([rates, count["pts"], fouls, value_of("dk_points", count.__getitem__)])
