"""What an API noted of the searches in a shop, as it is in the outbox."""

import psycopg

from api.store import schema_ids
from schemas.event_codec import Decoder
from schemas.events.search_log import SearchLog, SearchLogRecorded
from tests.integration.api.shops import Shop


class _Deployed:
    def __init__(self, postgres: psycopg.Connection) -> None:
        self._postgres = postgres

    def text_of(self, schema_id: int) -> str | None:
        return schema_ids.content_of(self._postgres, schema_id)


def search_logs_of(postgres: psycopg.Connection, shop: Shop) -> list[SearchLog]:
    """In the order they were written."""
    decoder = Decoder(_Deployed(postgres))
    rows = postgres.execute(
        "SELECT payload FROM outbox WHERE tenant_id = %s AND type = 'search_log.recorded' ORDER BY id", (str(shop.id),)
    ).fetchall()
    events = [decoder.decode(payload) for (payload,) in rows]
    return [event.search_log for event in events if isinstance(event, SearchLogRecorded)]
