"""The landing zone: files as their source gave them. One asset without partitions, because the source decides what it holds."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from rates_assets.step import OWNERS, Step, asset_key, table_assets
from rates_lib.core.errors import RatesError
from rates_lib.lake import write_atomically
from rates_lib.sources.contract import Datasets, Request, deliver
from rates_lib.sources.landing import land, refuse_mixture
from rates_lib.sources.registry import Provider, source_of


class LandConfig(dg.Config):
    """Which data to land.

    Attributes:
        provider: a row of `sources.registry`: `files` reads a folder in the layout of shared/data, `sqlite` a database (docs/sqlite.md),
            `synthetic` invents a league.
        path: folder or file of a provider that needs one.
        seasons: start years; empty: all seasons of the source, or 2022 to 2024 of the synthetic league.
        options: of the provider, by name; the synthetic league has seed, teams and games_per_team.
    """

    provider: str = Provider.FILES.value
    path: str = ""
    seasons: list[int] = Field(default_factory=list)
    options: dict[str, int] = Field(default_factory=dict)


@table_assets(
    specs=[
        dg.AssetSpec(
            asset_key("landing.zone"),
            description="files as their source gave them, `landing/<provider>/<dataset>/<season or date>.parquet`, never replaced",
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
    """Land the data of a provider; content that has landed before is not landed again. A lake holds invented or real data, never both."""
    if config.provider not in list(Provider):
        raise RatesError(f"no provider {config.provider!r}: choose from {', '.join(Provider)}")
    provider = Provider(config.provider)
    refuse_mixture(step.lake, provider)  # before a source is read for a long time, and before the truth of a league is written
    request = Request(Path(config.path) if config.path else None, config.seasons, config.options)
    delivery = deliver(provider, source_of(provider), request)
    for name, frame in delivery.truth.items():
        write_atomically(step.lake.truth_path(name), frame.write_parquet)
    landed = land(step.lake, provider, delivery.datasets, datetime.now(UTC))
    left_out = int(delivery.left_out["rows"].sum())
    step.note("landing.zone", _figures(delivery.datasets, [file.dataset for file in landed]) | {"rows_left_out": left_out})


def _figures(datasets: Datasets, landed: list[str]) -> dict[str, Any]:
    """Files and rows per dataset, and how many of the files are new."""
    by_dataset = {
        name: {"files": len(seasons), "new_files": landed.count(name), "rows": sum(frame.height for frame in seasons.values())}
        for name, seasons in sorted(datasets.items())
    }
    return {"datasets": by_dataset, "new_files": len(landed), "dagster/row_count": sum(row["rows"] for row in by_dataset.values())}


ASSETS = [landing_zone]
