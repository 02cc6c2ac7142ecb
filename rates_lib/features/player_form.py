"""gold.player_form: recent production, minutes and role of a player, as of the day before the game.

Rates of the season to date (last season's before the first game), the last three, five and ten games, decayed minutes
(`minutes_form.py`) and decayed, shrunk rates (`player_rates.py`), roles, position, body and shrunk shooting percentages.
A game played is a row of the log with MIN > 0.
"""

from __future__ import annotations

import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import PLAYERS, plays
from rates_lib.features.history import History
from rates_lib.features.minutes_form import add_minutes_form
from rates_lib.features.player_rates import add_rates
from rates_lib.features.positions import add_positions
from rates_lib.features.roster import candidates
from rates_lib.schemas.columns import FORM_RATES, LAST3
from rates_lib.schemas.tables import TABLES

_SHOT_PRIORS = {"fg2": ("fg2m", "fga2", 100, 0.50), "fg3": ("fg3m", "fga3", 150, 0.36), "ft": ("ftm", "fta", 40, 0.77)}
PRIMARY_BENCH_MINUTES = 15.0
STARTER_MINUTES = 28.0
MAX_DAYS_AWAY = 400
_MADE_AND_TRIED = tuple(c for made, tried, _, _ in _SHOT_PRIORS.values() for c in (made, tried))
_PLAYS = ("plays", "fta", "team_plays", "team_fta", "team_seconds")


def appearances_with_team(history: History) -> pl.DataFrame:
    """Games played with the plays (FGA + TOV; free throws apart) of the player and the team, and the team's seconds."""
    team = history.team_game.select(
        "game_id",
        "team_id",
        (pl.col("fga") + pl.col("tov")).alias("team_plays"),
        pl.col("fta").alias("team_fta"),
        pl.col("seconds").alias("team_seconds"),
    )
    plays_of_player = (pl.col("fga") + pl.col("tov")).alias("plays")
    return history.appearances().join(team, on=["game_id", "team_id"], how="inner").with_columns(plays_of_player)


