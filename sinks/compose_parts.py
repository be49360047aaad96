"""Puts a document together from its own newest event and the newest of each aggregate that has a part in it.

A part lies in the document as an object in the list under its name, in order of id. So the document is the same
whatever order the events came in, and it is seen when it is to be seen itself: a part alone shows nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sinks.sink import DocumentChange


def joined(changes: Iterable[DocumentChange]) -> Mapping[str, Any] | None:
    """`changes` are the newest of one document: its own and those of its parts. None when it is not to be seen."""
    held = list(changes)
    own = next((change.document for change in held if change.part is None), None)
    if own is None:
        return None
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for change in sorted(held, key=lambda one: str(one.aggregate_id)):
        if change.part is not None and change.document is not None:
            parts.setdefault(change.part.name, []).append({"id": str(change.part.id), **change.document})
    return {**own, **parts}
