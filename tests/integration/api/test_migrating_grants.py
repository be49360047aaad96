"""Who was granted an action that has become two by now has both."""

import json
from uuid import uuid4

import psycopg
import pytest
from alembic import command

from api.migrations import migrate

pytestmark = pytest.mark.servers

CONDITION = [["status", "in", ["paid", "cancelled"], None]]


def test_who_could_cancel_by_changing_orders_still_can(empty_database: str) -> None:
    command.upgrade(migrate._config(empty_database), "0180")  # noqa: SLF001  # a revision in between is nobody's wish but ours
    shop, role, token = uuid4(), uuid4(), uuid4()
    scopes = {"orders:read": "all", "orders:update": [["all", CONDITION]]}
    grants = [
        ("orders", ["read", "update"], "all", CONDITION),
        ("orders", ["update"], "none", []),
        ("orders", ["read"], "all", []),
        ("products", ["update"], "all", []),
    ]
    with psycopg.connect(empty_database) as connection:
        connection.execute(
            "INSERT INTO tenants"
            " (id, slug, version, name, default_locale, locales, currency, time_zone, modules, active)"
            " VALUES (%s, 'corner', 1, 'Corner', 'en', '{en}', 'EUR', 'UTC', '{}', true)",
            (shop,),
        )
        connection.execute("INSERT INTO roles VALUES (%s, %s, 1, 'clerk')", (shop, role))
        for at, (resource, actions, scope, conditions) in enumerate(grants):
            connection.execute(
                "INSERT INTO role_grants (tenant_id, role_id, position, resource, actions, scope, conditions)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (shop, role, at, resource, actions, scope, json.dumps(conditions)),
            )
        connection.execute(
            "INSERT INTO service_tokens"
            " (tenant_id, id, kind, name, slot, scopes, hash, ending, made_by, made_at, expires_at)"
            " VALUES (%s, %s, 'service', 'ERP', 1, %s, %s, 'x', 'boss', now(), now() + interval '1 day')",
            (shop, token, json.dumps(scopes), bytes(32)),
        )

    migrate.migrate(empty_database, "rustok_outbox")

    with psycopg.connect(empty_database) as connection:
        now = connection.execute(
            "SELECT resource, actions, scope, conditions FROM role_grants ORDER BY position"
        ).fetchall()
        of_token = connection.execute("SELECT scopes FROM service_tokens").fetchall()
        forced = connection.execute(
            "SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE relname IN ('role_grants', 'service_tokens')"
        ).fetchone()
    assert now == [
        ("orders", ["read", "update", "cancel"], "all", CONDITION),
        ("orders", ["update", "cancel"], "none", []),
        *grants[2:],
    ]
    assert of_token == [({**scopes, "orders:cancel": scopes["orders:update"]},)]
    assert forced == (True,)
