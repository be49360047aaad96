"""Keeps a trie in a file: the first process makes it, the others map it into the same memory.

Without a folder to write to, each process makes its own.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from marisa_trie import Trie

_READ_BY_ALL: Final = 0o644


def kept_trie(name: str, make: Callable[[], Trie], folder: Path) -> Trie:
    """What was kept by this name, or else what is made now. A file that cannot be read is made again, and so is one of
    another user, unless that is root: what is mapped into memory is believed.
    """
    kept = folder / name
    with suppress(OSError, RuntimeError):  # absent, not ours to read, or no trie
        if kept.stat().st_uid in (0, os.geteuid()):
            return Trie().mmap(str(kept))
    made = make()
    with suppress(OSError):
        _keep(made, kept)
    return made


def _keep(made: Trie, kept: Path) -> None:
    """Whole or not at all, whoever else does the same."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=kept.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(made.tobytes())
            os.fchmod(handle, _READ_BY_ALL)
        os.replace(part, kept)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise
