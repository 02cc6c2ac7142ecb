"""Copies of exported days in a place that the user names: another folder, or object storage such as `s3://bucket/prefix`.

The local lake stays the record. A copy transfers all versions of a day that the target lacks, so the next copy repairs a failed one.
Object storage writes an object whole or not at all; a version's manifest is written after its files, the pointer last.

Belongs here: copying, and error messages for stores that cannot be reached. Does not belong here: the layout of a day (`versions.py`),
credentials: s3fs takes them, and AWS_ENDPOINT_URL, from the usual AWS environment (variables, profile, role).
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from fsspec.asyn import AsyncFileSystem, sync

from rates_lib.core.errors import ExportError
from rates_lib.exports.versions import LATEST, MANIFEST, version_order, versions
from rates_lib.lake import write_atomically

VARIABLE = "RATES_EXPORT_TO"
# the defaults, five attempts of a minute each, would delay a slate by minutes if the store is missing
_S3 = {"config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 2}}}


@dataclass(frozen=True)
class Target:
    """The place that files are copied to.

    Attributes:
        url: as the user wrote it.
        root: folder or key that holds the folders of days.
        store: the file system; None for a local folder.
    """

    url: str
    root: str
    store: Any

    def read(self, name: str) -> bytes | None:
        """Content of a file; None if the file does not exist."""
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


@contextmanager
def open_target(url: str) -> Iterator[Target]:
    """The target at a URL, connected at its first use and disconnected at the end.

    Args:
        url: a local folder, `s3://bucket/prefix`, or a URL of another store for which fsspec has a package.

    Raises:
        ExportError: if the kind of store is unknown, or the URL names no bucket.
    """
    protocol, separator, rest = url.partition("://")
    if not separator or protocol == "file":
        yield Target(url, str(Path(rest if separator else url).expanduser().resolve()), None)
        return
    if not rest.strip("/"):
        raise ExportError(f"{url!r} names no bucket: write {protocol}://bucket/prefix")
    with _event_loop() as loop:
        try:
            kind = fsspec.get_filesystem_class(protocol)
            options: dict[str, Any] = {"loop": loop} if issubclass(kind, AsyncFileSystem) else {}
            options |= _S3 if protocol == "s3" else {}
            store, root = fsspec.core.url_to_fs(url, skip_instance_cache=True, use_listings_cache=False, **options)
        except (ValueError, ImportError) as error:
            raise ExportError(f"cannot export to {url}: {error}: name a folder or s3://bucket/prefix") from error
        try:
            yield Target(url, root.rstrip("/"), store)
        finally:
            client = getattr(store, "_s3creator", None)
            if client is not None:
                sync(loop, client.__aexit__, None, None, None)


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, both ended with the block.

    fsspec's own loop never ends. What its thread holds then (an error of the store, with the frames of the run that it ended) outlives the
    interpreter, and DuckDB prints forty lines about leaked objects.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="exports", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_end_tasks(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_tasks() -> None:
    """End what an interrupt has left in the running loop."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()


def copy_day(folder: Path, target: Target) -> list[str]:
    """Copy the versions of a day that the target lacks, then its `latest.json`.

    The pointer of the target follows that of the lake, unless it points to a later version of another lake; it is removed only if it
    points to a version of this lake and the day has none now.

    Args:
        folder: of the day in the lake.
        target: the place to copy to.

    Returns:
        Names of the versions that were copied.

    Raises:
        ExportError: if the target cannot be written; names the bucket (or folder), the problem, the remedy and the folder of the files.
            Also if the target holds another version of the same name.
    """
    day = folder.name
    copied = []
    with _one_line_errors(target, folder):
        local = versions(folder)
        for version in local:
            manifest = folder / version / MANIFEST
            remote = target.read(f"{day}/{version}/{MANIFEST}")
            if remote == manifest.read_bytes():
                continue
            if remote is not None:
                raise ExportError(
                    f"{target.url} holds another {day}/{version}, exported from another lake or before this lake was rebuilt: "
                    f"choose another prefix, or remove that version there; the files are in {folder}"
                )
            for entry in json.loads(manifest.read_bytes())["files"]:
                target.put(folder / version / entry["name"], f"{day}/{version}/{entry['name']}")
            target.put(manifest, f"{day}/{version}/{MANIFEST}")
            copied.append(version)
        _point(folder, target, local)
    return copied


def _point(folder: Path, target: Target, local: list[str]) -> None:
    name = f"{folder.name}/{LATEST}"
    content = target.read(name)
    points_to = json.loads(content)["version"] if content else ""
    if not (folder / LATEST).exists():
        if points_to in local:
            target.remove(name)
        return
    current = json.loads((folder / LATEST).read_bytes())["version"]
    if not points_to or points_to in local or version_order(points_to) < version_order(current):
        target.put(folder / LATEST, name)


@contextmanager
def _one_line_errors(target: Target, folder: Path) -> Iterator[None]:
    """Turn errors of a store's library into an ExportError with the remedy."""
    try:
        yield
    except (OSError, BotoCoreError, ClientError) as error:
        bucket = target.url.partition("://")[2].partition("/")[0]
        place = target.url if target.store is None else f"bucket {bucket} ({target.url})"
        why = next(remedy(error) for kinds, remedy in _REMEDIES if isinstance(error, kinds))
        raise ExportError(f"cannot export to {place}: {why}; the files are in {folder}") from error


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
