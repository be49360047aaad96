"""Turns the build red when a read model changed and its version did not: its shape, or what it makes of an event.

`tests/golden/read_models/<id>.json` has the declaration of a read model (projections, and the shape of its store) and
golden documents: what becomes of each event in `tests/golden`, of every version ever published. It is written once,
with its version. What is in it never changes, but an event that did not exist then may be added. A model that keeps
every event may also come to read more aggregates: it could not be made again under another version.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from ops.failure import Failure
from schemas.envelope import Envelope
from schemas.event_catalogue import HISTORIES
from schemas.event_history import History
from schemas.event_json import differences, from_json, to_json
from schemas.evolving import golden_files as golden
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange

FOLDER: Final = golden.FOLDER / "read_models"
_MADE_EACH_TIME: Final = {"macros", "described"}
_SOMEBODY: Final = UUID("0198f0c2-6a2e-7c11-9d53-3f1c2b7a9e10")


def made(model: ReadModel) -> dict[str, Any]:
    """What the file of a read model has to be, if it were written now."""
    return {"declaration": _declared(model), "documents": dict(sorted(_documents(model)))}


def path_of(model: ReadModel, folder: Path = FOLDER) -> Path:
    return folder / f"{model.id}.json"


def wrong(model: ReadModel, folder: Path = FOLDER) -> str:
    """Empty when the read model is what its file says; else what is so, and what to do."""
    path = path_of(model, folder)
    if not path.exists():
        return f"{model.id} has no golden file yet: run `rustok sinks golden` and commit what it writes"
    now, kept = made(model), json.loads(path.read_text())
    changed = _changed(model, kept, now)
    if changed:
        return (
            f"{model.id} is another read model than the one that was committed: {_first(changed)}. Stores that "
            f"were built before would keep what they have, and readers would find both. Raise the `version` of the "
            f"read model, then run `rustok sinks golden` and commit what it writes"
        )
    missing = now["documents"].keys() - kept["documents"].keys()
    if missing:
        return f"{model.id} has no golden document of {_first(sorted(missing))}: run `rustok sinks golden`"
    if kept["declaration"] != now["declaration"]:
        return f"{model.id} reads more than its golden file says: run `rustok sinks golden`"
    return ""


def write(model: ReadModel, folder: Path = FOLDER) -> bool:
    """Writes what is missing, and removes the files of other versions. False: nothing was to be written.

    Raises `Failure` rather than change what is there.
    """
    path, now = path_of(model, folder), made(model)
    if path.exists():
        told = wrong(model, folder)
        if not told:
            return False
        if _changed(model, json.loads(path.read_text()), now):
            raise Failure(f"{told.partition('. ')[0]}.", "Raise its `version`, then run `rustok sinks golden` again.")
    folder.mkdir(parents=True, exist_ok=True)
    for other in folder.glob(f"{model.name}-v*.json"):
        other.unlink()
    path.write_text(json.dumps(now, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    return True


def _changed(model: ReadModel, kept: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The paths at which what was kept is not the same any more."""
    documents = {name: now["documents"].get(name, "not folded any more") for name in kept["documents"]}
    declaration = dict(now["declaration"])
    if model.keeps_every_event:
        before = {one["topic"] for one in kept["declaration"]["projections"]}
        declaration["projections"] = [one for one in declaration["projections"] if one["topic"] in before]
    return differences(dict(kept), {"declaration": declaration, "documents": documents})


def _declared(model: ReadModel) -> dict[str, Any]:
    projections = [
        {
            "topic": one.topic.name,
            "aggregate": one.aggregate,
            "collection": one.collection,
            "part": one.part,
            "incidental": sorted(one.incidental),
        }
        for one in model.projections
    ]
    return {"projections": projections, "shape": _plain(model.store.shape, _one_line)}


def _documents(model: ReadModel) -> Iterator[tuple[str, Any]]:
    aggregates = {projection.aggregate for projection in model.projections}
    for history in (history for history in HISTORIES if history.aggregate in aggregates):
        for version in range(1, history.newest_version + 1):
            file = golden.FOLDER / golden.name_of(history, version)
            if file.exists():  # one that is being written has none yet
                for number, example in enumerate(golden.parsed(file.read_text()).examples, start=1):
                    event = from_json(history.versions[version - 1], example.record)
                    if not model.keeps_every_event:
                        event = history.upcast(event, version)
                    change = _folded(model, history, event)
                    yield f"{history.event_type} v{version}, example {number}", _shown(change)


def _folded(model: ReadModel, history: History, event: Any) -> DocumentChange:
    (projection,) = (one for one in model.projections if one.aggregate == history.aggregate)
    envelope = Envelope(
        id=_SOMEBODY,
        event_type=history.event_type,
        schema_version=history.newest_version,
        tenant_id=_SOMEBODY,
        aggregate_id=_SOMEBODY,
        aggregate_version=7,
        correlation_id="golden",
        causation_id=None,
        traceparent="golden",
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        actor_id="golden",
    )
    return projection.fold(envelope, event)


def _shown(change: DocumentChange) -> Any:
    where = f"{change.collection}.{change.part_name}" if change.part else change.collection
    return {where: None if change.document is None else _plain(change.document)}


def _plain(value: Any, of_an_object: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """As JSON gives it back."""
    return json.loads(json.dumps(to_json(value), default=str), object_hook=of_an_object)


def _one_line(found: dict[str, Any]) -> dict[str, Any]:
    """How a SELECT is laid out means nothing, and what no store keeps needs no other version."""
    return {
        name: " ".join(one.split()) if isinstance(one, str) else one
        for name, one in found.items()
        if name not in _MADE_EACH_TIME
    }


def _first(paths: list[str]) -> str:
    return ", ".join(paths[:5]) + (" …" if len(paths) > 5 else "")
