"""Reads and writes orders: `orders`, one row with the facts of its state, and `order_lines`.

The lines are replaced while the order is pending, and never change afterwards. What has left is in `order_parcels`,
what went back in `order_refunds`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.domain.errors import StaleVersion
from api.domain.order_events import as_value, from_value
from api.domain.order_prices import Offer
from api.domain.orders import AnyOrder
from api.store import (
    column_arrays,
    decided_versions,
    import_fingerprints,
    narrow_rows,
    offers,
    order_contacts,
    order_parcels,
    order_refunds,
)
from api.store.aggregate_table import AggregateTable
from api.store.import_fingerprints import Imported
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy
from api.store.whole_tenant import THEIR_ORDERS
from schemas.events.order import (
    AGGREGATE,
    Order,
    OrderAnonymised,
    OrderCancelled,
    OrderClaimed,
    OrderConfirmed,
    OrderDelivered,
    OrderEdited,
    OrderLine,
    OrderLineV1,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
)
from schemas.row_conditions import EVERY_ROW, RowCondition

E = TypeVar("E")
_STEPS: Final = (OrderPlaced, OrderConfirmed, OrderPaid, OrderShipped, OrderDelivered, OrderRefunded, OrderCancelled)
#: Events of which nothing changes but whose order it is.
_ABOUT_CUSTOMER: Final = (OrderAnonymised, OrderClaimed)
_SELECT = """
    SELECT o.id, o.version, o.external_id, o.customer_ref, o.status, o.currency, o.tax_minor, o.shipping_minor,
        o.discount_minor, o.total_minor, o.placed_at, o.confirmed_at, o.paid_at, o.payment_id, o.cancelled_at,
        o.cancel_reason, o.refund_minor, o.shipped_at, o.delivered_at, (
            SELECT jsonb_agg(jsonb_build_array(p.parcel_no, p.carrier, p.tracking_number, p.shipped_at, (
                SELECT jsonb_agg(jsonb_build_array(i.position, i.quantity) ORDER BY i.position)
                FROM order_parcel_lines i
                WHERE i.tenant_id = p.tenant_id AND i.order_id = p.order_id AND i.parcel_no = p.parcel_no
            )) ORDER BY p.parcel_no)
            FROM order_parcels p WHERE p.tenant_id = o.tenant_id AND p.order_id = o.id
        ), (
            SELECT jsonb_agg(jsonb_build_array(r.refund_no, r.other_minor, r.amount_minor, r.reason, r.refunded_at, (
                SELECT jsonb_agg(
                    jsonb_build_array(i.position, i.returned, i.not_sent, i.amount_minor) ORDER BY i.position
                )
                FROM order_refund_lines i
                WHERE i.tenant_id = r.tenant_id AND i.order_id = r.order_id AND i.refund_no = r.refund_no
            )) ORDER BY r.refund_no)
            FROM order_refunds r WHERE r.tenant_id = o.tenant_id AND r.order_id = o.id
        ), (
            SELECT jsonb_agg(jsonb_build_array(l.product_id, l.variant_id, l.sku, l.title, l.category, l.quantity,
                l.unit_price_minor, l.adjustment_minor, l.total_minor, l.category_path, l.brand, l.unit,
                l.list_price_minor, l.discount_minor) ORDER BY l.position)
            FROM order_lines l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id
        )
    FROM orders o WHERE o.tenant_id = %(tenant)s
"""
_INSERT: Final = """
    INSERT INTO orders (
        tenant_id, id, version, status, confirmed_at, paid_at, payment_id, cancelled_at, cancel_reason,
        refund_minor, import_fingerprint, external_id, customer_ref, currency, tax_minor, shipping_minor,
        discount_minor, total_minor, placed_at
    )
    SELECT %s, * FROM unnest(
        %s::uuid[], %s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[],
        %s::timestamptz[], %s::text[], %s::bigint[], %s::bytea[], %s::text[], %s::text[], %s::text[],
        %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]
    )
