"""Names the roles of PostgreSQL by duty, and refuses to start a process whose role may do more than its duty.

Each process that stays has a login role of its own; what it may do comes from the groups it is in, and the migrations
say what these may. The owner of the tables migrates and is nobody else.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict

from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings

Duty = Literal["api", "capture", "dead_letters", "scheduler", "webhooks"]
KEEPER: Final = "rustok_keeper"
CAPTURE_GROUP: Final = "rustok_capture_duty"
DEAD_LETTERS_GROUP: Final = "rustok_dead_letters_duty"
WEBHOOKS_GROUP: Final = "rustok_webhooks_duty"
#: The groups of a duty's login role.
GROUPS: Final[Mapping[Duty, tuple[str, ...]]] = {
    "api": ("rustok_app",),
    "capture": (CAPTURE_GROUP,),
    "dead_letters": (DEAD_LETTERS_GROUP,),
    "scheduler": (KEEPER, "rustok_app", "rustok_eraser"),
    "webhooks": (WEBHOOKS_GROUP,),
}
#: Has the attribute of reading the log.
REPLICATES: Final[Duty] = "capture"

# One row for each thing that the session's role, or a role it may take on, has.
_HAS: Final = """
    WITH reached AS (SELECT * FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER'))
    SELECT 'SUPERUSER' FROM reached WHERE rolsuper
    UNION SELECT 'BYPASSRLS' FROM reached WHERE rolbypassrls
    UNION SELECT 'CREATEROLE' FROM reached WHERE rolcreaterole
    UNION SELECT 'CREATEDB' FROM reached WHERE rolcreatedb
    UNION SELECT 'REPLICATION' FROM reached WHERE rolreplication
    UNION SELECT 'ownership of ' || relname FROM pg_class
        WHERE relname IN ('outbox', 'tenants') AND relkind = 'r' AND pg_has_role(session_user, relowner, 'MEMBER')
    UNION SELECT rolname FROM reached WHERE rolname IN (
        'pg_read_all_data', 'pg_write_all_data', 'pg_execute_server_program', 'pg_read_server_files',
        'pg_write_server_files', 'rustok_app', 'rustok_keeper', 'rustok_eraser', 'rustok_capture_duty',
        'rustok_dead_letters_duty', 'rustok_webhooks_duty'
    )
"""


class TooMuch(psycopg.OperationalError):
    """A role may do more than its duty asks for."""

    def __init__(self, duty: Duty, what: list[str]) -> None:
        super().__init__(f"the role for {duty} has more than it needs: {', '.join(what)}")


def url_of(settings: Settings, duty: Duty) -> str:
    return str(getattr(settings, f"postgres_{duty}_url"))


def too_much(connection: psycopg.Connection[Any], duty: Duty) -> list[str]:
    """What the role of the connection has that the duty does not need, in PostgreSQL's words."""
    has = {what for (what,) in connection.execute(_HAS).fetchall()}
    return sorted(has - {*GROUPS[duty], *(("REPLICATION",) if duty == REPLICATES else ())})


def require(connection: psycopg.Connection[Any], duty: Duty) -> None:
    """Raises `TooMuch`."""
    if found := too_much(connection, duty):
        raise TooMuch(duty, found)


def act_as(connection: psycopg.Connection[Any], group: str) -> None:
    """With the rights of this group alone, one of the session's role, until the transaction ends."""
    connection.execute("SELECT set_config('role', %s, true)", (group,))


def connect(
    settings: Settings, duty: Duty, *, name: str | None = None, connect_s: int | None = None, options: str = ""
) -> psycopg.Connection[Any]:
    """A connection of the duty's role, with autocommit. Raises `TooMuch`, unless the settings let any role pass."""
    connection = postgres.connect(
        url_of(settings, duty), autocommit=True, name=name, connect_s=connect_s, options=options
    )
    try:
        if not settings.postgres_any_role:
            require(connection, duty)
    except BaseException:
        connection.close()
        raise
    return connection


def require_at_start(settings: Settings, duty: Duty) -> None:
    """Raises a `Failure`. Where PostgreSQL is away each connection is looked at when it is made."""
    try:
        connect(settings, duty, connect_s=3).close()
    except TooMuch as found:
        raise Failure(
            f"PostgreSQL: {found}.",
            f"Name a role of its own in RUSTOK_POSTGRES_{duty.upper()}_URL; `rustok api migrate` makes it.",
        ) from found
    except psycopg.OperationalError:
        return


def make_login_roles(connection: psycopg.Connection[Any], settings: Settings) -> list[str]:
    """Those that the duties' URLs name, in their groups; given the passwords of the URLs. Who may not make roles makes
    none. Returns the names."""
    owner = connection.info.user
    made = []
    for duty, groups in GROUPS.items():
        named = conninfo_to_dict(url_of(settings, duty))
        user, password = str(named.get("user") or ""), str(named.get("password") or "")
        if not user or user == owner:
            continue
        try:
            with connection.transaction():
                _make(connection, user, password, groups, replicates=duty == REPLICATES)
        except errors.InsufficientPrivilege:
            continue
        made.append(user)
    return made


def _make(
    connection: psycopg.Connection[Any], user: str, password: str, groups: tuple[str, ...], *, replicates: bool
) -> None:
    there = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (user,)).fetchone() is not None
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN INHERIT {} PASSWORD {}").format(
            sql.SQL("ALTER" if there else "CREATE"),
            sql.Identifier(user),
            sql.SQL("REPLICATION" if replicates else ""),
            sql.Literal(password or None),
        )
    )
    for group in groups:
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(user)))
