"""The catalogue tree: a category is put below a parent, changes, moves with all below it, and is deleted when empty."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.errors import Conflict, Invalid
from schemas.events.category import (
    Category,
    CategoryCreated,
    CategoryDeleted,
    CategoryEvent,
    CategoryMoved,
    CategoryText,
    CategoryUpdated,
)

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
    path = _below(parent, category_id)
    _check_depth(len(path))
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
    return _one(before, new, CategoryUpdated(category=new, changed=changed), now, fingerprint)


def move(
    before: Versioned[Category],
    *,
    parent: Category | None,
    position: int | None = None,
    below: Sequence[Versioned[Category]] = (),
    now: datetime,
) -> list[Decision[Category]]:
    """The category, and with it all that is `below` it, however deep: each has another path. None: a root.

    Raises `Invalid` for a parent that is the category itself or below it, and for a tree that would be too deep.
    """
    old = before.value
    if parent is not None and old.id in parent.path:
        raise Invalid.field("parent_id", "below_itself", "A category cannot be below itself.")
    path = _below(parent, old.id)
    to = replace(
        old,
        parent_id=parent.id if parent else None,
        path=path,
        position=old.position if position is None else position,
    )
    if path == old.path:
        only_position = change(before, position=position, now=now)
        return [] if only_position is None else [only_position]
    _check_depth(max(len(path) - len(old.path) + len(one.value.path) for one in (before, *below)))
    moved = [(before, to), *((one, _along(one.value, old.path, path)) for one in below)]
    return [_one(was, new, CategoryMoved(category=new, path_before=was.value.path), now) for was, new in moved]


def delete(before: Versioned[Category], *, categories_in: int, products_in: int, now: datetime) -> Decision[Category]:
    """Raises `Conflict` as long as anything is in it."""
    if categories_in or products_in:
        message = f"{categories_in} categories and {products_in} products are in it: move them, or say `reparent=true`."
        raise Conflict(message)
    return _one(before, before.value, CategoryDeleted(category=before.value), now)


def _below(parent: Category | None, category_id: UUID) -> tuple[UUID, ...]:
    return (*parent.path, category_id) if parent else (category_id,)


def _along(category: Category, old: Sequence[UUID], new: Sequence[UUID]) -> Category:
    """With the way to one of its ancestors exchanged."""
    return replace(category, path=(*new, *category.path[len(old) :]))


def _check_depth(levels: int) -> None:
    if levels > MOST_LEVELS:
        raise Invalid.field("parent_id", "too_deep", f"A tree has at most {MOST_LEVELS} levels.")


def _one(
    before: Versioned[Category], new: Category, event: CategoryEvent, now: datetime, fingerprint: bytes | None = None
) -> Decision[Category]:
    return Decision(
        aggregate_id=new.id,
        value=new,
        happened=(DatedEvent(event, now),),
        was_at=before.version,
        fingerprint=fingerprint,
    )


def _checked(translations: Sequence[CategoryText]) -> tuple[CategoryText, ...]:
    if not translations:
        raise Invalid.field("translations", "too_short", "A category has at least one translation.")
    if len({text.locale for text in translations}) != len(translations):
        raise Invalid.field("translations", "repeated", "A locale is translated twice.")
    return tuple(translations)
