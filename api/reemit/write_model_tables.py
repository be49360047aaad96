"""The tables as the keeper of the truth: keeps the promise of `schemas.write_model.WriteModel`."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from api.domain.changes import DatedEvent, Decision
from api.reemit import (
    dead_letter_decisions,
    deletion_rows,
    history_rows,
    offer_sums,
    order_sums,
    present_rows,
    reemission_runs,
    withdrawals,
)
from api.reemit.aggregate_tables import table_of
from api.store import epochs, outbox, schema_ids
from api.store.aggregate_table import AggregateTable
from api.store.errors import Collided, SchemasNotPinned, StoreDown
from api.store.job_cause import job_cause
from api.store.list_pages import PageWanted
from api.store.outbox import Cause
from api.store.store import ATTEMPTS, NO_TENANT, Store
from api.store.tenants import LIST, TenantRows
from ops.clients import database_roles
from schemas.envelope import Envelope
from schemas.event_codec import Decoder
from schemas.events.quality import Quality, QualityChecked
from schemas.outbox_row import OutboxRow
from schemas.write_model import (
    REEMITTED_BY,
    Epoch,
    Ghost,
    KeptHistory,
    NoSuchTenant,
    OffersOf,
    OrderSums,
    Owner,
    Reemission,
    Stated,
    SumsOf,
    ToldOffers,
    Unreachable,
)

#: Who emits it again: tells a re-emitted deletion from the deletion itself.
ACTOR: Final = REEMITTED_BY
CHECKED_BY: Final = "rustok:quality"
_PAGE: Final = 200

T = TypeVar("T")
Connection = psycopg.Connection[Any]


@contextmanager
def open_tables(postgres_url: str) -> Iterator["Tables"]:
    store = Store(postgres_url, connections=2, clock=lambda: datetime.now(UTC))
    store.open()
    try:
        yield Tables(store)
    except SchemasNotPinned as behind:
        raise Unreachable(str(behind)) from behind
    except StoreDown as down:
        raise Unreachable("PostgreSQL does not answer") from down
    finally:
        store.close()


class Tables:
    """Raises `StoreDown` besides what is promised; `open_tables` tells it as `Unreachable`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._decoder = Decoder(_Registered(store))

    def owners(self, slugs: Collection[str] = ()) -> Sequence[Owner]:
        with self._store.reading(platform=True) as connection:
            rows = LIST.every(PageWanted(sort="oldest", limit=_PAGE), TenantRows(connection).page)
            found = [Owner(held.value.id, held.value.slug) for held in rows]
        missing = set(slugs) - {owner.slug for owner in found}
        if missing:
            raise NoSuchTenant(f"there is no tenant {', '.join(sorted(missing))}")
        return [owner for owner in found if not slugs or owner.slug in slugs]

    def now(self) -> datetime:
        with self._store.reading() as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        moment: datetime = row[0] if row else datetime.now(UTC)
        return moment

    def count(self, aggregate: str, owners: Collection[Owner]) -> int:
        if aggregate == dead_letter_decisions.AGGREGATE:
            with self._store.reading(platform=True) as connection:
                return dead_letter_decisions.count(connection, [owner.id for owner in owners] or None)
        table = table_of(aggregate)

        def counted(owner: Owner) -> int:
            return self._of(owner.id, lambda connection: present_rows.count(connection, table, owner.id))

        return sum(map(counted, owners))

    def ids(self, aggregate: str, tenant_id: UUID, after: UUID | None, limit: int) -> Sequence[UUID]:
        table = table_of(aggregate)
        return self._of(tenant_id, lambda connection: present_rows.next_ids(connection, table, tenant_id, after, limit))

    def sample(self, aggregate: str, tenant_id: UUID, number: int) -> Sequence[UUID]:
        table = table_of(aggregate)
        return self._of(tenant_id, lambda connection: present_rows.by_chance(connection, table, tenant_id, number))

    def state(self, aggregate: str, tenant_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Stated]:
        table = table_of(aggregate)
        cause = job_cause(ACTOR, "re-emit")

        def read(connection: Connection) -> dict[UUID, Stated]:
            epoch = epochs.read(connection)
            return {
                change.aggregate_id: _as_of_epoch(*list(outbox.envelopes(change, tenant_id, cause))[-1], epoch)
                for change in _changes(connection, table, tenant_id, ids)
            }

        found = self._of(tenant_id, read)
        # Asked for later: what is not there any more by now, its deletion is.
        absent = [id_ for id_ in ids if id_ not in found]
        with self._store.reading(tenant_id) as connection:
            _as_keeper(connection)
            deletions = deletion_rows.of(connection, aggregate, tenant_id, absent) if absent else []
            epoch = epochs.read(connection)
        return found | {
            UUID(row.aggregateid): self._stated(row, self._decoder.decode(row.payload), epoch) for row in deletions
        }

    def order_sums(self, without: Collection[UUID] = ()) -> Mapping[SumsOf, OrderSums]:
        with self._store.snapshot(NO_TENANT) as connection:
            return order_sums.every(connection, without)

    def offer_sums(self) -> Mapping[OffersOf, ToldOffers]:
        with self._store.snapshot(NO_TENANT) as connection:
            return offer_sums.every(connection)

    def tell_of_check(self, quality: Quality) -> None:
        told = DatedEvent(QualityChecked(quality=quality), quality.checked_at)
        checked = Decision(aggregate_id=quality.id, value=quality, happened=(told,))
        self._store.tell([(NO_TENANT, checked)], job_cause(CHECKED_BY, "quality", request_id=quality.id))

    def reemit(self, aggregate: str, tenant_id: UUID, ids: Collection[UUID]) -> int:
        table = table_of(aggregate)
        cause = job_cause(ACTOR, "re-emit")

        def say(connection: Connection) -> int:
            present_rows.lock(connection, table, tenant_id, ids)
            told = self._told(connection, table, tenant_id, ids, cause)
            there = {change.aggregate_id for change, _ in told}
            _as_keeper(connection)
            absent = [id_ for id_ in ids if id_ not in there]
            deletions = [
                deletion_rows.again(row, cause) for row in deletion_rows.of(connection, aggregate, tenant_id, absent)
            ]
            _as_writer(connection)
            rows = [row for _, row in told] + deletions
            if rows:
                outbox.append(connection, rows)
            return len(rows)

        return self._of(tenant_id, say)

    def reemit_history(
        self,
        aggregate: str,
        tenant_id: UUID,
        wanted: Mapping[UUID, Sequence[range]],
        unless_since: Mapping[UUID, datetime] | None = None,
    ) -> int:
        table = table_of(aggregate)
        cause = job_cause(ACTOR, history_rows.CAUSE)

        def say(connection: Connection) -> int:
            history_rows.take_turns(connection, tenant_id)
            present_rows.lock(connection, table, tenant_id, wanted)
            _as_keeper(connection)
            done = history_rows.emitted_since(connection, aggregate, tenant_id, unless_since or {})
            left = {id_: versions for id_, versions in wanted.items() if id_ not in done}
            history = history_rows.take(connection, aggregate, tenant_id, left)
            _as_writer(connection)
            again = {UUID(row.aggregateid) for row in history}
            told = self._told(connection, table, tenant_id, again, cause)
            absent = again - {change.aggregate_id for change, _ in told}
            _as_keeper(connection)
            gone = [
                deletion_rows.again(row, cause) for row in deletion_rows.of(connection, aggregate, tenant_id, absent)
            ]
            _as_writer(connection)
            # What is newest comes last: it is what a compacted topic keeps.
            outbox.append(connection, [*history, *(row for _, row in told), *gone])
            return len(history)

        return self._of(tenant_id, say)

    def kept_history(self, ids: Collection[UUID]) -> Mapping[tuple[str, UUID, UUID], KeptHistory]:
        with self._store.reading() as connection:
            _as_keeper(connection)
            return history_rows.kept(connection, ids)

    def told_since(self, moment: datetime) -> Mapping[tuple[str, UUID], Mapping[UUID, Sequence[range]]]:
        with self._store.reading() as connection:
            _as_keeper(connection)
            return history_rows.since(connection, moment)

    def epoch(self) -> Epoch:
        with self._store.reading() as connection:
            _as_keeper(connection)
            return withdrawals.epoch(connection)

    def raise_epoch(self, above: int) -> Epoch:
        with self._store.reading() as connection:
            _as_keeper(connection)
            return withdrawals.raise_epoch(connection, above)

    def withdraw(self, aggregate: str, tenant_id: UUID, these: Sequence[Ghost]) -> int:
        table = table_of(aggregate)
        ids = [one.aggregate_id for one in these]

        def say(connection: Connection) -> int:
            present_rows.lock(connection, table, tenant_id, ids)
            there = set(table.load(connection, tenant_id, ids))
            _as_keeper(connection)
            there |= {UUID(row.aggregateid) for row in deletion_rows.of(connection, aggregate, tenant_id, ids)}
            _as_writer(connection)
            cause = job_cause(withdrawals.ACTOR, "re-emit")
            changes = [withdrawals.deletion(one, datetime.now(UTC)) for one in these if one.aggregate_id not in there]
            encoder = self._store.encoder()
            outbox.append(connection, [row for each in changes for row in outbox.rows(each, tenant_id, cause, encoder)])
            return len(changes)

        return self._of(tenant_id, say)

    def begin(self, aggregate: str, owners: Collection[Owner] = ()) -> Reemission:
        _require_known(aggregate)
        with self._store.reading() as connection:
            _as_keeper(connection)
            return reemission_runs.begin(connection, uuid7(), aggregate, [owner.id for owner in owners])

    def unfinished(self, aggregate: str) -> Reemission:
        _require_known(aggregate)
        with self._store.reading() as connection:
            _as_keeper(connection)
            return reemission_runs.unfinished(connection, aggregate)

    def covering(self, aggregate: str, since: datetime) -> Reemission | None:
        _require_known(aggregate)
        with self._store.reading() as connection:
            _as_keeper(connection)
            return reemission_runs.covering(connection, aggregate, since)

    def go_on(self, reemission: Reemission, limit: int) -> Reemission:
        def step(connection: Connection) -> Reemission:
            _as_keeper(connection)
            place = reemission_runs.hold(connection, reemission.id)
            if place.aggregate == dead_letter_decisions.AGGREGATE and not place.finished:
                return self._say_decisions(connection, place, limit)
            tenant_id = place.tenant_id if place.is_inside_a_tenant else _next_tenant(connection, place)
            if place.finished or tenant_id is None:
                _as_keeper(connection)
                return reemission_runs.finish(connection, place)
            cause = job_cause(ACTOR, "re-emit", request_id=reemission.id)
            if place.gone:
                deletions = deletion_rows.following(connection, place.aggregate, tenant_id, place.after, limit)
                ids = [UUID(row.aggregateid) for row in deletions]
                rows = [deletion_rows.again(row, cause) for row in deletions]
                _as_writer(connection, tenant_id)
            else:
                _as_writer(connection, tenant_id)
                table = table_of(place.aggregate)
                ids = present_rows.next_ids(connection, table, tenant_id, place.after, limit)
                present_rows.lock(connection, table, tenant_id, ids)  # deleted before: left for the deletions
                rows = [row for _, row in self._told(connection, table, tenant_id, ids, cause)]
            if rows:
                outbox.append(connection, rows)
            _as_keeper(connection)
            return reemission_runs.moved(connection, place, tenant_id, ids, len(rows))

        return self._again(lambda: self._in_transaction(None, step))

    def _say_decisions(self, connection: Connection, place: reemission_runs.RunProgress, limit: int) -> Reemission:
        """They are everybody's, so the platform says them."""
        _as_writer(connection)
        with _as_platform(connection):
            ids = dead_letter_decisions.next_ids(connection, place.tenants, place.after, limit)
            rows = dead_letter_decisions.rows(
                connection, ids, job_cause(ACTOR, "re-emit", request_id=place.id), self._store.encoder()
            )
            if rows:
                outbox.append(connection, rows)
        _as_keeper(connection)
        return (
            reemission_runs.moved(connection, place, NO_TENANT, ids, len(rows))
            if ids
            else reemission_runs.finish(connection, place)
        )

    def _told(
        self, connection: Connection, table: AggregateTable, tenant_id: UUID, ids: Collection[UUID], cause: Cause
    ) -> list[tuple[Any, OutboxRow]]:
        """The changes that say what is there, in order of id, each with the row it would leave as."""
        encoder = self._store.encoder()
        return [
            (change, outbox.rows(change, tenant_id, cause, encoder)[-1])
            for change in _changes(connection, table, tenant_id, ids)
        ]

    def _stated(self, row: OutboxRow, event: Any, epoch: int) -> Stated:
        envelope = Envelope(
            id=row.id,
            event_type=row.type,
            schema_version=int(row.schema_version),
            tenant_id=UUID(row.tenant_id),
            aggregate_id=UUID(row.aggregateid),
            aggregate_version=int(row.aggregate_version),
            correlation_id=row.correlation_id,
            causation_id=row.causation_id,
            traceparent=row.traceparent,
            occurred_at=datetime.fromisoformat(row.ce_time),
            actor_id=row.actor_id,
            epoch=epoch,
        )
        return Stated(envelope, event)

    def _of(self, tenant_id: UUID, work: Callable[[Connection], T]) -> T:
        return self._again(lambda: self._in_transaction(tenant_id, work))

    def _in_transaction(self, tenant_id: UUID | None, work: Callable[[Connection], T]) -> T:
        with self._store.reading(*([tenant_id] if tenant_id else [])) as connection:
            return work(connection)

    def _again(self, work: Callable[[], T]) -> T:
        """Whoever changes what is being told may want the same locks in another order; then once more."""
        for _ in range(ATTEMPTS - 1):
            try:
                return work()
            except Collided:
                continue
        return work()