def usage(prefix: str = "") -> pl.Expr:
    """Usage from summed plays; see season_usage in the data dictionary."""
    own = plays(pl.col(f"{prefix}plays"), pl.col(f"{prefix}fta"))
    team = plays(pl.col(f"{prefix}team_plays"), pl.col(f"{prefix}team_fta"))
    return _ratio(own * pl.col(f"{prefix}team_seconds") / PLAYERS, team * pl.col(f"{prefix}seconds"))


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Form of the candidates of `games`.

    Args:
        history: the clean tables.
        games: season, game_id, game_date, home_team_id, away_team_id of the games asked for.

    Returns:
        gold.player_form rows, sorted by season, game_id, player_id.
    """
    rows = candidates(history, games)
    league = appearances_with_team(history)
    played = league.join(rows.select("player_id").unique(), on="player_id", how="semi")  # one evening needs a tenth of the league
    rows = _season(rows, played)
    rows = _last_games(rows, played)
    rows = _appearance_share(rows, history, games, played)
    rows = _shooting(rows, played, league)
    rows = add_rates(add_minutes_form(add_positions(rows, history), history), history)
    return rows.with_columns(bench_tier()).select(TABLES["gold.player_form"].columns).sort("season", "game_id", "player_id")


def _season(rows: pl.DataFrame, played: pl.DataFrame) -> pl.DataFrame:
    counts = tuple(dict.fromkeys(("seconds", *FORM_RATES.values(), *_PLAYS)))
    totals = asof.running_totals(played, ["player_id", "season"], counts)
    rows = asof.last_before(rows, totals, ["player_id", "season"], {c: f"_s_{c}" for c in (*counts, "games")})
    rows = asof.season_totals_before(rows, played, ["player_id"], counts, "_p_")
    this = pl.col("_s_games").is_not_null()
    rows = rows.with_columns(
        pl.when(this).then(pl.lit("season")).when(pl.col("_p_games").is_not_null()).then(pl.lit("previous")).otherwise(pl.lit("none"))
        .alias("season_form_source"),
        *(pl.coalesce(f"_s_{c}", f"_p_{c}").alias(f"_f_{c}") for c in (*counts, "games")),
    )  # fmt: skip
    minutes = pl.col("_f_seconds") / 60
    return rows.with_columns(
        pl.col("_s_games").fill_null(0).alias("season_games"),
        (pl.col("_s_seconds").fill_null(0) / 60).alias("season_minutes"),
        (minutes / pl.col("_f_games")).alias("season_mpg"),
        *(_ratio(pl.col(f"_f_{count}"), minutes).alias(f"season_{name}_per_min") for name, count in FORM_RATES.items()),
        usage("_f_").alias("season_usage"),
        (pl.col("_p_seconds") / 60 / pl.col("_p_games")).alias("prev_season_mpg"),
        pl.col("_p_games").alias("prev_season_games"),
    )


def _last_games(rows: pl.DataFrame, played: pl.DataFrame) -> pl.DataFrame:
    counts = tuple(FORM_RATES[r] for r in LAST3)
    for n, values in ((3, ("seconds", *counts)), (5, ("seconds",)), (10, ("seconds",))):
        totals = asof.last_totals(played, ["player_id"], values, n)
        rows = asof.last_before(rows, totals, ["player_id"], {c: f"_{n}_{c}" for c in (*values, "games")})
    rows = rows.with_columns(
        *(_ratio(pl.col(f"_3_{FORM_RATES[r]}"), pl.col("_3_seconds") / 60).alias(f"last3_{r}_per_min") for r in LAST3),
        *((pl.col(f"_{n}_seconds") / 60 / pl.col(f"_{n}_games")).alias(f"last{n}_minutes_per_game") for n in (3, 5, 10)),
    )
    starts = played.filter(pl.col("starter").is_not_null()).with_columns(pl.col("starter").cast(pl.Int64))
    rows = asof.last_before(rows, asof.last_totals(starts, ["player_id"], ("starter",), 10), ["player_id"],
                            {"starter": "_starts", "games": "_starts_of"})  # fmt: skip
    rows = asof.last_before(rows, asof.last_values(played, ["player_id"], "seconds", 5), ["player_id"], {"seconds": "_last5"})
    days = asof.last_values(played.with_columns(pl.col("game_date").alias("day")), ["player_id"], "day", 1)
    rows = asof.last_before(rows, days, ["player_id"], {"day": "_day"})
    last5 = pl.col("_last5").list
    return rows.with_columns(
        (pl.col("_starts") / pl.col("_starts_of")).alias("last10_start_share"),
        (last5.first() / 60).alias("last_game_minutes"),
        (last5.min() / 60).alias("last5_minutes_min"),
        (last5.max() / 60).alias("last5_minutes_max"),
        (last5.median() / 60).alias("last5_minutes_median"),
        (pl.col("game_date") - pl.col("_day").list.first()).dt.total_days().clip(upper_bound=MAX_DAYS_AWAY).alias("days_since_last_game"),
    )


def _appearance_share(rows: pl.DataFrame, history: History, games: pl.DataFrame, played: pl.DataFrame) -> pl.DataFrame:
    sides = asof.games_before(asof.previous_dates(history.team_games(), 10, "_ten_back"))
    sides = sides.join(games.select("game_id"), on="game_id", how="semi").select("game_id", "team_id", "_ten_back", "team_season_games")
    key = ["player_id", "team_id", "season"]
    counted = asof.running_totals(played.with_columns(pl.lit(1, pl.Int64).alias("_one")), key, ("_one",))
    rows = rows.join(sides, on=["game_id", "team_id"], how="left", maintain_order="left")
    rows = asof.last_before(rows, counted, key, {"_one": "_now"})
    rows = asof.last_before(rows, counted, key, {"_one": "_then"}, on="_ten_back")
    share = (pl.col("_now").fill_null(0) - pl.col("_then").fill_null(0)) / pl.col("team_season_games").clip(upper_bound=10)
    return rows.with_columns(pl.when(pl.col("team_season_games") > 0).then(share).alias("last10_appearance_share"))


def _shooting(rows: pl.DataFrame, played: pl.DataFrame, league: pl.DataFrame) -> pl.DataFrame:
    totals = asof.running_totals(played, ["player_id", "season"], _MADE_AND_TRIED)
    rows = asof.last_before(rows, totals, ["player_id", "season"], {c: f"_t_{c}" for c in _MADE_AND_TRIED})
    rows = asof.season_totals_before(rows, played, ["player_id"], _MADE_AND_TRIED, "_q_").drop("_q_games")
    rows = asof.league_totals_before(rows, league, _MADE_AND_TRIED, "_league_")

    def percentage(made: str, tried: str, strength: int, first_day: float) -> pl.Expr:
        rate = _ratio(pl.col(f"_league_{made}"), pl.col(f"_league_{tried}")).fill_null(first_day)
        own = {c: pl.col(f"_t_{c}").fill_null(0) + pl.col(f"_q_{c}").fill_null(0) for c in (made, tried)}
        return (own[made] + strength * rate) / (own[tried] + strength)

    return rows.with_columns(*(percentage(*shot).alias(f"{name}_pct_prior") for name, shot in _SHOT_PRIORS.items()))


def bench_tier() -> pl.Expr:
    """bench_tier from is_starter, last10_start_share and last10_minutes_per_game; see bench_tier in the data dictionary."""
    expected = pl.when(pl.col("last10_start_share").is_not_null()).then(pl.col("last10_start_share") > 0.5).otherwise(
        pl.col("last10_minutes_per_game").fill_null(0.0) >= STARTER_MINUTES
    )  # fmt: skip
    starts = pl.when(pl.col("is_starter").is_not_null()).then(pl.col("is_starter") == 1).otherwise(expected)
    return (
        pl.when(starts).then(0).when(pl.col("last10_minutes_per_game").fill_null(0.0) >= PRIMARY_BENCH_MINUTES).then(1).otherwise(2)
        .cast(pl.Int8).alias("bench_tier")
    )  # fmt: skip


def _ratio(over: pl.Expr, under: pl.Expr) -> pl.Expr:
    return pl.when(under > 0).then(over / under)
