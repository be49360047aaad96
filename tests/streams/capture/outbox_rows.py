"""An outbox table and its rows, as the stream shows them."""

from collections.abc import Mapping
from uuid import UUID

from schemas.outbox_row import OutboxRow
from streams.capture.pgoutput import Column, Relation

UUID_OID, BYTEA_OID, TEXT_OID = 2950, 17, 25

COLUMNS = tuple(
    (name, {"id": UUID_OID, "payload": BYTEA_OID}.get(name, TEXT_OID)) for name in OutboxRow.__dataclass_fields__
)
RELATION = Relation(16_400, "public", "outbox", tuple(Column(name, oid) for name, oid in COLUMNS))

EVENT_ID = UUID("0197a0c4-6e5f-7c3a-9b0e-2f4d5c6b7a81")


def values(aggregate_id: str = "0197a0c4-0000-7000-8000-000000000001", **columns: bytes | None) -> list[bytes | None]:
    """Of a row of `RELATION`; each text column holds its own name unless it is given."""
    row: Mapping[str, bytes | None] = {
        **{name: name.encode() for name in OutboxRow.__dataclass_fields__},
        "id": EVENT_ID.bytes,
        "aggregatetype": b"order",
        "aggregateid": aggregate_id.encode(),
        "payload": b"\0\0\0\0\1avro",
        **columns,
    }
    return list(row.values())
