"""Reads and writes the webhooks of a shop, and what became of their deliveries: `webhooks`, `webhook_deliveries`.

Secrets come in sealed, and never go out: who delivers reads them itself.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.changes import Versioned
from api.domain.errors import StaleVersion
from api.domain.webhooks import Delivery, DeliveryState, OffReason, Webhook
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted

_SELECT: Final = """
    SELECT version, id, url, description, event_types, off_reason, off_at, made_by, made_at, old_secret_until,
        failing_since, delivered_at
    FROM webhooks WHERE tenant_id = %(tenant)s
"""
_SELECT_DELIVERIES: Final = """
    SELECT id, event_id, event_type, aggregate_id, state, attempts, made_at, next_try_at, tried_at, status, error,
        duration_ms
    FROM webhook_deliveries WHERE tenant_id = %(tenant)s AND webhook_id = %(webhook)s
"""
LIST: Final = ListTable[Versioned[Webhook]](
    name="webhooks", id="id", id_of=lambda held: held.value.id, filters={"active": "active = %(active)s::boolean"}
)
DELIVERIES: Final = ListTable[Delivery](
    name="deliveries",
    id="id",
    id_of=lambda delivery: delivery.id,
    filters={
        "state": "state = ANY (%(state)s::text[])",
        "event_type": "event_type = ANY (%(event_type)s::text[])",
        "made_since": "made_at >= %(made_since)s::timestamptz",
        "made_until": "made_at < %(made_until)s::timestamptz",
    },
    sorts={"newest": NEWEST, "oldest": OLDEST},
)
# What waited goes on from where it was; of what happens while it is off nothing is sent.
_CHANGE: Final = """
    UPDATE webhooks SET version = version + 1, url = %(url)s, description = %(description)s,
        event_types = %(event_types)s, off_reason = %(off_reason)s, off_at = %(off_at)s, active = %(active)s,
        active_since = CASE WHEN %(active)s AND NOT active THEN now() ELSE active_since END,
        failing_since = CASE WHEN %(active)s AND NOT active THEN NULL ELSE failing_since END,
        paused_until = CASE WHEN %(active)s AND NOT active THEN NULL ELSE paused_until END
    WHERE tenant_id = %(tenant)s AND id = %(id)s AND version = %(was)s
