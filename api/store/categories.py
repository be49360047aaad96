"""Reads and writes categories: `categories`, with their texts in `category_translations`, and the slugs they had."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.store import column_arrays, decided_versions, import_fingerprints
from api.store.aggregate_table import AggregateTable
from api.store.import_fingerprints import Imported
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy
from schemas.events.category import AGGREGATE, Category, CategoryDeleted, CategoryMoved, CategoryText

_SELECT = """
    SELECT c.id, c.version, c.external_id, c.parent_id, c.path, c.position, (
        SELECT jsonb_agg(jsonb_build_array(t.locale, t.name, t.slug, t.description) ORDER BY t.position)
        FROM category_translations t WHERE t.tenant_id = c.tenant_id AND t.category_id = c.id
    )
    FROM categories c WHERE c.tenant_id = %(tenant)s
"""

LIST: Final = ListTable[Versioned[Category]](
    name="categories",
    id="c.id",
    id_of=lambda held: held.value.id,
    filters={
        "parent_id": "c.parent_id = %(parent_id)s::uuid",
        "root": {True: "c.parent_id IS NULL", False: "c.parent_id IS NOT NULL"},
        "below": "c.path @> ARRAY[%(below)s::uuid] AND c.id <> %(below)s::uuid",
    },
    sorts={
        "oldest": OLDEST,
        "newest": NEWEST,
        "position": SortedBy("c.position", int, lambda held: held.value.position),
    },
)


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

    def page(self, wanted: PageWanted) -> list[Versioned[Category]]:
        text, values = LIST.page(wanted)
        found = self._connection.execute(_SELECT + text, {"tenant": self._tenant_id, **values})
        return [_versioned(row) for row in found]

    def below(self, category_id: UUID) -> list[Versioned[Category]]:
        """All that is in it, however deep; parents before children."""
        found = self._connection.execute(
            _SELECT + "AND c.path @> ARRAY[%(id)s]::uuid[] AND c.id <> %(id)s ORDER BY cardinality(c.path), c.id",
            {"tenant": self._tenant_id, "id": category_id},
        )
        return [_versioned(row) for row in found]

    def products_in(self, category_id: UUID, limit: int) -> list[UUID]:
        """Up to `limit` of the products that were put into it itself."""
        found = self._connection.execute(
            """
            SELECT product_id FROM product_categories WHERE tenant_id = %s AND category_id = %s
            ORDER BY product_id LIMIT %s
            """,
            (self._tenant_id, category_id, limit),
        )
        return [product_id for (product_id,) in found]

    def named(self, slug: str, locales: Sequence[str]) -> list[UUID]:
        """Those called so in an address, then those that were: in these locales, then in any other."""
        found = self._connection.execute(
            """
            SELECT category_id FROM (
                SELECT category_id, locale, false AS former FROM category_translations
                WHERE tenant_id = %(tenant)s AND slug = %(slug)s
                UNION ALL
                SELECT category_id, locale, true FROM former_category_slugs
                WHERE tenant_id = %(tenant)s AND slug = %(slug)s
            ) AS slugs
            ORDER BY former, array_position(%(locales)s::text[], locale) NULLS LAST, locale
            """,
            {"tenant": self._tenant_id, "slug": slug, "locales": column_arrays.texts(locales)},
        )
        return list(dict.fromkeys(category_id for (category_id,) in found))

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
        gone = [change for change in changes if isinstance(change.happened[-1].event, CategoryDeleted)]
        moved = [change for change in changes if isinstance(change.happened[-1].event, CategoryMoved)]
        new = [change for change in changes if change.was_at == 0]
        kept = [change for change in changes if change.was_at > 0 and change not in gone]
        decided_versions.delete(self._connection, "categories", self._tenant_id, gone)
        self._insert(new)
        self._update(kept)
        self._rewrite_texts([change for change in changes if change not in gone and change not in moved])

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
        updated = self._connection.execute(
            """
            UPDATE categories c
            SET version = given.version, parent_id = given.parent_id, path = given.path::uuid[],
                position = given.position, import_fingerprint = given.fingerprint
            FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::uuid[], %s::text[], %s::integer[], %s::bytea[])
                AS given (id, was_at, version, parent_id, path, position, fingerprint)
            WHERE c.tenant_id = %s AND c.id = given.id AND c.version = given.was_at
            """,
            (
                column_arrays.ids(change.aggregate_id for change in changes),
                column_arrays.numbers(change.was_at for change in changes),
                column_arrays.numbers(change.version for change in changes),
                column_arrays.ids(change.value.parent_id for change in changes),
                column_arrays.lists([step.hex for step in change.value.path] for change in changes),
                column_arrays.numbers(change.value.position for change in changes),
                column_arrays.blobs(change.fingerprint for change in changes),
                self._tenant_id,
            ),
        )
        decided_versions.require_all(updated, changes)

    def _rewrite_texts(self, changes: Sequence[Decision[Category]]) -> None:
        """Slugs that go are kept: their addresses lead to the new ones, as long as no other category has them."""
        old = (self._tenant_id, column_arrays.ids(change.aggregate_id for change in changes if change.was_at > 0))
        if not changes:
            return
        if any(change.was_at > 0 for change in changes):
            self._connection.execute(
                """
                INSERT INTO former_category_slugs (tenant_id, locale, slug, category_id)
                SELECT tenant_id, locale, slug, category_id FROM category_translations
                WHERE tenant_id = %s AND category_id = ANY (%s::uuid[])
                ON CONFLICT (tenant_id, locale, slug) DO UPDATE SET category_id = EXCLUDED.category_id
                """,
                old,
            )
            self._connection.execute(
                "DELETE FROM category_translations WHERE tenant_id = %s AND category_id = ANY (%s::uuid[])", old
            )
        self._insert_texts([change.value for change in changes])
        self._connection.execute(
            """
            DELETE FROM former_category_slugs former USING category_translations t
            WHERE former.tenant_id = %s AND t.tenant_id = former.tenant_id AND t.category_id = ANY (%s::uuid[])
                AND t.locale = former.locale AND t.slug = former.slug
            """,
            (self._tenant_id, column_arrays.ids(change.aggregate_id for change in changes)),
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
