"""The day's files for people and other programs: projections as CSV, JSON and Parquet, the slate report as HTML and PNG.

Belongs here: which columns are exported and how they are written. Does not belong here: how the report looks (`report.py`), any
number that is not in the lake already. The same frames give the same bytes.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from rates_lib import report
from rates_lib.lake import Lake, write_atomically
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check

PREDICTIONS = "gameday_player_predictions"
REPORT, PICTURE = "slate_report.html", "slate.png"
FILES = (f"{PREDICTIONS}.csv", f"{PREDICTIONS}.json", f"{PREDICTIONS}.parquet", REPORT, PICTURE)
_SIMULATED = ("minutes", "pts", "reb", "ast", "fg3m", "stl", "blk", "tov", "pra", "dk_points")
_KEY = ["game_id", "player_id"]


def player_predictions(
    *,
    games: pl.DataFrame,
    minutes: pl.DataFrame,
    rates: pl.DataFrame,
    box: pl.DataFrame,
    player_summary: pl.DataFrame,
) -> pl.DataFrame:
    """The exported projections: one row per candidate and game, best first within a team.

    Args:
        games: rows of silver.game for the slate.
        minutes: rows of predictions.minutes.
        rates: rows of predictions.rates.
        box: rows of predictions.player_box, whose stamp names both models.
        player_summary: rows of sims.player_summary.

    Returns:
        Identity, status, minutes, box-score means, fantasy points, rates, what the projection could not rest on, and
        `<stat>_world_p10/p50/p90` over the worlds; sorted by tip-off, game, team (visitors first), projected DraftKings points. Fractions
        are rounded to six decimals.
    """
    sides = pl.concat(
        games.select(
            "game_id",
            pl.col(f"{us}_team_id").alias("team_id"),
            pl.col(f"{us}_team_abbreviation").alias("team_abbreviation"),
            pl.col(f"{them}_team_abbreviation").alias("opponent_abbreviation"),
            pl.lit(int(us == "home"), dtype=pl.Int8).alias("home_flag"),
        )
        for us, them in (("away", "home"), ("home", "away"))
    )
    quantiles = ("p10", "p50", "p90")
    simulated = player_summary.pivot("stat", index=_KEY, values=quantiles)
    means = [c for c in box.columns if c.endswith("_mean") and c not in minutes.columns]
    frame = (
        minutes.drop("as_of_utc", "tipoff_utc", "model_run_id", "model_window", "model_fallback")
        .join(sides, on=["game_id", "team_id"], how="left", validate="m:1")
        .join(
            box.select(*_KEY, *means, "fell_back_on", "as_of_utc", "tipoff_utc", "model_run_id", "model_window", "model_fallback"),
            on=_KEY,
            how="left",
            validate="1:1",
        )
        .join(rates.select(*_KEY, *(f"{t}_per_min_mean" for t in RATE_TARGETS)), on=_KEY, how="left", validate="1:1")
        .join(simulated, on=_KEY, how="left", validate="1:1")
    )
    columns = [
        *("season", "game_date", "game_id", "tipoff_utc", "team_id", "team_abbreviation", "opponent_id", "opponent_abbreviation"),
        *("home_flag", "player_id", "player_name", "status", "availability_source", "is_starter", "play_prob"),
        *("minutes_mean", "minutes_p10", "minutes_p50", "minutes_p90", "minutes_reconciled"),
        *means,
        *(pl.col(f"{q}_{s}").alias(f"{s}_world_{q}") for s in _SIMULATED for q in quantiles),
        *(f"{t}_per_min_mean" for t in RATE_TARGETS),
        *("fell_back_on", "as_of_utc", "model_run_id", "model_window", "model_fallback"),
    ]
    order = ["tipoff_utc", "game_id", "home_flag", "dk_points_mean", "player_id"]
    frame = frame.select(columns).sort(order, descending=[c == "dk_points_mean" for c in order], nulls_last=True)
    return frame.with_columns(pl.selectors.float().round(6))


def write_day(
    lake: Lake,
    game_date: date,
    *,
    games: pl.DataFrame,
    minutes: pl.DataFrame,
    rates: pl.DataFrame,
    box: pl.DataFrame,
    worlds: pl.DataFrame,
    player_summary: pl.DataFrame,
    game_summary: pl.DataFrame,
    as_of_utc: datetime,
) -> pl.DataFrame:
    """Write the files of one day, each atomically; a day without games has none, and loses those of an earlier run.

    Args:
        lake: where to.
        game_date: Eastern date of the slate.
        games: rows of silver.game for the slate.
        minutes: rows of predictions.minutes.
        rates: rows of predictions.rates.
        box: rows of predictions.player_box.
        worlds: rows of sims.worlds, for the picture.
        player_summary: rows of sims.player_summary.
        game_summary: rows of sims.game_summary.
        as_of_utc: instant up to which published information was used.

    Returns:
        Rows of exports.files, sorted by path; paths are relative to the lake's `exports` folder.
    """
    folder = lake.exports_root(game_date.isoformat())
    spec = TABLES["exports.files"]
    if games.is_empty() or minutes.is_empty():
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
        return spec.empty()
    players = player_predictions(games=games, minutes=minutes, rates=rates, box=box, player_summary=player_summary)
    picture = report.picture(players, worlds)
    html = report.render(games, players, game_summary, picture, as_of_utc)
    text = players.with_columns(pl.selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    contents = {
        f"{PREDICTIONS}.csv": text.write_csv().encode(),
        f"{PREDICTIONS}.json": text.write_json().encode(),
        REPORT: html.encode(),
        PICTURE: picture,
    }
    for name, content in contents.items():
        write_atomically(folder / name, lambda tmp, content=content: tmp.write_bytes(content))  # type: ignore[misc]
    write_atomically(folder / f"{PREDICTIONS}.parquet", lambda tmp: players.write_parquet(tmp, compression="zstd"))
    rows = [
        {
            "season": games["season"][0],
            "game_date": game_date,
            "path": f"{folder.name}/{name}",
            "format": name.rsplit(".", 1)[1],
            "bytes": (folder / name).stat().st_size,
            "as_of_utc": as_of_utc,
        }
        for name in FILES
    ]
    return check(pl.DataFrame(rows, schema=spec.schema), spec.name)
