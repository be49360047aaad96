"""Serves one view of bare Flask and psycopg: the SQL of a product's read, in a transaction as ours, the row
as JSON, and nothing else.
"""

import os
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from flask import Flask, Response
from psycopg_pool import ConnectionPool

from api.http.server.admit_requests import Door
from api.http.server.route_classes import postgres_connections
from api.http.server.worker_processes import prepare_worker
from api.store import column_arrays
from api.store.products import SELECT
from api.wsgi import door
from ops.clients import postgres
from ops.settings import Settings

#: Whose products are shown: nobody is asked who they are.
TENANT_SETTING: Final = "RUSTOK_BENCH_TENANT"


def make() -> Door:
    """In the server that the API runs in."""
    settings = Settings()
    prepare_worker(settings)
    most = postgres_connections(settings.api_threads)
    pool: ConnectionPool[psycopg.Connection[Any]] = postgres.pool(
        settings.postgres_api_url,
        psycopg.Connection,
        most=most,
        wait_s=3,
        name="bare product",
        options={"autocommit": False},
        check=_nothing,
        configure=_nothing,
    )
    pool.open()
    return door(bare(pool, UUID(os.environ[TENANT_SETTING])).wsgi_app, {}, settings, "bare", (pool.close,))


def _nothing(_: object) -> None: ...


def bare(pool: "ConnectionPool[Any]", tenant_id: UUID) -> Flask:
    app = Flask(__name__)

    @app.get("/v1/products/<uuid:product_id>")
    def product(product_id: UUID) -> Response:
        asked = {"tenant": tenant_id, "ids": column_arrays.ids([product_id])}
        with pool.connection() as connection:
            connection.execute(
                "SELECT set_config('role', 'rustok_app', true), set_config('rustok.tenant', %s, true),"
                " set_config('rustok.platform', '', true)",
                (str(tenant_id),),
            )
            row = connection.execute(SELECT + "AND p.id = ANY (%(ids)s::uuid[])", asked).fetchone()
        return Response(orjson.dumps(row, default=str), content_type="application/json")

    @app.get("/")
    def alive() -> str:
        return "here"

    return app
