"""Tells how a document differs from what it should be: in one of four ways, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args
from uuid import UUID

from sinks.sink import DocumentChange

Kind = Literal["missing", "extra", "stale", "different"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDifference:
    """`held` is what the read model has, `wanted` the fold of the write model; each may be missing altogether.

    `id` is the aggregate's; `part` names what it contributes, if it is no document of its own.
    """

    kind: Kind
    aggregate: str
    collection: str
    tenant_id: UUID
    id: UUID
    held: DocumentChange | None
    wanted: DocumentChange | None
    reason: str
    part: str = ""

    @property
    def is_in_the_way(self) -> bool:
        """No event of the write model will ever replace what is held: it has to be removed first."""
        if self.held is None or self.wanted is None:
            return self.held is not None
        return self.held.version > self.wanted.version or self.held.id != self.wanted.id


def between(
    aggregate: str, held: DocumentChange | None, wanted: DocumentChange | None, incidental: frozenset[str]
) -> DocumentDifference | None:
    """None when the read model is right. `wanted` has the shape in which the store gives documents back."""
    match held, wanted:
        case None, None:
            return None
        case DocumentChange(), None:
            if held.document is None:  # a memory of what is gone, which nobody sees
                return None
            return _difference("extra", aggregate, held, wanted, "the write model has no such aggregate")
        case None, DocumentChange():
            return _difference("missing", aggregate, held, wanted, f"version {wanted.version} is not there")
        case DocumentChange(), DocumentChange():
            return _of_versions(aggregate, held, wanted, incidental)
    return None


def _of_versions(
    aggregate: str, held: DocumentChange, wanted: DocumentChange, incidental: frozenset[str]
) -> DocumentDifference | None:
    if held.version < wanted.version:
        reason = f"version {held.version} is held, {wanted.version} is committed"
        return _difference("stale", aggregate, held, wanted, reason)
    if held.version > wanted.version:
        reason = f"version {held.version} is held, and only {wanted.version} was ever committed"
        return _difference("different", aggregate, held, wanted, reason)
    if held.id != wanted.id:
        return _difference("different", aggregate, held, wanted, f"it lies in {held.id}, and belongs to {wanted.id}")
    reason = _fields(held.document, wanted.document, incidental)
    return _difference("different", aggregate, held, wanted, reason) if reason else None


def _fields(held: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None, incidental: frozenset[str]) -> str:
    if held is None or wanted is None:
        if held is None and wanted is None:
            return ""
        return "it is shown and should not be" if wanted is None else "it is not shown and should be"
    names = (held.keys() | wanted.keys()) - incidental
    wrong = [name for name in sorted(names) if held.get(name) != wanted.get(name)]
    return f"other values in {', '.join(wrong)}" if wrong else ""


def _difference(
    kind: Kind, aggregate: str, held: DocumentChange | None, wanted: DocumentChange | None, reason: str
) -> DocumentDifference:
    one = held or wanted
    if one is None:
        raise ValueError("nothing is no difference from nothing")
    return DocumentDifference(
        kind=kind,
        aggregate=aggregate,
        collection=one.collection,
        tenant_id=one.tenant_id,
        id=one.aggregate_id,
        part=one.part_name,
        held=held,
        wanted=wanted,
        reason=reason,
    )
