"""Holds what a shop says about taxes and shipping while somebody says it anew: its row of `checkout_settings`."""

from typing import Any
from uuid import UUID

import psycopg


def hold(connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
    """Makes it when nothing was said yet."""
    connection.execute("INSERT INTO checkout_settings (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING", (tenant_id,))
    connection.execute("SELECT FROM checkout_settings WHERE tenant_id = %s FOR UPDATE", (tenant_id,))