"""
_INSERT_LINES: Final = """
    INSERT INTO order_lines (
        tenant_id, order_id, position, product_id, variant_id, sku, title, category, quantity,
        unit_price_minor, adjustment_minor, total_minor, brand, unit, list_price_minor, discount_minor, category_path
    )
    SELECT %s, order_id, position, product_id, variant_id, sku, title, category, quantity, unit_price_minor,
        adjustment_minor, total_minor, brand, unit, list_price_minor, discount_minor, category_path::text[]
    FROM unnest(
        %s::uuid[], %s::integer[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::bigint[],
        %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[]
    ) AS line (
        order_id, position, product_id, variant_id, sku, title, category, quantity, unit_price_minor, adjustment_minor,
        total_minor, brand, unit, list_price_minor, discount_minor, category_path
    )
"""

_PLACED: Final = SortedBy[Versioned[AnyOrder]]("o.placed_at", datetime, lambda held: held.value.terms.placed_at)
_TOTAL: Final = SortedBy[Versioned[AnyOrder]]("o.total_minor", int, lambda held: held.value.terms.total_minor)
_WENT_BACK: Final = """(coalesce(o.refund_minor, 0) + coalesce((
    SELECT sum(r.amount_minor) FROM order_refunds r WHERE r.tenant_id = o.tenant_id AND r.order_id = o.id
), 0))"""
LIST: Final = ListTable[Versioned[AnyOrder]](
    name="orders",
    id="o.id",
    id_of=lambda held: held.value.terms.id,
    filters={
        "status": "o.status = ANY (%(status)s::text[])",
        "customer_ref": "o.customer_ref = %(customer_ref)s::text",
        "currency": "o.currency = %(currency)s::text",
        "placed_since": "o.placed_at >= %(placed_since)s::timestamptz",
        "placed_until": "o.placed_at < %(placed_until)s::timestamptz",
        "total_min": "o.total_minor >= %(total_min)s::bigint",
        "total_max": "o.total_minor <= %(total_max)s::bigint",
        "payment": {
            "unpaid": "o.paid_at IS NULL",
            "paid": f"o.paid_at IS NOT NULL AND {_WENT_BACK} = 0",
            "partly_refunded": f"o.paid_at IS NOT NULL AND {_WENT_BACK} > 0 AND {_WENT_BACK} < o.total_minor",
            "refunded": f"o.paid_at IS NOT NULL AND {_WENT_BACK} > 0 AND {_WENT_BACK} >= o.total_minor",
        },
    },
    sorts={
        "newest": NEWEST,
        "oldest": OLDEST,
        "placed_desc": _PLACED.turned(),
        "placed_asc": _PLACED,
        "total_desc": _TOTAL.turned(),
        "total_asc": _TOTAL,
    },
)


class OrderRows:
    """Only what is `reached` is there."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, reached: RowCondition = EVERY_ROW) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._reached, self._values = narrow_rows.where(reached, narrow_rows.of_table("o"))

    def get(self, order_id: UUID) -> Versioned[AnyOrder] | None:
        return self.load([order_id]).get(order_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[AnyOrder]]:
        found = self._connection.execute(
            _SELECT + self._reached + "AND o.id = ANY (%(ids)s::uuid[])",
            {"tenant": self._tenant_id, **self._values, "ids": column_arrays.ids(ids)},
        )
        return {row[0]: _versioned(row) for row in found}

    def page(self, wanted: PageWanted) -> list[Versioned[AnyOrder]]:
        text, values = LIST.page(wanted)
        found = self._connection.execute(
            _SELECT + self._reached + text, {"tenant": self._tenant_id, **self._values, **values}
        )
        return [_versioned(row) for row in found]

    def there(self, ids: Collection[UUID]) -> set[UUID]:
        """Those of them that are orders."""
        found = self._connection.execute(
            f"SELECT o.id FROM orders o WHERE o.tenant_id = %(tenant)s {self._reached}"  # noqa: S608  # a condition of ours
            " AND o.id = ANY (%(ids)s::uuid[])",
            {"tenant": self._tenant_id, **self._values, "ids": column_arrays.ids(ids)},
        )
        return {order_id for (order_id,) in found}

    def hold(self, order_id: UUID) -> Versioned[AnyOrder] | None:
        """Nobody changes it before the transaction is over."""
        self._connection.execute(
            "SELECT FROM orders WHERE tenant_id = %s AND id = %s FOR NO KEY UPDATE", (self._tenant_id, order_id)
        )
        return self.get(order_id)

    def of_person(self, names: Sequence[str], emails: Sequence[str], limit: int) -> list[Versioned[AnyOrder]]:
        """The first so many of theirs; nobody changes them before the transaction is over."""
        found = self._connection.execute(
            f"SELECT id FROM orders WHERE tenant_id = %(tenant)s AND id IN ({THEIR_ORDERS})"  # noqa: S608  # a constant
            " ORDER BY id LIMIT %(limit)s FOR UPDATE",
            {
                "tenant": self._tenant_id,
                "names": column_arrays.texts(names),
                "emails": column_arrays.texts(emails),
                "limit": limit,
            },
        )
        held = self.load([order_id for (order_id,) in found])
        return [held[order_id] for order_id in sorted(held)]

    def _write_customer(self, change: Decision[AnyOrder]) -> None:
        """Only whose order it is; where nobody is to know that any more, where it went, too. Raises `StaleVersion`."""
        updated = self._connection.execute(
            "UPDATE orders SET version = %s, customer_ref = %s WHERE tenant_id = %s AND id = %s AND version = %s",
            (change.version, change.value.terms.customer_ref, self._tenant_id, change.aggregate_id, change.was_at),
        )
        if updated.rowcount != 1:
            raise StaleVersion(change.was_at)
        if isinstance(change.happened[-1].event, OrderClaimed):
            return
        order_contacts.forget(self._connection, self._tenant_id, [change.aggregate_id])
        order_parcels.forget_tracking(self._connection, self._tenant_id, change.aggregate_id)

    def _write_lines_anew(self, change: Decision[AnyOrder]) -> None:
        """Only its lines, and what they come to with all that is due. Raises `StaleVersion`."""
        terms = change.value.terms
        updated = self._connection.execute(
            "UPDATE orders SET version = %s, tax_minor = %s, shipping_minor = %s, discount_minor = %s, total_minor = %s"
            " WHERE tenant_id = %s AND id = %s AND version = %s",
            (
                change.version,
                terms.tax_minor,
                terms.shipping_minor,
                terms.discount_minor,
                terms.total_minor,
                self._tenant_id,
                terms.id,
                change.was_at,
            ),
        )
        if updated.rowcount != 1:
            raise StaleVersion(change.was_at)
        self._connection.execute(
            "DELETE FROM order_lines WHERE tenant_id = %s AND order_id = %s", (self._tenant_id, terms.id)
        )
        self._connection.execute(_INSERT_LINES, (self._tenant_id, *_columns_of_lines([change.value])))

    def imported(self, external_ids: Iterable[str]) -> dict[str, Imported]:
        return import_fingerprints.find(
            self._connection, "orders o", self._tenant_id, external_ids, self._reached, self._values
        )

    def offers(self, skus: Iterable[str], locale: str, *, with_prices: bool) -> dict[str, Offer]:
        return offers.find(self._connection, self._tenant_id, skus, locale, with_prices=with_prices)

    def write(self, changes: Sequence[Decision[AnyOrder]]) -> None:
        for change in [one for one in changes if isinstance(one.happened[-1].event, _ABOUT_CUSTOMER)]:
            self._write_customer(change)
        changes = [one for one in changes if not isinstance(one.happened[-1].event, _ABOUT_CUSTOMER)]
        edited = [change for change in changes if isinstance(change.happened[-1].event, OrderEdited)]
        for change in edited:
            self._write_lines_anew(change)
        changes = [change for change in changes if change not in edited]
        self._insert([change for change in changes if change.was_at == 0])
        self._update([change for change in changes if change.was_at > 0])
        order_parcels.insert(
            self._connection,
            self._tenant_id,
            [(change.aggregate_id, event.parcel) for change in changes for event in _told(change, OrderShipped)],
        )
        order_refunds.insert(
            self._connection,
            self._tenant_id,
            [(change.aggregate_id, event.refund) for change in changes for event in _told(change, OrderRefunded)],
        )

    def _insert(self, changes: Sequence[Decision[AnyOrder]]) -> None:
        """With their lines, in one statement."""
        if changes:
            orders = [as_value(change.value) for change in changes]
            self._connection.execute(
                f"WITH placed AS ({_INSERT}) {_INSERT_LINES}",
                (
                    self._tenant_id,
                    *_moving(changes, orders),
                    column_arrays.texts(order.external_id for order in orders),
                    column_arrays.texts(order.customer_ref for order in orders),
                    column_arrays.texts(order.currency for order in orders),
                    column_arrays.numbers(order.tax_minor for order in orders),
                    column_arrays.numbers(order.shipping_minor for order in orders),
                    column_arrays.numbers(order.discount_minor for order in orders),
                    column_arrays.numbers(order.total_minor for order in orders),
                    column_arrays.moments(order.placed_at for order in orders),
                    self._tenant_id,
                    *_columns_of_lines([change.value for change in changes]),
                ),
            )

    def _update(self, changes: Sequence[Decision[AnyOrder]]) -> None:
        """Step by step: the database lets an order skip none."""
        for step in range(max((len(change.happened) for change in changes), default=0)):
            self._update_step([change for change in changes if len(change.happened) > step], step)

    def _update_step(self, changes: Sequence[Decision[AnyOrder]], step: int) -> None:
        orders = [_order_at(change, step) for change in changes]
        updated = self._connection.execute(
            """
            UPDATE orders o
            SET version = given.version, status = given.status, confirmed_at = given.confirmed_at,
                paid_at = given.paid_at, payment_id = given.payment_id, cancelled_at = given.cancelled_at,
                cancel_reason = given.cancel_reason, refund_minor = given.refund_minor,
                shipped_at = given.shipped_at, delivered_at = given.delivered_at,
                import_fingerprint = given.fingerprint
            FROM unnest(
                %s::uuid[], %s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[],
                %s::timestamptz[], %s::text[], %s::bigint[], %s::bytea[], %s::timestamptz[], %s::timestamptz[],
                %s::bigint[]
            ) AS given (
                id, version, status, confirmed_at, paid_at, payment_id, cancelled_at, cancel_reason, refund_minor,
                fingerprint, shipped_at, delivered_at, was_at
            )
            WHERE o.tenant_id = %s AND o.id = given.id AND o.version = given.was_at
            """,
            (
                *_moving(changes, orders, steps=step + 1),
                column_arrays.moments(order.shipped_at for order in orders),
                column_arrays.moments(order.delivered_at for order in orders),
                column_arrays.numbers(change.was_at + step for change in changes),
                self._tenant_id,
            ),
        )
        decided_versions.require_all(updated, changes)


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: OrderRows(connection, tenant_id).load(ids),
    state=state_events.order,
)


