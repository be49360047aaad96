"""Lists files with what they hold, compares them with their list, and has them outlast a loss of power."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ops.backup.backup_manifest import ListedFile
from ops.failure import Failure


def listed(folder: Path, parts: Iterable[str]) -> list[ListedFile]:
    """All files in these parts of the folder."""
    files = sorted(path for part in parts for path in (folder / part).rglob("*") if path.is_file())
    return [
        ListedFile(path=str(path.relative_to(folder)), bytes=path.stat().st_size, sha256=_sha256(path))
        for path in files
    ]


def check(folder: Path, files: Sequence[ListedFile]) -> None:
    """Raises `Failure` when one is gone or is another."""
    for one in files:
        path = folder / one.path
        if not path.is_file() or path.stat().st_size != one.bytes or _sha256(path) != one.sha256:
            raise Failure(f"{path} is not as it was backed up.", "Restore from another backup.")


def size(folder: Path) -> int:
    """Bytes of all files in it."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def sync_tree(folder: Path) -> None:
    """All files and names in it."""
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            sync(path)


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
