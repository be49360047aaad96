"""Asks a store what readers of a read model see, as readers ask it, so never more than was published."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from sinks.freshness import Freshness
from sinks.sink import DocumentChange


class PublishedModel(Protocol):
    """Every method may raise `sinks.sink.Unavailable`.

    With the name of a `part` it is about that part of the documents: ids and versions are those of the aggregates it
    comes from. Without, it is about what documents are by themselves.
    """

    def freshness(self) -> Freshness:
        """How fresh what is asked for after this is, at least."""

    def tenants(self, collection: str) -> Collection[UUID]:
        """Whose documents there are."""

    def documents(
        self, collection: str, tenant_id: UUID, after: UUID | None, part: str = ""
    ) -> Iterator[DocumentChange]:
        """All of a tenant with an id behind `after`, in order of id; tombstones too, read as needed."""

    def some(
        self, collection: str, tenant_id: UUID, ids: Collection[UUID], part: str = ""
    ) -> Mapping[UUID, DocumentChange]:
        """Those of these that are there, by id of the aggregate."""

    def sample(self, collection: str, tenant_id: UUID, number: int, part: str = "") -> Sequence[UUID]:
        """So many ids of what is there, by chance."""

    def as_held(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """A folded document as the store gives it back."""

    def forget(self, unwanted: Sequence[DocumentChange]) -> None:
        """Removes these, unless they have another version by now. It may take until the next publishing."""

    def close(self) -> None: ...
