"""gold.team_strength: a team's strength and style, schedule load and standings, as of the day before.

Belongs here: ratings (Elo, Kalman), decayed and opponent-adjusted efficiency, shooting profile, line-ups of past games. Does not belong
here: the expected line-up (`team_matchup.py`, it needs expected minutes), the loops (`core/numerics/ratings.py`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import TEAM_SECONDS
from rates_lib.core.numerics.ratings import Floats, elo_after, kalman_after
from rates_lib.features.history import History, once
from rates_lib.features.lineup import IMPACT_NAMES, past_impact
from rates_lib.features.player_rates import expected_games
from rates_lib.features.schedule_load import schedule_load
from rates_lib.features.standings import add_standings
from rates_lib.schemas.tables import TABLES

ELO_K = 20.0
ELO_EDGE = 70.0  # Elo points of playing at home
ELO_CARRY = 0.75
ELO_MEAN = 1505.0
# variances of an observation, of a day (of a team, of the league's level), of a new team and of a summer, and the share kept over a summer:
# those with the least squared errors of margin and total on 2016-17 to 2022-23 (Nelder-Mead)
KALMAN = {
    "noise_eff": 120.0, "noise_pace": 12.0, "wander": 0.06, "wander_pace": 0.027, "level": 0.08, "level_pace": 0.023, "first": 200.0,
    "first_pace": 17.0, "carry": 0.55, "carry_pace": 0.65, "summer": 3.0, "summer_pace": 4.4,
}  # fmt: skip
KALMAN_START = (104.0, 2.5, 96.0)  # points per 100 possessions, home edge, possessions per 48 minutes
ADJUSTED_HALF_LIVES = (6, 25)  # games
STYLE_HALF_LIFE = 20
USUAL_HALF_LIVES = (8, 25)
CARRY = 0.5  # share of decayed totals kept over a summer
ADJUSTED_STRENGTH = 5.0  # games with residual 0 to which decayed residuals are shrunk
STYLE_STRENGTH = 5.0  # games at the league's mean to which shares are shrunk
_LEAGUE = ("league_off_rating", "league_home_edge", "league_pace")
_RATINGS = ("kalman_off", "kalman_def", "kalman_pace")
USUAL_STATS = ("pts", "ast", "tov", "oreb", "dreb", "stl", "blk")
USUAL = (*USUAL_STATS, *IMPACT_NAMES.values())
_OVER = {  # share: numerator, denominator, divisor
    "efg_pct": ("efg2", "fga", 2.0), "fg3_pct": ("fg3m", "fga3", 1.0), "ft_pct": ("ftm", "fta", 1.0), "fg3_share": ("fga3", "fga", 1.0),
    "ft_rate": ("fta", "fga", 1.0), "tov_pct": ("tov", "plays", 1.0), "oreb_pct": ("oreb", "oreb_chances", 1.0),
}  # fmt: skip


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Strength of both teams of `games`: gold.team_strength rows, sorted by season, game_id, team_id."""
    rows = schedule_load(history).join(games.select("game_id"), on="game_id", how="semi").sort("season", "game_id", "team_id")
    rows = add_standings(rows, history)
    rows = _with_elo(rows, history)
    rows = _with_kalman(rows, history)
    rows = _with_adjusted(rows, history)
    rows = _with_style(rows, history)
    rows = _with_lineups(rows, history)
    return rows.select(TABLES["gold.team_strength"].columns)


@once
def _played(history: History) -> pl.DataFrame:
    """Games with a result, in order of time: both teams, their numbers (`_home`, `_away`), points, efficiency, pace, neutral_flag."""
    neutral = schedule_load(history).filter(pl.col("home_flag") == 1).select("game_id", "neutral_flag")
    games = history.game.select("season", "game_id", "game_date", "home_team_id", "away_team_id").join(neutral, on="game_id")
    teams = history.team_game.join(_numbers(history), on="team_id")
    for side, shared in (("home", ("possessions", "seconds")), ("away", ())):
        names = {"team_id": f"{side}_team_id", "pts": f"_{side}_pts", "number": f"_{side}"}
        games = games.join(teams.select("game_id", *names, *shared).rename(names), on=["game_id", f"{side}_team_id"])
    per_100 = [(100 * pl.col(f"_{side}_pts") / pl.col("possessions")).alias(f"_{side}_eff") for side in ("home", "away")]
    pace = (TEAM_SECONDS * pl.col("possessions") / pl.col("seconds")).alias("_pace")
    return games.with_columns(*per_100, pace).sort("game_date", "game_id")


