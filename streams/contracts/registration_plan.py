"""Brings every version of every event into a registry, looked at as a whole first, then written.

Oldest first, so that a version has the same number there as here. What is there already is left alone; when a registry
has something else under one of our numbers, or takes no version of an event from outside, nothing is written at all.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

from schemas import avro_schema
from schemas.event_catalogue import HISTORIES
from schemas.event_history import History
from schemas.schema_equality import spelled_out
from streams.contracts.registry_writer import HeldSchema

State = Literal["there", "missing", "registered", "differs", "closed"]
#: Where nothing can be written.
FINAL: Final[frozenset[State]] = frozenset({"differs", "closed"})
_CLOSED: Final = ("READONLY", "READONLY_OVERRIDE")
#: (event type, version) → the id it has to have.
Ids = Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    event_type: str
    version: int
    state: State
    schema_id: int | None
    why: str = ""


class Registry(Protocol):
    """Every method may raise `streams.contracts.registry_writer.RegistryRefusal`."""

    def versions(self, subject: str) -> dict[int, HeldSchema]: ...
    def mode(self, subject: str) -> str: ...
    def register(self, subject: str, text: str) -> int: ...
    def take_over(self, subject: str, text: str, version: int, schema_id: int) -> None: ...
    def set_mode(self, subject: str, mode: str) -> None: ...
    def set_compatibility(self, subject: str, level: str) -> None: ...


def plan(registry: Registry, ids: Ids | None = None, *, deployed: bool = False) -> list[Registration]:
    """What there is and what is missing; with `ids` the ids have to be these, too.

    `deployed`: it is our own, where only a deploy adds versions. With `ids` the mode is set, so it is not asked for.
    """
    found: list[Registration] = []
    for history in HISTORIES:
        planned = _of_event(history, registry.versions(history.event_type), ids)
        if ids is None and any(each.state == "missing" for each in planned):
            planned = _as_taken(planned, _why_closed(registry, history.event_type, deployed=deployed))
        found += planned
    return found


def carry_out(
    registry: Registry, planned: Sequence[Registration], ids: Ids | None = None, compatibility: str | None = None
) -> list[Registration]:
    """Registers what is missing. `compatibility` becomes the level of each subject that gets something."""
    done = list(planned)
    for event_type in dict.fromkeys(each.event_type for each in planned if each.state == "missing"):
        if compatibility is not None:
            registry.set_compatibility(event_type, compatibility)
        if ids is not None:
            registry.set_mode(event_type, "IMPORT")
        try:
            for number, each in enumerate(done):
                if each.event_type == event_type and each.state == "missing":
                    done[number] = replace(each, state="registered", schema_id=_write(registry, each, ids))
        finally:
            if ids is not None:
                registry.set_mode(event_type, "READWRITE")
    return done


def _why_closed(registry: Registry, event_type: str, *, deployed: bool) -> str:
    """Empty when it takes a version of this event."""
    if deployed:
        return "only a deploy adds it: run `rustok api migrate`"
    mode = registry.mode(event_type)
    return f"its mode there is {mode}" if mode in _CLOSED else ""


def _as_taken(planned: Sequence[Registration], why: str) -> list[Registration]:
    return [replace(each, state="closed", why=why) if why and each.state == "missing" else each for each in planned]


def _of_event(history: History, held: Mapping[int, HeldSchema], ids: Ids | None) -> list[Registration]:
    return [_of_version(history, number, held, ids) for number in range(1, history.newest_version + 1)]


def _of_version(history: History, number: int, held: Mapping[int, HeldSchema], ids: Ids | None) -> Registration:
    there, wanted = held.get(number), None if ids is None else ids.get((history.event_type, number))

    def found(state: State, why: str = "") -> Registration:
        schema_id = None if there is None else there.schema_id
        return Registration(event_type=history.event_type, version=number, state=state, schema_id=schema_id, why=why)

    if ids is not None and wanted is None:
        return found("differs", "our own registry has no id for it: run `rustok api migrate`")
    if there is None:
        later = max(held, default=0)
        return found("differs", f"it would get a number after {later}") if later > number else found("missing")
    if spelled_out(json.loads(there.text)) != spelled_out(avro_schema.schema(history, number)):
        return found("differs", "it has another schema there")
    if wanted is not None and wanted != there.schema_id:
        return found("differs", f"it has the id {there.schema_id} there and {wanted} here")
    return found("there")


def _write(registry: Registry, each: Registration, ids: Ids | None) -> int:
    history = next(history for history in HISTORIES if history.event_type == each.event_type)
    text = avro_schema.text(history, each.version)
    if ids is None:
        return registry.register(each.event_type, text)
    schema_id = ids[each.event_type, each.version]
    registry.take_over(each.event_type, text, each.version, schema_id)
    return schema_id
