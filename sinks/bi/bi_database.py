"""Makes the database for BI tools beside that of the write model, and keeps who reads the one out of the other.

In a database of its own a question of an hour keeps no row of the write model from being cleared away, and nobody there
takes a lock or hears a notice of it. Its owner, which fills it, has nothing in the write model.
"""

from typing import Any, Final

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings
from sinks.bi import bi_schema

#: Of all readers together, so that the API is never short of them (`api.store.connection_budget`).
CONNECTIONS: Final = 10
#: Arbitrary and ours: two that make it take turns.
_LOCK: Final = 7_305_501
#: What anybody may who may connect, and could fill the disk with.
_LARGE_OBJECTS: Final = ("lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)")


def name_of(settings: Settings) -> str:
    return str(conninfo_to_dict(settings.postgres_bi_url).get("dbname") or "")


def as_owner(settings: Settings) -> str:
    """As the owner of the tables of the write model, in the database for BI tools."""
    return make_conninfo(settings.postgres_url, dbname=name_of(settings))


def make(settings: Settings, connection: psycopg.Connection[Any], groups: tuple[str, ...]) -> bool:
    """Whether it is there now; not where no URL is set. Does nothing when all is as it should be.

    `connection` is of the owner of the write model, `groups` are those whose members go on being let in there.
    """
    if not settings.postgres_bi_url:
        return False
    named, own = conninfo_to_dict(settings.postgres_bi_url), connection.info.dbname
    database, user = str(named.get("dbname") or ""), str(named.get("user") or "")
    if database in ("", own) or user in ("", connection.info.user):
        raise Failure(
            "RUSTOK_POSTGRES_BI_URL names the write model's own database, or its owner.",
            "Name another database and another role in it: `rustok api migrate` makes both.",
        )
    with postgres.connect(settings.postgres_url, autocommit=True) as alone:
        alone.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        is_superuser = alone.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,)
        _make_roles(alone, user, str(named.get("password") or ""))
        _make_database(alone, database, user)
        _keep_out(alone, own, groups, everywhere=settings.starts_postgres and is_superuser)
        with postgres.connect(as_owner(settings)) as inside:
            _furnish(inside, database, user, is_superuser=is_superuser)
    return True


def _make_roles(connection: psycopg.Connection[Any], user: str, password: str) -> None:
    for group in (bi_schema.OF_A_SHOP, bi_schema.OF_ALL):
        if not _has(connection, "pg_roles WHERE rolname", group):
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(sql.Identifier(group)))
    made = "ALTER" if _has(connection, "pg_roles WHERE rolname", user) else "CREATE"
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
            sql.SQL(made), sql.Identifier(user), sql.Literal(password or None)
        )
    )
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(user)))


def _make_database(connection: psycopg.Connection[Any], database: str, user: str) -> None:
    if _has(connection, "pg_database WHERE datname", database):
        return
    try:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} CONNECTION LIMIT {}").format(
                sql.Identifier(database), sql.Identifier(user), sql.Literal(CONNECTIONS)
            )
        )
    except errors.InsufficientPrivilege as not_ours:
        raise Failure(
            f"The database {database} for BI tools is not there, and this role may not make one.",
            f"Have it made: CREATE DATABASE {database} OWNER {user} CONNECTION LIMIT {CONNECTIONS};"
            " or leave RUSTOK_POSTGRES_BI_URL empty.",
        ) from not_ours


def _keep_out(connection: psycopg.Connection[Any], own: str, groups: tuple[str, ...], *, everywhere: bool) -> None:
    """Who is in none of the groups is not let into the write model; on the local server, into no database besides."""
    for group in groups:
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(own), sql.Identifier(group))
        )
    others = ["postgres", "template1"] if everywhere else []
    for database in (own, *others):
        connection.execute(
            sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
        )
    for group in groups:
        connection.execute(
            sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(own), sql.Identifier(group))
        )


def _furnish(connection: psycopg.Connection[Any], database: str, user: str, *, is_superuser: bool) -> None:
    if is_superuser:
        for function in _LARGE_OBJECTS:
            connection.execute(f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC")
    connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(user)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
            sql.Identifier(database), sql.Identifier(bi_schema.OF_A_SHOP)
        )
    )
    bi_schema.make_for_good(connection)
    bi_schema.take_the_turn(connection)
    bi_schema.make_tables(connection)


def _has(connection: psycopg.Connection[Any], where: str, name: str) -> bool:
    found = connection.execute(f"SELECT FROM {where} = %s", (name,)).fetchone()
    return found is not None
