"""Opens the catalogue of the lake: two tables in a schema of their own in PostgreSQL, as of Iceberg's JDBC catalogue.

The migrations make them; whoever owns the database makes them again when they are lost. What they say is made again by
the next run.
"""

from contextlib import closing
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import errors, sql
from pyiceberg.catalog import MetastoreCatalog
from pyiceberg.catalog.sql import SqlCatalog
from sqlalchemy import Engine, create_engine, pool

from ops.clients import postgres
from ops.failure import Failure
from sinks.lake.lake_folder import CATALOGUE, location

SCHEMA: Final = "lake"
#: What the scheduler's role is in.
_KEEPER: Final = "rustok_keeper"
_TABLES: Final = (
    """
    CREATE TABLE IF NOT EXISTS lake.iceberg_tables (
        catalog_name varchar(255) NOT NULL,
        table_namespace varchar(255) NOT NULL,
        table_name varchar(255) NOT NULL,
        metadata_location varchar(1000),
        previous_metadata_location varchar(1000),
        iceberg_type varchar(5),
        PRIMARY KEY (catalog_name, table_namespace, table_name)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS lake.iceberg_namespace_properties (
        catalog_name varchar(255) NOT NULL,
        namespace varchar(255) NOT NULL,
        property_key varchar(255) NOT NULL,
        property_value varchar(1000),
        PRIMARY KEY (catalog_name, namespace, property_key)
    )
    """,
)


class LakeCatalogue(SqlCatalog):
    """In the database that `engine` connects to; `lake` is the folder in which tables are made."""

    def __init__(self, engine: Engine, lake: Path, *, makes_tables: bool = False) -> None:
        MetastoreCatalog.__init__(
            self, CATALOGUE, warehouse=location(lake), init_catalog_tables=str(makes_tables).lower()
        )
        self.engine = engine  # SqlCatalog would make one of a URL; our connections are made in one place
        self._init_catalog()


def in_postgres(url: str, lake: Path) -> LakeCatalogue:
    """Raises a `Failure` when it is not there and may not be made."""
    try:
        with closing(_connected(url)) as connection:
            _make_room(connection)
    except psycopg.OperationalError as away:
        raise Failure(
            f"The lake's catalogue cannot be asked: {str(away).strip().partition(chr(10))[0]}.",
            "`rustok status` shows what is down.",
        ) from away
    engine = create_engine("postgresql+psycopg://", creator=lambda: _connected(url), poolclass=pool.NullPool)
    return LakeCatalogue(engine, lake)


def _connected(url: str) -> psycopg.Connection[Any]:
    return postgres.connect(url, name="rustok lake", connect_s=5, options=f"-c search_path={SCHEMA}")


def _make_room(connection: psycopg.Connection[Any]) -> None:
    try:
        there = connection.execute(
            "SELECT to_regclass('lake.iceberg_tables'), to_regclass('lake.iceberg_namespace_properties')"
        ).fetchone()
        if there and all(there):
            return
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        for statement in _TABLES:
            connection.execute(statement)
        if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [_KEEPER]).fetchone() is not None:
            keeper = sql.Identifier(_KEEPER)
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA lake TO {}").format(keeper))
            connection.execute(
                sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA lake TO {}").format(keeper)
            )
        connection.commit()
    except errors.InsufficientPrivilege as refused:
        raise Failure(
            f"The lake's catalogue is not there, or not this role's to use: {str(refused).partition(chr(10))[0]}.",
            "`rustok sinks lake` makes it when RUSTOK_POSTGRES_URL is that of the database's owner.",
        ) from refused
