"""Chooses the events that are played through two versions of the code: some that Kafka has, or made ones, each in the
words of the version that the running code writes, and of the version that this tree would write.

A made event is said in the newest version first; the older words for it are what an Avro reader of the older version
makes of it. A recorded one is lifted to the newest version by this tree.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import nlargest
from typing import Any, Final
from uuid import UUID

import fastavro
from fastavro.read import SchemaResolutionError

from ops.clients.client_credentials import Brokers
from schemas import avro_schema, outbox_row
from schemas.avro_records import from_record
from schemas.envelope import Envelope
from schemas.event_codec import FRAME, MAGIC, Decoder, SchemaIds, Undecodable, parsed
from schemas.event_history import History
from schemas.evolving.golden_files import body
from schemas.evolving.random_events import Generator
from schemas.topics import of_aggregate
from streams.contracts.stored_versions import everything
from streams.kafka_record import header

_MOMENT: Final = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
#: An event of a tenant is its own, and no other's.
_TENANT: Final = "tenant"
#: Ids of this tree's own schemas, where no registry gave one: far from what a registry gives.
_OWN_IDS: Final = 1_900_000_000

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Said:
    """A record's value and headers."""

    value: bytes
    headers: Headers


@dataclass(frozen=True, slots=True)
class Pair:
    """One event: as the running code writes it or Kafka has it, and in the newest words of this tree. `stored` is None
    when it cannot be said in the older words.
    """

    topic: str
    stored: Said | None
    newest: Said


@dataclass(frozen=True, slots=True)
class Sample:
    """`texts` are the schemas by the ids in the frames."""

    pairs: tuple[Pair, ...]
    texts: dict[int, str]


def generated(history: History, running_version: int, number: int) -> Sample:
    """`running_version` is the newest that the running code knows; 0: it does not know the event."""
    generator = Generator()
    pairs = []
    for place in range(number):
        event = generator.event(history.newest)
        tenant_id, other = generator.uuid(), generator.uuid()
        told = _envelope(history, tenant_id, tenant_id if history.aggregate == _TENANT else other)
        newest = _said(history, history.newest_version, event, told)
        # What is new is compared with what the running code would write. Where nothing is, any version may be stored.
        version = running_version if running_version != history.newest_version else 1 + place % running_version
        older = _older(history, version, newest)
        stored = None if older is None else _said(history, version, older, told)
        pairs.append(Pair(of_aggregate(history.aggregate), stored, newest))
    return Sample(tuple(pairs), _own_texts(history))


def recorded(bootstrap: Brokers, schemas: SchemaIds, history: History, number: int) -> Sample:
    """The last `number` that Kafka has, of those this tree can read. Raises `Unavailable`."""
    topic = of_aggregate(history.aggregate)
    wanted = history.event_type.encode()
    found = (each for each in everything(bootstrap, [topic]) if header(each, "ce_type") == wanted)
    last = nlargest(number, found, key=lambda record: record.timestamp)
    decoder, texts = Decoder(schemas), _own_texts(history)
    pairs = []
    for record in last:
        try:
            event = decoder.decode(record.value or b"")
        except Undecodable:
            continue
        id_ = int.from_bytes((record.value or b"")[1 : FRAME.size], "big")
        texts[id_] = schemas.text_of(id_) or ""
        stored = Said(record.value or b"", record.headers)
        version = str(history.newest_version).encode()
        renumbered = [(name, version if name == "ce_schemaversion" else value) for name, value in record.headers]
        pairs.append(Pair(topic, stored, Said(_framed(history, history.newest_version, event), renumbered)))
    return Sample(tuple(pairs), texts)


def _older(history: History, version: int, newest: Said) -> Any:
    if not 0 < version <= history.newest_version:
        return None
    read = io.BytesIO(newest.value[FRAME.size :])
    try:
        record = fastavro.schemaless_reader(read, parsed(history, history.newest_version), parsed(history, version))
    except SchemaResolutionError:
        return None
    return from_record(history.versions[version - 1])(record)


def _said(history: History, version: int, event: Any, told: Envelope) -> Said:
    value = _framed(history, version, event)
    row = outbox_row.row(replace(told, schema_version=version), value)
    named = ((name, getattr(row, column)) for name, column in outbox_row.HEADERS)
    return Said(value, [(name, None if text is None else str(text).encode()) for name, text in named])


def _framed(history: History, version: int, event: Any) -> bytes:
    return FRAME.pack(MAGIC, _OWN_IDS + version) + body(history, version, event)


def _own_texts(history: History) -> dict[int, str]:
    return {_OWN_IDS + version: avro_schema.text(history, version) for version in _versions(history)}


def _versions(history: History) -> Iterator[int]:
    yield from range(1, history.newest_version + 1)


def _envelope(history: History, tenant_id: UUID, aggregate_id: UUID) -> Envelope:
    return Envelope(
        id=aggregate_id,
        event_type=history.event_type,
        schema_version=history.newest_version,
        tenant_id=tenant_id,
        aggregate_id=aggregate_id,
        aggregate_version=1,
        correlation_id="impact",
        causation_id=None,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        occurred_at=_MOMENT,
        actor_id="impact",
    )
