"""Traits of players from box scores and playing time, and the impact expected from them.

The weights of the traits are learnt from *later* games: each month's games are regressed on the traits that their players had before. On
the same games points would explain themselves (a team's points are its players' points) and luck would count as skill; as the centre of
the ridge that doubled the spread of the impacts.

Belongs here: traits, their weights. Does not belong here: the evidence of games on players (`equations.py`, `posterior.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rates_lib.core.basketball import plays
from rates_lib.features.impact import config
from rates_lib.features.impact.equations import BOX_COUNTS, Evidence

Floats = NDArray[np.float64]

# each with its spread among players, the unit of TRAIT_PENALTY; rates are per 100 team possessions with the player on the floor
SPREAD = {
    "share": 0.03,  # of the team's possessions in the player's games: the coach's judgement
    "unknown": 0.3,  # 1 without possessions, towards 0 with many
    "plays": 4.0,  # shots, trips to the line and turnovers
    "scoring": 2.5,  # points beyond those of as many shots of the mean player
    "fga3": 3.0,
    "fta": 2.0,
    "ast": 2.0,
    "tov": 0.8,
    "oreb": 1.2,
    "dreb": 2.0,
    "stl": 0.5,
    "blk": 0.7,
    "pf": 1.2,
}


def traits_of(evidence: Evidence) -> Floats:
    """(n, traits) in units of SPREAD; rates are relative to the league's and shrunk to it, so they are 0 without box scores."""
    possessions = evidence.possessions.sum(1) / 2
    own = evidence.box_possessions
    league = evidence.box.sum(0) / max(float(own.sum()), 1.0)
    rates = 100 * (evidence.box - league * own[:, None]) / (own + config.TRAIT_POSSESSIONS)[:, None]
    trait = {count: rates[:, k] for k, count in enumerate(BOX_COUNTS)}
    shots = plays(trait["fga2"] + trait["fga3"], trait["fta"])
    trait["plays"] = shots + trait["tov"]
    trait["scoring"] = trait["pts"] - config.POINTS_PER_SHOT * shots
    trait["share"] = (possessions / 100 + config.SHARE_GAMES * config.SHARE_PRIOR) / (evidence.games + config.SHARE_GAMES)
    trait["unknown"] = config.TRAIT_POSSESSIONS / (possessions + config.TRAIT_POSSESSIONS)
    return np.stack([trait[name] / spread for name, spread in SPREAD.items()], axis=1)


@dataclass
class Lessons:
    """Normal equations of the traits' weights on offence, on defence, and of the home court.

    Attributes:
        gram: (2 traits + 1, 2 traits + 1).
        right: (2 traits + 1,).
    """

    gram: Floats
    right: Floats

    @classmethod
    def none(cls) -> Lessons:
        """No games yet."""
        size = 2 * len(SPREAD) + 1
        return cls(np.zeros((size, size)), np.zeros(size))

    def fade(self, factor: float) -> None:
        """Multiply all weights by `factor`."""
        self.gram *= factor
        self.right *= factor

    def learn(self, traits: Floats, later: Evidence) -> None:
        """Add games later than the traits of their players."""
        design = _design(traits)
        self.gram += design.T @ later.gram @ design
        self.right += design.T @ later.right

    def centre(self, traits: Floats) -> Floats:
        """(2 n + 1,) impact expected of players with `traits`: offence, defence, home court."""
        penalty = np.full(len(self.right), config.TRAIT_PENALTY)
        penalty[-1] = 1.0
        weights = np.linalg.solve(self.gram + np.diag(penalty), self.right)
        return np.asarray(_design(traits) @ weights)


def _design(traits: Floats) -> Floats:
    n, k = traits.shape
    design = np.zeros((2 * n + 1, 2 * k + 1))
    design[:n, :k] = traits
    design[n : 2 * n, k : 2 * k] = traits
    design[2 * n, 2 * k] = 1.0
    return design
