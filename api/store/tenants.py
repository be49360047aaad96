"""Reads and writes tenants: found by id, slug or host before anybody has a tenant."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.domain.errors import StaleVersion
from api.store.aggregate_table import AggregateTable
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy
from schemas.events.tenant import AGGREGATE, Tenant

_SELECT = """
    SELECT t.id, t.version, t.slug, t.name, t.default_locale, t.locales, t.currency, t.time_zone, t.modules, t.active,
        (SELECT array_agg(d.domain ORDER BY d.position) FROM tenant_domains d WHERE d.tenant_id = t.id)
    FROM tenants t
"""
#: Of a shop that was erased only the slug is kept.
_THERE = "t.erased_at IS NULL AND"

LIST: Final = ListTable[Versioned[Tenant]](
    name="tenants",
    id="t.id",
    id_of=lambda held: held.value.id,
    filters={"active": "t.active = %(active)s::boolean"},
    sorts={"oldest": OLDEST, "newest": NEWEST, "slug": SortedBy("t.slug", str, lambda held: held.value.slug)},
)


class TenantRows:
    """Finding needs a transaction of the platform, unless it is the tenant's own."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def get(self, tenant_id: UUID) -> Versioned[Tenant] | None:
        return self._one(f"{_SELECT} WHERE {_THERE} t.id = %s", tenant_id)

    def by_slug(self, slug: str) -> Versioned[Tenant] | None:
        return self._one(f"{_SELECT} WHERE {_THERE} t.slug = %s", slug)

    def by_domain(self, domain: str) -> Versioned[Tenant] | None:
        return self._one(
            f"{_SELECT} JOIN tenant_domains own ON own.tenant_id = t.id WHERE {_THERE} own.domain = %s", domain.lower()
        )

    def page(self, wanted: PageWanted) -> list[Versioned[Tenant]]:
        text, values = LIST.page(wanted)
        found = self._connection.execute(f"{_SELECT} WHERE {_THERE} true {text}", values)
        return [_versioned(row) for row in found]

    def begin_erasure(self, tenant_id: UUID, now: datetime) -> None:
        """When it was asked for first stays."""
        self._connection.execute(
            "UPDATE tenants SET erasing_since = coalesce(erasing_since, %s) WHERE id = %s", (now, tenant_id)
        )

    def is_being_erased(self, tenant_id: UUID) -> bool:
        return (
            self._connection.execute(
                "SELECT FROM tenants WHERE id = %s AND erasing_since IS NOT NULL", (tenant_id,)
            ).fetchone()
            is not None
        )

    def write(self, changes: Sequence[Decision[Tenant]]) -> None:
        for change in changes:
            if change.was_at == 0:
                self._insert(change)
            else:
                self._update(change)
            self._write_domains(change.value)

    def _insert(self, change: Decision[Tenant]) -> None:
        tenant = change.value
        self._connection.execute(
            "INSERT INTO tenants"
            " (id, slug, version, name, default_locale, locales, currency, time_zone, modules, active)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (tenant.id, tenant.slug, *_columns(change)),
        )

    def _update(self, change: Decision[Tenant]) -> None:
        updated = self._connection.execute(
            "UPDATE tenants SET version = %s, name = %s, default_locale = %s, locales = %s, currency = %s,"
            " time_zone = %s, modules = %s, active = %s WHERE id = %s AND version = %s",
            (*_columns(change), change.aggregate_id, change.was_at),
        )
        if updated.rowcount != 1:
            raise StaleVersion(change.was_at)

    def _write_domains(self, tenant: Tenant) -> None:
        """Those that stay are not touched."""
        self._connection.execute(
            "DELETE FROM tenant_domains WHERE tenant_id = %s AND domain <> ALL (%s::text[])",
            (tenant.id, list(tenant.domains)),
        )
        self._connection.execute(
            "INSERT INTO tenant_domains (domain, tenant_id, position)"
            " SELECT d.domain, %(tenant)s, d.at FROM unnest(%(domains)s::text[]) WITH ORDINALITY AS d (domain, at)"
            " WHERE d.domain NOT IN (SELECT domain FROM tenant_domains WHERE tenant_id = %(tenant)s)",
            {"tenant": tenant.id, "domains": list(tenant.domains)},
        )

    def _one(self, query: str, wanted: UUID | str) -> Versioned[Tenant] | None:
        row = self._connection.execute(query, (wanted,)).fetchone()
        return None if row is None else _versioned(row)


def _columns(change: Decision[Tenant]) -> tuple[object, ...]:
    tenant = change.value
    return (
        change.version,
        tenant.name,
        tenant.default_locale,
        list(tenant.locales),
        tenant.currency,
        tenant.time_zone,
        list(tenant.modules),
        tenant.active,
    )


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
    tenant_id, version, slug, name, default_locale, locales, currency, time_zone, modules, active, domains = row
    tenant = Tenant(
        id=tenant_id,
        slug=slug,
        name=name,
        domains=tuple(domains or ()),
        default_locale=default_locale,
        locales=tuple(locales),
        currency=currency,
        time_zone=time_zone,
        modules=tuple(modules),
        active=active,
    )
    return Versioned(tenant, version)
