"""A small slate drawn with NumPy: the frames that the simulation and the exports take."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from rates_lib.models.second_stage import MEANS
from rates_lib.pipeline.mean_box import project_box
from rates_lib.schemas.columns import RATE_TARGETS, ColumnSpec
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check

DAY = date(2024, 12, 25)
AS_OF = datetime(2024, 12, 25, 16, 0, tzinfo=UTC)
TIPOFF = datetime(2024, 12, 25, 17, 0, tzinfo=UTC)
PER_MIN = {"fga2": 0.23, "fga3": 0.155, "fta": 0.09, "ast": 0.11, "tov": 0.055, "oreb": 0.045, "dreb": 0.14, "stl": 0.033, "blk": 0.02}
P50 = np.array([36, 34, 33, 31, 28, 25, 20, 16, 12, 8, 5, 4, 3], dtype=float)
PLAY = np.array([0.97, 0.99, 0.98, 0.98, 0.95, 0.96, 0.95, 0.9, 0.8, 0.6, 0.3, 0.25, 0.0])
CODES = ("BOS", "NYK", "LAL", "GSW", "DEN", "PHX", "DAL", "MIN", "SAS", "PHI")


def slate(games: int = 2, seed: int = 1) -> dict[str, pl.DataFrame]:
    """Frames games, minutes, rates, form, percentages of a slate of `games` games with 13 candidates a team."""
    rng = np.random.default_rng(seed)
    game_rows, player_rows = [], []
    for g in range(games):
        home, away = f"{2 * g + 1:03}", f"{2 * g + 2:03}"
        game_id = f"00224{g:05}"
        game_rows.append(
            {
                "season": 2024, "game_id": game_id, "game_date": DAY, "tipoff_utc": TIPOFF, "tipoff_assumed": g == 0,
                "home_team_id": home, "away_team_id": away, "home_team_abbreviation": CODES[2 * g],
                "away_team_abbreviation": CODES[2 * g + 1], "neutral_site": False, "game_status": "scheduled",
            }
        )  # fmt: skip
        for team, opponent in ((home, away), (away, home)):
            for i, (p50, play) in enumerate(zip(P50, PLAY, strict=True)):
                skill = rng.gamma(16, 1 / 16, len(RATE_TARGETS))
                player_rows.append(
                    {
                        "season": 2024, "game_date": DAY, "game_id": game_id, "team_id": team, "opponent_id": opponent,
                        "player_id": f"{team}{i:02}", "player_name": f"Player {team}-{i:02}",
                        "status": "out" if play == 0 else "active", "availability_source": "active_list", "play_prob": play,
                        "minutes_mean": p50, "minutes_p10": max(p50 - 6, 0.0), "minutes_p50": p50, "minutes_p90": min(p50 + 5, 44.0),
                        "minutes_reconciled": play * p50 * 240 / float(P50 @ PLAY), "as_of_utc": AS_OF, "tipoff_utc": TIPOFF,
                        "model_run_id": "minutes_v1-plain-all-2024-12-aaaa", "model_window": "2024-12-01",
                        "model_fallback": False, "is_starter": (1 if i < 5 else 0) if g == 0 else None, "home_flag": int(team == home),
                        "total_close": 221.5 if g == 0 else None, "season_form_source": "season",
                        "fg2_pct_prior": 0.54, "fg3_pct_prior": 0.36, "ft_pct_prior": 0.78,
                    }
                    | {f"{t}_per_min_mean": PER_MIN[t] * s for t, s in zip(RATE_TARGETS, skill, strict=True)}
                )  # fmt: skip
    players = pl.DataFrame(player_rows).with_columns(
        pl.col("as_of_utc", "tipoff_utc").cast(pl.Datetime("us", "UTC")), pl.col("is_starter", "home_flag").cast(pl.Int8)
    )
    rates = players.with_columns(
        pl.lit("rates_v1-plain-stage2-2024-11-bbbb").alias("model_run_id"), pl.lit("2024-11-01").alias("model_window"),
        pl.lit(True).alias("model_fallback"),
    )  # fmt: skip
    slate_games = pl.DataFrame(game_rows).with_columns(pl.col("tipoff_utc").cast(pl.Datetime("us", "UTC")))
    return {
        "games": slate_games,
        "team": team_predictions(slate_games),
        "matchup": made_up(slate_games, "predictions.matchup"),
        "minutes": check(players.select(TABLES["predictions.minutes"].columns), "predictions.minutes"),
        "rates": check(rates.select(TABLES["predictions.rates"].columns), "predictions.rates"),
        "form": players.select(
            *("season", "game_id", "team_id", "player_id", "home_flag", "is_starter", "total_close", "season_form_source"),
            *("fg2_pct_prior", "fg3_pct_prior", "ft_pct_prior"),
        ),
        "profiles": profiles(players),
        "percentages": players.select(
            "game_id", "player_id", *(pl.col(f"{shot}_pct_prior").alias(f"{shot}_pct_mean") for shot in ("fg2", "fg3", "ft"))
        ),
    }


def first_stage(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Rows of predictions.player_box of a `slate`, without a second stage."""
    return project_box(frames["minutes"], frames["rates"], frames["form"])


