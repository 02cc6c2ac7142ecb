"""Exports to object storage, against an S3 server on this machine (moto)."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import dagster as dg
import jsonschema
import polars as pl
import pytest
from moto.server import ThreadedMotoServer

from rates_assets.cli.runner import NotCopiedError
from rates_assets.step import asset_key
from rates_lib.core.errors import ExportError
from rates_lib.exports.target import copy_day, open_target
from rates_lib.lake import Lake
from rates_lib.schemas.tables import EXPORTS
from tests.integration.conftest import Chain

BUCKET = "gameday"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[boto3.client]:
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    yield client
    for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=entry["Key"])
    client.delete_bucket(Bucket=BUCKET)
    client.close()


def _keys(client: boto3.client) -> dict[str, bytes]:
    listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {entry["Key"]: client.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read() for entry in listed}


def _export(chain: Chain) -> None:
    chain.runner.run("slate", chain.day, assets=[asset_key("exports.files")])


def test_a_slate_is_exported_as_it_lies_in_the_lake(chain: Chain, s3: boto3.client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATES_EXPORT_TO", f"s3://{BUCKET}/nba/slates/")
    _export(chain)
    local = {p: p.read_bytes() for p in chain.lake.exports_root(chain.day).rglob("*") if p.is_file()}
    uploaded = _keys(s3)
    assert uploaded == {f"nba/slates/{p.relative_to(chain.lake.root / 'exports')}": content for p, content in local.items()}

    newest = json.loads(uploaded[f"nba/slates/{chain.day}/latest.json"])
    assert chain.lake.read("exports.files", [chain.day])["path"][0].startswith(f"{chain.day}/{newest['version']}/")
    folder = f"nba/slates/{chain.day}/{newest['version']}"
    for dataset in EXPORTS:
        records = json.loads(uploaded[f"{folder}/{dataset}.json"])
        jsonschema.validate(records, json.loads(uploaded[f"{folder}/{dataset}.schema.json"]), jsonschema.Draft202012Validator)
        assert pl.read_parquet(io.BytesIO(uploaded[f"{folder}/{dataset}.parquet"])).height == len(records) > 0
    assert s3.head_object(Bucket=BUCKET, Key=f"{folder}/slate_report.html")["ContentType"] == "text/html"

    _export(chain)
    assert _keys(s3) == uploaded


def _copied_to(url: str, folder: Path) -> list[str]:
    with open_target(url) as target:
        return copy_day(folder, target)


def test_what_is_wrong_is_said_with_bucket_and_remedy(chain: Chain, s3: boto3.client, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = chain.lake.exports_root(chain.day)
    with pytest.raises(ExportError, match=rf"bucket nosuch \(s3://nosuch/x\): it does not exist: create it.*the files are in {folder}"):
        _copied_to("s3://nosuch/x", folder)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ExportError, match=f"bucket {BUCKET} .*cannot be reached .*AWS_ENDPOINT_URL is http://127.0.0.1:9"):
        _copied_to(f"s3://{BUCKET}/x", folder)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(ExportError, match=f"bucket {BUCKET} .*no AWS credentials were found: set AWS_ACCESS_KEY_ID"):
        _copied_to(f"s3://{BUCKET}/x", folder)
    assert _keys(s3) == {}
    assert not [thread for thread in threading.enumerate() if thread.name == "exports"]


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize("lacking", ["credentials", "endpoint"])
def test_a_slate_that_cannot_be_copied_is_written_current_and_printed(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(chain.lake.root, lake.root)
    shutil.rmtree(lake.root / "exports")
    environment = {"RATES_ROOT": str(lake.root), "DAGSTER_HOME": str(tmp_path / "home")}
    if lacking == "endpoint":
        environment |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    else:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    # in a process of its own: what is left open is complained about at its end
    args = ["slate", chain.day, "--worlds", "300", "--export-to", f"s3://{BUCKET}/x"]
    ended = subprocess.run(
        [sys.executable, "-c", f"from rates_assets.cli import app; app({args})"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "slate_report.html" in ended.stdout
    assert " plays " in ended.stdout
    assert ended.stderr.strip().splitlines()[-1].startswith(f"error: cannot export to bucket {BUCKET} ")
    assert "leaked" not in ended.stderr
    assert lake.read("sims.worlds", [chain.day], ["world"])["world"].max() == 299
    assert (lake.exports_root(chain.day) / "latest.json").exists()
    with dg.DagsterInstance.from_config(str(tmp_path / "home")) as instance:
        (run,) = instance.get_runs()
        assert run.status == dg.DagsterRunStatus.FAILURE
        assert instance.get_materialized_partitions(asset_key("exports.files")) == {chain.day}


def test_a_mistyped_target_of_scheduled_runs_does_not_cost_the_slate(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATES_EXPORT_TO", "nosuch://x")
    with pytest.raises(NotCopiedError, match="cannot export to nosuch://x"):
        _export(chain)
    record = chain.instance.get_latest_materialization_event(asset_key("exports.files"))
    assert record is not None
    assert record.asset_materialization is not None
    shown = record.asset_materialization.metadata
    assert shown["copied_to"].value == "nosuch://x"
    assert shown["slate_report.html"] == dg.MetadataValue.path(str(chain.lake.root / "exports" / _path(chain, "slate_report.html")))
    assert Path(str(shown["slate_report.html"].value)).exists()
    assert str(shown["report"].value).startswith("file:///")
    assert str(shown["picture"].value).startswith("![points over all worlds](data:image/png;base64,")
    assert len(str(shown["picture"].value)) < 150_000


def _path(chain: Chain, name: str) -> str:
    return next(path for path in chain.lake.read("exports.files", [chain.day])["path"] if path.endswith(f"/{name}"))
