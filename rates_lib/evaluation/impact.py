"""Quality of impact estimates: agreement with a published rating, error on the games that follow, and error on games left out.

A rating can agree with a published one for the wrong reason (plus-minus alone reaches .89), so the decisive test is retrodiction: ratings
from before a season, or a month, weighted by the minutes that were then played, give a margin for every game.

Belongs here: `evals.impact`. Does not belong here: estimates (`features/impact/`), text (`reports/impact.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.basketball import PLAYERS
from rates_lib.core.calendar import first_day
from rates_lib.core.metrics import mae, rmse
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.features.impact import config
from rates_lib.features.impact.equations import Evidence
from rates_lib.features.impact.estimates import IMPACT_TABLE
from rates_lib.features.impact.games import ImpactTables, box_rows, evidence_of, fives, load_games, players_of, stint_rows
from rates_lib.features.impact.posterior import Impact, estimate
from rates_lib.lake import Lake
from rates_lib.schemas.tables import TABLES

Floats = NDArray[np.float64]
_Row = tuple[str, str, str, float, float | None, float | None, int]

PUBLISHED = "published_rapm"
SEASON_PENALTY = 4000.0  # ridge penalty of a fit on one season's stints alone, shrunk to 0
SEASON_BOX_PENALTY = 9000.0  # the same of a fit on its box scores
PENALTIES = (1000.0, 2000.0, 3000.0, 4000.0, 6000.0, 9000.0, 14000.0)
FOLDS = 10
HOME_COURT = 2.5  # points per 100 possessions; the same for all compared ratings
_ENDS = {"total": "impact_per_100", "offence": "impact_off_per_100", "defence": "impact_def_per_100"}


class Rated(NamedTuple):
    """Ratings to measure: player_id and the columns of _ENDS; if there is a column `from_date`, a row counts from that day on."""

    name: str
    frame: pl.DataFrame


def impact_season(lake: Lake, season: int, truth: pl.DataFrame | None = None) -> pl.DataFrame:
    """Rows of evals.impact of one season.

    Args:
        lake: the clean tables of this season and the one before, gold.player_impact of this and the next, bronze.impact_rating.
        season: start year.
        truth: true impacts of the synthetic league: season, player_id and the columns of gold.player_impact.

    Returns:
        Sorted by key. Predictors: stints and box (ridge on the season alone, shrunk to 0), impact (gold.player_impact; compared with
        ratings *of* the season: the first estimate after it), published_rapm, plus_minus. Metrics: correlation_published and
        correlation_truth (over players), margin_r, margin_mae (over the games of the season, ratings from before), and
        left_out_rmse_reduction (games left out, share below the RMSE of the mean margin) by penalty.
    """
    this, before = (load_games(lake, [s]) for s in (season, season - 1))
    after = lake.read(IMPACT_TABLE, [season + 1]).filter(pl.col("estimate_date") == first_day(season + 1))
    own = [*season_ratings(this), Rated("impact", after)]
    rows: list[_Row] = []
    published = _published(lake, season)
    for metric, reference in (("correlation_published", published), ("correlation_truth", _of_season(truth, season))):
        rows += [row for rated in own for row in _correlations(rated, reference, metric)]
    monthly = lake.read(IMPACT_TABLE, [season])
    past = [
        *(rated._replace(name=f"{rated.name}_before") for rated in season_ratings(before)),
        Rated("impact_preseason", monthly.filter(pl.col("estimate_date") == first_day(season))),
        Rated("impact", monthly.rename({"estimate_date": "from_date"})),
        Rated(f"{PUBLISHED}_before", _published(lake, season - 1)),
    ]
    rows += _retrodiction([rated for rated in past if rated.frame.height], this)
    rows += [
        ("stints", f"penalty {penalty:g}", "left_out_rmse_reduction", value, None, None, games)
        for penalty, value, games in left_out(this, PENALTIES)
    ]
    spec = TABLES["evals.impact"]
    names = [c for c in spec.columns if c != "season"]
    figures = pl.DataFrame(rows, schema={c: spec.schema[c] for c in names}, orient="row").with_columns(
        pl.lit(season, pl.Int64).alias("season")
    )
    return figures.select(spec.columns).sort(spec.key)


def _published(lake: Lake, season: int) -> pl.DataFrame:
    """The published ratings of a season by the names of our own."""
    rows = lake.read("bronze.impact_rating", [season]).filter(pl.col("source") == PUBLISHED)
    return rows.rename({f"rating{end}_per_100": f"impact{end}_per_100" for end in ("", "_off", "_def")})


def season_ratings(games: ImpactTables) -> list[Rated]:
    """Ratings from one season alone, without time weights, traits or other seasons: by stints (if any), by box scores, and plus-minus.

    `plus_minus` is 100 x plus-minus over possessions on the floor, shrunk with 1,000 possessions of 0.
    """
    one = pl.lit(1.0).alias("weight")
    box, stints = box_rows(games).with_columns(one), stint_rows(games).with_columns(one)
    rated = []
    if stints.height:
        players = players_of(box.clear(), stints)
        evidence = evidence_of(box.clear(), stints, players)
        rated.append(Rated("stints", _frame(players, estimate(evidence, penalty=SEASON_PENALTY, errors=False))))
    if box.height:
        box = box.with_columns(pl.lit(value=False).alias("by_stints"))
        players = players_of(box, stints.clear())
        evidence = evidence_of(box, stints.clear(), players, margin_weight=0.0)
        rated.append(Rated("box", _frame(players, estimate(evidence, penalty=SEASON_BOX_PENALTY, errors=False))))
        played = box.group_by("player_id").agg(
            (100 * pl.col("plus_minus").sum() / ((pl.col("seconds") * pl.col("possessions") / pl.col("team_seconds") * 5).sum() + 1000))
            .alias("impact_per_100")
        )  # fmt: skip
        nothing = pl.lit(None, pl.Float64)
        rated.append(Rated("plus_minus", played.with_columns(nothing.alias(_ENDS["offence"]), nothing.alias(_ENDS["defence"]))))
    return rated


def exposures(games: ImpactTables) -> pl.DataFrame:
    """Share of each game that each player was on the floor, from box scores, else from stints.

    Returns:
        game_id, game_date (null where none is known), player_id, share (of the team's time or possessions, negative for visitors),
        possessions, home_court (0 at a neutral site), margin (of the home team); sorted by game_id, player_id.
    """
    box = box_rows(games)
    sign = pl.when(pl.col("home_flag") == 1).then(1).otherwise(-1)
    logged = box.select(
        "game_id",
        "game_date",
        "player_id",
        (pl.col("seconds") / pl.col("team_seconds") * PLAYERS * sign).alias("share"),
        "possessions",
        pl.col("home_court").abs(),
        (sign * (pl.col("pts_team") - pl.col("pts_opponent"))).cast(pl.Float64).alias("margin"),
    )
    stints = stint_rows(games).join(logged, on="game_id", how="anti")
    totals = stints.group_by("game_id").agg(
        (pl.sum("home_possessions", "away_possessions") / 2).name.prefix("_"),
        ((pl.col("home_possessions") + pl.col("away_possessions")).sum() / 2).alias("possessions"),
        (pl.col("home_pts_stint") - pl.col("away_pts_stint")).sum().cast(pl.Float64).alias("margin"),
    )
    on_floor = pl.concat(
        stints.select(
            "game_id",
            "game_date",
            "home_court",
            pl.col(f"{side}_lineup").str.split("|").alias("player_id"),
            (factor * (pl.col("home_possessions") + pl.col("away_possessions")) / 2).alias("_on"),
        ).explode("player_id")
        for side, factor in (("home", 1), ("away", -1))
    )
    shares = on_floor.group_by("game_id", "game_date", "player_id", "home_court").agg(pl.col("_on").sum()).join(totals, on="game_id")
    by_stints = shares.select(
        "game_id", "game_date", "player_id", (pl.col("_on") / pl.col("possessions")).alias("share"), "possessions", "home_court", "margin"
    )
    return pl.concat([logged, by_stints]).sort("game_id", "player_id")


def left_out(games: ImpactTables, penalties: Iterable[float], folds: int = FOLDS) -> list[tuple[float, float, int]]:
    """Cross-validation by game on stints: how far the RMSE of the margin lies below that of the mean margin.

    Every game's stints are predicted by ratings of the other folds; a game's fold is its place in order of id, modulo `folds`.

    Returns:
        For each penalty (penalty, 1 - RMSE / RMSE of the mean margin, games); empty without stints.
    """
    stints = stint_rows(games).with_columns(pl.lit(1.0).alias("weight"))
    if stints.is_empty():
        return []
    none = box_rows(games).clear()
    players = players_of(none, stints)
    fold = (stints["game_id"].rank("dense") - 1).to_numpy().astype(np.int64) % folds
    parts = [evidence_of(none, stints.filter(pl.Series(fold == k)), players) for k in range(folds)]
    ids, game = np.unique(stints["game_id"].to_numpy(), return_inverse=True)
    margin = np.bincount(game, (stints["home_pts_stint"] - stints["away_pts_stint"]).to_numpy().astype(np.float64)).astype(np.float64)
    predicted = {penalty: np.zeros(len(ids)) for penalty in penalties}
    mean = np.zeros(len(ids))
    for k in range(folds):
        rest = Evidence.none(len(players))
        for part in (part for j, part in enumerate(parts) if j != k):
            rest.add(part)
        held = stints.filter(pl.Series(fold == k))
        of_fold = np.unique(game[fold == k])
        mean[of_fold] = np.delete(margin, of_fold).mean()
        for penalty in penalties:
            impact = estimate(rest, penalty=penalty, errors=False)
            predicted[penalty] += np.bincount(game[fold == k], _stint_margins(held, impact, players), len(ids))
    worst = rmse(margin, mean)
    return [(p, 1 - rmse(margin, predicted[p]) / worst, len(ids)) for p in penalties]


def _stint_margins(stints: pl.DataFrame, impact: Impact, players: pl.Series) -> Floats:
    home, away = fives(stints["home_lineup"], players), fives(stints["away_lineup"], players)
    net = impact.offence + impact.defence
    edge = net[home].sum(1) - net[away].sum(1) + impact.home_court * stints["home_court"].to_numpy()
    possessions = (stints["home_possessions"] + stints["away_possessions"]).to_numpy() / 2
    return np.asarray(edge * possessions / 100)


def _retrodiction(rated: list[Rated], games: ImpactTables) -> list[_Row]:
    """margin_r and margin_mae of ratings from before the games, all on the same games."""
    shares = exposures(games)
    if shares.is_empty() or not rated:
        return []
    totals = shares.group_by("game_id", maintain_order=True).agg(pl.first("possessions", "home_court", "margin"))
    actual = totals["margin"].to_numpy()
    bootstrap = GameBootstrap(totals["game_id"])
    rows: list[_Row] = []
    for name, frame in rated:
        if "from_date" in frame.columns and shares["game_date"].null_count():
            continue  # monthly ratings need the dates of games
        margin = _margins(shares, totals, frame)
        x, y = margin, actual
        drawn = bootstrap.means(np.stack([x, y, x * x, y * y, x * y, np.abs(x - y)], axis=1))
        mx, my, xx, yy, xy, errors = drawn.T
        r = (xy - mx * my) / np.sqrt((xx - mx**2) * (yy - my**2))
        rows.append((name, "margin", "margin_r", float(np.corrcoef(x, y)[0, 1]), *interval(r), len(y)))
        rows.append((name, "margin", "margin_mae", mae(x, y), *interval(errors), len(y)))
    return rows


def _margins(shares: pl.DataFrame, totals: pl.DataFrame, frame: pl.DataFrame) -> Floats:
    rating = frame.select("player_id", *(["from_date"] if "from_date" in frame.columns else []), pl.col("impact_per_100").alias("_rating"))
    if "from_date" in frame.columns:
        dates = rating["from_date"].unique().sort()
        place = dates.search_sorted(shares["game_date"], side="right").cast(pl.Int64) - 1
        shares = shares.with_columns(dates.gather(place).alias("from_date"))
        joined = shares.join(rating, on=["player_id", "from_date"], how="left", maintain_order="left")
    else:
        joined = shares.join(rating, on="player_id", how="left", maintain_order="left")
    net = joined.with_columns((pl.col("share") * pl.col("_rating").fill_null(config.UNSEEN_PER_100)).alias("_net"))
    edge = net.group_by("game_id", maintain_order=True).agg(pl.col("_net").sum())["_net"].to_numpy()
    return np.asarray((edge + HOME_COURT * totals["home_court"].to_numpy()) * totals["possessions"].to_numpy() / 100)


def _correlations(rated: Rated, reference: pl.DataFrame, metric: str) -> list[_Row]:
    rows: list[_Row] = []
    both = rated.frame.join(reference.select("player_id", *(pl.col(c).alias(f"_{c}") for c in _ENDS.values())), on="player_id", how="inner")
    for target, column in _ENDS.items():
        pair = both.drop_nulls([column, f"_{column}"]).sort("player_id")
        if pair.height > 2:
            r = float(np.corrcoef(pair[column].to_numpy(), pair[f"_{column}"].to_numpy())[0, 1])
            rows.append((rated.name, target, metric, r, None, None, pair.height))
    return rows


def _of_season(truth: pl.DataFrame | None, season: int) -> pl.DataFrame:
    if truth is None:
        return TABLES[IMPACT_TABLE].empty()
    true = truth.filter(pl.col("season") == season)
    return true.with_columns((pl.col("impact_off_per_100") + pl.col("impact_def_per_100")).alias("impact_per_100"))


def _frame(players: pl.Series, impact: Impact) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "player_id": players,
            "impact_off_per_100": impact.offence,
            "impact_def_per_100": impact.defence,
            "impact_per_100": impact.offence + impact.defence,
        }
    )
