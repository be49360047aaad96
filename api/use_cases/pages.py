"""Cuts what is listed into pages: so many at most, and a cursor with which the next page begins.

What a list can be asked for is in its table; the model of its question has the same filters and orders, typed.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, ClassVar, Final, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from api.store.list_pages import ById, ListTable, PageWanted
from api.use_cases import page_cursors
from api.use_cases.fields import Input, as_list

T = TypeVar("T")
MOST_ON_A_PAGE: Final = 200
#: Values of one parameter.
MOST_VALUES: Final = 20


#: A parameter that may be there several times: any of its values.
Several = Annotated[list[T], BeforeValidator(as_list), Field(min_length=1, max_length=MOST_VALUES)]


class PageAsked(Input):
    """A page of a list."""

    TABLE: ClassVar[ListTable[Any]]
    #: What says how it is shown, or whose list it is.
    NO_FILTERS: ClassVar[frozenset[str]] = frozenset({"limit", "cursor", "sort"})

    sort: str
    limit: int = Field(default=50, ge=1, le=MOST_ON_A_PAGE)
    cursor: str | None = Field(
        default=None,
        max_length=page_cursors.LONGEST,
        description="`next_cursor` of the page before, for the same filters and order.",
    )

    @model_validator(mode="before")
    @classmethod
    def _known_only(cls, given: Any) -> Any:
        """Raises `ValidationError` that says what there is."""
        if isinstance(given, dict) and (unknown := given.keys() - cls.model_fields.keys()):
            told = f"There is no such parameter here: there are {', '.join(sorted(cls.model_fields))}."
            wrong = PydanticCustomError("extra_forbidden", told)
            errors = [InitErrorDetails(type=wrong, loc=(name,), input=given[name]) for name in sorted(unknown)]
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return given

    @property
    def filters(self) -> dict[str, Any]:
        """Those that are asked for."""
        given = {name: getattr(self, name) for name in self.filter_names()}
        return {name: _plain(value) for name, value in given.items() if value is not None}

    @classmethod
    def filter_names(cls) -> list[str]:
        return [name for name in cls.model_fields if name not in cls.NO_FILTERS]

    @classmethod
    def whole(cls, sought: BaseModel, cursor: str | None) -> Self:
        """The next page, as long as can be, of all that matches."""
        filters = sought.model_dump(mode="json", exclude_none=True, include=set(cls.model_fields))
        return cls.model_validate({**filters, "limit": MOST_ON_A_PAGE, "cursor": cursor})


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next_cursor` is None on the last page."""

    items: Sequence[T]
    next_cursor: str | None


def read_page(
    asked: PageAsked,
    rows: Callable[[PageWanted], Sequence[T]],
    *,
    below: UUID | None = None,
    within: Collection[UUID] | None = None,
    **narrowed: Any,
) -> Page[T]:
    """`rows` are of the list's table. `below` is what the list belongs to; `within` are the only ids there are;
    `narrowed` are filters in place of those that were asked for. Raises `Invalid` for a cursor of another question.
    """
    table: ListTable[T] = asked.TABLE
    told = page_cursors.question(table.name, below, asked.sort, asked.filters)
    filters = {**asked.filters, **{name: value for name, value in narrowed.items() if value is not None}}
    order = table.sorts[asked.sort]
    kind = None if isinstance(order, ById) else order.kind
    after = None if asked.cursor is None else page_cursors.read(asked.cursor, told, kind)
    found = rows(PageWanted(sort=asked.sort, limit=asked.limit + 1, filters=filters, after=after, within=within))
    shown = found[: asked.limit]
    more = len(found) > len(shown)
    return Page(shown, page_cursors.written(told, table.place(asked.sort, shown[-1])) if more else None)


def _plain(value: Any) -> Any:
    """As a parameter of SQL."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value
