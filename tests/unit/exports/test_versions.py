"""What was once exported stays; the pointer says which is newest; copies catch up and never go back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.exports import target as targets
from rates_lib.exports import versions as kept
from rates_lib.exports.target import copy_day, open_target
from rates_lib.exports.versions import versions, withdraw, write_version

NOON = datetime(2024, 12, 25, 17, 0, tzinfo=UTC)
LATER = datetime(2024, 12, 25, 18, 30, 5, tzinfo=UTC)
OLD, NEW = "20241225T170000Z", "20241225T183005Z"


def write(folder: Path, as_of: datetime, text: str) -> str:
    return write_version(folder, as_of, {"a.csv": text.encode(), "b.json": b"[]"}, {"a.csv": {"rows": 1}}, folder / "latest.json")


def latest(folder: Path) -> str:
    return json.loads((folder / "latest.json").read_text())["version"]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lake" / "2024-12-25"


@pytest.fixture
def memory() -> Iterator[targets.Target]:
    fsspec.filesystem("memory").store.clear()
    with open_target("memory://bucket/prefix") as target:
        yield target


def test_a_version_per_instant_and_the_newest_is_pointed_to(folder: Path) -> None:
    assert write(folder, NOON, "one") == OLD
    before = tree(folder / OLD)
    assert write(folder, LATER, "two") == NEW
    assert versions(folder) == [OLD, NEW]
    assert tree(folder / OLD) == before
    assert latest(folder) == NEW
    manifest = json.loads((folder / NEW / "manifest.json").read_text())
    assert manifest["as_of_utc"] == "2024-12-25T18:30:05Z"
    assert manifest["files"][0]["rows"] == 1
    assert [f["name"] for f in manifest["files"]] == ["a.csv", "b.json"]


def test_the_pointer_follows_an_earlier_instant_that_was_made_current_on_purpose(folder: Path) -> None:
    write(folder, LATER, "two")
    write(folder, NOON, "one")
    assert latest(folder) == OLD
    assert versions(folder) == [OLD, NEW]


def test_the_same_content_is_kept_once_and_other_content_beside_it(folder: Path) -> None:
    write(folder, NOON, "one")
    before = tree(folder)
    assert write(folder, NOON, "one") == OLD
    assert tree(folder) == before
    assert [write(folder, NOON, f"v{n}") for n in range(2, 11)][-1] == f"{OLD}~10"
    assert latest(folder) == versions(folder)[-1] == f"{OLD}~10"
    assert {name: content for name, content in tree(folder).items() if name.startswith(f"{OLD}/")} == {
        name: content for name, content in before.items() if name.startswith(f"{OLD}/")
    }


def test_a_crash_leaves_the_last_version_as_the_newest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, NOON, "one")
    whole = kept._write

    def dies(path: Path, content: bytes) -> None:
        if path.name == "b.json":
            raise OSError("no space left")
        whole(path, content)

    monkeypatch.setattr(kept, "_write", dies)
    with pytest.raises(OSError, match="no space"):
        write(folder, LATER, "two")
    assert (latest(folder), versions(folder)) == (OLD, [OLD])
    monkeypatch.undo()
    assert write(folder, LATER, "two") == NEW
    assert latest(folder) == NEW


def test_a_copy_catches_up(folder: Path, memory: targets.Target) -> None:
    write(folder, NOON, "one")
    write(folder, LATER, "two")
    assert copy_day(folder, memory) == [OLD, NEW]
    assert copy_day(folder, memory) == []
    assert {name: memory.read(f"2024-12-25/{name}") for name in tree(folder)} == tree(folder)


def test_a_copy_into_a_folder(folder: Path, tmp_path: Path) -> None:
    write(folder, NOON, "one")
    for url in (str(tmp_path / "out"), f"file://{tmp_path}/uri"):
        with open_target(url) as target:
            copy_day(folder, target)
    assert tree(tmp_path / "out" / "2024-12-25") == tree(tmp_path / "uri" / "2024-12-25") == tree(folder)


def test_the_pointer_of_a_copy_moves_forward_only(folder: Path, memory: targets.Target, tmp_path: Path) -> None:
    write(folder, LATER, "two")
    copy_day(folder, memory)
    other = tmp_path / "other" / "2024-12-25"
    write(other, NOON, "one")
    assert copy_day(other, memory) == [OLD]
    assert json.loads(memory.read("2024-12-25/latest.json") or b"")["version"] == NEW


def test_a_crash_in_mid_copy_shows_nothing_new(folder: Path, memory: targets.Target, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, NOON, "one")
    copy_day(folder, memory)
    write(folder, LATER, "two")
    put = targets.Target.put

    def dies(self: targets.Target, source: Path, name: str) -> None:
        if name.endswith("b.json"):
            raise ConnectionResetError("gone")
        put(self, source, name)

    monkeypatch.setattr(targets.Target, "put", dies)
    with pytest.raises(RatesError, match=r"bucket bucket \(memory://bucket/prefix\): it cannot be reached .*gone.*the files are in "):
        copy_day(folder, memory)
    assert json.loads(memory.read("2024-12-25/latest.json") or b"")["version"] == OLD
    assert memory.read(f"2024-12-25/{NEW}/manifest.json") is None
    monkeypatch.undo()
    assert copy_day(folder, memory) == [NEW]


def test_another_lakes_version_is_not_overwritten(folder: Path, memory: targets.Target, tmp_path: Path) -> None:
    write(folder, NOON, "one")
    copy_day(folder, memory)
    other = tmp_path / "other" / "2024-12-25"
    write(other, NOON, "another")
    with pytest.raises(RatesError, match=f"holds another 2024-12-25/{OLD}.*choose another prefix"):
        copy_day(other, memory)
    assert memory.read(f"2024-12-25/{OLD}/a.csv") == b"one"


def test_a_lost_day_takes_back_its_own_pointer_only(folder: Path, memory: targets.Target, tmp_path: Path) -> None:
    write(folder, NOON, "one")
    copy_day(folder, memory)
    copy_day(tmp_path / "empty" / "2024-12-25", memory)
    assert memory.read("2024-12-25/latest.json") is not None
    withdraw(folder)
    copy_day(folder, memory)
    assert memory.read("2024-12-25/latest.json") is None
    assert memory.read(f"2024-12-25/{OLD}/a.csv") == b"one"


@pytest.mark.parametrize(
    ("url", "message"),
    [("s3://", "names no bucket: write s3://bucket/prefix"), ("nosuch://b/p", "cannot export to nosuch://b/p: .*name a folder or s3://")],
)
def test_a_target_that_is_none(url: str, message: str) -> None:
    with pytest.raises(RatesError, match=message), open_target(url):
        pass
