"""Shows the audit trail, the newest rows first: a page of it, or all that match."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from api.domain.scope import Access
from api.store.audit import ShownEntry
from api.store.store import Store
from api.store.view import View
from api.use_cases.audit.commands import AuditAsked, AuditPageAsked
from api.use_cases.pages import Page, page_of

_AT_ONCE: Final = 500


def list_audit(view: View, asked: AuditPageAsked) -> Page[ShownEntry]:
    found = view.audit.page(asked.sought(view.access), asked.cursor, asked.limit + 1)
    return page_of(found, asked.limit, lambda shown: shown.entry.id)


def export_audit(store: Store, access: Access, asked: AuditAsked) -> Iterator[ShownEntry]:
    """Each part is read in a transaction of its own. Raises `Forbidden` at once."""
    sought = asked.sought(access)

    def rows() -> Iterator[ShownEntry]:
        after: UUID | None = None
        while True:
            with store.view(access) as view:
                part = view.audit.page(sought, after, _AT_ONCE)
            yield from part
            if len(part) < _AT_ONCE:
                return
            after = part[-1].entry.id

    return rows()
