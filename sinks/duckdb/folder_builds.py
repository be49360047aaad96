"""Knows the builds of a read model in the analytics folder: a folder of each, and links.

`sales` leads readers to the live one, such as `sales-v5`; `sales.previous` to the one before it, `sales.next` to the
one that they are to be led to.
"""

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sinks.builds import Build, BuildSize, Led
from sinks.duckdb import snapshots
from sinks.duckdb.fact_tables import Facts
from sinks.freshness import BUILDING, Freshness
from sinks.read_model import ReadModel
from sinks.sink import Unavailable


class FolderBuilds:
    """Keeps the promise of `sinks.builds.Builds`."""

    def __init__(self, analytics: Path, model: ReadModel, facts: tuple[Facts, ...]) -> None:
        self._analytics = analytics
        self._model = model
        self._facts = facts

    def all(self) -> list[Build]:
        there = self._analytics.glob(f"{self._model.name}-v*")
        return sorted(build for path in there if path.is_dir() and (build := self._named(path.name)) is not None)

    def led(self) -> Led:
        links = (snapshots.live_folder, snapshots.previous_folder, snapshots.next_folder)
        live, previous, following = (self._led_to(link(self._analytics, self._model.name)) for link in links)
        return Led(live=live, previous=previous, next=following)

    def freshness(self, build: Build) -> Freshness:
        current = snapshots.current(self.folder(build))
        return Freshness(withheld=BUILDING) if current is None else self._model.complete(current.freshness)

    def size(self, build: Build) -> BuildSize:
        folder = self.folder(build)
        current = snapshots.current(folder)
        try:
            taken = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        except FileNotFoundError:  # its feed publishes just now
            return self.size(build)
        return BuildSize(documents=0 if current is None else self._rows(current), bytes=taken)

    def made_at(self, build: Build) -> datetime:
        """No folder says when; so when something came into it, or went from it, last."""
        return datetime.fromtimestamp(self.folder(build).stat().st_mtime, UTC)

    def hand_over(self, build: Build) -> None:
        self._require(build)
        snapshots.link_to(snapshots.next_folder(self._analytics, self._model.name), self.folder(build).name)

    def lead(self, build: Build) -> None:
        self._require(build)
        snapshots.lead(self.folder(build), self._model.name)

    def drop(self, build: Build) -> None:
        shutil.rmtree(self.folder(build))
        for other in (snapshots.previous_folder, snapshots.next_folder):
            link = other(self._analytics, self._model.name)
            if link.is_symlink() and not link.exists():
                link.unlink()

    def close(self) -> None: ...

    def folder(self, build: Build) -> Path:
        return self._analytics / f"{self._model.name}-{build}"

    def fed(self) -> Path:
        """The folder of the build that is fed by this code, or of the one that the model names."""
        return self.folder(self._model.fed(self.led()))

    def _require(self, build: Build) -> None:
        """Raises `Unavailable` when it is not there."""
        if not self.folder(build).is_dir():
            raise Unavailable(f"there is no folder {self.folder(build)}")

    def _rows(self, current: snapshots.Snapshot) -> int:
        counted = " + ".join(f"(SELECT count(*) FROM {fact.table})" for fact in self._facts if not fact.part)
        try:
            with closing(snapshots.opened(current)) as connection:
                ((rows,),) = connection.execute(f"SELECT {counted}").fetchall()
        except duckdb.Error as other:  # of a version that had other tables
            raise Unavailable(f"{current.path.name} cannot be counted: {other}") from other
        return int(rows)

    def _led_to(self, link: Path) -> Build | None:
        return self._named(link.resolve().name) if link.exists() else None

    def _named(self, folder: str) -> Build | None:
        name = f"{self._model.name}-"
        return Build.named(folder.removeprefix(name)) if folder.startswith(name) else None
