"""The landing zone: files as their source gave them. One asset without partitions, for what a source holds is the source's affair."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import dagster as dg
import polars as pl
from pydantic import Field

from rates_assets.step import OWNERS, Step, asset_key, table_assets
from rates_lib.core.errors import RatesError
from rates_lib.lake import Lake, write_atomically
from rates_lib.sources.files import read_folder_with_report
from rates_lib.sources.landing import land
from rates_lib.sources.sqlite import read_database_with_report
from rates_lib.sources.synthetic import make_league

Datasets = dict[str, dict[int, pl.DataFrame]]
SYNTHETIC_SEASONS = [2022, 2023, 2024]


class LandConfig(dg.Config):
    """What to land.

    Attributes:
        provider: `files` reads a folder in the layout of shared/data, `sqlite` a database (docs/sqlite.md), `synthetic` makes a league up.
        path: folder of the files provider, or file of the database.
        seasons: start years; empty: all that the source holds, or 2022 to 2024 of the synthetic league.
        seed, teams, games_per_team: of the synthetic league.
    """

    provider: Literal["files", "sqlite", "synthetic"] = "files"
    path: str = ""
    seasons: list[int] = Field(default_factory=list)
    seed: int = 7
    teams: int = 30
    games_per_team: int = 82


@table_assets(
    specs=[
        dg.AssetSpec(
            asset_key("landing.zone"),
            description="files as their source gave them, landing/<provider>/<dataset>/<season or date>.parquet; none is ever replaced",
            group_name="landing",
            kinds={"parquet"},
            owners=OWNERS,
            tags={"rates/time": "as-published"},
        )
    ],
    partitions_def=None,
    config=LandConfig,
)
def landing_zone(step: Step, config: LandConfig) -> None:
    """Land what a provider holds; content that is there already is not landed again."""
    datasets, left_out = _synthetic(step.lake, config) if config.provider == "synthetic" else _source(config)
    landed = land(step.lake, config.provider, datasets, datetime.now(UTC))
    step.note("landing.zone", _figures(datasets, [file.dataset for file in landed]) | {"rows_left_out": left_out})


def _source(config: LandConfig) -> tuple[Datasets, int]:
    what, read = ("a database", read_database_with_report) if config.provider == "sqlite" else ("a folder", read_folder_with_report)
    if not config.path:
        raise RatesError(f"the {config.provider} provider needs {what}: name it with --path (config: path)")
    datasets, report = read(Path(config.path), config.seasons or None)
    return datasets, int(report["rows"].sum())


def _synthetic(lake: Lake, config: LandConfig) -> tuple[Datasets, int]:
    seasons = config.seasons or SYNTHETIC_SEASONS
    try:
        league = make_league(seasons, seed=config.seed, teams=config.teams, games_per_team=config.games_per_team)
    except ValueError as error:
        raise RatesError(f"{error}: choose 4 to 30 teams and 4 games a team or more") from error
    for name, frame in league.truth.items():
        write_atomically(lake.truth_path(name), frame.write_parquet)
    return league.datasets, 0


def _figures(datasets: Datasets, landed: list[str]) -> dict[str, Any]:
    """Files and rows per dataset, and how many of the files are new."""
    by_dataset = {
        name: {"files": len(seasons), "new_files": landed.count(name), "rows": sum(frame.height for frame in seasons.values())}
        for name, seasons in sorted(datasets.items())
    }
    return {"datasets": by_dataset, "new_files": len(landed), "dagster/row_count": sum(row["rows"] for row in by_dataset.values())}


ASSETS = [landing_zone]
