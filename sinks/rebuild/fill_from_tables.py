"""Fills a build from the tables, page by page in order of id; the log is read on from where it ended before that.

What was committed by then is in the tables, and what is committed later comes behind those ends: nothing is missed,
and what comes twice is of the same version, or newer. Killed at any moment it goes on behind the last page that the
store has.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from ops.failure import Failure
from ops.processor_share import let_others_first
from ops.settings import Settings
from schemas.write_model import Owner, Stated, WriteModel
from sinks.builds import Build
from sinks.read_model import Projection, ReadModel
from sinks.rebuild import log_ends
from sinks.rebuild.filled_so_far import FilledSoFar
from sinks.rebuild.opened_builds import opened_tables
from sinks.rebuild.progress import PartitionProgress, Progress, Tell
from sinks.sink import DocumentChange, Sink, StoreLost, Unavailable

PAGE: Final = 500
_Found = TypeVar("_Found")
_AGAIN_S: Final = 1.0


def fill(settings: Settings, model: ReadModel, build: Build, tell: Tell, *, wanted: bool) -> None:
    """`model` is that of the build. Does nothing for one that is filled, or that its feed has begun with; and unless it
    is `wanted`, for one that nobody began to fill.

    Raises `Failure`, also for what a table says and no document can be made of: the log is read past that, and this is
    not.
    """
    path = settings.folder.data("rebuilds") / f"filling-{model.name}-{build}.json"
    so_far = FilledSoFar.read(path)
    if not wanted and so_far is None:
        return
    let_others_first()
    with closing(_opened(settings, model, tell)) as sink, opened_tables(settings) as tables:
        if so_far is None or so_far.birth != sink.birth():
            so_far = _begun(settings, model, sink) if wanted else None
        if so_far is not None and not sink.positions():
            Filling(model, sink, tables, path, tell).run(so_far)
    path.unlink(missing_ok=True)


def _opened(settings: Settings, model: ReadModel, tell: Tell) -> Sink:
    sink = model.sink(settings, goes_live=False)
    _patiently(sink.open, tell)
    return sink


def _begun(settings: Settings, model: ReadModel, sink: Sink) -> FilledSoFar:
    ends = log_ends.held_to_the_end(settings, [topic.name for topic in model.topics])
    return FilledSoFar(birth=sink.birth(), ends=ends, documents={})


class Filling:
    """Of one store, from one connection to the tables; how far it is is kept at `path`."""

    def __init__(self, model: ReadModel, sink: Sink, tables: WriteModel, path: Path, tell: Tell) -> None:
        self._model = model
        self._sink = sink
        self._tables = tables
        self._path = path
        self._tell = tell
        self._began = time.monotonic()

    def run(self, so_far: FilledSoFar) -> None:
        """The store has all, and where the log is to be read on. Raises `Failure`, `StoreLost`, `Unreachable`."""
        owners = sorted(self._tables.owners(), key=lambda one: one.id)
        there = {one.aggregate: self._tables.count(one.aggregate, owners) for one in self._model.projections}
        began = sum(so_far.documents.values())
        so_far.write(self._path)
        for projection, owner, after in self._left(so_far, owners):
            for ids in self._pages(projection, owner, after):
                self._write(projection, self._tables.state(projection.aggregate, owner.id, ids))
                done = so_far.documents.get(projection.aggregate, 0) + len(ids)
                so_far = replace(
                    so_far,
                    aggregate=projection.aggregate,
                    tenant_id=owner.id,
                    after=ids[-1],
                    documents={**so_far.documents, projection.aggregate: done},
                )
                so_far.write(self._path)
                self._tell_of(so_far, there, began)
        _patiently(lambda: self._sink.begin(so_far.ends), self._tell)

    def _left(self, so_far: FilledSoFar, owners: Sequence[Owner]) -> Iterator[tuple[Projection, Owner, UUID | None]]:
        """What is to be read, and the id of each that is in the store already."""
        is_behind = not so_far.aggregate
        for projection in self._model.projections:
            is_here = projection.aggregate == so_far.aggregate
            for owner in owners if is_behind or is_here else ():
                if is_here and so_far.tenant_id is not None and owner.id < so_far.tenant_id:
                    continue
                yield projection, owner, so_far.after if is_here and owner.id == so_far.tenant_id else None
            is_behind = is_behind or is_here

    def _pages(self, projection: Projection, owner: Owner, after: UUID | None) -> Iterator[Sequence[UUID]]:
        while ids := self._tables.ids(projection.aggregate, owner.id, after, PAGE):
            yield ids
            after = ids[-1]

    def _write(self, projection: Projection, stated: Mapping[UUID, Stated]) -> None:
        changes = [_folded(projection, one) for one in stated.values()]
        refused = _patiently(lambda: self._sink.write(changes, {}), self._tell)
        if refused:
            raise _unusable(projection, refused[0].change.aggregate_id, refused[0].reason)

    def _tell_of(self, so_far: FilledSoFar, there: Mapping[str, int], began: int) -> None:
        found = tuple(
            PartitionProgress(f"table of {aggregate}", so_far.documents.get(aggregate, 0), number)
            for aggregate, number in there.items()
        )
        done = sum(one.done for one in found)
        per_s = (done - began) / max(0.001, time.monotonic() - self._began)
        left_s = max(0, sum(there.values()) - done) / per_s if per_s else None
        progress = Progress(found, left_s)
        self._tell(
            f"{done:,} of {progress.records:,} rows{'' if left_s is None else f', {left_s:.0f} s left'}", progress
        )


def _folded(projection: Projection, stated: Stated) -> DocumentChange:
    try:
        return projection.fold(stated.envelope, stated.event)
    except Exception as wrong:  # a fold asks nobody: what it raises is about this row alone
        raise _unusable(projection, stated.envelope.aggregate_id, f"{type(wrong).__name__}: {wrong}") from wrong


def _unusable(projection: Projection, id_: UUID, reason: str) -> Failure:
    return Failure(
        f"No document can be made of {projection.aggregate} {id_}: {reason}.",
        "Make it from the log, which parks such a one as a dead letter: `rustok sinks rebuild cancel` first.",
    )


def _patiently(act: Callable[[], _Found], tell: Tell) -> _Found:
    """Until its store answers. Raises `StoreLost`."""
    while True:
        try:
            return act()
        except StoreLost:
            raise
        except Unavailable as away:
            tell(str(away))
            time.sleep(_AGAIN_S)
