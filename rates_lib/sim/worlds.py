"""The first engine of `sims.worlds`: counts given minutes, one box score per player and world.

Belongs here: who plays, how long, what he does. Does not belong here: where the means come from (`models/`), what is read off the
worlds (`summary.py`).

What it does, in order, for each world of a game:

1. pace: one factor for both teams, and each team's own number of plays around it;
2. who plays: a coin with `play_prob` each, at least eight a team;
3. minutes: a split normal through p10, p50, p90, then conditioned on the team's sum of 240 minutes within 0 and 48;
4. plays: the team's plays fall on its players' 2PA, 3PA, trips to the line and turnovers in proportion to rate x minutes. Poisson
   counts given their total are exactly this multinomial; without the total the two teams' scores would be independent and the
   margin wider still;
5. makes: binomial;
6. credits: every basket may be a team-mate's assist, every missed shot an offensive or defensive rebound, every missed two an
   opponent's block, every turnover an opponent's steal, again in proportion to rate x minutes. So no credit lacks its event, and
   the means are those of the rates.

What it does not know: overtime (a tie stays a tie), fouling out, blow-outs, blocked threes. Its margins are too wide (standard
deviation about 18 where 13.4 is real).

Randomness: worlds come in blocks of `BLOCK`, and each (seed, game, block) has a Philox generator of its own, so the worlds of a
game depend on (seed, game, world) and the game's own inputs alone: not on the other games, their order, or the number of worlds.
NumPy keeps a distribution's stream within a release only; another NumPy may give other (equally good) worlds.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.errors import RatesError
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from rates_lib.sim.box import PERCENTAGES, join_inputs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK = 500  # worlds per generator
TEAM_SECONDS = 5 * 48 * 60
MAX_SECONDS = 48 * 60
MIN_SECONDS = 30  # who plays at all; else some who play would end with nothing and play_prob would not be met
MIN_PLAYERS = 8  # of 23,958 team-games of 2015-25, 24 had fewer
PACE_SD = 0.031  # of plays, both teams together; regulation games 2021-25 around team and opponent means
TEAM_PLAYS_SD = 4.3  # of a team's plays around the pace of the game; same games
PAIRS, SINGLES = 0.45, 0.10  # trips to the line per free throw: nine tenths of the throws come in pairs (variance / mean 1.9; real 2.0)
_Z90 = 1.2815515655446004


@dataclass(frozen=True)
class _Game:
    """What a game's worlds are drawn from; arrays have one entry per player who may play, sorted by player id."""

    game_id: str
    teams: Ints  # 0 or 1
    play_prob: Floats
    minutes: dict[str, Floats]  # p10, p50, p90
    rate: dict[str, Floats]  # per minute
    pct: dict[str, Floats]  # fg2, fg3, ft


