"""One day's files, from the lake's tables to a version in its exports folder.

Belongs here: which files a day has. Does not belong here: what is in them (`datasets.py`, `report.py`), formats (`files.py`), where they
lie (`versions.py`), copies (`target.py`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from rates_lib.exports import datasets, report
from rates_lib.exports.files import file_names, render_dataset
from rates_lib.exports.versions import MANIFEST, withdraw, write_version
from rates_lib.lake import Lake
from rates_lib.schemas.tables import EXPORTS, TABLES
from rates_lib.schemas.validate import check

REPORT_FILE, PICTURE_FILE = "slate_report.html", "slate.png"
FILES = (*(name for dataset in EXPORTS for name in file_names(dataset)), REPORT_FILE, PICTURE_FILE)


def write_day(
    lake: Lake,
    game_date: date,
    *,
    games: pl.DataFrame,
    profiles: pl.DataFrame,
    minutes: pl.DataFrame,
    rates: pl.DataFrame,
    box: pl.DataFrame,
    team: pl.DataFrame,
    matchup: pl.DataFrame,
    worlds: pl.DataFrame,
    player_summary: pl.DataFrame,
    game_summary: pl.DataFrame,
    as_of_utc: datetime,
) -> pl.DataFrame:
    """Write the files of one day as a version; a day without games has none, and no pointer to those of an earlier run.

    Args:
        lake: where to.
        game_date: Eastern date of the slate.
        games: rows of silver.game for the slate.
        profiles: rows of predictions.player_profile.
        minutes: rows of predictions.minutes.
        rates: rows of predictions.rates.
        box: rows of predictions.player_box.
        team: rows of predictions.team.
        matchup: rows of predictions.matchup.
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
        withdraw(folder)
        return spec.empty()
    players = datasets.player_predictions(games=games, minutes=minutes, rates=rates, box=box, player_summary=player_summary)
    frames = {
        "gameday_player_profiles": datasets.player_profiles(games, profiles),
        "gameday_matchups": datasets.matchups(games, matchup),
        "gameday_team_predictions": datasets.team_predictions(games, team),
        "gameday_player_predictions": players,
    }
    contents: dict[str, bytes] = {}
    about: dict[str, dict[str, Any]] = {}
    for name, frame in frames.items():
        files = render_dataset(frame, name)
        contents |= files
        about |= {file: {"dataset": name, "rows": frame.height} for file in files}
    picture = report.slate_picture(players, worlds)
    contents |= {REPORT_FILE: report.render_page(games, players, game_summary, picture, as_of_utc).encode(), PICTURE_FILE: picture}
    version = write_version(folder, as_of_utc, contents, about)
    rows = [
        {
            "season": games["season"][0],
            "game_date": game_date,
            "path": f"{folder.name}/{version}/{name}",
            "format": name.rsplit(".", 1)[1],
            "bytes": (folder / version / name).stat().st_size,
            "as_of_utc": as_of_utc,
        }
        for name in (*contents, MANIFEST)
    ]
    return check(pl.DataFrame(rows, schema=spec.schema), spec.name)
