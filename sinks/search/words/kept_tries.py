"""Keeps a trie in a file of the user's cache: the first process makes it, the others map it into the same memory.

Without a folder to write to, each process makes its own.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from marisa_trie import Trie


def cache_folder() -> Path | None:
    """Where programs of this user keep what can be made again; None for who has no home."""
    folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(folder, "rustok") if Path(folder).is_absolute() else None


def kept_trie(name: str, make: Callable[[], Trie], folder: Path | None) -> Trie:
    """What was kept by this name, or else what is made now. A file that cannot be read is made again."""
    if folder is None:
        return make()
    kept = folder / name
    with suppress(OSError, RuntimeError):  # absent, not ours to read, or no trie
        if kept.stat().st_uid == os.geteuid():
            return Trie().mmap(str(kept))
    made = make()
    with suppress(OSError):
        _keep(made, kept)
    return made


def _keep(made: Trie, kept: Path) -> None:
    """Whole or not at all, whoever else does the same."""
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=kept.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(made.tobytes())
        os.replace(part, kept)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise
