"""Deletes a shop piece by piece, as the role `rustok_eraser`, each piece with the events that say it is gone.

What is deleted is not there the next time, so whoever begins again goes on where it ended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from api.domain import erased
from api.domain import tenants as domain
from api.domain.changes import Decision, Versioned
from api.store import (
    categories,
    collections,
    column_arrays,
    orders,
    outbox,
    pages,
    payments,
    price_lists,
    products,
    search_settings,
    stock,
    told_prices,
    users,
)
from api.store.aggregate_table import AggregateTable
from api.store.outbox import Cause
from api.store.tenants import TenantRows
from ops.clients import database_roles
from schemas.event_codec import Encoder

ACTOR: Final = "rustok:erase"
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class _Piece:
    """`order` says which go first; what belongs to a row goes before it (`parts`), or with it."""

    table: AggregateTable
    gone: Callable[[Versioned[Any], datetime], Decision[Any]]
    order: LiteralString = "id"
    parts: tuple[tuple[str, str], ...] = ()


#: What has events, and in which order it goes: what is referred to comes last.
PIECES: Final = (
    _Piece(stock.TABLE, erased.stock, parts=(("reservations", "stock_id"),)),
    _Piece(payments.TABLE, erased.payment, parts=(("payment_refunds", "payment_id"),)),
    _Piece(
        orders.TABLE,
        erased.order,
        parts=(
            ("order_refund_lines", "order_id"),
            ("order_refunds", "order_id"),
            ("order_parcel_lines", "order_id"),
            ("order_parcels", "order_id"),
            ("order_lines", "order_id"),
            ("order_contacts", "order_id"),
            ("carts", "order_id"),
            ("discount_uses", "order_id"),
            ("order_claims", "order_id"),
        ),
    ),
    _Piece(collections.TABLE, erased.collection),
    _Piece(told_prices.TABLE, erased.product_prices),
    _Piece(price_lists.TABLE, erased.price_list),
    _Piece(products.TABLE, erased.product),
    _Piece(search_settings.TABLE, erased.search_setting),
    _Piece(pages.TABLE, erased.page, order="at_the_top, id"),
    _Piece(categories.TABLE, erased.category, order="cardinality(path) DESC, id"),
    _Piece(users.TABLE, erased.user),
)
#: What has none: table → whose rows they are.
_REST: Final[tuple[tuple[str, LiteralString], ...]] = (
    ("carts", "tenant_id = %(tenant)s"),
    ("discounts", "tenant_id = %(tenant)s"),
    ("tax_rates", "tenant_id = %(tenant)s"),
    ("shipping_methods", "tenant_id = %(tenant)s"),
    ("checkout_settings", "tenant_id = %(tenant)s"),
    ("price_list_history", "tenant_id = %(tenant)s"),
    ("locations", "tenant_id = %(tenant)s"),
    ("roles", "tenant_id = %(tenant)s"),
    ("service_tokens", "tenant_id = %(tenant)s"),
    ("webhooks", "tenant_id = %(tenant)s"),
    ("webhook_events", "tenant_id = %(tenant)s"),
    ("idempotency_keys", "tenant_id = %(tenant)s"),
    ("domain_claims", "tenant_id = %(tenant)s"),
    ("dead_letter_actions", "tenant_id = %(tenant)s"),
    ("dead_letters", "tenant_id = %(tenant)s"),
    ("registry_settings", "context = %(context)s"),
    ("schema_versions", "context = %(context)s"),
    ("registry_subjects", "context = %(context)s"),
    ("registry_changes", "context = %(context)s"),
    # Deletions are never pruned; those from before tell what was deleted.
    ("outbox", "tenant_id = %(tenant)s::text AND type LIKE '%%.deleted' AND actor_id <> %(actor)s"),
)
_HUSK: Final = """
    UPDATE tenants SET version = %(version)s, name = slug, default_locale = 'en', locales = '{en}', currency = 'EUR',
        time_zone = 'UTC', modules = '{}', created_at = %(now)s, erased_at = %(now)s
    WHERE id = %(tenant)s AND version = %(was)s
"""


class ErasureRows:
    """In a transaction of the tenant; it is the eraser's from here on."""

    def __init__(self, connection: Connection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        database_roles.act_as(connection, "rustok_eraser")

    def delete_some(self, limit: int, cause: Cause, encoder: Encoder, now: datetime) -> int:
        """Up to so many of what is there; 0 when nothing is."""
        for piece in PIECES:
            ids = self._ids(piece, limit)
            if ids:
                self._delete(piece, ids, cause, encoder, now)
                return len(ids)
        return 0

    def finish(self, cause: Cause, encoder: Encoder, now: datetime) -> bool:
        """Deletes the rest, and what the shop itself is; whether nothing had come meanwhile."""
        self._connection.execute("SELECT FROM tenants WHERE id = %s FOR UPDATE", (self._tenant_id,))
        held = TenantRows(self._connection).get(self._tenant_id)
        if held is None or any(self._ids(piece, 1) for piece in PIECES):
            return held is None
        context = f".{held.value.slug}"
        for table, whose in _REST:
            self._connection.execute(
                sql.SQL("DELETE FROM {} WHERE {}").format(sql.Identifier(table), sql.SQL(whose)),
                {"tenant": self._tenant_id, "context": context, "actor": ACTOR},
            )
        change = domain.delete(held, now)
        self._connection.execute("DELETE FROM tenant_domains WHERE tenant_id = %s", (self._tenant_id,))
        outbox.append(self._connection, outbox.rows(change, self._tenant_id, cause, encoder))
        self._connection.execute(
            _HUSK, {"version": change.version, "was": held.version, "now": now, "tenant": self._tenant_id}
        )
        return True

    def _ids(self, piece: _Piece, limit: int) -> list[UUID]:
        found = self._connection.execute(
            sql.SQL("SELECT id FROM {} WHERE tenant_id = %s ORDER BY {} LIMIT %s FOR UPDATE").format(
                sql.Identifier(piece.table.name), sql.SQL(piece.order)
            ),
            (self._tenant_id, limit),
        )
        return [id_ for (id_,) in found]

    def _delete(self, piece: _Piece, ids: Sequence[UUID], cause: Cause, encoder: Encoder, now: datetime) -> None:
        held = piece.table.load(self._connection, self._tenant_id, ids)
        changes = [piece.gone(held[id_], now) for id_ in ids]
        outbox.append(
            self._connection,
            [row for change in changes for row in outbox.rows(change, self._tenant_id, cause, encoder)],
        )
        for table, column in (*piece.parts, (piece.table.name, "id")):
            self._connection.execute(
                sql.SQL("DELETE FROM {} WHERE tenant_id = %s AND {} = ANY (%s::uuid[])").format(
                    sql.Identifier(table), sql.Identifier(column)
                ),
                (self._tenant_id, column_arrays.ids(ids)),
            )


def begun_before(connection: Connection, moment: datetime) -> list[UUID]:
    """The shops whose erasure was asked for before then and is not finished. In a transaction of the platform."""
    found = connection.execute(
        "SELECT id FROM tenants WHERE erasing_since <= %s AND erased_at IS NULL ORDER BY erasing_since", (moment,)
    )
    return [id_ for (id_,) in found]
