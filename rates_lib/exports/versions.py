"""Versions of a day's files: a folder per `as_of_utc`, never changed once it is complete, and the pointer to the newest.

```
<day>/20241225T160000Z/          files known by 16:00 UTC, and manifest.json, written last: a folder without it is not complete
<day>/20241225T160000Z~2/        the same instant, other content: models or results have changed since
<day>/latest.json                the manifest of the newest version, replaced in one step
```

Belongs here: that layout, in a local folder. Does not belong here: what is in the files (`files.py`), copies elsewhere (`target.py`).
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
    """Sorts versions from the oldest to the newest: by the instant, then by number.

    Raises:
        ValueError: if it is not the name of a version.
    """
    match = _NAME.match(version)
    if match is None:
        raise ValueError(f"{version!r} is no version: 20241225T160000Z or 20241225T160000Z~2")
    return match["instant"], int(match["number"] or 1)


def versions(folder: Path) -> list[str]:
    """Names of a day's complete versions, oldest first."""
    found = (path.parent.name for path in folder.glob(f"*/{MANIFEST}"))
    return sorted((name for name in found if _NAME.match(name)), key=version_order)


def write_version(folder: Path, as_of_utc: datetime, contents: Mapping[str, bytes], about: Mapping[str, Mapping[str, Any]]) -> str:
    """Keep the files of one instant as a version; files that are the same as those of its last version are not kept twice.

    Args:
        folder: the day's.
        as_of_utc: instant up to which published information was used; versions are told apart by the second.
        contents: files by name.
        about: what the manifest says of a file beside its format, size and hash, by name.

    Returns:
        Name of the version that holds them, to which `latest.json` points unless there is one of a later instant.
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
    point_to_newest(folder)
    return version


def point_to_newest(folder: Path) -> None:
    """Make `latest.json` say what the newest complete version says."""
    content = (folder / versions(folder)[-1] / MANIFEST).read_bytes()
    if not (folder / LATEST).exists() or (folder / LATEST).read_bytes() != content:
        _write(folder / LATEST, content)


def withdraw(folder: Path) -> None:
    """A day that has lost its games has no newest version; what was exported stays."""
    (folder / LATEST).unlink(missing_ok=True)


def _entry(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "format": name.rsplit(".", 1)[1], "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _write(path: Path, content: bytes) -> None:
    write_atomically(path, lambda temporary: temporary.write_bytes(content))
