"""Pages of what is found by words; without words they are those of the list."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from api.domain.errors import Invalid
from api.store.list_pages import ListTable, PageWanted, Place
from api.store.sought_words import FoundIds, SoughtWord
from api.use_cases import page_cursors
from api.use_cases.pages import Page, PageAsked, read_page
from api.use_cases.staff_search.commands import MOST_WORDS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """`matched` are the fields in which the words are."""

    thing: T
    matched: Sequence[str] = field(default=())


def page_of_list(asked: PageAsked, rows: Callable[[PageWanted], Sequence[T]], **narrowed: Any) -> Page[Found[T]]:
    """Raises `Invalid` for a cursor of another question."""
    page = read_page(asked, rows, **narrowed)
    return Page([Found(one) for one in page.items], page.next_cursor)


def page_of_found(
    asked: PageAsked,
    typed: str,
    find: Callable[[PageWanted], FoundIds],
    load: Callable[[Collection[UUID]], Mapping[UUID, T]],
    matched: Callable[[Collection[UUID]], Mapping[UUID, Sequence[str]]],
    **narrowed: Any,
) -> Page[Found[T]]:
    """There may be less on it than was asked for, and more behind its cursor. Raises `Invalid` as above."""
    table: ListTable[T] = asked.TABLE
    told = page_cursors.question(table.name, typed, asked.sort, asked.filters)
    after = None if asked.cursor is None else page_cursors.read(asked.cursor, told, None)
    filters = {**asked.filters, **{name: value for name, value in narrowed.items() if value is not None}}
    found = find(PageWanted(sort=asked.sort, limit=asked.limit + 1, filters=filters, after=after))
    shown = found.ids[: asked.limit]
    held, fields = load(shown), matched(shown)
    end = shown[-1] if len(found.ids) > len(shown) else found.looked_to
    items = [Found(held[id_], fields.get(id_, ())) for id_ in shown if id_ in held]
    return Page(items, None if end is None else page_cursors.written(told, Place(end)))


def require_few(sought: Sequence[SoughtWord]) -> None:
    """Raises `Invalid`."""
    if len(sought) > MOST_WORDS:
        message = f"It has {len(sought)} words; at most {MOST_WORDS} are looked for."
        raise Invalid.field("q", "too_many_words", message)
