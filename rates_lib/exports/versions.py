"""Versions of a day's files: a folder per `as_of_utc`, never changed once complete, and a pointer to the current version.

```
<day>/20241225T160000Z/          files as of 16:00 UTC, and manifest.json, written last: a folder without it is incomplete
<day>/20241225T160000Z~2/        the same instant, other content: models or results have changed since
<day>/latest.json                the manifest of the current version, replaced in one step
```

Belongs here: this layout, in a local folder. Does not belong here: the content of the files (`files.py`), copies (`target.py`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rates_lib.lake import write_atomically

MANIFEST, LATEST = "manifest.json", "latest.json"
_NAME = re.compile(r"^(?P<instant>\d{8}T\d{6}Z)(?:~(?P<number>\d+))?$")


def version_order(version: str) -> tuple[str, int]:
    """Sort key of versions from the oldest to the newest: the instant, then the number.

    Raises:
        ValueError: if `version` is not the name of a version.
    """
    match = _NAME.match(version)
    if match is None:
        raise ValueError(f"{version!r} is not a version, such as 20241225T160000Z or 20241225T160000Z~2")
    return match["instant"], int(match["number"] or 1)


def versions(folder: Path) -> list[str]:
    """Names of a day's complete versions, oldest first."""
    names = (path.parent.name for path in folder.glob(f"*/{MANIFEST}"))
    return sorted(filter(_NAME.match, names), key=version_order)


def write_version(
    folder: Path, as_of_utc: datetime, contents: Mapping[str, bytes], about: Mapping[str, Mapping[str, Any]], pointer: Path
) -> str:
    """Store the files of one instant as a version, unless its last version has the same files.

    Args:
        folder: of the day.
        as_of_utc: instant up to which published information was used; it names the version, to the second.
        contents: files by name.
        about: entries of the manifest beside a file's format, size and hash, by name of the file.
        pointer: file to become a copy of the version's manifest: `latest.json`, or where it is staged.

    Returns:
        Name of the version with these files.
    """
    instant = f"{as_of_utc:%Y%m%dT%H%M%SZ}"
    before = [name for name in versions(folder) if version_order(name)[0] == instant]
    files = [_entry(name, content) | dict(about.get(name, {})) for name, content in sorted(contents.items())]
    version = before[-1] if before else ""
    if not before or json.loads((folder / version / MANIFEST).read_bytes())["files"] != files:
        number = version_order(version)[1] + 1 if before else 1
        version = instant if number == 1 else f"{instant}~{number}"
        manifest = {"game_date": folder.name, "as_of_utc": f"{as_of_utc:%Y-%m-%dT%H:%M:%SZ}", "version": version, "files": files}
        for name, content in contents.items():
            _write(folder / version / name, content)
        _write(folder / version / MANIFEST, json.dumps(manifest, indent=2).encode())
    content = (folder / version / MANIFEST).read_bytes()
    if not pointer.exists() or pointer.read_bytes() != content:
        _write(pointer, content)
    return version


def withdraw(folder: Path) -> None:
    """Remove the pointer of a day that has lost its games; its exported versions stay."""
    (folder / LATEST).unlink(missing_ok=True)


def _entry(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "format": name.rsplit(".", 1)[1], "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _write(path: Path, content: bytes) -> None:
    write_atomically(path, lambda temporary: temporary.write_bytes(content))
