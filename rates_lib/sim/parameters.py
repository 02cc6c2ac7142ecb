"""The parameters of the worlds, as `models/world_parameters.py` fits them and as the kernel reads them.

Belongs here: names, meanings and defaults. Does not belong here: values in use (a run of `worlds_v1`), the fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from rates_lib.core.errors import RatesError
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.sim.kernel import FORMS, LEVELS, Chances

Floats = NDArray[np.float64]

LEVELLED = (*RATE_TARGETS, "fg2m", "fg3m")
"""Statistics whose mean over all games the last step of a fit corrects by one factor."""


@dataclass(frozen=True)
class Parameters:
    """What is uncertain about a game, besides its means. Random factors are lognormal with mean 1; `_sd` is their standard deviation.

    Attributes:
        pace_sd: possessions of both teams together.
        drag: elasticity with which both teams shoot worse when the pace is higher.
        feedback: relative loss of shooting per point ahead of the expected margin, and gain per point behind it; applied between quarters.
        settling: relative loss of shooting of both teams per point that their total is above the expected one; below 0 the total drifts
            away from it.
        regular: share of plays drawn from a low-discrepancy sequence instead of independent random numbers.
        form_sd: spread of a player's form in a game, by `kernel.FORMS`: overall activity, style (twos and throws against threes), and one
            factor of each kind and credit.
        single, triple: shares of trips to the line with one throw (such a trip ends no possession) and with three.
        spread, mid_spread, low_spread, bench_spread: factors of the predicted minutes' band of players expected to play 33 or more, 25,
            17, and 10 or fewer minutes; the minutes drawn are then moved to a team's sum.
        bench_form: factor of the spread of form of players expected to play 15 or fewer minutes; 1 from 25 on.
        exit_prob: probability that a player leaves early and does not return.
        garbage: how fast the fourth quarter's minutes move to the bench as the margin grows.
        trouble: share of the fourth quarter that five fouls cost.
        merit, blame: how fast fourth-quarter minutes rise with a player's points above expectation, and fall with such turnovers.
        foul: fouls per minute: a constant, and a weight of the rate of each of `FOUL_RATES`.
        tie: probability that a team behind by one to three ties the game as time runs out.
        ot_focus: exponent of a player's minutes in overtime.
        ot_pace: possessions per minute of overtime, relative to regulation.
        late_sd: standard deviation of the final margin, times the square root of .75: that of the margin after three quarters if `feedback`
            were 0; only the correction of means reads it. The default is that of worlds with the other defaults.
        overtime: share of a team's counts that falls to overtime on average; only the correction of means reads it.
        level: factor of each mean of `LEVELLED` that removes the error left after the correction of means.
    """

    pace_sd: float = 0.035
    drag: float = 0.3
    feedback: float = 0.004
    settling: float = 0.0005
    regular: float = 0.3
    form_sd: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(FORMS, 0.1))
    single: float = 0.22
    triple: float = 0.03
    spread: float = 0.6
    mid_spread: float = 0.8
    low_spread: float = 0.85
    bench_spread: float = 0.9
    bench_form: float = 1.0
    exit_prob: float = 0.03
    garbage: float = 0.8
    trouble: float = 0.5
    merit: float = 0.02
    blame: float = 0.05
    foul: Mapping[str, float] = field(default_factory=lambda: {"constant": 0.083})
    tie: float = 0.15
    ot_focus: float = 2.0
    ot_pace: float = 1.0
    late_sd: float = 11.2
    overtime: float = 0.006
    level: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(LEVELLED, 1.0))

    @property
    def throws(self) -> float:
        """Mean free throws of a trip to the line."""
        return 2.0 - self.single + self.triple

    def to_dict(self) -> dict[str, float | dict[str, float]]:
        """Plain dictionary, fit for JSON."""
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in asdict(self).items()}


FOUL_RATES = ("oreb", "dreb", "blk", "stl", "fga3", "ast")
"""Rates per minute that predict fouls: players near the basket commit more."""


def parameters_from_dict(values: Mapping[str, float | Mapping[str, float]]) -> Parameters:
    """The inverse of `Parameters.to_dict`; missing parameters get their defaults.

    Raises:
        RatesError: if `values` has unknown parameters; names them.
    """
    unknown = sorted(set(values) - {f.name for f in fields(Parameters)})
    if unknown:
        raise RatesError(f"worlds have no parameter {', '.join(unknown)}: train the model again with `rates train`")
    return Parameters(**values)  # type: ignore[arg-type]


def normal_quantiles() -> Floats:
    """(LEVELS,) quantiles of the standard normal distribution, scaled to variance 1."""
    law = NormalDist()
    values = np.array([law.inv_cdf((i + 0.5) / LEVELS) for i in range(LEVELS)])
    return np.asarray(values / values.std(), dtype=np.float64)


def factors(sd: float) -> Floats:
    """(LEVELS,) quantiles of a lognormal factor with mean 1 and (about) this standard deviation."""
    values = np.exp(np.sqrt(np.log1p(sd**2)) * normal_quantiles())
    return np.asarray(values / values.mean(), dtype=np.float64)


def chances_of(parameters: Parameters) -> Chances:
    """The parameters as the kernel reads them."""
    p = parameters
    return Chances(
        normal=normal_quantiles(),
        form=np.stack([factors(p.form_sd[name]) for name in FORMS]),
        pace=factors(p.pace_sd),
        drag=factors(p.pace_sd) ** -p.drag,
        **{name: getattr(p, name) for name in Chances._fields[4:]},  # the numbers have the same names in both
    )