def generator(seed: int, game_id: str, block: int) -> np.random.Generator:
    """The random numbers of one block of worlds of one game: the same on every machine, in every process."""
    digest = blake2b(f"{seed}|{game_id}|{block}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def short_handed(minutes: pl.DataFrame) -> pl.DataFrame:
    """Games that cannot be simulated, because a team has not five players who may play.

    Args:
        minutes: rows of predictions.minutes.

    Returns:
        game_id and reason, sorted; empty if all games can be.
    """
    teams = minutes.group_by("game_id", "team_id").agg((pl.col("play_prob") > 0).sum().alias("players"))
    short = teams.filter(pl.col("players") < 5).sort("game_id", "team_id").unique("game_id", keep="first", maintain_order=True)
    text = "team {} has {} players who may play and needs five: look at silver.player_availability"
    return short.select("game_id", pl.format(text, "team_id", "players").alias("reason"))


def simulate(minutes: pl.DataFrame, rates: pl.DataFrame, percentages: pl.DataFrame, worlds: int = 2000, seed: int = 7) -> pl.DataFrame:
    """Simulate every game of a slate.

    Args:
        minutes: rows of predictions.minutes.
        rates: rows of predictions.rates.
        percentages: rows with game_id, player_id, fg2_pct_mean, fg3_pct_mean, ft_pct_mean (predictions.player_box).
        worlds: number of worlds a game; the first n are the same for any number.
        seed: seed of all games.

    Returns:
        Rows of sims.worlds, sorted by key: one per game, world (from 0) and player who plays in it. Minutes are whole seconds and
        sum to 14,400 a team.

    Raises:
        RatesError: if a row has no rates or percentages, if a game has not two teams, or a team not five who may play.
    """
    joined = join_inputs(minutes, rates, percentages).sort("game_date", "game_id", "player_id")
    parts = [_simulate_game(rows, worlds, seed) for rows in joined.partition_by("game_date", "game_id", maintain_order=True)]
    spec = TABLES["sims.worlds"]
    return pl.concat(parts).select(spec.columns) if parts else spec.empty()


def _simulate_game(rows: pl.DataFrame, worlds: int, seed: int) -> pl.DataFrame:
    game_date, game_id = rows["game_date"][0], rows["game_id"][0]
    rows = rows.filter(pl.col("play_prob") > 0)
    team_ids = rows["team_id"].unique().sort()
    teams = rows["team_id"].replace_strict(team_ids, pl.int_range(len(team_ids), eager=True)).to_numpy()
    if len(team_ids) != 2 or np.bincount(teams, minlength=2).min() < 5:
        raise RatesError(
            f"game {game_id}: {dict(rows['team_id'].value_counts().sort('team_id').iter_rows())} players a team may play, and two "
            f"teams of five are needed: look at silver.player_availability of {game_date}"
        )
    game = _Game(
        game_id,
        teams,
        rows["play_prob"].to_numpy(),
        {q: rows[f"minutes_{q}"].to_numpy() for q in ("p10", "p50", "p90")},
        {t: rows[f"{t}_per_min_mean"].to_numpy() for t in RATE_TARGETS},
        {c.removesuffix("_pct_mean"): rows[c].to_numpy() for c in PERCENTAGES},
    )
    blocks = [_draw_block(game, generator(seed, game_id, block)) for block in range(-(-worlds // BLOCK))]
    box = {name: np.concatenate([b[name] for b in blocks])[:worlds] for name in blocks[0]}
    world, player = np.nonzero(box["seconds"])  # in order of world, then player
    columns = {name: values[world, player] for name, values in box.items()}
    return pl.DataFrame({"world": world, **columns}).with_columns(
        pl.lit(game_date).alias("game_date"),
        pl.lit(game_id).alias("game_id"),
        rows["team_id"].gather(player).alias("team_id"),
        rows["player_id"].gather(player).alias("player_id"),
    )


def _draw_block(game: _Game, rng: np.random.Generator) -> dict[str, Ints]:
    """Box scores of `BLOCK` worlds: name of the count to an array (world, player)."""
    n = len(game.teams)
    uniform = rng.random((BLOCK, n))
    normal = rng.standard_normal((BLOCK, n))
    pace = 1 + PACE_SD * rng.standard_normal(BLOCK)
    own_plays = TEAM_PLAYS_SD * rng.standard_normal((BLOCK, 2))
    rounding = rng.random((BLOCK, 2))
    sides = [np.flatnonzero(game.teams == t) for t in (0, 1)]

    box: dict[str, Ints] = {"seconds": np.zeros((BLOCK, n), np.int64)}
    for side in sides:
        plays = who_plays(game.play_prob[side], uniform[:, side])
        quantiles = np.stack([game.minutes[q][side] for q in ("p10", "p50", "p90")])
        box["seconds"][:, side] = share_seconds(quantiles, normal[:, side], plays)
    mean = {name: rate * (box["seconds"] / 60) for name, rate in game.rate.items()}
    mean["trips"] = mean["fta"] * (PAIRS + SINGLES)

    kinds = ("fga2", "fga3", "trips", "tov")
    drawn = {kind: np.zeros((BLOCK, n), np.int64) for kind in kinds}
    for t, side in enumerate(sides):
        expected = np.concatenate([mean[kind][:, side] for kind in kinds], axis=1)
        total = expected.sum(axis=1)
        team_plays = np.floor(np.maximum(total * pace + own_plays[:, t], 0) + rounding[:, t]).astype(np.int64)
        shares = np.split(_fall_on(rng, team_plays, expected / total[:, None]), len(kinds), axis=1)
        for kind, share in zip(kinds, shares, strict=True):
            drawn[kind][:, side] = share
    box |= {kind: drawn[kind] for kind in ("fga2", "fga3", "tov")}

    pct, trips = game.pct, drawn["trips"]
    singles = rng.binomial(trips, SINGLES / (PAIRS + SINGLES))
    last_made = rng.binomial(trips, pct["ft"])  # only the last throw of a trip can be rebounded
    box["fta"] = 2 * trips - singles
    box["ftm"] = last_made + rng.binomial(trips - singles, pct["ft"])
    box["fg2m"] = rng.binomial(box["fga2"], pct["fg2"])
    box["fg3m"] = rng.binomial(box["fga3"], pct["fg3"])
    box["pts"] = 2 * box["fg2m"] + 3 * box["fg3m"] + box["ftm"]

    happened = {
        "baskets": box["fg2m"] + box["fg3m"],
        "missed2": box["fga2"] - box["fg2m"],
        "misses": box["fga2"] - box["fg2m"] + box["fga3"] - box["fg3m"] + trips - last_made,
        "tov": box["tov"],
    }
    mean["baskets"] = mean["fga2"] * pct["fg2"] + mean["fga3"] * pct["fg3"]
    mean["missed2"] = mean["fga2"] * (1 - pct["fg2"])
    mean["misses"] = mean["missed2"] + mean["fga3"] * (1 - pct["fg3"]) + mean["trips"] * (1 - pct["ft"])
    box |= {name: np.zeros((BLOCK, n), np.int64) for name in ("ast", "oreb", "dreb", "stl", "blk")}
    for ours, theirs in (sides, sides[::-1]):
        for event, credited in (
            ("baskets", [("ast", ours)]),
            ("missed2", [("blk", theirs)]),
            ("misses", [("oreb", ours), ("dreb", theirs)]),
            ("tov", [("stl", theirs)]),
        ):
            expected = np.concatenate([mean[name][:, side] for name, side in credited], axis=1)
            credits = _credit(rng, happened[event][:, ours].sum(axis=1), mean[event][:, ours].sum(axis=1), expected)
            for name, side in credited:
                box[name][:, side], credits = np.split(credits, [len(side)], axis=1)
        # nobody assists himself: with this there is a team-mate's basket for every assist (Hall's theorem)
        baskets = happened["baskets"][:, ours]
        box["ast"][:, ours] = np.minimum(box["ast"][:, ours], baskets.sum(axis=1, keepdims=True) - baskets)
    return box


def who_plays(play_prob: Floats, uniform: Floats) -> NDArray[np.bool_]:
    """A coin for every player, and at least `MIN_PLAYERS` of them: then those who came nearest to playing.

    Args:
        play_prob: shape (players,), above 0.
        uniform: shape (worlds, players), in [0, 1).
    """
    score = uniform / play_prob
    enough = np.partition(score, min(MIN_PLAYERS, len(play_prob)) - 1, axis=1)[:, min(MIN_PLAYERS, len(play_prob)) - 1]
    return (score < 1) | (score <= enough[:, None])


def share_seconds(quantiles: Floats, normal: Floats, plays: NDArray[np.bool_]) -> Ints:
    """Whole seconds of one team's players, 14,400 in every world.

    A split normal meets the three quantiles; conditioning independent normals on their sum moves each by his variance's share of
    what is missing, so that the uncertain give way and the sure stay; limits are kept by moving the others more.

    Args:
        quantiles: p10, p50, p90 of the minutes if he plays, shape (3, players).
        normal: standard normal draws, shape (worlds, players).
        plays: who plays, same shape; five at least in every world.
    """
    p10, p50, p90 = quantiles
    spread = np.where(normal < 0, p50 - p10, p90 - p50) / _Z90
    low, high = np.where(plays, MIN_SECONDS, 0), np.where(plays, MAX_SECONDS, 0)
    wanted = np.clip(60 * (p50 + normal * spread), low, high)
    weight = ((p90 - p10) / (2 * _Z90)) ** 2 + 0.25
    # the sum of clipped minutes rises with the shift: halve the interval until it is exact
    below = np.full((len(normal), 1), -MAX_SECONDS / weight.min())
    above = -below
    for _ in range(45):
        shift = (below + above) / 2
        short = np.clip(wanted + shift * weight, low, high).sum(axis=1, keepdims=True) < TEAM_SECONDS
        below, above = np.where(short, shift, below), np.where(short, above, shift)
    exact = np.clip(wanted + above * weight, low, high)
    seconds: Ints = np.floor(exact).astype(np.int64)
    # the seconds lost by rounding down go to the largest remainders; whoever is at a limit has none
    rank = np.argsort(np.argsort(seconds - exact, axis=1, kind="stable"), axis=1, kind="stable")
    seconds += rank < TEAM_SECONDS - seconds.sum(axis=1, keepdims=True)
    return seconds


def _fall_on(rng: np.random.Generator, events: Ints, shares: Floats) -> Ints:
    """How many of `events` (worlds,) fall on each cell of `shares` (worlds, cells), which sum to 1 at most."""
    drawn: Ints = np.asarray(rng.multinomial(events, shares), np.int64)
    # NumPy gives what rounding leaves over to the last cell, also if nothing can fall there
    drawn[shares == 0] = 0
    return drawn


def _credit(rng: np.random.Generator, events: Ints, mean_events: Floats, mean_credits: Floats) -> Ints:
    """Who is credited with how many of a side's events; the rest of them is nobody's.

    Args:
        rng: the block's generator.
        events: what happened, shape (worlds,).
        mean_events: what was to be expected given the minutes, shape (worlds,).
        mean_credits: expected credits given the minutes, shape (worlds, players); rates that ask for more than there are events
            share them all.
    """
    asked = mean_credits.sum(axis=1)
    likely = np.maximum(mean_events, asked)
    likely[likely == 0] = 1
    shares = np.concatenate([mean_credits, (likely - asked)[:, None]], axis=1) / likely[:, None]
    return _fall_on(rng, events, shares)[:, :-1]
