"""Describes a read model: a name, a version, and for each topic it reads a fold from the newest event to a document.

A fold is pure. Whoever changes the shape or a fold raises the version: the new one is built beside the old.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.envelope import Envelope
from schemas.topics import Topic
from sinks.freshness import Freshness
from sinks.sink import Change

Fold = Callable[[Envelope, Any], Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """`collection` is where the documents of this topic's aggregates go.

    With the name of a `part` they are no documents of their own: each is a part of one that another projection makes,
    named by the event and the same one for as long as the aggregate lives. What many documents share is no part of
    each: it has a collection of its own, and readers look it up.

    `incidental` are fields that say which event made the document and nothing of the aggregate: they may differ
    between a document and the fold of the same state said by another event.
    """

    topic: Topic
    aggregate: str
    collection: str
    fold: Fold
    incidental: frozenset[str] = frozenset()
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel:
    name: str
    version: int
    projections: tuple[Projection, ...]

    @property
    def id(self) -> str:
        """Names its consumer group, index or file: `sales-v1`."""
        return f"{self.name}-v{self.version}"

    @property
    def topics(self) -> tuple[Topic, ...]:
        return tuple(projection.topic for projection in self.projections)

    def projection_of(self, topic: str) -> Projection:
        return next(projection for projection in self.projections if projection.topic.name == topic)

    def projection_for(self, aggregate: str) -> Projection | None:
        """What makes documents or parts of this aggregate type; None when the model does not read them."""
        return next((projection for projection in self.projections if projection.aggregate == aggregate), None)

    @property
    def collections(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(projection.collection for projection in self.projections))

    def parts_of(self, collection: str) -> tuple[str, ...]:
        """The names of the parts that other aggregates have in its documents."""
        return tuple(one.part for one in self.projections if one.collection == collection and one.part)

    def complete(self, freshness: Freshness) -> Freshness:
        """`freshness`, measured against every partition this model reads."""
        return freshness.with_expected(f"{topic.name}/{n}" for topic in self.topics for n in range(topic.partitions))
