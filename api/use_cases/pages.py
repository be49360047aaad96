"""Cuts what is listed into pages: so many at most, and a cursor with which the next page begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from uuid import UUID

from pydantic import Field

from api.use_cases.fields import Input

T = TypeVar("T")
MOST_ON_A_PAGE: Final = 200


class PageAsked(Input):
    limit: int = Field(default=50, ge=1, le=MOST_ON_A_PAGE)
    cursor: UUID | None = Field(default=None, description="`next_cursor` of the page before.")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next_cursor` is None on the last page."""

    items: Sequence[T]
    next_cursor: UUID | None


def page_of(found: Sequence[T], limit: int, cursor: Callable[[T], UUID]) -> Page[T]:
    """`found` is one more than the limit if there is another page."""
    shown = found[:limit]
    return Page(shown, cursor(shown[-1]) if len(found) > len(shown) else None)