def _order_at(change: Decision[AnyOrder], step: int) -> Order:
    event = change.happened[step].event
    if not isinstance(event, _STEPS):
        raise TypeError(f"{type(event).__name__} is no event of an order")
    return event.order


def _told(change: Decision[AnyOrder], event: type[E]) -> list[E]:
    return [one.event for one in change.happened if isinstance(one.event, event)]


def _moving(changes: Sequence[Decision[AnyOrder]], orders: Sequence[Order], steps: int | None = None) -> list[str]:
    """What a step may change, with the id in front; after so many steps, or after all of them."""
    return [
        column_arrays.ids(order.id for order in orders),
        column_arrays.numbers(change.version if steps is None else change.was_at + steps for change in changes),
        column_arrays.texts(order.status for order in orders),
        column_arrays.moments(order.confirmed_at for order in orders),
        column_arrays.moments(order.paid_at for order in orders),
        column_arrays.texts(order.payment_id for order in orders),
        column_arrays.moments(order.cancelled_at for order in orders),
        column_arrays.texts(order.cancel_reason for order in orders),
        column_arrays.numbers(order.refund_minor for order in orders),
        column_arrays.blobs(change.fingerprint for change in changes),
    ]


def _columns_of_lines(orders: Sequence[AnyOrder]) -> list[str]:
    """Each line with its order and its place in it."""
    lines = [(order.terms.id, at, line) for order in orders for at, line in enumerate(order.terms.lines)]
    return [
        column_arrays.ids(order_id for order_id, _, _ in lines),
        column_arrays.numbers(at for _, at, _ in lines),
        column_arrays.ids(line.product_id for _, _, line in lines),
        column_arrays.ids(line.variant_id for _, _, line in lines),
        column_arrays.texts(line.sku for _, _, line in lines),
        column_arrays.texts(line.title for _, _, line in lines),
        column_arrays.texts(line.category for _, _, line in lines),
        column_arrays.numbers(line.quantity for _, _, line in lines),
        column_arrays.numbers(line.unit_price_minor for _, _, line in lines),
        column_arrays.numbers(line.adjustment_minor for _, _, line in lines),
        column_arrays.numbers(line.total_minor for _, _, line in lines),
        column_arrays.texts(line.brand for _, _, line in lines),
        column_arrays.texts(line.unit for _, _, line in lines),
        column_arrays.numbers(line.list_price_minor for _, _, line in lines),
        column_arrays.numbers(line.discount_minor for _, _, line in lines),
        column_arrays.lists(line.category_path for _, _, line in lines),
    ]


