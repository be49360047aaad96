"""Says which published snapshots stay, and removes the others.

The current one stays, and the one that was certified last. Of the others those do that are so young that somebody may
just be opening them, the two before the current one for a while, and those that somebody has open: DuckDB locks what it
reads, and other processes see that.
"""

import fcntl
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sinks.duckdb import certified_snapshots, snapshots

#: With the current one.
_NEWEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """`snapshot_s`: so young a snapshot stays. `replaced_s`: so long a Parquet file stays that was replaced, for who
    holds a snapshot that is gone. `open_s`: a snapshot that is older goes though somebody has it open. `rewritten_s`:
    after so long no file that counts has what was changed or removed. `most_bytes`: beyond this of old snapshots, or of
    replaced files, the oldest go sooner.
    """

    snapshot_s: float = 60
    replaced_s: float = 3600
    open_s: float = 86_400
    rewritten_s: float = 3600
    most_bytes: int = 20_000_000_000


def retire(folder: Path, retention: Retention) -> Sequence[Path]:
    """Removes what need not stay; returns what does, oldest first."""
    there = snapshots.published(folder)
    newest = set(there[-_NEWEST:])
    sizes = {path: path.stat().st_size for path in there[:-1]}
    left, kept, now = sum(sizes.values()), list[Path](), time.time()
    certified = certified_snapshots.newest(folder)
    for path, size in sizes.items():
        age = now - path.stat().st_mtime
        stays_s = max(retention.snapshot_s, retention.replaced_s) if path in newest else retention.snapshot_s
        is_young = age < stays_s and (left <= retention.most_bytes or path in newest)
        is_certified = certified is not None and path == certified.path
        if is_young or is_certified or (age < retention.open_s and is_open(path)):
            kept.append(path)
        else:
            path.unlink(missing_ok=True)
            left -= size
    return [*kept, *there[-1:]]


def is_open(path: Path) -> bool:
    """Whether another process reads it just now."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:  # it is somebody else's, or gone
        return path.exists()
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
