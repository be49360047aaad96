"""Sums up the files of a stack by what is declared of them, and names those that nobody has declared.

What counts is the space that a file takes on the disk: Kafka's indices are sparse, and a file with two names is there
once.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

from ops.growth.declared_growth import all_growth

_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class StackFiles:
    """`bytes` by declared pattern; `unknown` are files, from the stack's folder on."""

    bytes: Counter[str]
    unknown: tuple[str, ...]


def measured(folder: Path) -> StackFiles:
    """Of a stack that may be at work: what comes and goes meanwhile is counted or not."""
    found, unknown = Counter[str](), list[str]()
    for name, size in _files(folder):
        pattern = declared_as(name)
        if pattern is None:
            unknown.append(name)
        else:
            found[pattern] += size
    return StackFiles(found, tuple(sorted(unknown)))


def declared_as(name: str) -> str | None:
    """The first pattern that the name has; None: nobody has declared such a file."""
    return next((pattern for pattern in _patterns() if fnmatchcase(name, pattern)), None)


@cache
def _patterns() -> tuple[str, ...]:
    return tuple(name for one in all_growth() if one.kind == "file" for name in one.names if " (" not in name)


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    seen: set[tuple[int, int]] = set()
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            if (key := (status.st_dev, status.st_ino)) not in seen:
                seen.add(key)
                yield str(path.relative_to(folder)), status.st_blocks * _BLOCK
