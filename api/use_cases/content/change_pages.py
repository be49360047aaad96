"""Makes pages and posts, changes them, moves them on from state to state, and deletes them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from api.domain import pages as domain
from api.domain.changes import ANY_VERSION, Decision, Expected, Versioned
from api.domain.handles import made_handle
from api.store.unit_of_work import UnitOfWork
from api.use_cases.content.commands import ContentPageChange, NewContentPage, PageTextBody
from api.use_cases.require_found import found
from schemas.events.page import Page, PageText


def create_page(work: UnitOfWork, command: NewContentPage) -> Versioned[Page]:
    """Raises `Invalid`, and `Taken` for a handle in use."""
    id_ = work.new_id()
    made = Page(
        id=id_,
        kind=command.kind,
        status=domain.DRAFT,
        parent_id=command.parent_id,
        position=command.position,
        translations=_texts(id_, command.translations),
        tags=tuple(dict.fromkeys(command.tags)),
        published_at=None,
        created_at=work.now,
        updated_at=work.now,
    )
    return work.save(work.pages, domain.create(made, _parent(work, made), work.now))


def change_page(
    work: UnitOfWork, page_id: UUID, command: ContentPageChange, expected: Expected = ANY_VERSION
) -> Versioned[Page]:
    """As it was when nothing is different. Raises `NotFound`, `VersionMismatch`, `Invalid`, `Taken`."""
    held = _held(work, page_id, expected)
    new = held.value
    if command.translations is not None:
        new = replace(new, translations=_texts(page_id, command.translations, new.translations))
    if command.tags is not None:
        new = replace(new, tags=tuple(dict.fromkeys(command.tags)))
    if command.position is not None:
        new = replace(new, position=command.position)
    if "parent_id" in command.model_fields_set:
        new = replace(new, parent_id=command.parent_id)
    moves = new.parent_id is not None and new.parent_id != held.value.parent_id
    is_parent = moves and work.pages.is_parent(page_id)
    change = domain.change(held, new, _parent(work, new), work.now, is_parent=is_parent)
    return held if change is None else work.save(work.pages, change)


def publish_page(work: UnitOfWork, page_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Page]:
    """draft → published."""
    return _step(work, page_id, expected, domain.publish)


def archive_page(work: UnitOfWork, page_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Page]:
    """published → archived."""
    return _step(work, page_id, expected, domain.archive)


def restore_page(work: UnitOfWork, page_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Page]:
    """archived → draft."""
    return _step(work, page_id, expected, domain.restore)


def delete_page(work: UnitOfWork, page_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Page]:
    """What it was. Raises `NotFound`, `VersionMismatch`, and `Conflict` for one that is shown or a parent."""
    held = _held(work, page_id, expected)
    return work.save(work.pages, domain.delete(held, work.now, is_parent=work.pages.is_parent(page_id)))


def _step(
    work: UnitOfWork, page_id: UUID, expected: Expected, step: Callable[[Versioned[Page], datetime], Decision[Page]]
) -> Versioned[Page]:
    return work.save(work.pages, step(_held(work, page_id, expected), work.now))


def _held(work: UnitOfWork, page_id: UUID, expected: Expected) -> Versioned[Page]:
    """Whoever else wants to change it waits. Raises `NotFound`, `VersionMismatch`."""
    held = found(work.pages.hold, "page", page_id)
    expected.require(held)
    return held


def _parent(work: UnitOfWork, page: Page) -> Page | None:
    held = None if page.parent_id is None else work.pages.get(page.parent_id)
    return None if held is None else held.value


def _texts(page_id: UUID, given: Sequence[PageTextBody], old: Sequence[PageText] = ()) -> tuple[PageText, ...]:
    """A handle that nobody chose is made once: the address of a page does not change with its title."""
    known = {text.locale: text.handle for text in old}
    return tuple(
        PageText(
            locale=text.locale,
            title=text.title,
            handle=text.handle or known.get(text.locale) or made_handle(page_id, text.title),
            summary=text.summary,
            body=text.body,
            seo_title=text.seo_title,
            seo_description=text.seo_description,
        )
        for text in given
    )
