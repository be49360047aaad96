"""Reads and writes payments and what of them goes back: `payments`, `payment_refunds`.

How somebody pays comes in sealed, is kept while the payment is started, and no longer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.domain.errors import StaleVersion
from api.domain.payments import BackReason, OwedRefund, RefundState
from api.store import column_arrays, narrow_rows
from api.store.aggregate_table import AggregateTable
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted
from schemas.events.payment import AGGREGATE, Payment, PaymentRefund
from schemas.row_conditions import EVERY_ROW, RowCondition

_SELECT: Final = """
    SELECT p.id, p.version, p.order_id, p.provider, p.status, p.amount_minor, p.currency, p.received_minor,
        p.decline_reason, p.started_at, p.settled_at, p.refunded_minor, (
            SELECT jsonb_agg(jsonb_build_array(r.id, r.amount_minor, r.reason, r.refunded_at)
                ORDER BY r.refunded_at, r.id)
            FROM payment_refunds r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id AND r.state = 'done'
        )
    FROM payments p JOIN orders o ON o.tenant_id = p.tenant_id AND o.id = p.order_id
    WHERE p.tenant_id = %(tenant)s
"""
_REFUNDS: Final = """
    SELECT id, payment_id, amount_minor, reason, state, error, made_at, refunded_at, refused_at, by_hand_reason
    FROM payment_refunds
    WHERE tenant_id = %(tenant)s
"""

LIST: Final = ListTable[Versioned[Payment]](
    name="payments",
    id="p.id",
    id_of=lambda held: held.value.id,
    filters={
        "status": "p.status = ANY (%(status)s::text[])",
        "order_id": "p.order_id = %(order_id)s::uuid",
        "provider": "p.provider = %(provider)s::text",
        "started_since": "p.started_at >= %(started_since)s::timestamptz",
        "started_until": "p.started_at < %(started_until)s::timestamptz",
        "refund_state": "EXISTS (SELECT FROM payment_refunds r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id"
        " AND r.state = %(refund_state)s::text)",
    },
    sorts={"newest": NEWEST, "oldest": OLDEST},
)


@dataclass(frozen=True, slots=True)
class KeptToken:
    """How somebody pays, as it was sealed; `next_ask_at` is when the provider is asked again."""

    sealed: bytes = field(repr=False)
    next_ask_at: datetime


class PaymentRows:
    """Only those of orders that are `reached` are there."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, reached: RowCondition = EVERY_ROW) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._reached, self._values = narrow_rows.where(reached, narrow_rows.of_table("o"))

    def get(self, payment_id: UUID) -> Versioned[Payment] | None:
        return self.load([payment_id]).get(payment_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[Payment]]:
        found = self._rows("AND p.id = ANY (%(ids)s::uuid[])", ids=column_arrays.ids(ids))
        return {one.value.id: one for one in found}

    def hold(self, payment_id: UUID) -> Versioned[Payment] | None:
        """Nobody else changes it before the transaction is over."""
        self._connection.execute(
            "SELECT FROM payments WHERE tenant_id = %s AND id = %s FOR NO KEY UPDATE", (self._tenant_id, payment_id)
        )
        return self.get(payment_id)

    def page(self, wanted: PageWanted) -> list[Versioned[Payment]]:
        text, values = LIST.page(wanted)
        return self._rows(text, **values)

    def of_order(self, order_id: UUID, *, limit: int) -> list[Versioned[Payment]]:
        """The newest, newest first."""
        return self.page(PageWanted(sort="newest", limit=limit, filters={"order_id": order_id}))

    def of_orders(self, order_ids: Collection[UUID], *, limit: int) -> dict[UUID, list[Versioned[Payment]]]:
        """The newest of each order, newest first."""
        found = self._rows(
            "AND p.id IN (SELECT newest.id FROM unnest(%(orders)s::uuid[]) AS wanted (id), LATERAL ("
            " SELECT n.id FROM payments n WHERE n.tenant_id = %(tenant)s AND n.order_id = wanted.id"
            " ORDER BY n.id DESC LIMIT %(limit)s) AS newest) ORDER BY p.id DESC",
            orders=column_arrays.ids(order_ids),
            limit=limit,
        )
        by_order: dict[UUID, list[Versioned[Payment]]] = {order_id: [] for order_id in order_ids}
        for one in found:
            by_order[one.value.order_id].append(one)
        return by_order

    def under_way(self, order_id: UUID) -> bool:
        """Whether the provider is being asked to take money for the order."""
        row = self._connection.execute(
            "SELECT FROM payments WHERE tenant_id = %s AND order_id = %s AND status = 'started'",
            (self._tenant_id, order_id),
        ).fetchone()
        return row is not None

    def refunds_of(self, payment_ids: Collection[UUID]) -> dict[UUID, list[OwedRefund]]:
        """All that is to go back or went, by payment, in the order in which it was decided."""
        found = self._connection.execute(
            _REFUNDS + "AND payment_id = ANY (%(ids)s::uuid[]) ORDER BY id",
            {"tenant": self._tenant_id, "ids": column_arrays.ids(payment_ids)},
        )
        by_payment: dict[UUID, list[OwedRefund]] = {}
        for row in found:
            by_payment.setdefault(row[1], []).append(_owed(row))
        return by_payment

    def hold_refund(self, refund_id: UUID) -> OwedRefund | None:
        row = self._connection.execute(
            _REFUNDS + "AND id = %(id)s FOR NO KEY UPDATE", {"tenant": self._tenant_id, "id": refund_id}
        ).fetchone()
        return None if row is None else _owed(row)

    def keep_token(self, payment_id: UUID, token: KeptToken) -> None:
        """To ask the provider again with; it goes by itself when the payment is settled."""
        self._connection.execute(
            "UPDATE payments SET sealed_token = %s, next_ask_at = %s WHERE tenant_id = %s AND id = %s",
            (token.sealed, token.next_ask_at, self._tenant_id, payment_id),
        )

    def refer(self, payment_id: UUID, reference: str) -> None:
        """What the provider calls it by."""
        self._connection.execute(
            "UPDATE payments SET reference = %s WHERE tenant_id = %s AND id = %s",
            (reference, self._tenant_id, payment_id),
        )

    def reference(self, payment_id: UUID) -> str:
        row = self._connection.execute(
            "SELECT reference FROM payments WHERE tenant_id = %s AND id = %s", (self._tenant_id, payment_id)
        ).fetchone()
        return "" if row is None or row[0] is None else str(row[0])

    def owe(self, owed: OwedRefund) -> None:
        """So much of what was received is to go back."""
        self._connection.execute(
            "INSERT INTO payment_refunds (tenant_id, id, payment_id, amount_minor, reason, state, made_at, next_try_at)"
            " VALUES (%s, %s, %s, %s, %s, 'due', %s, %s)",
            (
                self._tenant_id,
                owed.id,
                owed.payment_id,
                owed.amount_minor,
                owed.reason,
                owed.made_at,
                owed.made_at,
            ),
        )

    def sent_back(self, refund: PaymentRefund) -> None:
        self._connection.execute(
            "UPDATE payment_refunds SET state = 'done', refunded_at = %s, next_try_at = NULL"
            " WHERE tenant_id = %s AND id = %s",
            (refund.refunded_at, self._tenant_id, refund.id),
        )

    def not_sent_back(self, refund_id: UUID, why: str, at: datetime) -> None:
        self._connection.execute(
            "UPDATE payment_refunds SET state = 'failed', error = %s, refused_at = %s, next_try_at = NULL"
            " WHERE tenant_id = %s AND id = %s",
            (why, at, self._tenant_id, refund_id),
        )

    def sent_by_hand(self, refund: PaymentRefund, why: str) -> None:
        self._connection.execute(
            "UPDATE payment_refunds SET state = 'done', refunded_at = %s, by_hand_reason = %s"
            " WHERE tenant_id = %s AND id = %s",
            (refund.refunded_at, why, self._tenant_id, refund.id),
        )

    def write(self, changes: Sequence[Decision[Payment]]) -> None:
        for change in changes:
            (self._update if change.was_at else self._insert)(change)

    def _insert(self, change: Decision[Payment]) -> None:
        value = change.value
        self._connection.execute(
            """
            INSERT INTO payments (tenant_id, id, version, order_id, provider, status, amount_minor, currency,
                started_at, refunded_minor, next_ask_at)
            VALUES (%(tenant)s, %(id)s, %(version)s, %(order)s, %(provider)s, %(status)s, %(amount)s, %(currency)s,
                %(started)s, 0, %(started)s)
            """,
            {
                "tenant": self._tenant_id,
                "id": value.id,
                "version": change.version,
                "order": value.order_id,
                "provider": value.provider,
                "status": value.status,
                "amount": value.amount_minor,
                "currency": value.currency,
                "started": value.started_at,
            },
        )

    def _update(self, change: Decision[Payment]) -> None:
        value = change.value
        updated = self._connection.execute(
            """
            UPDATE payments SET version = %(version)s, status = %(status)s, received_minor = %(received)s,
                decline_reason = %(reason)s, settled_at = %(settled)s, refunded_minor = %(refunded)s,
                sealed_token = NULL, next_ask_at = NULL
            WHERE tenant_id = %(tenant)s AND id = %(id)s AND version = %(was)s
            """,
            {
                "version": change.version,
                "status": value.status,
                "received": value.received_minor,
                "reason": value.decline_reason,
                "settled": value.settled_at,
                "refunded": value.refunded_minor,
                "tenant": self._tenant_id,
                "id": value.id,
                "was": change.was_at,
            },
        )
        if updated.rowcount != 1:
            raise StaleVersion(change.was_at)

    def _rows(self, where: str, **values: Any) -> list[Versioned[Payment]]:
        found = self._connection.execute(
            _SELECT + self._reached + where, {"tenant": self._tenant_id, **self._values, **values}
        )
        return [_versioned(row) for row in found]


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: PaymentRows(connection, tenant_id).load(ids),
    state=state_events.payment,
)


