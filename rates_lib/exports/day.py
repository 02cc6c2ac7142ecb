"""One day's files, from the lake's tables to a version in its exports folder.

Belongs here: the list of a day's files. Does not belong here: their content (`datasets.py`, `report.py`), formats (`files.py`), the
layout of folders (`versions.py`), copies (`target.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
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
INPUTS = {
    "minutes": "predictions.minutes", "rates": "predictions.rates", "box": "predictions.player_box", "team": "predictions.team",
    "profiles": "predictions.player_profile", "matchup": "predictions.matchup", "worlds": "sims.worlds",
    "player_summary": "sims.player_summary", "game_summary": "sims.game_summary",
}  # fmt: skip
"""Tables that the files are built from, by the names that this package gives their rows."""
FILES = (*(name for dataset in EXPORTS for name in file_names(dataset)), REPORT_FILE, PICTURE_FILE)


def write_day(lake: Lake, game_date: date, frames: Mapping[str, pl.DataFrame], as_of_utc: datetime) -> pl.DataFrame:
    """Write the files of one day as a version; a day without games has no files and no pointer to those of an earlier run.

    Args:
        lake: in whose exports folder the files go.
        game_date: Eastern date of the slate.
        frames: the day's rows of the tables in `INPUTS`, by their names there; and `games`, those of silver.game.
        as_of_utc: instant up to which published information was used.

    Returns:
        Rows of exports.files, sorted by path; paths are relative to the lake's `exports` folder.

    Raises:
        SchemaError: if a row breaks a rule of its exported file; nothing is written then.
    """
    folder = lake.exports_root(game_date.isoformat())
    spec = TABLES["exports.files"]
    games = frames["games"]
    if games.is_empty() or frames["minutes"].is_empty():
        withdraw(folder)
        return spec.empty()
    players = datasets.player_predictions(**{name: frames[name] for name in ("games", "minutes", "rates", "box", "player_summary")})
    exported = {
        "gameday_player_profiles": datasets.player_profiles(games, frames["profiles"]),
        "gameday_matchups": datasets.game_rows(games, frames["matchup"], "gameday_matchups"),
        "gameday_team_predictions": datasets.game_rows(games, frames["team"], "gameday_team_predictions"),
        "gameday_player_predictions": players,
    }
    contents: dict[str, bytes] = {}
    about: dict[str, dict[str, Any]] = {}
    for name, frame in exported.items():
        files = render_dataset(frame, name)
        contents |= files
        about |= {file: {"dataset": name, "rows": frame.height} for file in files}
    picture = report.slate_picture(players, frames["worlds"])
    page = report.render_page(games, players, frames["game_summary"], picture, as_of_utc)
    contents |= {REPORT_FILE: page.encode(), PICTURE_FILE: picture}
    version = write_version(folder, as_of_utc, contents, about, lake.export_pointer(folder.name))
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
