"""Asks each shop for itself, for nobody sees two."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg


def each_shop(connection: psycopg.Connection[Any]) -> Iterator[UUID]:
    """In order of id: while it is this one's turn, its rows are seen and no others."""
    connection.execute("SELECT set_config('rustok.platform', 'on', true)")
    tenants = [tenant for (tenant,) in connection.execute("SELECT id FROM tenants ORDER BY id").fetchall()]
    connection.execute("SELECT set_config('rustok.platform', '', true)")
    for tenant in tenants:
        connection.execute("SELECT set_config('rustok.tenant', %s, true)", (str(tenant),))
        yield tenant