def profiles(players: pl.DataFrame) -> pl.DataFrame:
    """Rows of predictions.player_profile for `players`."""
    return made_up(players, "predictions.player_profile")


def team_predictions(games: pl.DataFrame) -> pl.DataFrame:
    """Rows of predictions.team for `games`: mean margin 6 and total 220 in the first, margin 2 lower and total 4 higher in each next."""
    n = pl.int_range(pl.len())
    mean = {"margin": 6.0 - 2 * n, "total": 220.0 + 4 * n}
    mean |= {"home_pts": (mean["total"] + mean["margin"]) / 2, "away_pts": (mean["total"] - mean["margin"]) / 2}
    band = {"margin": 17.0, "total": 23.0, "home_pts": 15.0, "away_pts": 14.0}
    values = {
        f"{c}_{stat}": m + sign * band[c] for c, m in mean.items() for stat, sign in (("mean", 0), ("p10", -1), ("p50", 0), ("p90", 1))
    }
    values |= {f"with_market_{name}": value + 1 for name, value in values.items()}
    return made_up(games.with_columns(**values, fell_back_on=pl.lit("")), "predictions.team")


def made_up(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """`rows` as rows of `table`: missing columns are filled within their bounds, with some nulls."""
    spec = TABLES[table]
    row = pl.int_range(pl.len())
    known = {"as_of_utc": pl.lit(AS_OF), "tipoff_utc": pl.lit(TIPOFF), "model_window": pl.lit("2024-12-01"), "model_run_id": pl.lit("cc")}

    def value_of(c: ColumnSpec) -> pl.Expr:
        if c.name in known:
            return known[c.name].cast(c.dtype)
        if c.allowed:
            return pl.lit(c.allowed[0])
        low, high = c.lo or 0.0, c.hi if c.hi is not None else 40.0
        value = low + (high - low) * (row % 7) / 7
        return pl.when(row % 11 != 0 if spec.is_nullable(c.name) else True).then(value).cast(c.dtype)  # type: ignore[arg-type]

    return check(rows.with_columns(value_of(c).alias(c.name) for c in spec.specs if c.name not in rows.columns).select(spec.columns), table)


def second_stage(box: pl.DataFrame, factor: float = 1.0) -> pl.DataFrame:
    """A stand-in for `models.second_stage.predict_second_stage`: means that are `factor` times the first stage's, and medians."""
    given = {s: pl.col(f"{s}_mean") / pl.col("play_prob") for s in ("pts", "reb", "ast", "fg3m", "dk_points")}
    given |= {"pra": given["pts"] + given["reb"] + given["ast"]}
    plays = pl.col("play_prob") > 0
    return box.select(
        "game_id", "player_id",
        *(pl.when(plays).then(factor * given[s]).otherwise(0.0).alias(f"{s}_given") for s in MEANS),
        *(pl.when(plays).then(0.95 * factor * value).otherwise(0.0).alias(f"{s}_p50") for s, value in given.items()),
    )  # fmt: skip
