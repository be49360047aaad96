"""Reads and writes pages and posts: with their texts, and the handles they had."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.store import column_arrays, decided_versions, narrow_rows, old_handles
from api.store.aggregate_table import AggregateTable
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy
from schemas.events.page import AGGREGATE, Page, PageDeleted, PageText, PageUpdated
from schemas.row_conditions import EVERY_ROW, RowCondition

_SELECT: Final = """
    SELECT p.id, p.version, p.kind, p.status, p.parent_id, p.position, p.tags, p.published_at, p.created_at,
        p.updated_at, (
            SELECT jsonb_agg(jsonb_build_array(
                t.locale, t.title, t.handle, t.summary, t.body, t.seo_title, t.seo_description
            ) ORDER BY t.position)
            FROM page_translations t WHERE t.tenant_id = p.tenant_id AND t.page_id = p.id
        )
    FROM pages p WHERE p.tenant_id = %(tenant)s
"""
_HANDLES: Final = old_handles.PAGES
_UPDATED: Final = SortedBy[Versioned[Page]]("p.updated_at", datetime, lambda held: held.value.updated_at)
_PUBLISHED: Final = SortedBy[Versioned[Page]](
    "coalesce(p.published_at, p.created_at)", datetime, lambda held: held.value.published_at or held.value.created_at
)
LIST: Final = ListTable[Versioned[Page]](
    name="pages",
    id="p.id",
    id_of=lambda held: held.value.id,
    filters={
        "kind": "p.kind = %(kind)s",
        "status": "p.status = ANY (%(status)s::text[])",
        "tag": "%(tag)s = ANY (p.tags)",
        "parent_id": "p.parent_id = %(parent_id)s::uuid",
        "root": {True: "p.parent_id IS NULL", False: "p.parent_id IS NOT NULL"},
        "updated_since": "p.updated_at >= %(updated_since)s::timestamptz",
    },
    sorts={
        "oldest": OLDEST,
        "newest": NEWEST,
        "position": SortedBy("p.position", int, lambda held: held.value.position),
        "published_desc": _PUBLISHED.turned(),
        "updated_asc": _UPDATED,
        "updated_desc": _UPDATED.turned(),
    },
)


@dataclass(frozen=True, slots=True)
class PagesOfKind:
    """Finds those of one kind by handle: a page and a post may have the same."""

    rows: "PageRows"
    kind: str

    def by_handle(self, handle: str, locales: Sequence[str]) -> Versioned[Page] | None:
        """The one that has it in the first of these locales, or else in another."""
        return self.rows.first_named(_HANDLES.texts, self.kind, handle, locales)

    def by_old_handle(self, handle: str, locales: Sequence[str]) -> Versioned[Page] | None:
        """The one that had it, and no other of the kind took it since."""
        return self.rows.first_named(_HANDLES.old, self.kind, handle, locales)


class PageRows:
    """Only what is `reached` is there."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, reached: RowCondition = EVERY_ROW) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._reached, self._values = narrow_rows.where(reached, narrow_rows.of_table("p"))

    def get(self, page_id: UUID) -> Versioned[Page] | None:
        return self.load([page_id]).get(page_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[Page]]:
        found = self._rows("AND p.id = ANY (%(ids)s::uuid[])", ids=column_arrays.ids(ids))
        return {one.value.id: one for one in found}

    def hold(self, page_id: UUID) -> Versioned[Page] | None:
        """Nobody else changes it before the transaction is over; who wants to waits, and sees what it has become."""
        self._connection.execute(
            "SELECT FROM pages WHERE tenant_id = %s AND id = %s FOR NO KEY UPDATE", (self._tenant_id, page_id)
        )
        return self.get(page_id)

    def is_parent(self, page_id: UUID) -> bool:
        found = self._connection.execute(
            "SELECT FROM pages WHERE tenant_id = %s AND parent_id = %s LIMIT 1", (self._tenant_id, page_id)
        )
        return found.fetchone() is not None

    def page(self, wanted: PageWanted) -> list[Versioned[Page]]:
        text, values = LIST.page(wanted)
        return self._rows(text, **values)

    def of_kind(self, kind: str) -> PagesOfKind:
        return PagesOfKind(self, kind)

    def first_named(self, among: str, kind: str, handle: str, locales: Sequence[str]) -> Versioned[Page] | None:
        named = old_handles.first_named(_HANDLES, among, "p", self._reached + "AND p.kind = %(kind)s ")
        found = self._rows(f"AND p.id = ({named})", kind=kind, handle=handle, locales=column_arrays.texts(locales))
        return found[0] if found else None

    def write(self, changes: Sequence[Decision[Page]]) -> None:
        gone = [change for change in changes if isinstance(change.happened[-1].event, PageDeleted)]
        decided_versions.delete(self._connection, "pages", self._tenant_id, gone)
        for change in changes:
            if change.was_at == 0:
                self._insert(change)
                self._write_texts(change.value)
            elif change not in gone:
                self._update(change)
                if "translations" in _changed(change):
                    self._rewrite_texts(change.value)

    def _insert(self, change: Decision[Page]) -> None:
        self._connection.execute(
            """
            INSERT INTO pages (
                tenant_id, id, version, kind, status, parent_id, position, tags, published_at, created_at, updated_at
            )
            VALUES (
                %(tenant)s, %(id)s, %(version)s, %(kind)s, %(status)s, %(parent_id)s, %(position)s, %(tags)s::text[],
                %(published_at)s, %(created_at)s, %(updated_at)s
            )
            """,
            self._columns(change),
        )

    def _update(self, change: Decision[Page]) -> None:
        updated = self._connection.execute(
            """
            UPDATE pages
            SET version = %(version)s, status = %(status)s, parent_id = %(parent_id)s, position = %(position)s,
                tags = %(tags)s::text[], published_at = %(published_at)s, updated_at = %(updated_at)s
            WHERE tenant_id = %(tenant)s AND id = %(id)s AND version = %(was_at)s
            """,
            {**self._columns(change), "was_at": change.was_at},
        )
        decided_versions.require_all(updated, [change])

    def _columns(self, change: Decision[Page]) -> dict[str, Any]:
        page = change.value
        return {
            "tenant": self._tenant_id,
            "id": page.id,
            "version": change.version,
            "kind": page.kind,
            "status": page.status,
            "parent_id": page.parent_id,
            "position": page.position,
            "tags": column_arrays.texts(page.tags),
            "published_at": page.published_at,
            "created_at": page.created_at,
            "updated_at": page.updated_at,
        }

    def _rewrite_texts(self, page: Page) -> None:
        old_handles.keep(self._connection, self._tenant_id, _HANDLES, [page])
        self._connection.execute(
            "DELETE FROM page_translations WHERE tenant_id = %s AND page_id = %s", (self._tenant_id, page.id)
        )
        self._write_texts(page)

    def _write_texts(self, page: Page) -> None:
        texts = page.translations
        self._connection.execute(
            """
            INSERT INTO page_translations (
                tenant_id, page_id, kind, position, locale, title, handle, summary, body, seo_title, seo_description
            )
            SELECT %s, %s, %s, * FROM unnest(
                %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]
            )
            """,
            (
                self._tenant_id,
                page.id,
                page.kind,
                column_arrays.numbers(range(len(texts))),
                column_arrays.texts(text.locale for text in texts),
                column_arrays.texts(text.title for text in texts),
                column_arrays.texts(text.handle for text in texts),
                column_arrays.texts(text.summary for text in texts),
                column_arrays.texts(text.body for text in texts),
                column_arrays.texts(text.seo_title for text in texts),
                column_arrays.texts(text.seo_description for text in texts),
            ),
        )
        old_handles.free(self._connection, self._tenant_id, _HANDLES, [page])

    def _rows(self, where: str, **values: Any) -> list[Versioned[Page]]:
        found = self._connection.execute(
            _SELECT + self._reached + where, {"tenant": self._tenant_id, **self._values, **values}
        )
        return [_versioned(row) for row in found]


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: PageRows(connection, tenant_id).load(ids),
    state=state_events.created_or_updated(AGGREGATE),
)


def _changed(change: Decision[Page]) -> set[str]:
    return {name for one in change.happened if isinstance(one.event, PageUpdated) for name in one.event.changed}


def _versioned(row: Sequence[Any]) -> Versioned[Page]:
    id_, version, kind, status, parent_id, position, tags, published_at, created_at, updated_at, texts = row
    page = Page(
        id=id_,
        kind=kind,
        status=status,
        parent_id=parent_id,
        position=position,
        translations=tuple(
            PageText(
                locale=locale,
                title=title,
                handle=handle,
                summary=summary,
                body=body,
                seo_title=seo_title,
                seo_description=seo_description,
            )
            for locale, title, handle, summary, body, seo_title, seo_description in texts
        ),
        tags=tuple(tags),
        published_at=published_at,
        created_at=created_at,
        updated_at=updated_at,
    )
    return Versioned(page, version)
