"""Mean box scores: reconciled minutes x rates x percentages, with shots scaled to the points of the second stage.

Belongs here: arithmetic on means. Does not belong here: predicted minutes, rates and percentages (`models/`), weights of fantasy scoring
(`fantasy_points.toml`), distributions (`sim/`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.core.box_score import box_score, percentage
from rates_lib.core.fantasy import SITES, fantasy_points
from rates_lib.core.stats import MEDIANS
from rates_lib.models.consistency import nothing_reconciled
from rates_lib.models.second_stage import MEANS
from rates_lib.pipeline.fallbacks import fell_back_on
from rates_lib.schemas.columns import PLAYER_RECONCILED, RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check
from rates_lib.sim.player_means import PERCENTAGE_MEANS, PLAYER_GAME, join_inputs

_LEAST_POINTS = 1e-3  # fewer expected points are not scaled
_FACTOR_BOUNDS = (0.5, 2.0)


def project_box(
    minutes: pl.DataFrame,
    rates: pl.DataFrame,
    form: pl.DataFrame,
    efficiency: pl.DataFrame | None = None,
    second: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Mean box score of every candidate of some games.

    minutes_reconciled, and so all counts and points, include the chance that the player sits out; minutes_mean are minutes if the player
    plays. The identities of a box score hold among the means: PTS = 2 x 2PM + 3 x 3PM + FTM, FGA = 2PA + 3PA, REB = OREB + DREB.

    Args:
        minutes: rows of predictions.minutes, whole teams.
        rates: rows of predictions.rates.
        form: features of the same rows (`assemble.player_features`): game_id, player_id, total_close, season_form_source, the
            optional new_team_flag, and the three shrunk percentages fg2_pct_prior, fg3_pct_prior, ft_pct_prior.
        efficiency: game_id, player_id, fg2_pct_mean, fg3_pct_mean, ft_pct_mean of a model; the shrunk percentages if None.
        second: game_id, player_id, the corrected means `<stat>_given` and the medians `<stat>_p50` of `predict_second_stage`; if
            None, the first stage is kept, the medians are null and fell_back_on names the lack.

    Returns:
        Rows of predictions.player_box, sorted by key, one per row of `minutes`; for the stamp see `join_inputs`. Reconciled columns
        are null: `models.consistency.agree` fills them in.

    Raises:
        RatesError: if a row has no rates or no percentages.
    """
    known = form.select(*PLAYER_GAME, "total_close", "season_form_source", pl.selectors.by_name("new_team_flag", require_all=False))
    frame = join_inputs(minutes, rates, _shrunk(form) if efficiency is None else efficiency)
    frame = frame.join(known, on=PLAYER_GAME, how="left", validate="1:1", maintain_order="left")
    if second is None:
        nothing = [pl.lit(None, pl.Float64).alias(c) for c in (*(f"{s}_given" for s in MEANS), *(f"{s}_p50" for s in MEDIANS))]
        frame = frame.with_columns(nothing)
    else:
        frame = frame.join(second, on=PLAYER_GAME, how="left", validate="1:1", maintain_order="left")
    count = {t: pl.col("minutes_reconciled") * pl.col(f"{t}_per_min_mean") for t in RATE_TARGETS}
    means = box_score(_second_stage(count), percentage)
    box = frame.with_columns(expr.alias(f"{name}_mean") for name, expr in means.items())
    box = box.with_columns(
        *(fantasy_points(lambda stat: pl.col(f"{stat}_mean"), site).alias(site.column) for site in SITES.values()),
        fell_back_on(box),
        *nothing_reconciled(PLAYER_RECONCILED),
    )
    return check(box.select(TABLES["predictions.player_box"].columns), "predictions.player_box")


def _second_stage(count: dict[str, pl.Expr]) -> dict[str, pl.Expr]:
    """Counts with shots scaled to the corrected points, so that the box score still adds up; the factor is within 0.5 and 2."""
    first = box_score(count, percentage)["pts"]
    ratio = pl.when(first > _LEAST_POINTS).then(pl.col("play_prob") * pl.col("pts_given") / first.clip(lower_bound=_LEAST_POINTS))
    factor = ratio.fill_null(1.0).clip(*_FACTOR_BOUNDS)
    return count | {t: count[t] * factor for t in ("fga2", "fga3", "fta")}


def _shrunk(form: pl.DataFrame) -> pl.DataFrame:
    return form.select(*PLAYER_GAME, *(pl.col(c.replace("_mean", "_prior")).alias(c) for c in PERCENTAGE_MEANS))