"""


class WebhookRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, webhook_id: UUID) -> Versioned[Webhook] | None:
        row = self._connection.execute(
            _SELECT + "AND id = %(id)s", {"tenant": self._tenant_id, "id": webhook_id}
        ).fetchone()
        return None if row is None else _kept(row)

    def page(self, wanted: PageWanted) -> list[Versioned[Webhook]]:
        text, values = LIST.page(wanted)
        found = self._connection.execute(_SELECT + text, {"tenant": self._tenant_id, **values})
        return [_kept(row) for row in found]

    def count(self) -> int:
        row = self._connection.execute(
            "SELECT count(*) FROM webhooks WHERE tenant_id = %s", (self._tenant_id,)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def add(self, made: Webhook, sealed: bytes) -> Versioned[Webhook]:
        self._connection.execute(
            """
            INSERT INTO webhooks (tenant_id, id, version, url, description, event_types, off_reason, off_at, active,
                secret, made_by, made_at)
            VALUES (%(tenant)s, %(id)s, 1, %(url)s, %(description)s, %(event_types)s, %(off_reason)s, %(off_at)s,
                %(active)s, %(secret)s, %(made_by)s, %(made_at)s)
            """,
            {**self._values(made), "secret": sealed, "made_by": made.made_by, "made_at": made.made_at},
        )
        return Versioned(made, 1)

    def change(self, held: Versioned[Webhook], changed: Webhook) -> Versioned[Webhook]:
        """As it is from now on. Raises `StaleVersion` when somebody was faster."""
        written = self._connection.execute(_CHANGE, {**self._values(changed), "was": held.version})
        return self._written(written.rowcount, held)

    def rotate(self, held: Versioned[Webhook], sealed: bytes, old_until: datetime) -> Versioned[Webhook]:
        """The secret until now is good beside the new one until then; one from before it is not any more."""
        written = self._connection.execute(
            "UPDATE webhooks SET version = version + 1, old_secret = secret, old_secret_until = %s, secret = %s"
            " WHERE tenant_id = %s AND id = %s AND version = %s",
            (old_until, sealed, self._tenant_id, held.value.id, held.version),
        )
        return self._written(written.rowcount, held)

    def remove(self, webhook_id: UUID) -> None:
        """With all of its deliveries."""
        self._connection.execute("DELETE FROM webhooks WHERE tenant_id = %s AND id = %s", (self._tenant_id, webhook_id))

    def deliveries(self, webhook_id: UUID, wanted: PageWanted) -> list[Delivery]:
        text, values = DELIVERIES.page(wanted)
        found = self._connection.execute(
            _SELECT_DELIVERIES + text, {"tenant": self._tenant_id, "webhook": webhook_id, **values}
        )
        return [_delivery(row) for row in found]

    def add_ping(self, webhook_id: UUID, id_: UUID, event_type: str, body: bytes, now: datetime) -> Delivery:
        """It is delivered as an event is, but tried once."""
        given = {
            "tenant": self._tenant_id,
            "webhook": webhook_id,
            "id": id_,
            "type": event_type,
            "order": int(now.timestamp() * 1000),
            "body": body,
            "now": now,
        }
        self._connection.execute(
            "INSERT INTO webhook_events (tenant_id, id, event_type, aggregate_id, aggregate_order, occurred_at, body)"
            " VALUES (%(tenant)s, %(id)s, %(type)s, %(webhook)s, %(order)s, %(now)s, %(body)s)",
            given,
        )
        # Each ping is about itself, so that none waits for another.
        self._connection.execute(
            "INSERT INTO webhook_deliveries (tenant_id, id, webhook_id, event_id, stored_as, event_type, aggregate_id,"
            " aggregate_order, state, next_try_at) VALUES (%(tenant)s, %(id)s, %(webhook)s, %(id)s, %(id)s,"
            " %(type)s, %(id)s, %(order)s, 'waiting', now())",
            given,
        )
        (made,) = self._connection.execute(
            _SELECT_DELIVERIES + "AND id = %(id)s", {**given, "webhook": webhook_id}
        ).fetchall()
        return _delivery(made)

    def forget_events(self, words: Sequence[str]) -> None:
        """Those that have one of these words in, with their deliveries."""
        for word in words:
            self._connection.execute(
                "DELETE FROM webhook_events WHERE tenant_id = %s AND position(convert_to(%s, 'UTF8') IN body) > 0",
                (self._tenant_id, json.dumps(word, ensure_ascii=False)[1:-1]),
            )

    def _values(self, webhook: Webhook) -> dict[str, Any]:
        return {
            "tenant": self._tenant_id,
            "id": webhook.id,
            "url": webhook.url,
            "description": webhook.description,
            "event_types": list(webhook.event_types),
            "active": webhook.active,
            "off_reason": None if webhook.off_reason is None else webhook.off_reason.value,
            "off_at": webhook.off_at,
        }

    def _written(self, rows: int, was: Versioned[Webhook]) -> Versioned[Webhook]:
        held = self.get(was.value.id)
        if rows != 1 or held is None:
            raise StaleVersion(was.version, None if held is None else held.version)
        return held


def _kept(row: Sequence[Any]) -> Versioned[Webhook]:
    version, id_, url, description, event_types, off_reason, *moments = row
    off_at, made_by, made_at, old_secret_until, failing_since, delivered_at = moments
    webhook = Webhook(
        id=id_,
        url=url,
        description=description,
        event_types=tuple(event_types),
        off_reason=None if off_reason is None else OffReason(off_reason),
        off_at=off_at,
        made_by=made_by,
        made_at=made_at,
        old_secret_until=old_secret_until,
        failing_since=failing_since,
        delivered_at=delivered_at,
    )
    return Versioned(webhook, version)


def _delivery(row: Sequence[Any]) -> Delivery:
    names = Delivery.__slots__
    told = dict(zip(names, row, strict=True))
    return Delivery(**{**told, "state": DeliveryState(told["state"])})