def _versioned(row: Sequence[Any]) -> Versioned[AnyOrder]:
    order_id, version, external_id, customer_ref, status, currency, tax, shipping, discount, total, *facts = row
    placed_at, confirmed_at, paid_at, payment_id, cancelled_at, cancel_reason, refund, *sent, lines = facts
    shipped_at, delivered_at, parcels, refunds = sent
    went_back = order_refunds.refunds(refunds)
    order = Order(
        id=order_id,
        external_id=external_id,
        customer_ref=customer_ref,
        status=status,
        currency=currency,
        lines=tuple(map(_line, lines)),
        tax_minor=tax,
        shipping_minor=shipping,
        discount_minor=discount,
        total_minor=total,
        placed_at=placed_at,
        confirmed_at=confirmed_at,
        paid_at=paid_at,
        payment_id=payment_id,
        cancelled_at=cancelled_at,
        cancel_reason=cancel_reason,
        refund_minor=refund,
        parcels=order_parcels.parcels(parcels),
        shipped_at=shipped_at,
        delivered_at=delivered_at,
        refunds=went_back,
        refunded_minor=sum(one.amount_minor for one in went_back) + (refund or 0),
    )
    return Versioned(from_value(order), version)


def _line(parts: Sequence[Any]) -> OrderLine:
    """A line that code of before wrote says what an event of then says."""
    product_id, variant_id, sku, title, category, quantity, unit_price, adjustment, total, *as_sold = parts
    category_path, brand, unit, list_price, discount = as_sold
    known: dict[str, Any] = {
        "product_id": UUID(product_id),
        "variant_id": UUID(variant_id),
        "sku": sku,
        "title": title,
        "category": category,
        "quantity": quantity,
        "unit_price_minor": unit_price,
        "adjustment_minor": adjustment,
        "total_minor": total,
    }
    if discount is None:
        return OrderLine.from_previous(OrderLineV1(**known))
    return OrderLine(
        **known,
        category_path=tuple(category_path),
        brand=brand,
        unit=unit,
        list_price_minor=list_price,
        discount_minor=discount,
    )
