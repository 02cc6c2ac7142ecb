"""`worlds_v1`: parameters of the worlds by the simulated method of moments (McFadden 1989) on games before a window.

    real games before the window ──► moments: dispersion given minutes, minutes, margins and totals around the line, overtime, fouls
    the same games drawn with the parameters ──► the same moments ──► move each parameter until the moments agree

Means come from what was known before each game (walk-forward minutes and the shrunk decayed rates), so that a moment measures what no
model knows. Each parameter has a moment of its own (`LINKS`). A step is Broyden's (1965) on the differences, started from the slopes in
`LINKS` and solved by least squares within the bounds. All evaluations use the same random numbers, so the moments change smoothly and the
fit is deterministic. A parameter whose moment cannot be computed from the games keeps its default.

Fouls per minute are a regression on the rates, because no model predicts them; the remaining error of the mean is removed at the end.

Belongs here: the fit. Does not belong here: the effect of a parameter (`sim/kernel.py`), the count of a moment (`sim/moments.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from scipy.optimize import lsq_linear

from rates_lib.core.basketball import OVERTIME_MINUTES, REGULATION_MINUTES
from rates_lib.core.errors import RatesError
from rates_lib.models.boosting import Floats
from rates_lib.models.bundle import Bundle, describe_run, require_model
from rates_lib.models.config import WorldParametersConfig
from rates_lib.models.contract import PLAYER_KEY, ModelSpec
from rates_lib.models.windows import split_windows
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.sim.game import foul_rates, make_game
from rates_lib.sim.moments import Moments, of_drawn, of_frame
from rates_lib.sim.parameters import FOUL_RATES, LEVELLED, Parameters, chances_of, parameters_from_dict
from rates_lib.sim.worlds import Slot, draw_game, slots_of

MODEL = "worlds_v1"
METRIC = "moment_distance"
_DIGITS = 6  # significant digits of a parameter: further ones are noise and may differ between machines


@dataclass(frozen=True)
class Link:
    """A parameter and the moment that identifies it.

    Attributes:
        moment: name in `sim.moments`.
        parameter: field of `Parameters`, or `form_sd.<form>`.
        slope: change of the moment with the parameter (or its square, if `squared`); the starting value.
        low, high: bounds of the parameter.
        scale: a small difference of the moment: half the sampling error of one season.
        squared: whether the moment is about linear in the square of the parameter.
    """

    moment: str
    parameter: str
    slope: float
    low: float
    high: float
    scale: float
    squared: bool = False


LINKS = (
    Link("dispersion_dk_points", "form_sd.activity", 18.0, 0.0, 0.4, 0.02, squared=True),
    Link("twos_with_threes", "form_sd.style", -2.5, 0.0, 0.6, 0.01, squared=True),
    Link("dispersion_fga2", "form_sd.fga2", 7.0, 0.0, 0.5, 0.01, squared=True),
    Link("dispersion_fga3", "regular", -0.6, 0.0, 0.9, 0.01),
    Link("dispersion_fta", "form_sd.trips", 4.0, 0.0, 0.8, 0.02, squared=True),
    Link("dispersion_tov", "form_sd.tov", 2.5, 0.0, 0.8, 0.01, squared=True),
    Link("dispersion_ast", "form_sd.ast", 4.5, 0.0, 0.8, 0.01, squared=True),
    Link("dispersion_oreb", "form_sd.oreb", 2.0, 0.0, 0.9, 0.01, squared=True),
    Link("dispersion_dreb", "form_sd.dreb", 4.5, 0.0, 0.8, 0.01, squared=True),
    Link("dispersion_stl", "form_sd.stl", 1.2, 0.0, 0.9, 0.01, squared=True),
    Link("dispersion_blk", "form_sd.blk", 1.0, 0.0, 0.9, 0.01, squared=True),
    Link("one_throw", "single", 0.45, 0.02, 0.5, 0.004),
    Link("three_throws", "triple", 1.0, 0.0, 0.2, 0.004),
    Link("bench_dispersion_pts", "bench_form", 0.25, 0.0, 3.0, 0.02, squared=True),
    Link("minutes_inside_band", "spread", -0.25, 0.2, 2.0, 0.004),
    Link("middle_inside_band", "mid_spread", -0.25, 0.2, 2.0, 0.004),
    Link("low_inside_band", "low_spread", -0.3, 0.2, 2.5, 0.004),
    Link("bench_inside_band", "bench_spread", -0.3, 0.2, 2.5, 0.004),
    Link("points_on_minutes", "merit", 1.5, 0.0, 0.2, 0.004),
    Link("turnovers_on_minutes", "blame", -0.15, 0.0, 0.5, 0.001),
    Link("minutes_cut_short", "exit_prob", 0.45, 0.0, 0.1, 0.001),
    Link("minutes_on_margin", "garbage", -0.25, 0.0, 1.5, 0.01),
    Link("minutes_in_trouble", "trouble", -2.0, 0.0, 0.95, 0.1),
    Link("minutes_in_overtime", "ot_focus", 0.3, 0.5, 6.0, 0.2),
    Link("overtime_pace", "ot_pace", 1.0, 0.6, 1.3, 0.05),
    Link("overtime_rate", "tie", 0.16, 0.0, 0.6, 0.003),
    Link("pace_sd", "pace_sd", 1.0, 0.005, 0.08, 0.0005),
    Link("pace_points", "drag", -0.45, -1.0, 1.5, 0.02),
    Link("margin_sd", "feedback", -700.0, -0.01, 0.015, 0.15),
    Link("total_sd", "settling", -900.0, -0.01, 0.01, 0.2),
)
"""Bounds lie far outside the fits of ten real seasons; slopes were measured there and only start the iteration."""


def train_worlds(games: pl.DataFrame, window: date, config: WorldParametersConfig | None = None) -> Bundle:
    """Fit the parameters for one retrain window.

    Args:
        games: rows of `training.worlds_training`, in any order; rows from `window` on are not read.
        window: first day the model may be used on.
        config: settings; the defaults if None.

    Returns:
        A bundle without boosters; `meta["parameters"]` holds the fitted parameters, `meta["metrics"]["moments"]` the
        real and simulated moments.

    Raises:
        RatesError: if no game before the window has two teams of five.
    """
    config = config or WorldParametersConfig()
    known = _playable(games.filter(pl.col("game_date") < window)).sort(PLAYER_KEY)
    if known.is_empty():
        raise RatesError(
            f"window {window:%Y-%m} has no game before it with walk-forward minutes: land and backfill an earlier season, or train a later "
            "window"
        )
    windows = split_windows(known["game_date"], window)
    parameters, real, drawn = fit(known, config)
    off = {link.moment: (drawn[link.moment] - real[link.moment]) / link.scale for link in LINKS if math.isfinite(real[link.moment])}
    distance = math.sqrt(sum(v**2 for v in off.values()) / max(len(off), 1))
    both = [(name, kind, values[name]) for name in real for kind, values in (("real", real), ("worlds", drawn))]
    meta = describe_run(
        model=MODEL,
        config=config,
        windows=windows,
        data=known,
        rows=known,
        key=PLAYER_KEY,
        labels=(),
        features=[],
        rounds={},
        metrics={"moments": {f"{name}_{kind}": value for name, kind, value in both if math.isfinite(value)}},
        metric=METRIC,
        metric_cal=distance,
        metric_val=distance,
        extra={"parameters": parameters.to_dict(), "games": known["game_id"].n_unique()},
    )
    return Bundle({}, [], meta)


def parameters_of(bundle: Bundle) -> Parameters:
    """Fitted parameters of a run of worlds_v1.

    Raises:
        RatesError: if `bundle` is of another model.
    """
    require_model(bundle, MODEL)
    return parameters_from_dict(bundle.meta["parameters"])


def fit(known: pl.DataFrame, config: WorldParametersConfig) -> tuple[Parameters, dict[str, float], dict[str, float]]:
    """Parameters, real moments and moments of the worlds.

    Args:
        known: rows of `training.worlds_training`, sorted; whole games with at least five players per team who may play.
        config: settings.
    """
    parameters = replace(Parameters(), foul=fit_fouls(known))
    real = real_moments(known, parameters)
    sample = _sample(known, config.games)
    links = [link for link in LINKS if math.isfinite(real[link.moment])]
    target = np.array([real[link.moment] for link in links])
    scale = np.array([link.scale for link in links])
    x = np.array([_latent(parameters, link) for link in links])
    low, high = (np.array([_square(link, getattr(link, side)) for link in links]) for side in ("low", "high"))
    unit = np.array([link.scale / abs(link.slope) for link in links])  # change of a parameter that moves its moment by about the scale
    jacobian = np.diag(np.sign([link.slope for link in links]))
    best, best_off, best_moments = parameters, np.inf, dict[str, float]()
    previous: tuple[Floats, Floats] | None = None
    for _ in range(config.rounds):
        parameters = _settle(parameters, links, x, target)
        moments, level = drawn_moments(sample, parameters, config)
        simulated = np.array([moments[link.moment] for link in links])
        simulated = np.where(np.isfinite(simulated), simulated, target)
        off = float(np.sqrt(np.mean(((simulated - target) / scale) ** 2)))
        if off < best_off:
            best, best_off, best_moments = _levelled(parameters, level), off, moments
        parameters = _levelled(parameters, level)
        if previous is not None:
            jacobian = _broyden(jacobian, (x - previous[0]) / unit, (simulated - previous[1]) / scale)
        previous = (x, simulated)
        reach = config.damping * unit
        least, most = (np.maximum(low, x - 0.25 * (high - low)) - x) / reach, (np.minimum(high, x + 0.25 * (high - low)) - x) / reach
        x = (
            x + reach * lsq_linear(jacobian, (target - simulated) / scale, (least, most)).x
        )  # the others make up for a parameter at its bound
    return _rounded(best), real, best_moments


def real_moments(known: pl.DataFrame, parameters: Parameters) -> dict[str, float]:
    """The moments of real games."""
    tally = Moments()
    tally.add(*of_frame(known, foul_rates(known.select(f"{t}_per_min_mean" for t in RATE_TARGETS).to_numpy(), parameters)))
    return tally.values()


def drawn_moments(sample: list[Slot], parameters: Parameters, config: WorldParametersConfig) -> tuple[dict[str, float], dict[str, float]]:
    """Moments of the worlds of some games, and drawn over expected means by `LEVELLED`."""
    drawn_chances, tally = chances_of(parameters), Moments()
    drawn_sum, expected = np.zeros(len(LEVELLED)), np.zeros(len(LEVELLED))
    for slot in sample:
        drawn = draw_game(slot, make_game(slot.means, parameters, drawn_chances), drawn_chances, config.worlds, config.seed, threads=1)
        tally.add(*of_drawn(drawn, foul_rates(slot.means.rates, parameters)))
        count = slot.means.rates * slot.means.minutes[:, None]
        made_shots = count[:, :2] * slot.means.percentages[:, :2]
        expected += np.concatenate([count.sum(axis=0), made_shots.sum(axis=0)])
        drawn_sum += [drawn.count(name).mean(axis=1).sum() for name in LEVELLED]
    return tally.values(), dict(zip(LEVELLED, drawn_sum / np.maximum(expected, 1e-9), strict=True))


def fit_fouls(known: pl.DataFrame) -> dict[str, float]:
    """Fouls per minute by least squares on the rates of `FOUL_RATES`, weighted by minutes (the variance of a count)."""
    rows = known.filter(pl.col("minutes").fill_null(0) >= 1)
    minutes = rows["minutes"].to_numpy()
    x = np.column_stack([np.ones(rows.height), rows.select(f"{t}_per_min_mean" for t in FOUL_RATES).to_numpy()])
    a = np.einsum("ri,r,rj->ij", x, minutes, x)
    b = np.einsum("ri,r->i", x, rows["pf"].to_numpy().astype(np.float64))
    ridge = 1e-6 * np.eye(len(a)) * np.trace(a)  # the rates of a tiny league hardly vary
    return {name: _round(v) for name, v in zip(("constant", *FOUL_RATES), np.linalg.solve(a + ridge, b), strict=True)}


def _playable(games: pl.DataFrame) -> pl.DataFrame:
    teams = games.group_by("game_id", "team_id").agg(
        (pl.col("play_prob") > 0).sum().alias("able"), pl.col("minutes").count().alias("played")
    )
    whole = teams.filter((pl.col("able") >= 5) & (pl.col("played") >= 5)).group_by("game_id").len().filter(pl.col("len") == 2)
    return games.join(whole.select("game_id"), on="game_id", how="semi", maintain_order="left")


def _sample(known: pl.DataFrame, games: int) -> list[Slot]:
    """At most `games` games, spread evenly over the days."""
    ids = known.select("game_date", "game_id").unique().sort("game_date", "game_id")["game_id"]
    chosen = ids.gather(np.unique(np.linspace(0, len(ids) - 1, min(games, len(ids))).astype(np.int64)))
    return slots_of(known.filter(pl.col("game_id").is_in(chosen.implode())))


def _latent(parameters: Parameters, link: Link) -> float:
    name, _, form = link.parameter.partition(".")
    value = getattr(parameters, name)
    return _square(link, value[form] if form else value)


def _square(link: Link, value: float) -> float:
    return value**2 if link.squared else value


def _settle(parameters: Parameters, links: list[Link], x: Floats, target: Floats) -> Parameters:
    """`parameters` with the values `x`, and the parameters that follow from the targets without a search."""
    values: dict[str, float] = {}
    form = dict(parameters.form_sd)
    for link, latent in zip(links, x, strict=True):
        value = math.sqrt(latent) if link.squared else float(latent)
        name, _, which = link.parameter.partition(".")
        if which:
            form[which] = value
        else:
            values[name] = value
    real = dict(zip((link.moment for link in links), target, strict=True))
    if "margin_sd" in real:
        values["late_sd"] = math.sqrt(0.75) * real["margin_sd"]
    if "overtime_rate" in real:
        values["overtime"] = 1.15 * real["overtime_rate"] * OVERTIME_MINUTES / REGULATION_MINUTES  # 1.15 overtimes per overtime game
    return replace(replace(parameters, form_sd=form), **values)  # type: ignore[arg-type]


def _levelled(parameters: Parameters, level: Mapping[str, float]) -> Parameters:
    """`parameters` with levels divided by `level`, the ratio of drawn to expected means."""
    old = parameters.level
    new = {name: float(np.clip(old[name] / level[name], 0.8, 1.25)) if level[name] > 0 else old[name] for name in LEVELLED}
    for made, tried in (("fg2m", "fga2"), ("fg3m", "fga3")):  # a level of makes is a level of the percentage
        new[made] = float(np.clip(old[made] / level[made] * level[tried], 0.8, 1.25)) if level[made] > 0 else old[made]
    return replace(parameters, level=new)


def _broyden(jacobian: Floats, dx: Floats, dy: Floats) -> Floats:
    length = float(dx @ dx)
    if length <= 0:
        return jacobian
    return np.asarray(jacobian + np.outer(dy - jacobian @ dx, dx) / length, dtype=np.float64)


def _rounded(parameters: Parameters) -> Parameters:
    return parameters_from_dict(
        {
            name: {form: _round(v) for form, v in value.items()} if isinstance(value, dict) else _round(value)
            for name, value in parameters.to_dict().items()
        }
    )


def _round(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


SPEC = ModelSpec(
    name=MODEL,
    config=WorldParametersConfig,
    train=train_worlds,
    predict=None,
    outputs=(),
    metric=METRIC,
    metric_text="root mean square of the errors of moments, in units of sampling error",
    summary="Fit the parameters of the worlds to the games before the month.",
    description="parameters of the worlds (dispersion, correlation, minutes, overtime), for the games of a month",
    noted=("parameters",),
)