def shop_of(connection: psycopg.Connection[Any], payment_id: UUID) -> UUID | None:
    """Whose payment it is. In a transaction of the platform."""
    row = connection.execute("SELECT tenant_id FROM payments WHERE id = %s LIMIT 1", (payment_id,)).fetchone()
    return None if row is None else row[0]


def _versioned(row: Sequence[Any]) -> Versioned[Payment]:
    id_, version, order_id, provider, status, amount, currency, received, reason, started, settled, back, parts = row
    payment = Payment(
        id=id_,
        order_id=order_id,
        provider=provider,
        status=status,
        amount_minor=amount,
        currency=currency,
        received_minor=received,
        decline_reason=reason,
        started_at=started,
        settled_at=settled,
        refunds=tuple(_refund(one) for one in parts or ()),
        refunded_minor=back,
    )
    return Versioned(payment, version)


def _refund(parts: Sequence[Any]) -> PaymentRefund:
    id_, amount, reason, refunded_at = parts
    return PaymentRefund(
        id=UUID(id_), amount_minor=amount, reason=reason, refunded_at=datetime.fromisoformat(refunded_at)
    )


def _owed(row: Sequence[Any]) -> OwedRefund:
    told: Mapping[str, Any] = dict(zip(OwedRefund.__slots__, row, strict=True))
    return OwedRefund(**{**told, "reason": BackReason(told["reason"]), "state": RefundState(told["state"])})
