"""Takes everything out that is a shop's, as of one moment: a JSON document a line."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from api.store import whole_tenant
from api.store.store import Store

FORMAT: Final = 1


def export_tenant(store: Store, tenant_id: UUID, now: datetime) -> Iterator[bytes]:
    """First what it is, last how many rows there are: without that line it is not whole. Raises `StoreDown`."""
    yield _line({"export": FORMAT, "tenant_id": tenant_id, "at": now})
    rows = 0
    with store.snapshot(tenant_id) as connection:
        for told in whole_tenant.whole(connection, tenant_id):
            rows += 1
            yield _line({"table": told.table, "row": told.row})
    yield _line({"end": True, "rows": rows})


def _line(document: dict[str, object]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
