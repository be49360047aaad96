"""Shows the audit trail: a page of it, or all that match, the newest rows first."""

from collections.abc import Iterator
from typing import Final

from api.domain.scope import Access
from api.store.audit import LIST, ShownEntry
from api.store.list_pages import PageWanted
from api.store.store import Store
from api.store.view import View
from api.use_cases.audit.commands import AuditAsked, AuditPageAsked
from api.use_cases.pages import Page, read_page

_AT_ONCE: Final = 500


def list_audit(view: View, asked: AuditPageAsked) -> Page[ShownEntry]:
    """Raises `Forbidden`, and `Invalid` for a cursor of another question."""
    whose = asked.whose(view.access)
    return read_page(asked, lambda wanted: view.audit.page(whose, wanted), below=asked.tenant)


def export_audit(store: Store, access: Access, asked: AuditAsked) -> Iterator[ShownEntry]:
    """Each part is read in a transaction of its own. Raises `Forbidden` at once."""
    whose = asked.whose(access)

    def rows(wanted: PageWanted) -> list[ShownEntry]:
        with store.view(access) as view:
            return view.audit.page(whose, wanted)

    filters = asked.model_dump(exclude_none=True, exclude={"tenant"})
    return LIST.every(PageWanted(sort="newest", limit=_AT_ONCE, filters=filters), rows)
