"""Keeps what an index says of itself in one document inside it: which it is, how far it has come, how fresh it is.

Whoever throws the index away throws this away with it, and whoever puts an old one back puts back what was true of it.
The document belongs to no tenant, so no search, facet, listing or check ever sees it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sinks.freshness import BUILDING, Freshness
from sinks.sink import HeldOffset, Partition

ID: Final = "store"
#: The only field of the document; `dynamic: strict` wants it declared.
FIELD: Final = "store"
MAPPING: Final = {FIELD: {"type": "object", "enabled": False}}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """Of one partition: how far it is read, and what was said about it last."""

    held: HeldOffset
    as_of: datetime | None = None
    withheld: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """`revision` is the document's sequence number and primary term, by which a change of somebody else is noticed.

    `index` is the one it was found in: an alias may lead to another one by now.
    """

    birth: str
    index: str = ""
    partitions: Mapping[Partition, PartitionState] = field(default_factory=dict)
    revision: tuple[int, int] | None = None

    def saying(self, said: Mapping[Partition, PartitionState]) -> "IndexState":
        return replace(self, partitions={**self.partitions, **said})

    def document(self) -> dict[str, Any]:
        return {
            FIELD: {
                "birth": self.birth,
                "partitions": {
                    f"{topic}/{number}": {
                        "topic_id": told.held.topic_id,
                        "next": told.held.next,
                        "until": told.held.until,
                        "as_of": None if told.as_of is None else told.as_of.isoformat(),
                        "withheld": told.withheld,
                    }
                    for (topic, number), told in self.partitions.items()
                },
            }
        }


def from_document(found: Mapping[str, Any]) -> IndexState:
    said = found["_source"][FIELD]
    return IndexState(
        birth=said["birth"],
        index=found["_index"],
        partitions={_partition(name): _told(told) for name, told in said["partitions"].items()},
        revision=(found["_seq_no"], found["_primary_term"]),
    )


def freshness(states: Sequence[IndexState], expected: frozenset[str]) -> Freshness:
    """What all of them together say, a gap first. A partition that none has begun with is still to be built from."""
    moments: dict[str, datetime] = {}
    told = [(f"{topic}/{n}", told) for state in states for (topic, n), told in state.partitions.items()]
    for name, one in told:
        if one.as_of is not None:
            moments[name] = min(one.as_of, moments.get(name, one.as_of))
    silent = {name for name, one in told if one.as_of is None}
    for name in silent:
        moments.pop(name, None)
    begun = {name for name, _ in told}
    building = bool(expected - begun) or any(one.withheld == BUILDING for _, one in told)
    gaps = {one.withheld for _, one in told} - {"", BUILDING}
    withheld = min(gaps, default=BUILDING if building else "")
    return Freshness(moments, expected | silent, withheld)


def _partition(name: str) -> Partition:
    topic, _, number = name.rpartition("/")
    return topic, int(number)


def _told(said: Mapping[str, Any]) -> PartitionState:
    return PartitionState(
        held=HeldOffset(topic_id=said["topic_id"], next=said["next"], until=said["until"]),
        as_of=None if said["as_of"] is None else datetime.fromisoformat(said["as_of"]),
        withheld=said["withheld"],
    )