def _changes(
    connection: Connection, table: AggregateTable, tenant_id: UUID, ids: Collection[UUID]
) -> list[Decision[Any]]:
    """Those that say what is there, in order of id."""
    held = table.load(connection, tenant_id, ids) if ids else {}
    return [table.state(held[id_], datetime.now(UTC)) for id_ in sorted(held)]


def _as_of_epoch(envelope: Envelope, event: Any, epoch: int) -> Stated:
    return Stated(replace(envelope, epoch=epoch), event)


class _Registered:
    """A `schemas.event_codec.SchemaIds`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def text_of(self, schema_id: int) -> str | None:
        with self._store.reading() as connection:
            return schema_ids.content_of(connection, schema_id)


def _next_tenant(connection: Connection, place: reemission_runs.RunProgress) -> UUID | None:
    _as_writer(connection)
    with _as_platform(connection):
        row = connection.execute(
            "SELECT id FROM tenants WHERE (%(after)s::uuid IS NULL OR id > %(after)s)"
            " AND (%(only)s::uuid[] IS NULL OR id = ANY (%(only)s)) ORDER BY id LIMIT 1",
            {"after": place.tenant_id, "only": place.tenants},
        ).fetchone()
    return row[0] if row else None


def _require_known(aggregate: str) -> None:
    """Raises `NoSuchAggregate` for what cannot be emitted again."""
    if aggregate != dead_letter_decisions.AGGREGATE:
        table_of(aggregate)


@contextmanager
def _as_platform(connection: Connection) -> Iterator[None]:
    """Whoever raises inside ends the transaction, and this with it."""
    connection.execute("SELECT set_config('rustok.platform', 'on', true)")
    yield
    connection.execute("SELECT set_config('rustok.platform', '', true)")


def _as_keeper(connection: Connection) -> None:
    database_roles.act_as(connection, database_roles.KEEPER)


def _as_writer(connection: Connection, tenant_id: UUID | None = None) -> None:
    """As `rustok_app`; of this tenant from here on."""
    database_roles.act_as(connection, "rustok_app")
    if tenant_id is not None:
        connection.execute("SELECT set_config('rustok.tenant', %s, true)", (str(tenant_id),))
