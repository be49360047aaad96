"""The catalogue tree: a category is put below a parent once; its texts and position may change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.errors import Invalid
from schemas.events.category import Category, CategoryCreated, CategoryText, CategoryUpdated

MOST_LEVELS: Final = 16


def create(
    *,
    category_id: UUID,
    external_id: str | None,
    parent: Category | None,
    position: int,
    translations: Sequence[CategoryText],
    now: datetime,
    fingerprint: bytes | None = None,
) -> Decision[Category]:
    path = (*parent.path, category_id) if parent else (category_id,)
    if len(path) > MOST_LEVELS:
        raise Invalid.field("parent_id", "too_deep", f"A tree has at most {MOST_LEVELS} levels.")
    category = Category(
        id=category_id,
        external_id=external_id,
        parent_id=parent.id if parent else None,
        path=path,
        position=position,
        translations=_checked(translations),
    )
    event = DatedEvent(CategoryCreated(category=category), now)
    return Decision(aggregate_id=category_id, value=category, happened=(event,), fingerprint=fingerprint)


def change(
    before: Versioned[Category],
    *,
    position: int | None = None,
    translations: Sequence[CategoryText] | None = None,
    now: datetime,
    fingerprint: bytes | None = None,
) -> Decision[Category] | None:
    """None when nothing is different."""
    old = before.value
    new = replace(
        old,
        position=old.position if position is None else position,
        translations=old.translations if translations is None else _checked(translations),
    )
    changed = tuple(name for name in ("position", "translations") if getattr(old, name) != getattr(new, name))
    if not changed:
        return None
    event = DatedEvent(CategoryUpdated(category=new, changed=changed), now)
    return Decision(aggregate_id=old.id, value=new, happened=(event,), was_at=before.version, fingerprint=fingerprint)


def _checked(translations: Sequence[CategoryText]) -> tuple[CategoryText, ...]:
    if not translations:
        raise Invalid.field("translations", "too_short", "A category has at least one translation.")
    if len({text.locale for text in translations}) != len(translations):
        raise Invalid.field("translations", "repeated", "A locale is translated twice.")
    return tuple(translations)
