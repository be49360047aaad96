"""Exports all dead letters that match, page by page, and notes who took them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from api.domain.dead_letters import StoredDeadLetter
from api.domain.scope import Access
from api.store.dead_letters import LIST, Done
from api.store.list_pages import PageWanted
from api.store.outbox import Cause
from api.store.store import Store
from api.use_cases.dead_letters.commands import DeadLettersSought

_AT_ONCE: Final = 100


def export_dead_letters(
    store: Store, access: Access, cause: Cause, asked: DeadLettersSought, now: datetime
) -> Iterator[StoredDeadLetter]:
    """Noted before the first is read; each page is a transaction of its own."""
    taken = Done(
        action="exported",
        actor_id=cause.actor_id,
        at=now,
        correlation_id=cause.correlation_id,
        detail=asked.model_dump(mode="json", exclude_none=True),
    )
    with store.view(access) as view:
        view.dead_letters.tell(None, taken, None if access.tenant is None else access.tenant.id)
    return _pages(store, access, asked)


def _pages(store: Store, access: Access, asked: DeadLettersSought) -> Iterator[StoredDeadLetter]:
    def rows(wanted: PageWanted) -> list[StoredDeadLetter]:
        with store.view(access) as view:
            return view.dead_letters.page(wanted)

    return LIST.every(PageWanted(sort="oldest", limit=_AT_ONCE, filters=asked.sought), rows)
