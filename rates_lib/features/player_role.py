"""gold.player_role: a player's role in the team's play, by clusters that keep their names from one estimate to the next.

RoleRoles are estimated as of the season's first game and of the first day of each later month with games, from box scores (and tracking) of
the days before. The first estimate starts from PROTOTYPES, every other from the centres of the one before
(`core/numerics/clusters.py`), so a role keeps its meaning over the seasons. Features are in robust deviations from the
league's regulars of the day, so that a league-wide rise in threes does not turn players into shooters.

Players with few minutes are shrunk to the mix of their position's regulars: p = (m p_own + k p_position) / (m + k), m the decayed
minutes. A player without a row (the first game is after the estimate) gets the mix of the position: `roles_of` gives both.

Belongs here: estimates, and the choice of the estimate that a row may use. Does not belong here: the clustered features
(`role_profile.py`), the features of models (`play_style.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib import asof
from rates_lib.core.numerics.clusters import anchored_means, matched, memberships, partial_distances, robust_scores
from rates_lib.features.history import History, once
from rates_lib.features.player_rates import Floats
from rates_lib.features.positions import add_positions
from rates_lib.features.role_profile import BOX, WEIGHT, profiles
from rates_lib.schemas.columns import POSITIONS, ROLES
from rates_lib.schemas.tables import TABLES

# first centre of each role: robust deviations of the league's regulars in usage, assists, share of threes, free throws, offensive and
# defensive rebounds, blocks, steals; rounded centres of k-means with 9 clusters, 2019-20 and 2021-22 (the same nine came out of both)
PROTOTYPES = {
    "helio": (2.0, 1.5, -0.2, 1.5, -0.3, 0.0, -0.3, 0.4),
    "hub": (1.6, 0.8, -1.3, 1.9, 1.4, 1.9, 1.2, 0.2),
    "scorer": (0.9, 0.2, 0.0, 0.5, -0.2, 0.0, -0.2, 0.0),
    "connector": (0.1, 1.5, -0.2, -0.2, -0.4, -0.4, -0.4, 1.0),
    "shooter": (0.2, 0.1, 0.8, -0.4, -0.7, -0.5, -0.5, 0.0),
    "spot_up": (-0.8, -0.5, 1.3, -1.1, -0.1, -0.1, 0.0, -0.2),
    "utility": (-0.6, -0.1, -0.1, -0.2, 0.3, 0.1, 0.2, 0.7),
    "stretch_big": (0.2, -0.3, 0.0, 0.3, 1.0, 1.2, 1.2, -0.4),
    "finisher": (-0.5, -0.5, -1.8, 0.5, 1.9, 1.4, 1.7, -0.4),
}
REGULAR_MINUTES = 100.0  # decayed: players with fewer get a role but do not move the centres
LEAST_REGULARS = 3 * len(ROLES)
ANCHOR_STRENGTH = 60.0  # regulars that the previous centre counts as; of 0, 5, 20, 60, 200 the most stable in 2018-19 … 2022-23
TEMPERATURE = 1.5
POSITION_MINUTES = 150.0
POSITION_STRENGTH = 5.0  # regulars of the league to whose mix a position's is shrunk
PROBS = tuple(f"role_prob_{role}" for role in ROLES)


@dataclass(frozen=True)
class RoleEstimates:
    """All estimates of a history.

    Attributes:
        dates: season, estimate_date and known_through (the day before, the last that the estimate uses), sorted; also dates without an
            estimate.
        players: rows of gold.player_role.
        positions: estimate_date, position_primary and PROBS: the mix of roles of the position's regulars.
    """

    dates: pl.DataFrame
    players: pl.DataFrame
    positions: pl.DataFrame


def role_dates(history: History) -> pl.DataFrame:
    """The season's first game and the first of each later month with games: season, estimate_date, known_through; sorted."""
    month = pl.col("game_date").dt.truncate("1mo")
    first = month == month.min().over("season")
    return (
        history.game.select("season", pl.when(first).then(pl.col("game_date").min().over("season")).otherwise(month).alias("estimate_date"))
        .unique()
        .sort("season", "estimate_date")
        .with_columns((pl.col("estimate_date") - pl.duration(days=1)).alias("known_through"))
    )


