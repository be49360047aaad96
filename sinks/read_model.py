"""Describes a read model: its name and version, a fold for each topic it reads, its store, and how it is fed.

A fold is pure. Whoever changes the shape or a fold raises the version: the new one is built beside the old.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ops.settings import Settings
from schemas.aggregates import BY_NAME
from schemas.envelope import Envelope
from schemas.topics import Topic
from sinks.builds import Build, Builds, Led
from sinks.freshness import Freshness
from sinks.published_models import PublishedModel
from sinks.sink import DocumentChange, Sink

Fold = Callable[[Envelope, Any], DocumentChange]


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


class Store(Protocol):
    """Where read models may live (`sinks.stores`). `shape` is what a model's documents look like there."""

    @property
    def shape(self) -> Any: ...

    @property
    def is_shared(self) -> bool:
        """Whether several processes may write to it at once, each what comes of its own partitions."""

    def sink(self, settings: Settings, model: "ReadModel", *, goes_live: bool) -> Sink: ...

    def published(self, settings: Settings, model: "ReadModel") -> PublishedModel: ...

    def builds(self, settings: Settings, model: "ReadModel") -> Builds | None:
        """None where there is one only, for it cannot be made again from the log."""

    def place(self, settings: Settings, model: "ReadModel") -> str:
        """For people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel:
    """`batch` and `publish_s` are how it is fed (`ops.feeds.Feed`), unless settings say otherwise.

    `keeps_every_event`: it is no function of the newest events but keeps each, and folds it as it was written. It
    cannot be made again from a log that forgets, so its version stays when aggregates or versions of events are added.
    `build` is said by who makes one beside that which the feed of this version writes to; 0 is the one of the feed.
    """

    name: str
    version: int
    projections: tuple[Projection, ...]
    store: Store
    batch: int = 4000
    publish_s: float = 0.5
    keeps_every_event: bool = False
    build: int = 0

    @property
    def id(self) -> str:
        """Names what is fed: `sales-v1`, in dead letters, decisions and metrics, whichever build it is."""
        return f"{self.name}-v{self.version}"

    @property
    def group(self) -> str:
        """Of the consumers that feed it: what is made beside it reads the log for itself."""
        return f"feed-{self.id}" if self.build == 0 else f"feed-{self.name}-{Build(self.version, self.build)}-beside"

    @property
    def topics(self) -> tuple[Topic, ...]:
        return tuple(projection.topic for projection in self.projections)

    @property
    def has_truth(self) -> bool:
        """Whether tables keep what it is made of, so that it can be compared with them."""
        have_state = all(BY_NAME[projection.aggregate].has_state for projection in self.projections)
        return have_state and not self.keeps_every_event

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

    def sink(self, settings: Settings, *, goes_live: bool = True) -> Sink:
        """What a feed writes to. `goes_live`: readers are led to this version as soon as it is vouched for."""
        return self.store.sink(settings, self, goes_live=goes_live)

    def published(self, settings: Settings) -> PublishedModel:
        """What readers see of this version."""
        return self.store.published(settings, self)

    def builds(self, settings: Settings) -> Builds | None:
        """What was made of it, in this version and others; None for one that cannot be made again from the log."""
        return self.store.builds(settings, self)

    def fed(self, led: Led) -> Build:
        """The build that is fed as this model."""
        return Build(self.version, self.build) if self.build else led.fed(self.version)

    def as_fed(self, build: Build, led: Led) -> "ReadModel":
        """This model as what feeds `build` knows it: one that the feed would write to itself is the feed's."""
        return self if led.fed(self.version) == build else replace(self, build=build.number)

    def place(self, settings: Settings) -> str:
        """Where it lives, for people."""
        return self.store.place(settings, self)

    def complete(self, freshness: Freshness) -> Freshness:
        """`freshness`, measured against every partition this model reads."""
        return freshness.with_expected(f"{topic.name}/{n}" for topic in self.topics for n in range(topic.partitions))
