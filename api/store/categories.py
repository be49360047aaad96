"""Reads and writes categories: `categories`, with their texts in `category_translations`."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.domain.errors import StaleVersion
from api.store import column_arrays, import_fingerprints
from api.store.aggregate_table import AggregateTable
from api.store.import_fingerprints import Imported
from schemas.events.category import AGGREGATE, Category, CategoryText

_SELECT = """
    SELECT c.id, c.version, c.external_id, c.parent_id, c.path, c.position, (
        SELECT jsonb_agg(jsonb_build_array(t.locale, t.name, t.slug, t.description) ORDER BY t.position)
        FROM category_translations t WHERE t.tenant_id = c.tenant_id AND t.category_id = c.id
    )
    FROM categories c WHERE c.tenant_id = %(tenant)s
"""


class CategoryRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, category_id: UUID) -> Versioned[Category] | None:
        return self.load([category_id]).get(category_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[Category]]:
        found = self._connection.execute(
            _SELECT + "AND c.id = ANY (%(ids)s::uuid[])", {"tenant": self._tenant_id, "ids": column_arrays.ids(ids)}
        )
        return {row[0]: _versioned(row) for row in found}

    def page(self, after: UUID | None, limit: int) -> list[Versioned[Category]]:
        found = self._connection.execute(
            _SELECT + "AND (%(after)s::uuid IS NULL OR c.id > %(after)s) ORDER BY c.id LIMIT %(limit)s",
            {"tenant": self._tenant_id, "after": after, "limit": limit},
        )
        return [_versioned(row) for row in found]

    def imported(self, external_ids: Iterable[str]) -> dict[str, Imported]:
        return import_fingerprints.find(self._connection, "categories", self._tenant_id, external_ids)

    def by_external_id(self, external_ids: Iterable[str]) -> dict[str, Versioned[Category]]:
        found = self._connection.execute(
            _SELECT + "AND c.external_id = ANY (%(wanted)s::text[])",
            {"tenant": self._tenant_id, "wanted": column_arrays.texts(external_ids)},
        )
        held = [_versioned(row) for row in found]
        return {one.value.external_id: one for one in held if one.value.external_id is not None}

    def paths_by_external_id(self, external_ids: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """The way from the root to each of these categories, for those that are there."""
        found = self._connection.execute(
            "SELECT external_id, path FROM categories WHERE tenant_id = %s AND external_id = ANY (%s::text[])",
            (self._tenant_id, column_arrays.texts(external_ids)),
        )
        return {external_id: tuple(path) for external_id, path in found}

    def paths(self, ids: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
        """The way from the root to each of these categories, for those that are there."""
        found = self._connection.execute(
            "SELECT id, path FROM categories WHERE tenant_id = %s AND id = ANY (%s::uuid[])",
            (self._tenant_id, column_arrays.ids(ids)),
        )
        return {category_id: tuple(path) for category_id, path in found}

    def taken_slugs(self, slugs: Collection[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
        """(locale, slug) → the category that has it."""
        found = self._connection.execute(
            """
            SELECT locale, slug, category_id FROM category_translations
            JOIN unnest(%s::text[], %s::text[]) AS wanted (locale, slug) USING (locale, slug)
            WHERE tenant_id = %s
            """,
            (
                column_arrays.texts(locale for locale, _ in slugs),
                column_arrays.texts(slug for _, slug in slugs),
                self._tenant_id,
            ),
        )
        return {(locale, slug): category_id for locale, slug, category_id in found}

    def write(self, changes: Sequence[Decision[Category]]) -> None:
        self._insert([change for change in changes if change.was_at == 0])
        self._update([change for change in changes if change.was_at > 0])
        self._insert_texts([change.value for change in changes])

    def _insert(self, changes: Sequence[Decision[Category]]) -> None:
        if not changes:
            return
        values = [change.value for change in changes]
        self._connection.execute(
            """
            INSERT INTO categories (tenant_id, id, version, external_id, parent_id, path, position, import_fingerprint)
            SELECT %s, id, version, external_id, parent_id, path::uuid[], position, fingerprint
            FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::uuid[], %s::text[], %s::integer[], %s::bytea[])
                AS given (id, version, external_id, parent_id, path, position, fingerprint)
            """,
            (
                self._tenant_id,
                column_arrays.ids(value.id for value in values),
                column_arrays.numbers(change.version for change in changes),
                column_arrays.texts(value.external_id for value in values),
                column_arrays.ids(value.parent_id for value in values),
                column_arrays.lists([step.hex for step in value.path] for value in values),
                column_arrays.numbers(value.position for value in values),
                column_arrays.blobs(change.fingerprint for change in changes),
            ),
        )

    def _update(self, changes: Sequence[Decision[Category]]) -> None:
        if not changes:
            return
        ids = column_arrays.ids(change.aggregate_id for change in changes)
        updated = self._connection.execute(
            """
            UPDATE categories c
            SET version = given.version, position = given.position, import_fingerprint = given.fingerprint
            FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::integer[], %s::bytea[])
                AS given (id, was_at, version, position, fingerprint)
            WHERE c.tenant_id = %s AND c.id = given.id AND c.version = given.was_at
            """,
            (
                ids,
                column_arrays.numbers(change.was_at for change in changes),
                column_arrays.numbers(change.version for change in changes),
                column_arrays.numbers(change.value.position for change in changes),
                column_arrays.blobs(change.fingerprint for change in changes),
                self._tenant_id,
            ),
        )
        if updated.rowcount != len(changes):
            raise StaleVersion(changes[0].was_at)
        self._connection.execute(
            "DELETE FROM category_translations WHERE tenant_id = %s AND category_id = ANY (%s::uuid[])",
            (self._tenant_id, ids),
        )

    def _insert_texts(self, values: Sequence[Category]) -> None:
        texts = [(value.id, at, text) for value in values for at, text in enumerate(value.translations)]
        self._connection.execute(
            """
            INSERT INTO category_translations (tenant_id, category_id, position, locale, name, slug, description)
            SELECT %s, * FROM unnest(%s::uuid[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[])
            """,
            (
                self._tenant_id,
                column_arrays.ids(category_id for category_id, _, _ in texts),
                column_arrays.numbers(at for _, at, _ in texts),
                column_arrays.texts(text.locale for _, _, text in texts),
                column_arrays.texts(text.name for _, _, text in texts),
                column_arrays.texts(text.slug for _, _, text in texts),
                column_arrays.texts(text.description for _, _, text in texts),
            ),
        )


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: CategoryRows(connection, tenant_id).load(ids),
    state=state_events.created_or_updated(AGGREGATE),
)


def _versioned(row: Sequence[Any]) -> Versioned[Category]:
    category_id, version, external_id, parent_id, path, position, texts = row
    category = Category(
        id=category_id,
        external_id=external_id,
        parent_id=parent_id,
        path=tuple(path),
        position=position,
        translations=tuple(
            CategoryText(locale=locale, name=name, slug=slug, description=description)
            for locale, name, slug, description in texts
        ),
    )
    return Versioned(category, version)
