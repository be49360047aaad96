"""Reads and writes collections: with their texts, the products chosen for them, and the handles they had."""

from collections.abc import Collection as Several
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.store import collection_members, column_arrays, decided_versions, import_fingerprints, narrow_rows, old_handles
from api.store.aggregate_table import AggregateTable
from api.store.collection_documents import document, rule_of
from api.store.import_fingerprints import Imported
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy
from schemas.events.collection import (
    AGGREGATE,
    Collection,
    CollectionDeleted,
    CollectionRule,
    CollectionText,
    CollectionUpdated,
)
from schemas.row_conditions import EVERY_ROW, RowCondition

_SELECT: Final = """
    SELECT c.id, c.version, c.external_id, c.status, c.rule, c.created_at, c.updated_at, (
        SELECT jsonb_agg(
            jsonb_build_array(t.locale, t.title, t.handle, t.description, t.seo_title, t.seo_description)
            ORDER BY t.position
        )
        FROM collection_translations t WHERE t.tenant_id = c.tenant_id AND t.collection_id = c.id
    ), (
        SELECT array_agg(m.product_id ORDER BY m.rank)
        FROM collection_products m WHERE m.tenant_id = c.tenant_id AND m.collection_id = c.id
    )
    FROM collections c WHERE c.tenant_id = %(tenant)s
"""
_HANDLES: Final = old_handles.COLLECTIONS
_UPDATED: Final = SortedBy[Versioned[Collection]]("c.updated_at", datetime, lambda held: held.value.updated_at)
LIST: Final = ListTable[Versioned[Collection]](
    name="collections",
    id="c.id",
    id_of=lambda held: held.value.id,
    filters={
        "status": "c.status = ANY (%(status)s::text[])",
        "by_rule": {True: "c.rule IS NOT NULL", False: "c.rule IS NULL"},
        "updated_since": "c.updated_at >= %(updated_since)s::timestamptz",
    },
    sorts={"oldest": OLDEST, "newest": NEWEST, "updated_asc": _UPDATED, "updated_desc": _UPDATED.turned()},
)


