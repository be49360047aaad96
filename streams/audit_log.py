"""Counts, record by record against the outbox, whether all that was committed is in Kafka, nothing else, and in order.

A record that comes twice is no fault (capture sends again what was not confirmed) but is counted. Records without an
`id` header were put there by somebody else than capture; they are counted apart. Of events so old that their rows may
have been removed from the outbox by now, nothing can be said any more: they are counted as `outlived`; so are those
of a history that was left when the database was put back. What a gap lacked that is closed by now was emitted again,
and is counted as `in_gaps`.
"""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final
from uuid import UUID

from confluent_kafka import Message

from ops.clients import kafka as kafka_clients
from ops.clients import postgres
from ops.clients.client_credentials import Brokers
from schemas.envelope import order_of
from schemas.outbox_row import TABLE
from schemas.topics import CAPTURED, of_aggregate
from streams import open_gaps, topic_partitions
from streams.fallback_reader import headers_of

_ON_ITS_WAY_S: Final = 30.0
_SHOWN: Final = 10
#: A row on the edge of its time may go while it is being counted.
_SLACK_MS: Final = 600_000
_TOPICS: Final = f"SELECT id, aggregatetype FROM {TABLE} WHERE id = ANY (%s::uuid[])"  # noqa: S608
_IDS: Final = f"SELECT id FROM {TABLE}"  # noqa: S608  # a name of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """`missing` were committed but are not in Kafka, `rolled_back_seen` are in Kafka but were never committed."""

    committed: int
    in_kafka: int
    missing: int
    duplicated: int
    out_of_order: int
    rolled_back_seen: int
    foreign: int
    outlived: int
    in_gaps: int
    examples: Sequence[str]

    @property
    def is_right(self) -> bool:
        return not (self.missing or self.out_of_order or self.rolled_back_seen)


#: Topic, key and partition.
Place = tuple[str, bytes, int]


@dataclass(slots=True)
class Seen:
    """What was read so far, and how often."""

    ids: dict[str, int] = field(default_factory=dict)
    newest: dict[Place, int] = field(default_factory=dict)
    events: dict[Place, list[tuple[int, str]]] = field(default_factory=dict)
    disorder: dict[tuple[str, str], str] = field(default_factory=dict)
    foreign: int = 0

    def add(self, record: Message) -> None:
        headers = {name: value for name, value in _pairs(record) if value is not None}
        if "id" not in headers:
            self.foreign += 1
            return
        id_, key = headers["id"].decode(), (record.topic() or "", bytes(record.key() or b""), record.partition() or 0)
        version = order_of(int(headers.get("ce_epoch") or 0), int(headers["ce_aggregateversion"]))
        if id_ not in self.ids and version < self.newest.get(key, 0):
            said = f"{record.topic()} {record.key()!r}: {self.newest[key]} came before {version}"
            self.disorder[id_, record.topic() or ""] = said
        self.ids[id_] = self.ids.get(id_, 0) + 1
        self.newest[key] = max(version, self.newest.get(key, 0))
        self.events.setdefault(key, []).append((version, id_))

    def across_partitions(self) -> Iterator[tuple[tuple[str, str], str]]:
        """As `disorder`: a key that is in several partitions, because there came more, was in one after the other. What
        was sent again when they came is in both, and says nothing.
        """
        places: dict[tuple[str, bytes], list[list[tuple[int, str]]]] = {}
        for (topic, key, _), events in self.events.items():
            places.setdefault((topic, key), []).append(events)
        for (topic, key), parts in places.items():
            once = [[one for one in part if self.ids[one[1]] == 1] for part in parts] if len(parts) > 1 else []
            for before, after in pairwise(sorted((min(part), max(part)) for part in once if part)):
                (_, (last, _)), ((version, id_), _) = before, after
                if version < last:
                    yield (id_, topic), f"{topic} {key!r}: {last} is in one partition, and {version} in another"


