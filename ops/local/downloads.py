"""Keeps each fetched file once for everybody on this machine, under its SHA-256.

Whoever wants a file takes a copy and checks the copy, so that it does not matter who fetched it, whether that was
interrupted, or what became of it since. Of those who want a missing file at the same moment, threads, processes or
users, one fetches it and the others wait for that one. Where the folder cannot be shared, each fetches for itself.
"""

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.local.machine_lock import alone

# Longer than any fetch that gets on: after that the other one hangs, or means ill.
PATIENCE_S = 300.0

Fetch = Callable[[Path], Path]


class DamagedError(Exception):
    """What was fetched is not the file that was asked for."""


@dataclass(frozen=True, slots=True)
class Downloads:
    """`folder` is made when it is missing, and open to everybody as `/tmp` is."""

    folder: Path

    def put(self, sha256: str, target: Path, fetch: Fetch) -> None:
        """Puts the file with this checksum at `target`, from what is kept or by `fetch`.

        `fetch` is given an empty folder, and gives the file that it left there. Raises `DamagedError` when that is
        another file, and what `fetch` raises.
        """
        kept = self.folder / sha256
        if _copied(kept, sha256, target):
            return
        with self._one_at_a_time(sha256):
            if _copied(kept, sha256, target):  # by the one that was waited for
                return
            with TemporaryDirectory(prefix=".fetching-", dir=target.parent) as empty:
                file = fetch(Path(empty))
                if checksum(file) != sha256:
                    raise DamagedError(file.name)
                file.chmod(0o644)
                file.replace(target)
            self._keep(target, kept)

    @contextmanager
    def _one_at_a_time(self, sha256: str) -> Iterator[None]:
        with ExitStack() as held:
            with suppress(OSError):  # not ours to write, and nothing is kept here: everybody for himself
                self._make()
                held.enter_context(alone(self.folder / f"{sha256}.lock", patience_s=PATIENCE_S))
            yield

    def _make(self) -> None:
        with suppress(FileExistsError):
            self.folder.mkdir(parents=True)
            self.folder.chmod(0o1777)

    def _keep(self, file: Path, kept: Path) -> None:
        """A link where that is possible: the file is ours, and nobody else can change it."""
        beside = kept.with_name(f".{kept.name}.{os.geteuid()}")
        with suppress(OSError):  # a full disk, or another's folder: then the next one fetches again
            beside.unlink(missing_ok=True)
            try:
                os.link(file, beside)
            except OSError:
                shutil.copyfile(file, beside)
                beside.chmod(0o644)
            beside.replace(kept)


def checksum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _copied(kept: Path, sha256: str, target: Path) -> bool:
    """The copy is looked at, not what is kept: another user's file may change after a look."""
    try:
        descriptor = os.open(kept, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    with os.fdopen(descriptor, "rb") as source:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        beside = target.with_name(f".{target.name}.copy")
        with beside.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1024 * 1024)
    is_right = checksum(beside) == sha256
    if is_right:
        beside.chmod(0o644)
        beside.replace(target)
    else:
        beside.unlink()
    return is_right