class CollectionRows:
    """Only what is `reached` is there."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, reached: RowCondition = EVERY_ROW) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._reached, self._values = narrow_rows.where(reached, narrow_rows.of_table("c"))

    def get(self, collection_id: UUID) -> Versioned[Collection] | None:
        return self.load([collection_id]).get(collection_id)

    def load(self, ids: Several[UUID]) -> dict[UUID, Versioned[Collection]]:
        found = self._rows("AND c.id = ANY (%(ids)s::uuid[])", ids=column_arrays.ids(ids))
        return {one.value.id: one for one in found}

    def hold(self, collection_id: UUID) -> Versioned[Collection] | None:
        """Nobody else changes it before the transaction is over; who wants to waits, and sees what it has become."""
        return self.hold_all([collection_id]).get(collection_id)

    def hold_all(self, ids: Several[UUID]) -> dict[UUID, Versioned[Collection]]:
        self._connection.execute(
            "SELECT FROM collections WHERE tenant_id = %s AND id = ANY (%s::uuid[]) ORDER BY id FOR NO KEY UPDATE",
            (self._tenant_id, column_arrays.ids(ids)),
        )
        return self.load(ids)

    def hold_those_with(self, product_id: UUID) -> list[Versioned[Collection]]:
        """The collections that the product was chosen for, held likewise."""
        return list(self.hold_all(self.chosen_for(product_id)).values())

    def chosen_for(self, product_id: UUID) -> list[UUID]:
        """The ids of the collections that the product was chosen for."""
        found = self._connection.execute(
            "SELECT collection_id FROM collection_products WHERE tenant_id = %s AND product_id = %s",
            (self._tenant_id, product_id),
        )
        return [collection_id for (collection_id,) in found]

    def rules(self) -> dict[UUID, CollectionRule]:
        """Of all that have one."""
        found = self._connection.execute(
            "SELECT c.id, c.rule FROM collections c"  # noqa: S608  # constants of the code
            f" WHERE c.tenant_id = %(tenant)s AND c.rule IS NOT NULL {self._reached}",
            {"tenant": self._tenant_id, **self._values},
        )
        return {collection_id: rule_of(rule) for collection_id, rule in found}

    def page(self, wanted: PageWanted) -> list[Versioned[Collection]]:
        text, values = LIST.page(wanted)
        return self._rows(text, **values)

    def by_handle(self, handle: str, locales: Sequence[str]) -> Versioned[Collection] | None:
        """The collection that has it in the first of these locales, or else in another."""
        return self._first_by_handle(_HANDLES.texts, handle, locales)

    def by_old_handle(self, handle: str, locales: Sequence[str]) -> Versioned[Collection] | None:
        """The collection that had it, and nobody else took it since."""
        return self._first_by_handle(_HANDLES.old, handle, locales)

    def known_products(self, ids: Several[UUID]) -> set[UUID]:
        """Those of them that are there."""
        found = self._connection.execute(
            "SELECT id FROM products WHERE tenant_id = %s AND id = ANY (%s::uuid[])",
            (self._tenant_id, column_arrays.ids(ids)),
        )
        return {product_id for (product_id,) in found}

    def names_of_products(self, ids: Several[UUID]) -> dict[UUID, str]:
        """As they are called in the system they came from, or else by their ids."""
        found = self._connection.execute(
            "SELECT id, coalesce(external_id, id::text) FROM products WHERE tenant_id = %s AND id = ANY (%s::uuid[])",
            (self._tenant_id, column_arrays.ids(ids)),
        )
        return dict(found.fetchall())

    def imported(self, external_ids: Iterable[str]) -> dict[str, Imported]:
        return import_fingerprints.find(self._connection, "collections", self._tenant_id, external_ids)

    def taken_handles(self, handles: Several[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
        """(locale, handle) → the collection that has it."""
        return old_handles.taken(self._connection, self._tenant_id, _HANDLES, handles)

    def write(self, changes: Sequence[Decision[Collection]]) -> None:
        gone = [change for change in changes if isinstance(change.happened[-1].event, CollectionDeleted)]
        new = [change for change in changes if change.was_at == 0]
        kept = [change for change in changes if change.was_at > 0 and change not in gone]
        decided_versions.delete(self._connection, "collections", self._tenant_id, gone)
        self._insert(new)
        self._update(kept)
        retold = [change.value for change in kept if "translations" in _changed(change)]
        self._rewrite_texts([change.value for change in new], retold)
        for change in changes:
            if change in new or "product_ids" in _changed(change):
                collection_members.put_in_order(
                    self._connection, self._tenant_id, change.aggregate_id, change.value.product_ids
                )

    def _insert(self, changes: Sequence[Decision[Collection]]) -> None:
        if not changes:
            return
        values = [change.value for change in changes]
        self._connection.execute(
            """
            INSERT INTO collections (
                tenant_id, id, version, external_id, status, rule, created_at, updated_at, import_fingerprint
            )
            SELECT %s, * FROM unnest(
                %s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::timestamptz[], %s::timestamptz[],
                %s::bytea[]
            )
            """,
            (
                self._tenant_id,
                column_arrays.ids(value.id for value in values),
                column_arrays.numbers(change.version for change in changes),
                column_arrays.texts(value.external_id for value in values),
                column_arrays.texts(value.status for value in values),
                _rules(values),
                column_arrays.moments(value.created_at for value in values),
                column_arrays.moments(value.updated_at for value in values),
                column_arrays.blobs(change.fingerprint for change in changes),
            ),
        )

    def _update(self, changes: Sequence[Decision[Collection]]) -> None:
        if not changes:
            return
        values = [change.value for change in changes]
        updated = self._connection.execute(
            """
            UPDATE collections c
            SET version = given.version, status = given.status, rule = given.rule, updated_at = given.updated_at,
                import_fingerprint = given.fingerprint
            FROM unnest(
                %s::uuid[], %s::bigint[], %s::bigint[], %s::text[], %s::jsonb[], %s::timestamptz[], %s::bytea[]
            ) AS given (id, was_at, version, status, rule, updated_at, fingerprint)
            WHERE c.tenant_id = %s AND c.id = given.id AND c.version = given.was_at
            """,
            (
                column_arrays.ids(value.id for value in values),
                column_arrays.numbers(change.was_at for change in changes),
                column_arrays.numbers(change.version for change in changes),
                column_arrays.texts(value.status for value in values),
                _rules(values),
                column_arrays.moments(value.updated_at for value in values),
                column_arrays.blobs(change.fingerprint for change in changes),
                self._tenant_id,
            ),
        )
        decided_versions.require_all(updated, changes)

    def _rewrite_texts(self, new: Sequence[Collection], retold: Sequence[Collection]) -> None:
        if retold:
            old_handles.keep(self._connection, self._tenant_id, _HANDLES, retold)
            self._connection.execute(
                "DELETE FROM collection_translations WHERE tenant_id = %s AND collection_id = ANY (%s::uuid[])",
                (self._tenant_id, column_arrays.ids(value.id for value in retold)),
            )
        texts = [(value.id, at, text) for value in (*new, *retold) for at, text in enumerate(value.translations)]
        if not texts:
            return
        self._connection.execute(
            """
            INSERT INTO collection_translations (
                tenant_id, collection_id, position, locale, title, handle, description, seo_title, seo_description
            )
            SELECT %s, * FROM unnest(
                %s::uuid[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]
            )
            """,
            (
                self._tenant_id,
                column_arrays.ids(collection_id for collection_id, _, _ in texts),
                column_arrays.numbers(at for _, at, _ in texts),
                column_arrays.texts(text.locale for _, _, text in texts),
                column_arrays.texts(text.title for _, _, text in texts),
                column_arrays.texts(text.handle for _, _, text in texts),
                column_arrays.texts(text.description for _, _, text in texts),
                column_arrays.texts(text.seo_title for _, _, text in texts),
                column_arrays.texts(text.seo_description for _, _, text in texts),
            ),
        )
        old_handles.free(self._connection, self._tenant_id, _HANDLES, [*new, *retold])

    def _first_by_handle(self, among: str, handle: str, locales: Sequence[str]) -> Versioned[Collection] | None:
        named = old_handles.first_named(_HANDLES, among, "c", self._reached)
        found = self._rows(f"AND c.id = ({named})", handle=handle, locales=column_arrays.texts(locales))
        return found[0] if found else None

    def _rows(self, where: str, **values: Any) -> list[Versioned[Collection]]:
        found = self._connection.execute(
            _SELECT + self._reached + where, {"tenant": self._tenant_id, **self._values, **values}
        )
        return [_versioned(row) for row in found]


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: CollectionRows(connection, tenant_id).load(ids),
    state=state_events.created_or_updated(AGGREGATE),
)


def _changed(change: Decision[Collection]) -> set[str]:
    return {name for one in change.happened if isinstance(one.event, CollectionUpdated) for name in one.event.changed}


def _rules(values: Iterable[Collection]) -> str:
    """As `jsonb[]`."""
    return column_arrays.documents_or_null(None if one.rule is None else document(one.rule) for one in values)


def _versioned(row: Sequence[Any]) -> Versioned[Collection]:
    collection_id, version, external_id, status, rule, created_at, updated_at, texts, product_ids = row
    collection = Collection(
        id=collection_id,
        external_id=external_id,
        status=status,
        translations=tuple(
            CollectionText(
                locale=locale,
                title=title,
                handle=handle,
                description=description,
                seo_title=seo_title,
                seo_description=seo_description,
            )
            for locale, title, handle, description, seo_title, seo_description in texts
        ),
        rule=None if rule is None else rule_of(rule),
        product_ids=tuple(product_ids or ()),
        created_at=created_at,
        updated_at=updated_at,
    )
    return Versioned(collection, version)
