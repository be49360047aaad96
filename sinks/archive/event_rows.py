"""Says what is kept of an event: its envelope, and its body as it was written and as the newest version reads it.

Who did it is left out: that is for the audit trail, and here it would name people who have since been forgotten.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from schemas import envelope
from schemas.event_catalogue import BY_TYPE
from schemas.event_json import from_json, to_text

#: `newest` is empty where the body is that already; `read_as` is the version that readers find.
COLUMNS: Final[Mapping[str, str]] = {
    "archive_no": "BIGINT",
    "tenant_id": "UUID",
    "aggregate": "VARCHAR",
    "aggregate_id": "UUID",
    "epoch": "INTEGER",
    "version": "BIGINT",
    "event_id": "UUID",
    "type": "VARCHAR",
    "schema_version": "INTEGER",
    "occurred_at": "TIMESTAMPTZ",
    "archived_at": "TIMESTAMPTZ",
    "correlation_id": "VARCHAR",
    "causation_id": "VARCHAR",
    "traceparent": "VARCHAR",
    "is_reemitted": "BOOLEAN",
    "body": "JSON",
    "newest": "JSON",
    "read_as": "INTEGER",
}
#: In a part, events of an aggregate are beside each other.
ORDER: Final = "aggregate, tenant_id, aggregate_id, version, archive_no"

#: The events that take what came before them with them.
SHOP_ERASED: Final = "tenant.deleted"
CUSTOMER_FORGOTTEN: Final = "order.anonymised"

Row = dict[str, Any]


def with_body(row: Row, body: str) -> Row:
    """The row with this JSON as its body, in the version it was written in, and what the code of today reads in it."""
    history = BY_TYPE[row["type"]]
    version = row["schema_version"]
    newest = None
    if version < history.newest_version:
        written = from_json(history.versions[version - 1], json.loads(body))
        newest = to_text(history.upcast(written, version))
    return row | {"body": body, "newest": newest, "read_as": max(version, history.newest_version)}


def order_of(row: Row) -> int:
    """The one number that stores compare."""
    return envelope.order_of(row["epoch"], row["version"])


def newest_versions() -> dict[str, int]:
    """What the code of today reads events as."""
    return {event_type: history.newest_version for event_type, history in BY_TYPE.items()}


def customer_of(row: Row) -> str | None:
    """Whose the order is that the event is about, as it says."""
    ref: str | None = json.loads(row["body"])["order"]["customer_ref"]
    return ref


def anonymised(row: Row, customer_ref: str | None) -> Row:
    """The row as it is when its customer was forgotten: what `order.anonymised` changes of an order, wherever it is."""
    return with_body(row, to_text(_forgotten(json.loads(row["body"]), customer_ref)))


def _forgotten(value: Any, customer_ref: str | None) -> Any:
    match value:
        case dict():
            replaced = {"customer_ref": customer_ref, "tracking_number": None}
            return {
                name: replaced[name] if name in replaced else _forgotten(one, customer_ref)
                for name, one in value.items()
            }
        case list():
            return [_forgotten(one, customer_ref) for one in value]
        case _:
            return value