@once
def role_estimates(history: History) -> RoleEstimates:
    """The estimates of all dates of `role_dates`, each from the days before it only."""
    dates = role_dates(history)
    rows = add_positions(_known(history, dates), history)
    x, minutes = profiles(rows, history)
    days, position = rows["game_date"].to_numpy(), rows["position_primary"].to_numpy()
    probs, distances = np.full((2, rows.height, len(ROLES)), np.nan)
    centres = np.full((len(ROLES), len(WEIGHT)), np.nan)
    centres[:, : len(BOX)] = [PROTOTYPES[role] for role in ROLES]
    mixes: dict[tuple[date, str], Floats] = {}
    for day in dates["estimate_date"]:
        here = np.flatnonzero(days == np.datetime64(day))
        regular = minutes[here] >= REGULAR_MINUTES
        if regular.sum() < LEAST_REGULARS:
            continue
        scores = robust_scores(x[here], regular)
        centres = _centres(scores[regular], centres)
        distances[here] = partial_distances(scores, centres, WEIGHT)
        own = memberships(distances[here], TEMPERATURE)
        mix = _mix_of_positions(own[regular], position[here][regular])
        played = minutes[here][:, None]
        prior = np.array([mix[p] for p in position[here]])
        probs[here] = (played * own + POSITION_MINUTES * prior) / (played + POSITION_MINUTES)
        mixes |= {(day, p): shares for p, shares in mix.items()}
    positions = pl.DataFrame(
        [(day, p, ROLES[int(shares.argmax())], *shares) for (day, p), shares in mixes.items()],
        schema={"estimate_date": pl.Date, "position_primary": pl.String, "role_prior": pl.String, **dict.fromkeys(PROBS, pl.Float64)},
        orient="row",
    )
    placed = rows.select("season", pl.col("game_date").alias("estimate_date"), "player_id", "position_primary").with_columns(
        pl.Series("role_minutes", minutes),
        *(pl.Series(name, probs[:, k], nan_to_null=True) for k, name in enumerate(PROBS)),
        *(pl.Series(f"role_dist_{role}", np.sqrt(distances[:, k] / WEIGHT.sum())) for k, role in enumerate(ROLES)),
    )
    players = (
        placed.drop_nulls(PROBS)
        .join(positions.select("estimate_date", "position_primary", "role_prior"), on=["estimate_date", "position_primary"], how="left")
        .with_columns(most_probable().alias("player_role"))
    )
    spec = TABLES["gold.player_role"]
    return RoleEstimates(dates, players.select(spec.columns).sort(spec.key), positions.drop("role_prior"))


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """The estimates that rows of `games` may use: gold.player_role rows, sorted by season, estimate_date, player_id."""
    roles = role_estimates(history)
    used = _dated(games.select("season", "game_date").unique(), roles.dates).select("season", "estimate_date").unique()
    return roles.players.join(used, on=["season", "estimate_date"], how="semi", maintain_order="left")


def roles_of(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with the player's role by the newest estimate not after their date, or the position's mix for players without a row in it.

    Args:
        rows: season, game_date, player_id, position_primary.
        history: the clean tables.

    Returns:
        `rows` in their order with player_role, role_source (estimate, position, none) and PROBS; null before the
        first estimate.
    """
    roles = role_estimates(history)
    rows = _dated(rows, roles.dates)
    own = roles.players.select("estimate_date", "player_id", *PROBS)
    mix = roles.positions.rename({p: f"_{p}" for p in PROBS})
    rows = rows.join(own, on=["estimate_date", "player_id"], how="left", maintain_order="left")
    rows = rows.join(mix, on=["estimate_date", "position_primary"], how="left", maintain_order="left")
    known, guessed = pl.col(PROBS[0]).is_not_null(), pl.col(f"_{PROBS[0]}").is_not_null()
    rows = rows.with_columns(
        pl.when(known).then(pl.lit("estimate")).when(guessed).then(pl.lit("position")).otherwise(pl.lit("none")).alias("role_source"),
        *(pl.coalesce(p, f"_{p}").alias(p) for p in PROBS),
    )
    return rows.with_columns(most_probable().alias("player_role")).drop("estimate_date", *(f"_{p}" for p in PROBS))


def most_probable() -> pl.Expr:
    """The role with the largest of PROBS, the first of equals; null where they are null."""
    best = pl.max_horizontal(PROBS)
    role = pl.lit(None, pl.String)
    for name, prob in reversed(list(zip(ROLES, PROBS, strict=True))):
        role = pl.when(pl.col(prob) == best).then(pl.lit(name)).otherwise(role)
    return role


def _known(history: History, dates: pl.DataFrame) -> pl.DataFrame:
    """Players with a game in this or the previous season before each date: season, game_date (the estimate's), player_id; sorted."""
    seasons = history.appearances().group_by("season", "player_id").agg(pl.col("game_date").min().alias("_first"))
    later = seasons.with_columns(pl.col("season") + 1)
    known = pl.concat([seasons, later]).group_by("season", "player_id").agg(pl.col("_first").min())
    rows = known.join(dates.select("season", pl.col("estimate_date").alias("game_date")), on="season")
    return rows.filter(pl.col("_first") < pl.col("game_date")).drop("_first").sort("season", "game_date", "player_id")


def _dated(rows: pl.DataFrame, dates: pl.DataFrame) -> pl.DataFrame:
    """`rows` with estimate_date: the season's newest not after their game_date, so that it uses only days before it."""
    states = dates.select("season", "estimate_date", pl.col("known_through").alias("game_date")).sort("game_date")
    return asof.last_before(rows, states, ["season"], {"estimate_date": "estimate_date"})


def _centres(regulars: Floats, anchors: Floats) -> Floats:
    centres = anchored_means(regulars, anchors, WEIGHT, ANCHOR_STRENGTH)
    return centres[matched(centres, anchors, WEIGHT)]


def _mix_of_positions(regulars: Floats, position: NDArray[np.str_]) -> dict[str, Floats]:
    """Mean probabilities of the regulars of each position, shrunk to the league's where a position has few."""
    league = regulars.mean(axis=0)
    mix = {}
    for name in POSITIONS:
        own = regulars[position == name]
        mix[name] = (own.sum(axis=0) + POSITION_STRENGTH * league) / (len(own) + POSITION_STRENGTH)
    return mix
