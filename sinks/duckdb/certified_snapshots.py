"""Remembers the newest snapshot of a model that was checked and found sound; it stays for as long as it is that.

`CERTIFIED`, beside `CURRENT`, is a small JSON document, replaced atomically: `{"snapshot": "<file>",
"as_of": "<time>", "certified_at": "<time>"}`.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sinks.duckdb.snapshots import replace_text

_POINTER: Final = "CERTIFIED"


@dataclass(frozen=True, slots=True)
class Certified:
    """`as_of`: all that was committed before it is in the snapshot."""

    path: Path
    as_of: datetime
    certified_at: datetime


def certify(certified: Certified) -> None:
    """In place of the one before it, unless that is of a later moment."""
    before = newest(certified.path.parent)
    if before is not None and before.as_of > certified.as_of:
        return
    told = {
        "snapshot": certified.path.name,
        "as_of": certified.as_of.isoformat(),
        "certified_at": certified.certified_at.isoformat(),
    }
    replace_text(certified.path.parent / _POINTER, json.dumps(told))


def newest(folder: Path) -> Certified | None:
    """None, when none was certified, or it is gone."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads((folder / _POINTER).read_text())
        as_of, certified_at = (datetime.fromisoformat(told[name]) for name in ("as_of", "certified_at"))
        certified = Certified(folder / Path(told["snapshot"]).name, as_of, certified_at)
        if certified.path.exists():
            return certified
    return None
