"""Reads all of a tenant, table by table, and what is there about one person: without secrets.

A table with a tenant joins by itself; what is left out is named here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

from api.store import column_arrays

Connection = psycopg.Connection[Any]
Row = dict[str, Any]

#: Secrets, and copies of what is in the others.
LEFT_OUT: Final = {
    "audit_chain": "the hashes over the audit trail, which prove nothing outside of it",
    "idempotency_keys": "answers that are kept for a day",
    "order_claims": "secrets",
    "order_words": "an index of the words in orders",
    "outbox": "events that tell what is in the other tables",
    "product_tags": "an index of the tags in products",
    "refresh_tokens": "secrets",
    "user_links": "secrets",
    "user_words": "an index of the words in users",
    "webhook_events": "events that tell what is in the other tables, on their way to webhooks",
}
SECRET_COLUMNS: Final = ["password_hash", "hash", "proof", "import_fingerprint", "secret", "old_secret", "sealed_token"]
#: Those that are named by them, and those of nobody's about which they are told by e-mail.
THEIR_ORDERS: Final = """
    SELECT id FROM orders WHERE tenant_id = %(tenant)s AND customer_ref = ANY (%(names)s::text[])
    UNION SELECT o.id FROM order_contacts c JOIN orders o ON o.tenant_id = c.tenant_id AND o.id = c.order_id
    WHERE c.tenant_id = %(tenant)s AND c.contact_email = ANY (%(emails)s::text[]) AND o.customer_ref IS NULL
"""
_OF_THEIR_ORDERS: Final = f"order_id IN ({THEIR_ORDERS})"
THEIR_CARTS: Final = f"(customer_ref = ANY (%(names)s::text[]) OR order_id IN ({THEIR_ORDERS}))"
_OF_THEIR_CARTS: Final = f"cart_id IN (SELECT id FROM carts WHERE tenant_id = %(tenant)s AND {THEIR_CARTS})"  # noqa: S608
#: What is there about a person: found by all they are called by (`names`, `emails`), and by the id of their `account`,
#: if any.
_OF_A_PERSON: Final = (
    ("account", "users", "id = %(account)s"),
    ("roles", "user_roles", "user_id = %(account)s"),
    ("sessions", "sessions", "user_id = %(account)s"),
    ("orders", "orders", f"id IN ({THEIR_ORDERS})"),
    ("order_lines", "order_lines", _OF_THEIR_ORDERS),
    ("order_contacts", "order_contacts", f"({_OF_THEIR_ORDERS} OR contact_email = ANY (%(emails)s::text[]))"),
    ("order_parcels", "order_parcels", _OF_THEIR_ORDERS),
    ("order_parcel_lines", "order_parcel_lines", _OF_THEIR_ORDERS),
    ("order_refunds", "order_refunds", _OF_THEIR_ORDERS),
    ("order_refund_lines", "order_refund_lines", _OF_THEIR_ORDERS),
    ("carts", "carts", THEIR_CARTS),
    ("cart_lines", "cart_lines", _OF_THEIR_CARTS),
    ("payments", "payments", _OF_THEIR_ORDERS),
    ("payment_refunds", "payment_refunds", f"payment_id IN (SELECT id FROM payments WHERE {_OF_THEIR_ORDERS})"),  # noqa: S608
    ("tokens_made", "service_tokens", "made_by = ANY (%(names)s::text[])"),
    ("audit", "audit", "actor_id = ANY (%(names)s::text[])"),
)
_TABLES: Final = """
    SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
    ORDER BY 1
"""
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """A row of a table, by the names of its columns."""

    table: str
    row: Row


def whole(connection: Connection, tenant_id: UUID) -> Iterator[Told]:
    """Everything that is the tenant's, in a snapshot. Nothing when there is no such tenant."""
    yield from _rows(connection, "tenants", "id = %(tenant)s", {"tenant": tenant_id})
    for (table,) in connection.execute(_TABLES).fetchall():
        if table not in LEFT_OUT:
            yield from _rows(connection, table, "tenant_id = %(tenant)s", {"tenant": tenant_id})
    yield from _schemas(connection)


def of_a_person(
    connection: Connection, tenant_id: UUID, names: Sequence[str], emails: Sequence[str], account: UUID | None
) -> dict[str, list[Row]]:
    """`account` is the id of a user; `names` are what orders and rows of the trail call them."""
    given = {
        "tenant": tenant_id,
        "names": column_arrays.texts(names),
        "emails": column_arrays.texts(emails),
        "account": account,
    }
    return {
        name: [told.row for told in _rows(connection, table, f"tenant_id = %(tenant)s AND {whose}", given)]
        for name, table, whose in _OF_A_PERSON
    }


def forget_answers(connection: Connection, tenant_id: UUID, words: Sequence[str]) -> None:
    """Answers that are kept for an Idempotency-Key, of who is called one of these words, or with one in it."""
    connection.execute(
        "UPDATE idempotency_keys SET body = NULL WHERE tenant_id = %s AND (actor_id = ANY (%s::text[]) OR EXISTS ("
        " SELECT FROM unnest(%s::text[]) AS word WHERE position(convert_to(word, 'UTF8') IN body) > 0))",
        (tenant_id, column_arrays.texts(words), column_arrays.texts(words)),
    )


def _rows(connection: Connection, table: str, whose: str, given: dict[str, Any]) -> Iterator[Told]:
    query = sql.SQL("SELECT to_jsonb(t) - %(secret)s::text[] FROM {} t WHERE {}").format(
        sql.Identifier(table),
        sql.SQL(whose),
    )
    with connection.cursor(name="whole") as cursor:
        cursor.itersize = _AT_ONCE
        for (row,) in cursor.execute(query, {**given, "secret": SECRET_COLUMNS}):
            yield Told(table, row)


def _schemas(connection: Connection) -> Iterator[Told]:
    """Those that the shop registered itself."""
    found = connection.execute(
        "SELECT to_jsonb(v) || jsonb_build_object('content', s.content)"
        " FROM schema_versions v JOIN schemas s ON s.id = v.schema_id"
        " WHERE v.context = (SELECT '.' || slug FROM tenants WHERE id = current_tenant())"
    )
    for (row,) in found:
        yield Told("schema_versions", row)
