"""How do readers get an analytics file that its writer has open? As published copies, the newest named in `CURRENT`.

`CURRENT` is a small JSON document, replaced atomically: `{"snapshot": "<file>", "as_of": {"<partition>": "<time>"},
"withheld": "<why nobody vouches>"}`.
A copy never changes and never gets another copy's name, so whoever has one open keeps a consistent past.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sinks import freshness as fresh
from sinks.freshness import Freshness

#: Readers may still be opening the one before; older ones go.
_KEPT: Final = 3
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Snapshot:
    path: Path
    freshness: Freshness


def publish_copy(live: Path, folder: Path, number: int, freshness: Freshness) -> Snapshot:
    """Copies a checkpointed file under a new name and makes it the current one.

    The copy is made by another process: closing any descriptor of a file in this one would drop DuckDB's lock on it.
    """
    snapshot = folder / f"{live.name.partition('.')[0]}-{number:0{_DIGITS}d}.duckdb"
    arriving = snapshot.with_suffix(".arriving")
    subprocess.run(["cp", "--reflink=auto", "--", live, arriving], check=True, capture_output=True)
    _sync(arriving)
    arriving.rename(snapshot)
    point_to(snapshot, freshness)
    for old in published(folder)[:-_KEPT]:
        old.unlink()
    return Snapshot(snapshot, freshness)


def point_to(snapshot: Path, freshness: Freshness) -> None:
    """Makes `snapshot` current, or says of the current one that it is fresher than it was."""
    current = snapshot.parent / "CURRENT"
    arriving = current.with_suffix(".arriving")
    told = fresh.as_text(freshness)
    pointer = {"snapshot": snapshot.name, "as_of": told["partitions"], "withheld": told["withheld"]}
    arriving.write_text(json.dumps(pointer))
    _sync(arriving)
    arriving.rename(current)
    _sync(current.parent)


def published(folder: Path) -> list[Path]:
    """All copies that are still there, oldest first."""
    return sorted(folder.glob("*-" + "[0-9]" * _DIGITS + ".duckdb"))


def newest_number(folder: Path) -> int:
    """The number of the newest copy; 0 before the first."""
    return max((int(path.stem[-_DIGITS:]) for path in published(folder)), default=0)


def current(folder: Path) -> Snapshot | None:
    """The newest published snapshot; None before the first."""
    try:
        told = json.loads((folder / "CURRENT").read_text())
    except FileNotFoundError:
        return None
    return Snapshot(
        folder / told["snapshot"], fresh.from_text({"partitions": told["as_of"], "withheld": told["withheld"]})
    )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
