"""The life of a page: draft → published → archived → draft, until it is deleted. A post is a page of another kind."""

from dataclasses import fields, replace
from datetime import datetime
from typing import Final, Literal

from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.errors import Conflict, FieldError, IllegalTransition, Invalid
from api.domain.moments import not_before
from schemas.events.page import (
    Page,
    PageArchived,
    PageCreated,
    PageDeleted,
    PageEvent,
    PagePublished,
    PageRestored,
    PageUpdated,
)

Kind = Literal["page", "post"]
Status = Literal["draft", "published", "archived"]
PAGE: Final[Kind] = "page"
DRAFT: Final[Status] = "draft"
PUBLISHED: Final[Status] = "published"
ARCHIVED: Final[Status] = "archived"
LONGEST_BODY: Final = 50_000
#: Characters in all languages together: each event tells all of them.
MOST_TEXT: Final = 200_000

_UNTOUCHABLE: Final = frozenset({"id", "kind", "status", "published_at", "created_at", "updated_at"})
_CHANGEABLE: Final = tuple(field.name for field in fields(Page) if field.name not in _UNTOUCHABLE)


def create(page: Page, parent: Page | None, now: datetime) -> Decision[Page]:
    """`parent` is the page of its `parent_id`, if that is there. Raises `Invalid`."""
    _check(page, parent)
    return Decision(aggregate_id=page.id, value=page, happened=(DatedEvent(PageCreated(page=page), now),))


def change(
    before: Versioned[Page], wanted: Page, parent: Page | None, now: datetime, *, is_parent: bool = False
) -> Decision[Page] | None:
    """None when nothing is different. `is_parent`: others are below it. Raises `Invalid`."""
    old = before.value
    changed = tuple(name for name in _CHANGEABLE if getattr(old, name) != getattr(wanted, name))
    if not changed:
        return None
    _check(wanted, parent)
    if is_parent and wanted.parent_id is not None:
        raise Invalid.field("parent_id", "has_children", "Pages are below it, so it stays at the top.")
    at = not_before(now, old.updated_at)
    new = replace(wanted, updated_at=at)
    return _one(before, new, PageUpdated(page=new, changed=changed))


def publish(before: Versioned[Page], now: datetime) -> Decision[Page]:
    """draft → published. Raises `IllegalTransition`."""
    new = _moved(before, DRAFT, to=PUBLISHED, now=now)
    new = replace(new, published_at=new.updated_at)
    return _one(before, new, PagePublished(page=new))


def archive(before: Versioned[Page], now: datetime) -> Decision[Page]:
    """published → archived. Raises `IllegalTransition`."""
    new = _moved(before, PUBLISHED, to=ARCHIVED, now=now)
    return _one(before, new, PageArchived(page=new))


def restore(before: Versioned[Page], now: datetime) -> Decision[Page]:
    """archived → draft. Raises `IllegalTransition`."""
    new = _moved(before, ARCHIVED, to=DRAFT, now=now)
    return _one(before, new, PageRestored(page=new))


def delete(before: Versioned[Page], now: datetime, *, is_parent: bool) -> Decision[Page]:
    """Raises `Conflict` for one that is shown, or has others below it."""
    if before.value.status == PUBLISHED:
        raise Conflict("It is published: archive it first.")
    if is_parent:
        raise Conflict("Pages are below it: delete them, or put them elsewhere, first.")
    new = replace(before.value, updated_at=not_before(now, before.value.updated_at))
    return _one(before, new, PageDeleted(page=before.value))


def wrong(page: Page, parent: Page | None) -> list[FieldError]:
    """What no page may be."""
    found = []
    if not page.translations:
        found.append(FieldError("translations", "too_short", "A page has at least one translation."))
    if len({text.locale for text in page.translations}) != len(page.translations):
        found.append(FieldError("translations", "repeated", "A locale is translated twice."))
    length = sum(len(part or "") for text in page.translations for part in (text.title, text.summary, text.body))
    if length > MOST_TEXT:
        told = f"All languages together have at most {MOST_TEXT:,} characters; these have {length:,}."
        found.append(FieldError("translations", "too_long", told))
    if page.parent_id is None:
        return found
    if page.kind != PAGE:
        found.append(FieldError("parent_id", "no_parent", "A post has no parent."))
    elif parent is None or parent.kind != PAGE:
        found.append(FieldError("parent_id", "unknown_page", f"There is no page {page.parent_id}."))
    elif parent.id == page.id or parent.parent_id is not None:
        found.append(FieldError("parent_id", "too_deep", "A parent is another page, and one at the top."))
    return found


def _check(page: Page, parent: Page | None) -> None:
    if found := wrong(page, parent):
        raise Invalid("The page breaks a rule.", found)


def _moved(before: Versioned[Page], source: Status, *, to: Status, now: datetime) -> Page:
    if before.value.status != source:
        raise IllegalTransition(before.value.kind, before.value.status, to)
    return replace(before.value, status=to, updated_at=not_before(now, before.value.updated_at))


def _one(before: Versioned[Page], new: Page, event: PageEvent) -> Decision[Page]:
    happened = (DatedEvent(event, new.updated_at),)
    return Decision(aggregate_id=new.id, value=new, happened=happened, was_at=before.version)
