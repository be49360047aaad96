"""The way to Postgres: through a pool, in a transaction that knows who is asking."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
import psycopg
from psycopg import errors as sqlstate
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import PoolClosed, PoolTimeout

from api.domain.audit import AuditEntry
from api.domain.changes import Decision
from api.domain.scope import NO_TENANT as NO_TENANT
from api.domain.scope import Access
from api.domain.signing_keys import SigningKey
from api.store import epochs, outbox, schema_ids
from api.store.answer_timeouts import (
    UNHURRIED,
    Answering,
    AnswerTimeouts,
    NoAnswer,
    be_patient,
    check,
    connection_options,
)
from api.store.audit import AuditRows, entry_of_act
from api.store.errors import Collided, SchemasNotPinned, StoreDown, meaning
from api.store.outbox import Cause
from api.store.signing_keys import SigningKeyRows
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from ops.circuit_breaker import Breaker
from ops.clients import database_roles, postgres
from ops.metrics import DB_ACTIVE, DB_IDLE
from schemas import avro_schema, gaps
from schemas.event_codec import Encoder

ATTEMPTS: Final = 3
POSTGRES_BREAKER: Final = "postgres"
#: PostgreSQL plans a statement anew, for the values of this time, as long as it thinks that it gains by it. Where a few
#: rows are found by their keys that takes longer than to carry it out; where hundreds are, it is well spent.
_PLANNED_ONCE: Final = b"; SET LOCAL plan_cache_mode = force_generic_plan"
T = TypeVar("T")


class Store:
    """Open it before use, close it at the end. Everything raises `StoreDown` when Postgres does not answer.

    With a `duty` no connection is used whose role may do more.
    """

    def __init__(
        self,
        postgres_url: str,
        *,
        connections: int,
        clock: Callable[[], datetime],
        patience: AnswerTimeouts = UNHURRIED,
        duty: database_roles.Duty | None = None,
    ) -> None:
        self._clock = clock
        self._breaker = Breaker(POSTGRES_BREAKER, time.monotonic)
        self._pool = postgres.pool(
            postgres_url,
            Answering,
            most=connections,
            wait_s=patience.connect_s,
            name="rustok api",
            options=connection_options(patience),
            check=check,
            configure=partial(_configure, patience=patience, duty=duty),
        )
        self._encoder: Encoder | None = None
        self._encoder_lock = Lock()

    def open(self) -> None:
        """Returns at once; connections are made in the background and when needed."""
        self._pool.open()

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def view(self, access: Access, *, about: UUID | None = None) -> Iterator[View]:
        """What the access reaches, to ask in: of its shop, or, for the platform's own people, of the shop `about`."""
        tenant_id = _tenant_of(access) if about is None else about
        with self._transaction(tenant_id, platform=access.tenant is None) as connection:
            yield View(connection, tenant_id, access)

    @contextmanager
    def work(
        self, access: Access, cause: Cause, *, about: UUID | None = None, of_one: bool = False
    ) -> Iterator[UnitOfWork]:
        """A unit of work; committed when the block ends, rolled back when it raises.

        It is about the shop of the access, or, for the platform's own people, about the tenant `about` or nobody's.
        `of_one`: of one thing and what hangs on it, so that its statements need not be planned for each.
        Besides what the block raises: `Refused` when the database itself refuses, `Collided`, `StoreDown`.
        """
        encoder = self.encoder()
        own = _tenant_of(access)
        tenant_id = own if about is None else about
        with self._transaction(tenant_id, platform=access.tenant is None, epoch=True, of_one=of_one) as connection:
            work = UnitOfWork(connection, tenant_id, access, cause, encoder, self._clock(), keys_of=own)
            yield work
            work.tell()
            if cause.act is not None and not cause.act.settled:
                cause.act.about = cause.act.about if about is None else about
                work.audit.add([entry_of_act(cause, own, work.now)])
        if cause.act is not None:
            cause.act.settled = True

    def carry_out(
        self,
        access: Access,
        cause: Cause,
        decide: Callable[[UnitOfWork], T],
        *,
        about: UUID | None = None,
        of_one: bool = False,
        again_on: tuple[type[Exception], ...] = (Collided,),
    ) -> T:
        """`decide` in a unit of work; from the start again, twice, when it collides with what another one does."""
        for _ in range(ATTEMPTS - 1):
            with suppress(*again_on), self.work(access, cause, about=about, of_one=of_one) as work:
                return decide(work)
        try:
            with self.work(access, cause, about=about, of_one=of_one) as work:
                return decide(work)
        except Collided as collided:
            raise StoreDown(retry_after_s=1) from collided

    def record(self, entries: Sequence[AuditEntry]) -> None:
        """Rows of the audit trail about what no unit of work has done: in a transaction of their own."""
        with self._transaction(NO_TENANT, platform=True) as connection:
            AuditRows(connection).add(entries)

    def tell(self, leaving: Sequence[tuple[UUID, Decision[Any]]], cause: Cause) -> None:
        """Events that change no table, each of its tenant: in a transaction of their own. Raises `SchemasNotPinned`."""
        encoder = self.encoder()
        rows = [row for tenant_id, decision in leaving for row in outbox.rows(decision, tenant_id, cause, encoder)]
        with self._transaction(NO_TENANT, platform=True) as connection:
            outbox.append(connection, rows)

    @contextmanager
    def reading(self, tenant_id: UUID = NO_TENANT, *, platform: bool = False) -> Iterator[psycopg.Connection[Any]]:
        """A transaction to ask in."""
        with self._transaction(tenant_id, platform=platform) as connection:
            yield connection

    @contextmanager
    def snapshot(self, tenant_id: UUID) -> Iterator[psycopg.Connection[Any]]:
        """A transaction in which nothing changes while it lasts, to read all of a tenant in."""
        with self._transaction(tenant_id, platform=False, snapshot=True) as connection:
            yield connection

    def ping(self) -> None:
        with self._connection() as connection:
            connection.execute("SELECT 1")

    def open_gaps(self) -> list[str]:
        """What the log may lack, in words."""
        with self._connection() as connection:
            try:
                rows = connection.execute(
                    f"SELECT kind || ': ' || detail FROM {gaps.TABLE} WHERE closed_at IS NULL ORDER BY id"  # noqa: S608
                ).fetchall()
            except sqlstate.UndefinedTable:  # before the first `rustok api migrate` nothing was captured
                return []
        return [text for (text,) in rows]

    def signing_keys(self) -> list[SigningKey]:
        """All there are; none before the first `rustok api migrate`."""
        try:
            with self.reading(platform=True) as connection:
                return SigningKeyRows(connection).all()
        except sqlstate.UndefinedTable:
            return []

    @contextmanager
    def _transaction(
        self, tenant_id: UUID, *, platform: bool, snapshot: bool = False, epoch: bool = False, of_one: bool = False
    ) -> Iterator[psycopg.Connection[Any]]:
        """One way to the server and back begins it and says for whom, and asks for the epoch. The pool, given back its
        connection, ends it: with COMMIT, or with ROLLBACK when the block raises.
        """
        with self._connection() as connection:
            begin = _begin(tenant_id, platform=platform, snapshot=snapshot) + (_PLANNED_ONCE if of_one else b"")
            begun = connection.execute(begin + b"; " + epochs.ASK if epoch else begin, prepare=False)
            if epoch:
                epochs.written(epochs.told(begun))
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        if not self._breaker.lets_through():
            raise StoreDown
        try:
            with self._pool.connection() as connection:
                self._breaker.succeeded()
                self._measure()
                yield connection
        except (PoolTimeout, PoolClosed) as down:
            self._breaker.failed()
            raise StoreDown from down
        except NoAnswer as hung:
            self._breaker.failed()
            raise StoreDown from hung
        except psycopg.Error as error:
            known = meaning(error)
            if known is None:
                raise
            raise known from error
        finally:
            self._measure()

    def _measure(self) -> None:
        now = self._pool.get_stats()
        idle = now.get("pool_available", 0)
        DB_IDLE.set(idle)
        DB_ACTIVE.set(now.get("pool_size", 0) - idle)

    def encoder(self) -> Encoder:
        """Schema ids are pinned at deploy time and never change, so they are read once. Raises `SchemasNotPinned`."""
        with self._encoder_lock:
            if self._encoder is None:
                pins = self._pins()
                missing = [
                    f"{history.event_type} v{version}"
                    for history, version in avro_schema.every_version()
                    if (history.event_type, version) not in pins
                ]
                if missing:
                    raise SchemasNotPinned(missing)
                self._encoder = Encoder(pins)
            return self._encoder

    def _pins(self) -> schema_ids.Pins:
        """None before the first `rustok api migrate`."""
        with self._connection() as connection:
            try:
                return schema_ids.pins(connection)
            except sqlstate.UndefinedTable:
                return {}


def _tenant_of(access: Access) -> UUID:
    return NO_TENANT if access.tenant is None else access.tenant.id


def _begin(tenant_id: UUID, *, platform: bool, snapshot: bool) -> bytes:
    """Only what has no parameters may go together."""
    kind = " ISOLATION LEVEL REPEATABLE READ, READ ONLY" if snapshot else ""
    tenant = "" if tenant_id == NO_TENANT else tenant_id.hex
    settings = f"SET LOCAL rustok.tenant = '{tenant}'; SET LOCAL rustok.platform = '{'on' if platform else ''}'"
    return f"BEGIN{kind}; SET LOCAL ROLE rustok_app; {settings}".encode()


def _configure(
    connection: psycopg.Connection[Any], *, patience: AnswerTimeouts, duty: database_roles.Duty | None
) -> None:
    if duty is not None:
        database_roles.require(connection, duty)
    set_json_loads(orjson.loads, connection)
    set_json_dumps(orjson.dumps, connection)
    be_patient(connection, patience)