def audit(postgres_url: str, bootstrap: Brokers, keep_h: float) -> Audit:
    """Reads the outbox, then Kafka until it holds all of that but what closed gaps lacked (for half a minute at most),
    then the outbox again. What was committed meanwhile is among `committed` as far as it was seen.

    Rows are kept for `keep_h` hours; 0: for ever.
    """
    removed_before_ms = (time.time() - keep_h * 3600) * 1000 + _SLACK_MS if keep_h else 0.0
    committed = _committed(postgres_url)
    seen = Seen()
    with _Reading(bootstrap) as reading:
        deadline = time.monotonic() + _ON_ITS_WAY_S
        while True:
            for record in reading.to_the_end():
                seen.add(record)
            closed = _closed(postgres_url)
            lacking = committed - seen.ids.keys()
            in_gaps = {id_ for id_, topic in _topics_of(postgres_url, lacking) if _made_at_ms(id_) < closed.of(topic)}
            missing = lacking - in_gaps
            if not missing or time.monotonic() > deadline:  # what a gap lacked does not come any more
                break
    # What a gap lacked may be emitted again as it was, behind what is newer.
    wrong = {**seen.disorder, **dict(seen.across_partitions())}
    disorder = [said for (id_, topic), said in wrong.items() if _made_at_ms(id_) >= closed.of(topic)]
    by_now = _committed(postgres_url)
    without_row = seen.ids.keys() - by_now
    outlived = {id_ for id_ in without_row if _made_at_ms(id_) < max(removed_before_ms, closed.database_ms)}
    never_committed = without_row - outlived
    return Audit(
        committed=len(committed | (seen.ids.keys() & by_now)),
        in_kafka=len(seen.ids),
        missing=len(missing),
        duplicated=sum(times - 1 for times in seen.ids.values()),
        out_of_order=len(disorder),
        rolled_back_seen=len(never_committed),
        foreign=seen.foreign,
        outlived=len(outlived),
        in_gaps=len(in_gaps),
        examples=[
            *(f"missing: {id_}" for id_ in sorted(missing)[:_SHOWN]),
            *(f"never committed: {id_}" for id_ in sorted(never_committed)[:_SHOWN]),
            *disorder[:_SHOWN],
        ],
    )


def _made_at_ms(id_: str) -> int:
    """When an event's id was made: UUIDv7 begins with it."""
    return UUID(id_).int >> 80


@dataclass(frozen=True, slots=True)
class _Closed:
    """When the last gap of a topic was closed, and the last one of the database; 0: none was."""

    by_topic_ms: Mapping[str, float]
    database_ms: float

    def of(self, topic: str) -> float:
        return self.by_topic_ms.get(topic, 0.0)


def _closed(postgres_url: str) -> _Closed:
    by_topic: dict[str, float] = {}
    database = 0.0
    with postgres.connect(postgres_url) as connection:
        for one in open_gaps.listed(connection, closed_too=True):
            if one.closed_at is not None:
                at_ms = one.closed_at.timestamp() * 1000
                by_topic |= {topic: max(at_ms, by_topic.get(topic, 0.0)) for topic in one.topics}
                database = max(database, at_ms if one.kind == "database" else 0.0)
    return _Closed(by_topic, database)


def _topics_of(postgres_url: str, ids: Collection[str]) -> list[tuple[str, str]]:
    with postgres.connect(postgres_url) as connection:
        rows = connection.execute(_TOPICS, (list(ids),)).fetchall()
    return [(str(id_), of_aggregate(aggregate)) for id_, aggregate in rows]


def _pairs(record: Message) -> list[tuple[str, bytes | None]]:
    return list(headers_of(record) or ())


def _committed(postgres_url: str) -> set[str]:
    with postgres.connect(postgres_url) as connection, connection.cursor(name="audit") as rows:
        rows.itersize = 20_000
        return {str(id_) for (id_,) in rows.execute(_IDS)}


class _Reading:
    """All partitions of the aggregates' topics, from their beginning."""

    def __init__(self, bootstrap: Brokers) -> None:
        self._consumer = kafka_clients.consumer(
            bootstrap,
            {
                "group.id": "rustok-audit",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
            },
        )
        self._partitions = topic_partitions.listed(self._consumer, [topic.name for topic in CAPTURED])

    def __enter__(self) -> "_Reading":
        self._consumer.assign(self._partitions)
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def to_the_end(self) -> Iterator[Message]:
        """What is there now and was not given yet."""
        open_ends = {(each.topic, each.partition) for each in self._partitions}
        deadline = time.monotonic() + _ON_ITS_WAY_S
        while open_ends and time.monotonic() < deadline:
            for record in self._consumer.consume(5_000, timeout=0.1):
                if record.error() is None:
                    yield record
                else:
                    open_ends.discard((record.topic(), record.partition()))
