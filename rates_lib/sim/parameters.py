"""The parameters of the worlds: what is fitted by `models/worlds.py`, and the form in which the kernel reads it.

Belongs here: names, meanings and bounds. Does not belong here: values in use (a run of `worlds_v1`), how they are found.
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
"""Statistics whose mean the last step of a fit levels, over all games alike."""


@dataclass(frozen=True)
class Parameters:
    """What is uncertain about a game, besides its means. Standard deviations of factors are of mean 1 (lognormal).

    Attributes:
        pace_sd: possessions of both teams together.
        drag: how much worse both shoot when the pace is higher: an elasticity.
        feedback: relative loss of shooting per point ahead of what was expected, and gain per point behind; it acts between quarters.
        settling: relative loss of shooting of both per point that they together are above what was expected; below 0 they drift apart.
        regular: share of plays that are spread evenly instead of by chance.
        form_sd: a player's night, by `kernel.FORMS`: activity in all he does, style (twos and throws against threes), and one of each kind
            and credit.
        single, triple: shares of trips to the line with one throw (they end no possession) and with three.
        spread, mid_spread, low_spread, bench_spread: factors of the predicted minutes' band of whoever is expected to play 33 or more, 25,
            17, and 10 or fewer; what is drawn is then conditioned on a team's sum.
        bench_form: factor of the spread of form of whoever is expected to play 15 or fewer; 1 from 25 on.
        exit_prob: chance that a player leaves early and for good.
        garbage: how fast the fourth quarter's minutes move to the bench as the margin grows.
        trouble: share of the fourth quarter that five fouls cost.
        merit, blame: how fast the fourth quarter's minutes rise with a player's points, and fall with his turnovers, above expectation.
        foul: fouls per minute: a constant, and a weight of the rate of each of `FOUL_RATES`.
        tie: chance that a game lost by one to three is tied as time runs out.
        ot_focus: exponent of a player's minutes in overtime.
        ot_pace: possessions per minute of overtime, relative to regulation.
        late_sd: standard deviation of the margin after three quarters; only the correction of means reads it.
        overtime: share of a team's counts that falls to overtime on average; only the correction of means reads it.
        level: factor of each mean of `LEVELLED` that what is left after the correction calls for.
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
    late_sd: float = 12.0
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
"""Rates per minute that tell who fouls: those who play near the basket."""


def parameters_from_dict(values: Mapping[str, float | Mapping[str, float]]) -> Parameters:
    """The parameters that `to_dict` gave.

    Raises:
        RatesError: names those that do not exist.
    """
    unknown = sorted(set(values) - {f.name for f in fields(Parameters)})
    if unknown:
        raise RatesError(f"worlds have no parameter {', '.join(unknown)}: train the model again with `rates train`")
    return Parameters(**values)  # type: ignore[arg-type]


def normal_quantiles() -> Floats:
    """`LEVELS` quantiles of the standard normal distribution, scaled to variance 1."""
    law = NormalDist()
    values = np.array([law.inv_cdf((i + 0.5) / LEVELS) for i in range(LEVELS)])
    return np.asarray(values / values.std(), dtype=np.float64)


def factors(sd: float) -> Floats:
    """`LEVELS` quantiles of a lognormal factor with mean 1 and (about) this standard deviation."""
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
        spread=p.spread,
        mid_spread=p.mid_spread,
        low_spread=p.low_spread,
        bench_spread=p.bench_spread,
        bench_form=p.bench_form,
        exit_prob=p.exit_prob,
        regular=p.regular,
        single=p.single,
        triple=p.triple,
        feedback=p.feedback,
        settling=p.settling,
        garbage=p.garbage,
        trouble=p.trouble,
        merit=p.merit,
        blame=p.blame,
        tie=p.tie,
        ot_focus=p.ot_focus,
        ot_pace=p.ot_pace,
    )
