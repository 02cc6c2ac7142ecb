"""gold.team_form: a team's ratings and pace of the season before the game, its rest, habits and absences."""

from __future__ import annotations

import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import PLAYERS, REGULATION_MINUTES, plays
from rates_lib.features.absences import absences
from rates_lib.features.habits import add_habits
from rates_lib.features.history import History
from rates_lib.features.vacated import add_vacated
from rates_lib.schemas.tables import TABLES

MAX_REST = 3
_OWN = ("plays", "fta", "pts", "seconds", "fga3", "reb", "ast", "fgm")
TEAM_COUNTS = (*_OWN, *(f"opp_{c}" for c in _OWN if c != "seconds"))


def team_history(history: History) -> pl.DataFrame:
    """Played team games with both sides' counts; `plays` is FGA - OREB + TOV, so possessions are linear in the columns."""
    own = history.team_game.with_columns((pl.col("fga") - pl.col("oreb") + pl.col("tov")).alias("plays"))
    counts = [c for c in _OWN if c != "seconds"]
    other = own.select("game_id", pl.col("team_id").alias("opponent_id"), *(pl.col(c).alias(f"opp_{c}") for c in counts))
    return own.select("season", "game_id", "game_date", "team_id", "opponent_id", *_OWN).join(
        other, on=["game_id", "opponent_id"], how="inner"
    )


def with_team_totals(rows: pl.DataFrame, played: pl.DataFrame) -> pl.DataFrame:
    """`rows` with `_f_<count>`: totals of the season before the game, the previous season's before the first game, null without either."""
    totals = asof.running_totals(played, ["team_id", "season"], TEAM_COUNTS)
    rows = asof.last_before(rows, totals, ["team_id", "season"], {c: f"_s_{c}" for c in TEAM_COUNTS})
    rows = asof.season_totals_before(rows, played, ["team_id"], TEAM_COUNTS, "_p_")
    return rows.with_columns(pl.coalesce(f"_s_{c}", f"_p_{c}").alias(f"_f_{c}") for c in TEAM_COUNTS)


def possessions() -> pl.Expr:
    """Possessions from `_f_` totals; see possessions in the data dictionary."""
    return (plays(pl.col("_f_plays"), pl.col("_f_fta")) + plays(pl.col("_f_opp_plays"), pl.col("_f_opp_fta"))) / 2


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Form of both teams of `games`: gold.team_form rows, sorted by season, game_id, team_id."""
    rows = asof.games_before(asof.previous_dates(history.team_games(), 1, "_last_played"))
    rows = rows.join(games.select("game_id"), on="game_id", how="semi").sort("season", "game_id", "team_id")
    rows = with_team_totals(rows, team_history(history))
    rows = rows.with_columns(
        ((pl.col("game_date") - pl.col("_last_played")).dt.total_days() - 1).clip(0, MAX_REST).fill_null(MAX_REST).alias("days_rest"),
        (REGULATION_MINUTES * possessions() * PLAYERS * 60 / pl.col("_f_seconds")).alias("season_pace"),
        (100 * pl.col("_f_pts") / possessions()).alias("season_off_rating"),
        (100 * pl.col("_f_opp_pts") / possessions()).alias("season_def_rating"),
    )
    rows = rows.join(absences(history, games), on=["game_id", "team_id"], how="left", maintain_order="left")
    rows = add_vacated(add_habits(rows, history), history, games)
    return rows.select(TABLES["gold.team_form"].columns)
