"""Predictions and outcomes of a season in one wide frame, from which all figures of `evals.*` are computed.

Belongs here: joining predictions, outcomes, baselines and segments. Does not belong here: error measures
(`core/metrics.py`), figures (`player.py`, `calibration.py`), forecasts of others (`peers.py`).

Every prediction is walk-forward: predictions.* of each day, by the model that served it. A row uses no data from its game or later except
the outcome; baselines are form of the day before. No player is left out: one who played, or was listed, without a prediction is a row
with nulls, and `missing_predictions` lists those who played.

Columns of the frame
    season game_date game_id team_id player_id player_name
    outcome       played (1: MIN > 0 in the log), minutes, the counts of silver.player_game, pra, dk_points; 0 for players who did not play
    minutes       minutes_mean, minutes_p10, minutes_p50, minutes_p90 (given play), play_prob, minutes_reconciled (counts play_prob),
                  minutes_given_play (minutes_reconciled / play_prob, minutes_mean where play_prob is 0), minutes_expected (play_prob x
                  minutes_mean), minutes_blind (minutes_mean without announced starters, null unless `blind` is given)
    rates         <target>_per_min_mean; baselines <target>_per_min_plain (kept recipe), _prior (decayed and shrunk), _season (raw)
    box, given play
        <stat>_hat          predictions.player_box / play_prob: the product's answer, from reconciled minutes
        <stat>_p50          the second stage's median of MEDIANS, null where there is none
        <stat>_hat_raw      minutes_mean x rates x percentages
        <stat>_hat_plain    minutes_given_play x rates of the plain recipe x shrunk percentages
        <stat>_decayed      minutes_decayed x <target>_per_min_prior x shrunk percentages
        <stat>_season       season's minutes per game x season's rates x shrunk percentages
        <stat>_floor        actual minutes x rates x percentages: the floor of the error, with minutes known
    box, expected            <stat>_mean, play_prob counted, for the stats of predictions.player_box
    baselines     minutes_last5, minutes_decayed (starter-aware), minutes_season; play_prob_prior
    segments      is_starter (null where the starters are unknown), bench_tier, rookie, month, availability_source, teammate_out,
                  usage_vacated, back_to_back, new_team
    runs          minutes_run_id, rates_run_id, plain_run_id
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from rates_lib.core.box_score import BOX_COUNTS, box_score, minutes_given_play, percentage
from rates_lib.core.calendar import season_of
from rates_lib.core.errors import MissingModelError, RatesError
from rates_lib.core.stats import MEDIANS, of_kind, value_of
from rates_lib.lake import Lake
from rates_lib.pipeline.walk_forward import walk_forward
from rates_lib.schemas.columns import FORM_RATES, RATE_TARGETS
from rates_lib.schemas.tables import LABEL_COUNTS

BOX_STATS = (*MEDIANS, *(stat for stat in BOX_COUNTS if stat not in MEDIANS))
"""The measured statistics of a box score; each is a column of the frame, as outcome and with each suffix."""

STORED_STATS = of_kind(BOX_STATS, "count", "fantasy")
COMBINATIONS = of_kind(BOX_STATS, "combination")
"""Sums of stored statistics."""
USAGE_VACATED = 0.30
"""Least usage of rotation players who are out (share of the team's plays) for segment usage_vacated: a quarter of games."""
NEW_TEAM_GAMES = 10
"""A player is in segment new_team for this many games after joining from another team."""

_KEY = ["game_id", "player_id"]
_COUNTS = tuple(count for count in LABEL_COUNTS if count != "pf")
_TABLES = ("silver.player_game", "gold.player_form", "gold.team_form", "gold.rates_training_base")
_SEASON_RATE = {stat: f"season_{name}_per_min" for name, stat in FORM_RATES.items() if stat in RATE_TARGETS}
_RAW_RATES = ("season_fga_per_min", *_SEASON_RATE.values())
_MINUTES = ("minutes_mean", "minutes_p10", "minutes_p50", "minutes_p90", "play_prob", "minutes_reconciled")
_Exprs = Callable[[str], pl.Expr]


def scored_season(lake: Lake, season: int, blind: pl.DataFrame | None = None) -> pl.DataFrame:
    """The frame of the module's docstring for one season.

    Args:
        lake: holds predictions.* of the season's days, silver.player_game (also of all earlier seasons: rookies and fall-backs),
            gold.player_form, gold.team_form, gold.rates_training_base and the runs of the plain recipe.
        season: start year.
        blind: minutes predicted without announced starters: game_id, player_id, minutes_mean; other columns are ignored.

    Returns:
        One row per candidate of gold.player_form or predictions.minutes, and per player of the log; sorted by game_id, player_id.

    Raises:
        RatesError: if a table has no rows of the season, or no day of it is predicted.
        MissingModelError: if no run of the plain recipe serves any game of it.
    """
    for table in _TABLES:
        if str(season) not in lake.partitions(table):
            raise RatesError(f"{table} has no season {season}: run `rates backfill --seasons {season}` first")
    if not predicted_days(lake, season):
        raise RatesError(
            f"no day of season {season} is in predictions.minutes: run `rates backfill --seasons {season} --through predictions` first"
        )
    rows = _form(lake, season).join(_outcome(lake, season), on=_KEY, how="full", coalesce=True, suffix="_log")
    rows = rows.join(_predictions(lake, season), on=_KEY, how="full", coalesce=True, suffix="_predicted")
    both = ("season", "game_date", "team_id")
    rows = rows.with_columns(pl.coalesce(c, f"{c}_log", f"{c}_predicted") for c in both).drop(
        *(f"{c}{suffix}" for c in both for suffix in ("_log", "_predicted"))
    )
    rows = rows.join(_plain(lake, season), on=_KEY, how="left").join(_blind(blind), on=_KEY, how="left")
    rows = rows.join(_team(lake, season), on=["game_id", "team_id"], how="left").sort(_KEY)
    return _with_box(_with_baselines(_with_segments(_with_outcome(rows), lake, season), lake, season))


def predicted_days(lake: Lake, season: int, table: str = "predictions.minutes") -> list[str]:
    """Days of a season that a table of predictions holds, sorted."""
    return [day for day in lake.partitions(table) if season_of(date.fromisoformat(day)) == season]


def missing_predictions(lake: Lake, season: int) -> pl.DataFrame:
    """Players who played without a prediction.

    Returns:
        One row per player and game with MIN > 0 that predictions.minutes does not hold: season, game_date, game_id, player_id,
        player_name, and `whole_game` (no player of the game is predicted); sorted by date, game, player.
    """
    columns = ["season", "game_date", *_KEY, "player_name", "min"]
    played = lake.read("silver.player_game", [season], columns).filter(pl.col("min") > 0).drop("min")
    predicted = lake.read("predictions.minutes", predicted_days(lake, season), _KEY)
    lacking = played.join(predicted, on=_KEY, how="anti").with_columns(
        (~pl.col("game_id").is_in(predicted["game_id"].unique().implode())).alias("whole_game")
    )
    return lacking.sort("game_date", *_KEY)


def box_counts(minutes: pl.Expr, rate: _Exprs, pct: _Exprs) -> dict[str, pl.Expr]:
    """Every stat of `BOX_STATS` from minutes, rates per minute and percentages, by name; the identities of a box score hold.

    Args:
        minutes: minutes.
        rate: gives the expression of a target's rate per minute.
        pct: gives the expression of a percentage: fg2, fg3, ft.
    """
    count = {t: minutes * rate(t) for t in RATE_TARGETS}
    box = box_score(count, pct)
    return {stat: box[stat] if stat in box else value_of(stat, box.__getitem__) for stat in BOX_STATS}


# --- what is read ---------------------------------------------------------------------------------------------------------


def _outcome(lake: Lake, season: int) -> pl.DataFrame:
    columns = ["season", "game_date", "team_id", *_KEY, "player_name", "min", "minutes", *_COUNTS]
    return lake.read("silver.player_game", [season], columns).filter(pl.col("min") > 0)


def _form(lake: Lake, season: int) -> pl.DataFrame:
    columns = [
        *("season", "game_date", "team_id", *_KEY, "status", "availability_source", "play_prob_prior", "is_starter", "bench_tier"),
        *("last5_minutes_per_game", "minutes_prior", "season_mpg", "fg2_pct_prior", "fg3_pct_prior", "ft_pct_prior"),
        *(f"{t}_per_min_hl30" for t in RATE_TARGETS),
        *_RAW_RATES,
    ]
    return lake.read("gold.player_form", [season], columns)


def _team(lake: Lake, season: int) -> pl.DataFrame:
    columns = ["game_id", "team_id", "days_rest", "num_rotation_players_out", "team_usage_vacated"]
    return lake.read("gold.team_form", [season], columns)


def _predictions(lake: Lake, season: int) -> pl.DataFrame:
    days = predicted_days(lake, season)
    minutes = lake.read("predictions.minutes", days, ["season", "game_date", "team_id", *_KEY, *_MINUTES, "model_run_id"])
    rates = lake.read("predictions.rates", days, [*_KEY, *(f"{t}_per_min_mean" for t in RATE_TARGETS), "model_run_id"])
    percentages = [f"{k}_pct_mean" for k in ("fg2", "fg3", "ft")]
    box = lake.read(
        "predictions.player_box", days, [*_KEY, *(f"{s}_mean" for s in STORED_STATS), *(f"{s}_p50" for s in MEDIANS), *percentages]
    )
    return (
        minutes.rename({"model_run_id": "minutes_run_id"})
        .join(rates.rename({"model_run_id": "rates_run_id"}), on=_KEY, how="left", validate="1:1")
        .join(box, on=_KEY, how="left", validate="1:1")
    )


def _plain(lake: Lake, season: int) -> pl.DataFrame:
    base = lake.read("gold.rates_training_base", [season])
    predicted = walk_forward(base, lake, "rates_v1", recipe="plain")
    if predicted.height and not predicted["model_run_id"].count():
        raise MissingModelError(
            f"no run of rates_v1:plain serves season {season}: run `rates backfill --seasons {season} --through models` first "
            "(the very first season has no models: there is nothing before it to learn from)"
        )
    rates = (pl.col(f"{t}_per_min_mean").alias(f"{t}_per_min_plain") for t in RATE_TARGETS)
    return predicted.select(*_KEY, *rates, pl.col("model_run_id").alias("plain_run_id"))


def _blind(blind: pl.DataFrame | None) -> pl.DataFrame:
    if blind is None:
        return pl.DataFrame(schema=dict.fromkeys(_KEY, pl.String) | {"minutes_blind": pl.Float64})
    return blind.select(*_KEY, pl.col("minutes_mean").alias("minutes_blind"))


# --- what is derived ------------------------------------------------------------------------------------------------------


def _with_outcome(rows: pl.DataFrame) -> pl.DataFrame:
    played = pl.col("minutes").is_not_null().cast(pl.Int8).alias("played")
    rows = rows.with_columns(played, pl.col("minutes", *_COUNTS).fill_null(0)).drop("min")
    # fantasy points are sums of quarters of small integers: exact
    return rows.with_columns(value_of(stat, pl.col).alias(stat) for stat in BOX_STATS if stat not in _COUNTS)


def _with_segments(rows: pl.DataFrame, lake: Lake, season: int) -> pl.DataFrame:
    """A rookie has played in no earlier season of the lake; null where the lake has no earlier season."""
    earlier = [key for key in lake.partitions("silver.player_game") if int(key) < season]
    before = lake.read("silver.player_game", earlier, ["season", "game_date", "team_id", "player_id", "min"]).filter(pl.col("min") > 0)
    veterans = before["player_id"].unique().implode()
    rookie = ~pl.col("player_id").is_in(veterans) if earlier else pl.lit(None, dtype=pl.Boolean)
    return _with_new_team(rows, before.filter(pl.col("season") == season - 1)).with_columns(
        rookie.alias("rookie"),
        pl.col("game_date").dt.strftime("%Y-%m").alias("month"),
        (pl.col("num_rotation_players_out") > 0).alias("teammate_out"),
        (pl.col("team_usage_vacated") >= USAGE_VACATED).alias("usage_vacated"),
        (pl.col("days_rest") == 0).alias("back_to_back"),
    )


def _with_new_team(rows: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """`new_team`: the player has played for another team this season or the previous one, and fewer than ten games for this one."""
    key = ["player_id", "game_date", "game_id"]
    old = previous.select("player_id", "team_id", "game_date", pl.lit("").alias("game_id"), pl.lit(1, dtype=pl.Int64).alias("played"))
    both = pl.concat([old, rows.select(*old.columns[:4], pl.col("played").cast(pl.Int64))]).sort(key)
    games = pl.col("played").cum_sum() - pl.col("played")
    for_team, overall = games.over("player_id", "team_id"), games.over("player_id")
    flagged = both.with_columns(((for_team < NEW_TEAM_GAMES) & (overall > for_team)).alias("new_team"))
    return rows.join(flagged.filter(pl.col("game_id") != "").select(*_KEY, "new_team"), on=_KEY, how="left", maintain_order="left")


def _with_baselines(rows: pl.DataFrame, lake: Lake, season: int) -> pl.DataFrame:
    """Baselines that are never null: a player without form gets the mean of all player-games of the previous season."""
    minutes, rates = _league(lake, season - 1)
    raw = {t: pl.col(name) for t, name in _SEASON_RATE.items()}
    raw["fga2"] = pl.col("season_fga_per_min") - pl.col("season_3pa_per_min")
    season_minutes = pl.col("season_mpg").fill_null(minutes)
    last5 = pl.col("last5_minutes_per_game").fill_null(season_minutes)
    return rows.with_columns(
        season_minutes.alias("minutes_season"),
        last5.alias("minutes_last5"),
        pl.col("minutes_prior").fill_null(last5).alias("minutes_decayed"),
        *(pl.col(f"{t}_per_min_hl30").fill_null(rates[t]).alias(f"{t}_per_min_prior") for t in RATE_TARGETS),
        *(raw[t].fill_null(rates[t]).alias(f"{t}_per_min_season") for t in RATE_TARGETS),
    ).drop("season_mpg", "last5_minutes_per_game", "minutes_prior", *_RAW_RATES, *(f"{t}_per_min_hl30" for t in RATE_TARGETS))


def _league(lake: Lake, season: int) -> tuple[pl.Expr, Mapping[str, pl.Expr]]:
    """Minutes per player-game of a season and events per minute by target; null where it is not in the lake."""
    rows = lake.read("silver.player_game", [season], ["min", "seconds", *RATE_TARGETS]).filter(pl.col("min") > 0)
    seconds = int(rows["seconds"].sum())
    rates = {t: int(rows[t].sum()) * 60 / seconds if seconds else None for t in RATE_TARGETS}
    minutes = seconds / 60 / rows.height if seconds else None
    return pl.lit(minutes, dtype=pl.Float64), {t: pl.lit(rate, dtype=pl.Float64) for t, rate in rates.items()}


def _with_box(rows: pl.DataFrame) -> pl.DataFrame:
    possible = pl.col("play_prob") > 0
    rows = rows.with_columns(
        minutes_given_play(),
        (pl.col("play_prob") * pl.col("minutes_mean")).alias("minutes_expected"),
    )

    def ours(t: str) -> pl.Expr:
        return pl.col(f"{t}_per_min_mean")

    def shrunk(k: str) -> pl.Expr:
        return pl.col(f"{k}_pct_prior")

    rows = _add(rows, "hat_raw", box_counts(pl.col("minutes_mean"), ours, percentage))
    rows = _add(rows, "hat_plain", box_counts(pl.col("minutes_given_play"), lambda t: pl.col(f"{t}_per_min_plain"), shrunk))
    rows = _add(rows, "decayed", box_counts(pl.col("minutes_decayed"), lambda t: pl.col(f"{t}_per_min_prior"), shrunk))
    rows = _add(rows, "season", box_counts(pl.col("minutes_season"), lambda t: pl.col(f"{t}_per_min_season"), shrunk))
    rows = _add(rows, "floor", box_counts(pl.col("minutes"), ours, percentage))
    rows = rows.with_columns(value_of(s, lambda part: pl.col(f"{part}_mean")).alias(f"{s}_mean") for s in COMBINATIONS)
    # where play_prob is 0 the stored box score is 0, which is no prediction given play
    return rows.with_columns(
        pl.when(possible).then(pl.col(f"{s}_mean") / pl.col("play_prob")).otherwise(f"{s}_hat_raw").alias(f"{s}_hat") for s in BOX_STATS
    )


def _add(rows: pl.DataFrame, suffix: str, counts: Mapping[str, pl.Expr]) -> pl.DataFrame:
    return rows.with_columns(expr.alias(f"{stat}_{suffix}") for stat, expr in counts.items())
