"""Copies a store while its feed goes on writing it: whoever holds the live file makes the copy, when asked to.

Who wants one leaves a request in the store's folder, and finds the copy in `copies` beside it: the live file as it was
at one moment, and the Parquet files that count in it as links, so that nothing which happens to the store afterwards
changes the copy. Where no feed holds the file, who asks makes it. A copy is there as a whole or not at all, and lies
there until it is taken away; what a killed process left of one goes with the next.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import duckdb
import structlog

from sinks.duckdb.parquet_parts import parts_folder, quoted
from sinks.duckdb.snapshots import sync
from sinks.sink import Unavailable

COPIES: Final = "copies"
_WANTED: Final = ".copy-wanted"
_LOOKS_EVERY_S: Final = 0.1
_PATIENCE_S: Final = 120.0

Run = Callable[..., list[tuple[Any, ...]]]

log = structlog.get_logger(__name__)


@contextmanager
def copy_of(folder: Path, live_name: str, *, patience_s: float = _PATIENCE_S) -> Iterator[Path | None]:
    """A folder with a copy of the store, until the block ends; None when there is no store yet.

    Raises `Unavailable` when a feed holds the store and makes no copy in time.
    """
    live = folder / live_name
    if not live.is_file():
        yield None
        return
    wanted = folder / f"{uuid4().hex}{_WANTED}"
    wanted.touch()
    sync(folder)
    try:
        yield _awaited(live, wanted, patience_s)
    finally:
        wanted.unlink(missing_ok=True)
        shutil.rmtree(_copy(wanted), ignore_errors=True)


def carry_out(live: Path, parts: Path, run: Run) -> None:
    """Makes the copies that are asked for; called by who holds the live file, between two transactions.

    One that cannot be made is given up, and who asked finds the request gone: the store goes on.
    """
    for wanted in live.parent.glob(f"*{_WANTED}"):
        try:
            _make(live, parts, run, _copy(wanted))
        except (OSError, duckdb.IOException) as failed:
            log.warning("store_copy_failed", file=str(live), reason=str(failed)[:300])
            shutil.rmtree(_copy(wanted), ignore_errors=True)
        finally:
            wanted.unlink(missing_ok=True)


def _awaited(live: Path, wanted: Path, patience_s: float) -> Path:
    deadline, copy = time.monotonic() + patience_s, _copy(wanted)
    while not copy.is_dir():
        if not wanted.exists() and not copy.is_dir():
            raise Unavailable(f"no copy of {live.name} could be made: the log of its feed says why", 30)
        if time.monotonic() > deadline:
            raise Unavailable(f"another process holds {live.name}, and made no copy in {patience_s:.0f} s", 30)
        if not _made_here(live):
            time.sleep(_LOOKS_EVERY_S)
    return copy


def _made_here(live: Path) -> bool:
    """Whether nobody else held the live file, so that it was made by us."""
    try:
        connection = duckdb.connect(live)
    except duckdb.IOException as held:
        if "lock" in str(held).lower():
            return False
        raise Unavailable(f"{live} cannot be opened: {held}", 30) from held
    with closing(connection):

        def run(statement: str) -> list[tuple[Any, ...]]:
            return connection.execute(statement).fetchall()

        try:
            ((birth,),) = run("SELECT birth FROM store")
        except (duckdb.CatalogException, ValueError) as strange:
            raise Unavailable(f"{live} was not made by a feed", 30) from strange
        carry_out(live, parts_folder(live.parent, birth), run)
    return True


def _make(live: Path, parts: Path, run: Run, copy: Path) -> None:
    arriving = copy.with_name(f"{copy.name}.arriving")
    for left in copy.parent.glob("*.arriving"):  # by who died while making one
        shutil.rmtree(left)
    (arriving / parts.name).mkdir(parents=True)
    for (name,) in run("SELECT name FROM parts WHERE replaced_at IS NULL"):
        os.link(parts / name, arriving / parts.name / name)
    file = arriving / live.name
    ((catalog,),) = run("SELECT current_database()")
    run(f"ATTACH {quoted(file)} AS copied")
    try:
        run(f'COPY FROM DATABASE "{catalog}" TO copied')
        # What was replaced is no part of the copy, and no reader of it has an older snapshot.
        run("DELETE FROM copied.parts WHERE replaced_at IS NOT NULL")
        run("CHECKPOINT copied")
    finally:
        with contextlib.suppress(duckdb.Error):
            run("DETACH copied")
    for path in (file, arriving / parts.name, arriving):
        sync(path)
    arriving.rename(copy)
    sync(copy.parent)


def _copy(wanted: Path) -> Path:
    return wanted.parent / COPIES / wanted.name.removesuffix(_WANTED)
