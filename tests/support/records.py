"""Records as Kafka would hand them to a feed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas import outbox_row
from schemas.envelope import Envelope
from tests.support.examples import encoder


@dataclass(frozen=True)
class FakeRecord:
    topic: str = "rustok.order"
    partition: int = 0
    offset: int = 0
    key: bytes | None = None
    value: bytes | None = b""
    headers: Sequence[tuple[str, bytes | None]] = field(default=())
    timestamp: int = 0


def record(envelope: Envelope, event: Any, offset: int = 0, topic: str = "rustok.order") -> FakeRecord:
    row = outbox_row.row(envelope, encoder().encode(event))
    values = ((name, getattr(row, column)) for name, column in outbox_row.HEADERS)
    return FakeRecord(
        topic=topic,
        offset=offset,
        key=row.aggregateid.encode(),
        value=row.payload,
        headers=tuple((name, None if value is None else str(value).encode()) for name, value in values),
    )
