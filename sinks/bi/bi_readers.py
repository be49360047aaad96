"""Makes, renews and drops those who may read `bi`: login roles that see one shop's rows, or all, and nothing else.

A role's name says nothing of its shop, for every role can read the names of all. How long a question may take is set
for its sessions; who sets it otherwise is ended by the next filling.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict

from ops.clients import postgres
from ops.settings import Settings
from sinks.bi import bi_database, bi_schema

Connection = psycopg.Connection[Any]

#: Of each reader at a time.
CONNECTIONS: Final = 4
STATEMENT_S: Final = 60
IDLE_S: Final = 60
#: No transaction goes on for longer, whatever its session is set to.
LONGEST_S: Final = 600
_TEMPORARY_FILES: Final = "1GB"
_SETTINGS: Final = {
    "default_transaction_read_only": "on",
    "statement_timeout": f"{STATEMENT_S}s",
    "idle_in_transaction_session_timeout": f"{IDLE_S}s",
    "max_parallel_workers_per_gather": "0",
    "search_path": "bi",
}
_READERS: Final = "bi.readers"


@dataclass(frozen=True, slots=True)
class Reader:
    """`tenant_id` is None for who sees all shops."""

    role: str
    tenant_id: UUID | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """`url` has the password, which nobody can be told again."""

    role: str
    url: str


class NoSuchReader(ValueError):
    """There is no reader of this name."""


def add(settings: Settings, tenant_id: UUID | None) -> Credentials:
    """Raises `psycopg.Error`."""
    role = f"bi_{secrets.token_hex(6)}"
    with _connected(settings) as connection:
        _set_password(connection, "CREATE", role, password := secrets.token_urlsafe(24))
        connection.execute(
            sql.SQL("ALTER ROLE {} INHERIT CONNECTION LIMIT {}").format(sql.Identifier(role), sql.Literal(CONNECTIONS))
        )
        for name, value in _SETTINGS.items():
            connection.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    sql.Identifier(role), sql.Identifier(name), sql.Literal(value)
                )
            )
        _bound_temporary_files(connection, role)
        for group in (bi_schema.OF_A_SHOP, *(() if tenant_id else (bi_schema.OF_ALL,))):
            connection.execute(
                sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE").format(
                    sql.Identifier(group), sql.Identifier(role)
                )
            )
        # Who fills the tables sees and ends its sessions.
        filler = conninfo_to_dict(settings.postgres_bi_url)["user"]
        connection.execute(
            sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE").format(
                sql.Identifier(role), sql.Identifier(str(filler))
            )
        )
        connection.execute(
            f"INSERT INTO {_READERS} (role, tenant_id, made_at) VALUES (%s, %s, now())", (role, tenant_id)
        )
    return Credentials(role, _url(settings, role, password))


def renew(settings: Settings, role: str) -> Credentials:
    """With another password; sessions with the one before are ended. Raises `NoSuchReader`, `psycopg.Error`."""
    with _connected(settings) as connection:
        _require(connection, role)
        _set_password(connection, "ALTER", role, password := secrets.token_urlsafe(24))
    with _connected(settings) as connection:
        _end(connection, role)
    return Credentials(role, _url(settings, role, password))


def drop(settings: Settings, role: str) -> Reader:
    """And ends its sessions. Raises `NoSuchReader`, `psycopg.Error`."""
    with _connected(settings) as connection:
        reader = _require(connection, role)
        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(role)))
    with _connected(settings) as connection:
        _end(connection, role)
        connection.execute(f"DELETE FROM {_READERS} WHERE role = %s", (role,))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    return reader


def every(settings: Settings) -> list[Reader]:
    """All there are, the oldest first. Raises `psycopg.Error`."""
    with _connected(settings) as connection:
        return _all(connection)


def are_there(url: str) -> bool:
    """Whether anybody may read. Asked as who fills the tables."""
    with postgres.connect(url, name="rustok bi", connect_s=5) as connection:
        return bool(_all(connection))


def end_long_ones(connection: Connection, longest_s: float = LONGEST_S) -> int:
    """The sessions of readers whose transaction goes on for too long. As who fills the tables."""
    found = connection.execute(
        f"""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename IN (SELECT role FROM {_READERS})
            AND xact_start < clock_timestamp() - make_interval(secs => %s)
        """,
        (longest_s,),
    )
    return len(found.fetchall())


def _all(connection: Connection) -> list[Reader]:
    rows = connection.execute(f"SELECT role, tenant_id, made_at FROM {_READERS} ORDER BY made_at, role")
    return [Reader(*row) for row in rows.fetchall()]


def _require(connection: Connection, role: str) -> Reader:
    found = [one for one in _all(connection) if one.role == role]
    if not found:
        raise NoSuchReader(f"there is no reader {role}")
    return found[0]


def _set_password(connection: Connection, verb: str, role: str, password: str) -> None:
    """The server is told what proves it, and never writes the password itself into a log."""
    proof = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(sql.SQL(verb), sql.Identifier(role), sql.Literal(proof))
    )


def _bound_temporary_files(connection: Connection, role: str) -> None:
    """Only a superuser can, and no reader undo it."""
    try:
        with connection.transaction():
            connection.execute(
                sql.SQL("ALTER ROLE {} SET temp_file_limit = {}").format(
                    sql.Identifier(role), sql.Literal(_TEMPORARY_FILES)
                )
            )
    except errors.InsufficientPrivilege:
        return


def _end(connection: Connection, role: str) -> None:
    connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s", (role,))


def _connected(settings: Settings) -> Connection:
    return postgres.connect(bi_database.as_owner(settings), connect_s=5)


def _url(settings: Settings, role: str, password: str) -> str:
    named = conninfo_to_dict(settings.postgres_bi_url)
    return f"postgresql://{role}:{password}@{named.get('host')}:{named.get('port') or 5432}/{named['dbname']}"
