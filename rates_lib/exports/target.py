"""Copies of exported days where a user wants them: another folder, or object storage such as `s3://bucket/prefix`.

The local lake stays the record: a day's versions that the target lacks are copied, so a copy that failed is made up for by the next.
Object storage writes an object whole or not at all; a version's manifest is written after its files, the pointer after everything.

Belongs here: copying, and what is said when a store cannot be reached. Does not belong here: the layout of a day (`versions.py`).
Credentials are not handled here: s3fs takes them, and AWS_ENDPOINT_URL, from the usual AWS environment (variables, profile, role).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from rates_lib.core.errors import RatesError
from rates_lib.exports.versions import LATEST, MANIFEST, version_order, versions
from rates_lib.lake import write_atomically

VARIABLE = "RATES_EXPORT_TO"
# a slate shall not wait for minutes to learn that there is no store: the defaults are five attempts of a minute each
_S3 = {"config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 2}}}


@dataclass(frozen=True)
class Target:
    """Where to copy to.

    Attributes:
        url: as the user wrote it.
        root: folder or key below which a day's folder lies.
        store: the file system; None for a local folder.
    """

    url: str
    root: str
    store: Any

    def read(self, name: str) -> bytes | None:
        """Content of a file, None if there is none."""
        path = f"{self.root}/{name}"
        if self.store is None:
            return Path(path).read_bytes() if Path(path).exists() else None
        return bytes(self.store.cat_file(path)) if self.store.exists(path) else None

    def put(self, source: Path, name: str) -> None:
        """Copy a file, whole or not at all."""
        if self.store is None:
            content = source.read_bytes()
            write_atomically(Path(self.root) / name, lambda temporary: temporary.write_bytes(content))
        else:
            self.store.put_file(str(source), f"{self.root}/{name}")

    def remove(self, name: str) -> None:
        """Remove a file."""
        if self.store is None:
            (Path(self.root) / name).unlink(missing_ok=True)
        else:
            self.store.rm_file(f"{self.root}/{name}")


def open_target(url: str) -> Target:
    """The target that a user names; nothing is asked of it yet.

    Args:
        url: a local folder, `s3://bucket/prefix`, or a URL of another store for which fsspec has a package.

    Raises:
        RatesError: if there is no such kind of store, or a bucket is not named.
    """
    protocol, separator, rest = url.partition("://")
    if not separator or protocol == "file":
        return Target(url, str(Path(rest if separator else url).expanduser().resolve()), None)
    if not rest.strip("/"):
        raise RatesError(f"{url!r} names no bucket: write {protocol}://bucket/prefix")
    try:
        store, root = fsspec.core.url_to_fs(url, skip_instance_cache=True, use_listings_cache=False, **(_S3 if protocol == "s3" else {}))
    except (ValueError, ImportError) as error:
        raise RatesError(f"cannot export to {url}: {error}: name a folder or s3://bucket/prefix") from error
    return Target(url, root.rstrip("/"), store)


def copy_day(folder: Path, target: Target) -> list[str]:
    """Copy what the target lacks of a day, and let its `latest.json` point where the local one does.

    The pointer of the target moves forward only, and is removed only if it points to a version of this lake and the day has none now.

    Args:
        folder: the day's in the lake.
        target: where to.

    Returns:
        Names of the versions that were copied.

    Raises:
        RatesError: names the bucket (or folder), what is wrong, the remedy and where the files lie; also if the target holds a version of
            the same name from another lake.
    """
    day = folder.name
    copied = []
    with _told(target, folder):
        have = versions(folder)
        for version in have:
            manifest = folder / version / MANIFEST
            there = target.read(f"{day}/{version}/{MANIFEST}")
            if there == manifest.read_bytes():
                continue
            if there is not None:
                raise RatesError(
                    f"{target.url} holds another {day}/{version}, exported from another lake or before this one was made anew: "
                    f"choose another prefix, or remove that version there; the files are in {folder}"
                )
            for entry in json.loads(manifest.read_bytes())["files"]:
                target.put(folder / version / entry["name"], f"{day}/{version}/{entry['name']}")
            target.put(manifest, f"{day}/{version}/{MANIFEST}")
            copied.append(version)
        _point(folder, target, have)
    return copied


def _point(folder: Path, target: Target, have: list[str]) -> None:
    name = f"{folder.name}/{LATEST}"
    content = target.read(name)
    points_to = json.loads(content)["version"] if content else ""
    if not (folder / LATEST).exists():
        if points_to in have:
            target.remove(name)
        return
    newest = json.loads((folder / LATEST).read_bytes())["version"]
    if not points_to or version_order(points_to) < version_order(newest):
        target.put(folder / LATEST, name)


@contextmanager
def _told(target: Target, folder: Path) -> Iterator[None]:
    """Say in one line what a store's library says in many."""
    try:
        yield
    except RatesError:
        raise
    except (OSError, BotoCoreError, ClientError) as error:
        bucket = target.url.partition("://")[2].partition("/")[0]
        place = target.url if target.store is None else f"bucket {bucket} ({target.url})"
        why = next(say(error) for kinds, say in _REMEDIES if isinstance(error, kinds))
        raise RatesError(f"cannot export to {place}: {why}; the files are in {folder}") from error


def _unreachable(error: BaseException) -> str:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    where = f"AWS_ENDPOINT_URL is {endpoint}" if endpoint else "AWS_ENDPOINT_URL is not set"
    return f"it cannot be reached ({type(error).__name__}: {error!s:.120}): check the network, the bucket's name and region ({where})"


_REMEDIES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[BaseException], str]], ...] = (
    (
        (NoCredentialsError, PartialCredentialsError),
        lambda _: (
            "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a role"
        ),
    ),
    (FileNotFoundError, lambda _: f"it does not exist: create it, or correct --export-to or {VARIABLE}"),
    (
        PermissionError,
        lambda error: (
            f"access is denied ({error!s:.120}): check the AWS credentials, which need s3:ListBucket, s3:GetObject, s3:PutObject and "
            "s3:DeleteObject there"
        ),
    ),
    (BaseException, _unreachable),
)
