"""Exports all dead letters that match, page by page, and notes who took them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from api.domain.dead_letters import StoredDeadLetter
from api.domain.scope import Access
from api.store.dead_letters import Done
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
    after: UUID | None = None
    while True:
        with store.view(access) as view:
            page = view.dead_letters.page(asked.sought(), after, _AT_ONCE)
        yield from page
        if len(page) < _AT_ONCE:
            return
        after = page[-1].id
