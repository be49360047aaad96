"""Suspects fields that were only given another name: old events still have the value, and an upcast has to carry it.

No rule can know it, so this is a hint: one field went and another of the same type came in the same place, and what an
older event has in the first is not in the second after lifting.
"""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Any

from schemas.avro_schema import schema
from schemas.event_history import History
from schemas.event_json import to_json
from schemas.evolving import golden_files
from schemas.evolving.event_examples import examples
from schemas.evolving.schema_comparison import SchemaChange, changes

Pair = tuple[SchemaChange, SchemaChange]


def hints(history: History, old: int, new: int) -> list[str]:
    """A sentence for each field that may have another name in version `new`, unless the upcasts carry it there."""
    pairs = list(alike(changes(schema(history, old), schema(history, new))))
    if not pairs:
        return []
    if new == history.newest_version and not golden_files.wrong(golden_files.made(history, old), history):
        full = examples(history, old)[0]
        before, after = to_json(full), to_json(history.upcast(full, old))
        pairs = [
            (gone, came) for gone, came in pairs if list(_values(before, gone.path)) != list(_values(after, came.path))
        ]
    return [told(pair) for pair in pairs]


def alike(found: Iterable[SchemaChange]) -> Iterator[Pair]:
    """What went, with what came in its place; of several the one whose name is most like it."""
    found = list(found)
    for gone in found:
        if not gone.is_gone:
            continue
        came = [each for each in found if each.is_new and _place(each) == _place(gone)]
        if came:
            yield gone, max(came, key=lambda each: SequenceMatcher(None, gone.path, each.path).ratio())


def told(pair: Pair) -> str:
    gone, came = pair
    return (
        f"`{gone.path}` went and `{came.path}` came: is it a rename? Then `from_previous` has to carry it, "
        "or what older events say is lost"
    )


def _place(change: SchemaChange) -> tuple[str, str, str]:
    return change.path.rpartition(".")[0], change.record, change.type


def _values(value: Any, path: str) -> Iterator[Any]:
    """Everything that `order.lines[].sku` stands for."""
    step, _, rest = path.partition(".")
    held: Any = value[step.rstrip("[]{}")]
    if held is None:
        return
    found = list(held) if step.endswith("[]") else list(held.values()) if step.endswith("{}") else [held]
    for each in found:
        if rest:
            yield from _values(each, rest)
        else:
            yield each
