"""One change to the write model: one transaction, of one tenant, by one actor, with the events that tell it.

Inside, the connection is the role `rustok_app` and row-level security knows the tenant, so that a forgotten WHERE shows
and changes nothing of anybody else's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from api.domain.audit import Outcome
from api.domain.changes import Decision, Versioned
from api.domain.errors import Forbidden, Invalid, Refused
from api.domain.scope import Access
from api.domain.thing_rows import thing_row
from api.store import epochs, outbox, whole_tenant
from api.store.audit import entry_of
from api.store.errors import Collided, meaning
from api.store.idempotency_keys import Keys
from api.store.outbox import Cause
from api.store.view import View
from schemas.event_codec import Encoder
from schemas.outbox_row import OutboxRow
from schemas.row_conditions import matches

T = TypeVar("T")
Encoded = tuple[Decision[T], list[OutboxRow]]


class Rows(Protocol[T]):
    """The tables of one kind of aggregate."""

    def write(self, changes: Sequence[Decision[T]]) -> None:
        """Raises `StaleVersion` when an aggregate is not at the version its change was decided on."""


class UnitOfWork(View):
    """Made by `Store.carry_out`; valid until the decision in it is taken."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        tenant_id: UUID,
        access: Access,
        cause: Cause,
        encoder: Encoder,
        now: datetime,
        *,
        keys_of: UUID,
    ) -> None:
        super().__init__(connection, tenant_id, access)
        self._encoder = encoder
        self.cause = cause
        self.now = now
        self.keys = Keys(connection, keys_of, cause.role, cause.actor_id)
        self._leaving: list[OutboxRow] = []

    def new_id(self) -> UUID:
        return uuid7()

    def leave_trace(
        self,
        act: str,
        object_: str = "",
        *,
        actor_id: str | None = None,
        role: str | None = None,
        outcome: Outcome = "done",
        **detail: str | int,
    ) -> None:
        """A row of the audit trail, of what is done without a permission; `actor_id`: who it turned out to be."""
        made = entry_of(
            self.cause,
            self.tenant_id,
            self.now,
            act,
            object_,
            actor_id=actor_id,
            role=role,
            outcome=outcome,
            **detail,
        )
        self.audit.add([made])

    def concerns(self, tenant_id: UUID | None) -> None:
        """Whose data it is that is changed, when the platform's own people do it."""
        if self.cause.act is not None:
            self.cause.act.about = tenant_id

    def tell_of_act(self, object_: str, **detail: str | int) -> None:
        """What the row of the audit trail names, if this leaves one: ids and words of ours, nothing of people."""
        if self.cause.act is not None:
            self.cause.act.object, self.cause.act.detail = object_, detail

    def nothing_is_done(self) -> None:
        """It is so already: no row of the audit trail is due."""
        if self.cause.act is not None:
            self.cause.act.settled = True

    def take_turns(self, what: str, *, alone: bool) -> None:
        """Until the block ends: beside others of this tenant who do the same, or when all of them are done."""
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        self._connection.execute(f"SELECT {lock}(hashtextextended(%s, 0))", (f"{self.tenant_id} {what}",))

    def save(self, rows: Rows[T], change: Decision[T]) -> Versioned[T]:
        """The aggregate as it is from now on. Nothing of it is left when the block ends with an exception.

        Raises `Forbidden` as `encode` does.
        """
        self.save_together(rows, [change])
        return change.now

    def save_together(self, rows: Rows[T], changes: Sequence[Decision[T]]) -> None:
        """All of them or none, as `save`."""
        leaving = [row for change in changes for row in self.encode(change)]
        rows.write(changes)
        self._leaving += leaving

    def tell(self) -> None:
        """The events of all that was saved go into the outbox: at the end, in one statement, in the order they were
        saved in.

        Raises `Collided` when the database was put back to an older copy since the unit of work began: what was said
        of the epoch in it is not true any more.
        """
        leaving, self._leaving = self._leaving, []
        epoch = epochs.current()
        outbox.append(self._connection, leaving)
        if epochs.current() != epoch:
            raise Collided

    def save_many(self, rows: Rows[T], changes: Sequence[Decision[T]]) -> list[Versioned[T]]:
        """The same, with what they are from now on."""
        self.save_together(rows, changes)
        return [change.now for change in changes]

    def forget_answers(self, words: Sequence[str]) -> None:
        """Those that are kept for an Idempotency-Key and are of who is called so, or have one of these words in."""
        whole_tenant.forget_answers(self._connection, self.tenant_id, words)

    def bytes_of(self, event: Any) -> bytes:
        """An event as it travels. Raises `InvalidEvent`."""
        return self._encoder.encode(event)

    def encode(self, change: Decision[Any]) -> list[OutboxRow]:
        """For many at once: each is encoded by itself, so that one bad event refuses one item; see `save_all`.

        Raises `Forbidden` for what would become a thing that the access does not reach.
        """
        resource, row = thing_row(change.value)
        if not matches(self.access.reached(resource), row):
            raise Forbidden("You may not make that of it.")
        return outbox.rows(change, self.tenant_id, self.cause, self._encoder)

    def save_all(self, rows: Rows[T], changes: Sequence[Encoded[T]]) -> dict[UUID, Refused]:
        """Saves those the database takes; the others by aggregate id, with what the database says about them.

        Only when it refuses something are they saved in ever smaller parts, to find out what.
        """
        try:
            self.tell()
            with self._connection.transaction():
                rows.write([change for change, _ in changes])
                outbox.append(self._connection, [row for _, leaving in changes for row in leaving])
                self._connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                self._connection.execute("SET CONSTRAINTS ALL DEFERRED")
        except psycopg.Error as error:
            refused = meaning(error)
            if not isinstance(refused, Invalid):
                raise
            if len(changes) == 1:
                return {changes[0][0].aggregate_id: refused}
            half = len(changes) // 2
            return self.save_all(rows, changes[:half]) | self.save_all(rows, changes[half:])
        return {}
