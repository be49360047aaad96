"""Reads and writes tenants: found by id, slug or host before anybody has a tenant."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.store.aggregate_table import AggregateTable
from schemas.events.tenant import AGGREGATE, Tenant

_SELECT = """
    SELECT t.id, t.version, t.slug, t.name, t.default_locale, t.locales, t.currency, t.active,
        (SELECT array_agg(d.domain ORDER BY d.position) FROM tenant_domains d WHERE d.tenant_id = t.id)
    FROM tenants t
"""


class TenantRows:
    """Finding needs a transaction of the platform, unless it is the tenant's own."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def get(self, tenant_id: UUID) -> Versioned[Tenant] | None:
        return self._one(_SELECT + "WHERE t.id = %s", tenant_id)

    def by_slug(self, slug: str) -> Versioned[Tenant] | None:
        return self._one(_SELECT + "WHERE t.slug = %s", slug)

    def by_domain(self, domain: str) -> Versioned[Tenant] | None:
        return self._one(
            _SELECT + "JOIN tenant_domains own ON own.tenant_id = t.id WHERE own.domain = %s", domain.lower()
        )

    def page(self, after: UUID | None, limit: int) -> list[Versioned[Tenant]]:
        """The next `limit` tenants by id."""
        found = self._connection.execute(
            _SELECT + "WHERE %(after)s::uuid IS NULL OR t.id > %(after)s ORDER BY t.id LIMIT %(limit)s",
            {"after": after, "limit": limit},
        )
        return [_versioned(row) for row in found]

    def write(self, changes: Sequence[Decision[Tenant]]) -> None:
        for change in changes:
            tenant = change.value
            self._connection.execute(
                "INSERT INTO tenants (id, version, slug, name, default_locale, locales, currency, active)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    tenant.id,
                    change.version,
                    tenant.slug,
                    tenant.name,
                    tenant.default_locale,
                    list(tenant.locales),
                    tenant.currency,
                    tenant.active,
                ),
            )
            self._connection.execute(
                "INSERT INTO tenant_domains (domain, tenant_id, position)"
                " SELECT lower(d.domain), %s, d.at FROM unnest(%s::text[]) WITH ORDINALITY AS d (domain, at)",
                (tenant.id, list(tenant.domains)),
            )

    def _one(self, query: str, wanted: UUID | str) -> Versioned[Tenant] | None:
        row = self._connection.execute(query, (wanted,)).fetchone()
        return None if row is None else _versioned(row)


def _own(connection: psycopg.Connection[Any], tenant_id: UUID, ids: Collection[UUID]) -> dict[UUID, Versioned[Tenant]]:
    held = TenantRows(connection).get(tenant_id) if tenant_id in ids else None
    return {} if held is None else {tenant_id: held}


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=_own,
    state=state_events.tenant,
    tenant_column="id",
)


def _versioned(row: Sequence[Any]) -> Versioned[Tenant]:
    tenant_id, version, slug, name, default_locale, locales, currency, active, domains = row
    tenant = Tenant(
        id=tenant_id,
        slug=slug,
        name=name,
        domains=tuple(domains or ()),
        default_locale=default_locale,
        locales=tuple(locales),
        currency=currency,
        active=active,
    )
    return Versioned(tenant, version)