def _numbers(history: History) -> pl.DataFrame:
    teams = history.team_games()["team_id"].unique().sort()
    return pl.DataFrame({"team_id": teams, "number": np.arange(len(teams), dtype=np.int64)})


def _edge(games: pl.DataFrame) -> Floats:
    return 1.0 - games["neutral_flag"].cast(pl.Float64).to_numpy()


def _ints(games: pl.DataFrame, column: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.ascontiguousarray(games[column].cast(pl.Int64).to_numpy())


def _with_elo(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    games = _played(history)
    margin = (games["_home_pts"] - games["_away_pts"]).cast(pl.Float64).to_numpy()
    home, away = _ints(games, "_home"), _ints(games, "_away")
    teams = _numbers(history).height
    after = elo_after(_ints(games, "season"), home, away, margin, ELO_EDGE * _edge(games), teams, ELO_K, ELO_CARRY, ELO_MEAN)
    sides = [
        games.select(
            "game_date", pl.col("season").alias("_then"), pl.col(f"{side}_team_id").alias("team_id"), pl.Series("_elo", after[:, i])
        )
        for i, side in enumerate(("home", "away"))
    ]
    states = pl.concat(sides).sort("game_date", maintain_order=True)
    rows = asof.last_before(rows, states, ["team_id"], {"_elo": "_elo", "_then": "_then"})
    kept = pl.lit(ELO_CARRY) ** (pl.col("season") - pl.col("_then"))
    elo = (ELO_MEAN + kept * (pl.col("_elo") - ELO_MEAN)).fill_null(ELO_MEAN)
    return rows.with_columns(elo.alias("elo")).drop("_elo", "_then")


@once
def _filter(history: History) -> tuple[Floats, Floats]:
    """`ratings.kalman_after` of `_played`."""
    games = _played(history)
    observed = np.ascontiguousarray(games.select("_home_eff", "_away_eff", "_pace").to_numpy())
    day = np.ascontiguousarray(games["game_date"].cast(pl.Int32).cast(pl.Int64).to_numpy())
    teams = _numbers(history).height
    args = (_ints(games, "season"), _ints(games, "_home"), _ints(games, "_away"), _edge(games), observed, teams)
    return kalman_after(day, *args, np.array(KALMAN_START), np.array(list(KALMAN.values())))


def _with_kalman(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with kalman_off, kalman_def, kalman_pace (of the team, against an average one) and the league's level, edge and pace."""
    _, after = _filter(history)
    numbers = _numbers(history)
    teams = numbers.height
    # states after the last game of each day: a game also updates the ratings of teams that did not play
    days = _played(history).with_row_index("_game").group_by("game_date", maintain_order=True).agg(pl.col("_game", "season").last())
    state = after[days["_game"].to_numpy()]
    days = days.select("game_date", pl.col("season").alias("_then"), *(pl.Series(n, state[:, i]) for i, n in enumerate(_LEAGUE)))
    per_team = days.select("game_date").join(numbers, how="cross").sort("game_date", "number")
    ratings = [pl.Series(n, state[:, 3 + k * teams : 3 + (k + 1) * teams].ravel()) for k, n in enumerate(_RATINGS)]
    rows = asof.last_before(rows, days, [], {name: name for name in ("_then", *_LEAGUE)})
    rows = asof.last_before(rows, per_team.with_columns(ratings), ["team_id"], {name: name for name in _RATINGS})
    summers = (pl.col("season") - pl.col("_then")).fill_null(0)
    kept = dict(zip(_RATINGS, ("carry", "carry", "carry_pace"), strict=True))
    return rows.with_columns(
        *((pl.lit(KALMAN[share]) ** summers * pl.col(name)).fill_null(0.0).alias(name) for name, share in kept.items()),
        *(pl.col(name).fill_null(value) for name, value in zip(_LEAGUE, KALMAN_START, strict=True)),
    ).drop("_then")


def _with_adjusted(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with decayed efficiency and pace over those expected against the same opponents, shrunk to 0."""
    before, _ = _filter(history)
    names = ("_expected_home", "_expected_away", "_expected_pace")
    games = _played(history).with_columns(pl.Series(name, before[:, i]) for i, name in enumerate(names))
    sides = [
        games.select(
            "season", "game_id", "game_date", pl.col(f"{side}_team_id").alias("team_id"),
            (pl.col(f"_{side}_eff") - pl.col(f"_expected_{side}")).alias("_off"),
            (pl.col(f"_expected_{other}") - pl.col(f"_{other}_eff")).alias("_def"),
            (pl.col("_pace") - pl.col("_expected_pace")).alias("_run"),
            pl.lit(1.0).alias("_one"),
        )
        for side, other in (("home", "away"), ("away", "home"))
    ]  # fmt: skip
    totals = asof.decayed_totals(pl.concat(sides), ["team_id"], ["_off", "_def", "_run", "_one"], ADJUSTED_HALF_LIVES, carry=CARRY)
    sums = asof.decayed_before(rows, totals)
    means = sums[:, :, :3] / (sums[:, :, 3:] + ADJUSTED_STRENGTH)
    return rows.with_columns(
        pl.Series(f"{name}_over_expected_hl{h}", means[:, i, k])
        for k, name in enumerate(("off_rating", "def_rating", "pace"))
        for i, h in enumerate(ADJUSTED_HALF_LIVES)
    )


def _with_style(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with decayed shares of shots, fouls, turnovers and rebounds, own and `opp_` (the opponents'), shrunk to the league's."""
    own = history.team_game.with_columns(
        (2 * pl.col("fgm") + pl.col("fg3m")).alias("efg2"), (pl.col("fga") - pl.col("oreb") + pl.col("tov")).alias("plays")
    )
    counts = ("efg2", "fga", "fg3m", "fga3", "ftm", "fta", "tov", "plays", "oreb")
    other = own.select("game_id", pl.col("team_id").alias("opponent_id"), *(pl.col(c).alias(f"opp_{c}") for c in (*counts, "dreb")))
    both = own.select("season", "game_id", "game_date", "team_id", "opponent_id", *counts, "dreb").join(
        other, on=["game_id", "opponent_id"]
    )
    both = both.with_columns(
        (pl.col("oreb") + pl.col("opp_dreb")).alias("oreb_chances"), (pl.col("opp_oreb") + pl.col("dreb")).alias("opp_oreb_chances")
    )
    columns = [f"{side}{c}" for side in ("", "opp_") for c in (*counts, "oreb_chances")]
    totals = asof.decayed_totals(both, ["team_id"], columns, [STYLE_HALF_LIFE], carry=CARRY)
    sums = dict(zip(columns, asof.decayed_before(rows, totals)[:, 0].T, strict=True))
    rows = asof.league_totals_before(rows, both, columns, "_league_")
    styles = []
    for name, (part, whole, factor) in _OVER.items():
        known = rows[f"_league_{whole}"].to_numpy() > 0
        league = np.where(known, rows[f"_league_{part}"].to_numpy() / np.maximum(rows[f"_league_{whole}"].to_numpy(), 1), np.nan)
        prior = STYLE_STRENGTH * _PER_GAME[whole]
        for side in ("", "opp_"):
            share = (sums[f"{side}{part}"] + prior * league) / (sums[f"{side}{whole}"] + prior)
            styles.append(pl.Series(f"{side}{name}_hl{STYLE_HALF_LIFE}", share / factor).fill_nan(None))
    return rows.with_columns(styles).drop([f"_league_{c}" for c in columns])


_PER_GAME = {"fga": 86.0, "fga3": 32.0, "fta": 22.0, "plays": 90.0, "oreb_chances": 45.0}  # of a team, for the shrinkage


def _with_lineups(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with decayed expected counts and impact of the players of past games, by their rates and impacts before each."""
    regulation = history.team_game.select("game_id", "team_id", (pl.lit(TEAM_SECONDS) / pl.col("seconds")).alias("_regulation"))
    team = ["season", "game_id", "game_date", "team_id"]
    sums = (
        expected_games(history)
        .join(regulation, on=["game_id", "team_id"])
        .group_by(team)
        .agg(asof.exact(pl.col(f"expected_{s}") * pl.col("_regulation")).sum().alias(s) for s in USUAL_STATS)
        .join(past_impact(history), on=team)
        .with_columns(pl.lit(1.0).alias("_one"))
    )
    totals = asof.decayed_totals(sums, ["team_id"], [*USUAL, "_one"], USUAL_HALF_LIVES, carry=CARRY)
    decayed = asof.decayed_before(rows, totals)
    weight = decayed[:, :, -1:]
    means = np.where(weight > 0, decayed[:, :, :-1] / np.where(weight > 0, weight, 1.0), np.nan)
    return rows.with_columns(
        pl.Series(f"usual_{name}_hl{h}", means[:, i, k]).fill_nan(None)
        for k, name in enumerate(USUAL)
        for i, h in enumerate(USUAL_HALF_LIVES)
    )
