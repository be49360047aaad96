"""Composes the SQL of a page of a list from the list's own table of filters and orders.

Nothing that comes from outside becomes text: names are looked up in the table, values are parameters. A page begins
behind the last row of the page before (keyset), so what is put in meanwhile neither repeats nor hides another row.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

T = TypeVar("T")
Key = int | str | datetime
Values = dict[str, Any]

_CASTS: Final[Mapping[type, str]] = {int: "bigint", str: "text", datetime: "timestamptz"}


@dataclass(frozen=True)
class SortedBy(Generic[T]):
    """Rows by `key`, SQL that is never NULL, and those with the same key by id. `read` tells the key of a row."""

    key: str
    kind: type[Key]
    read: Callable[[T], Key]
    downwards: bool = False

    def turned(self) -> "SortedBy[T]":
        return SortedBy(self.key, self.kind, self.read, not self.downwards)


@dataclass(frozen=True, slots=True)
class ById:
    """Ids rise with the time they were made."""

    downwards: bool = False


OLDEST: Final = ById()
NEWEST: Final = ById(downwards=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the last row's id, and what it was sorted by unless that is the id alone."""

    id: UUID
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWanted:
    """`filters` has only those that are asked for; `after` is the end of the page before; `limit` is of rows. `within`:
    only those of these ids.
    """

    sort: str
    limit: int
    filters: Mapping[str, Any] = field(default_factory=dict)
    after: Place | None = None
    within: Collection[UUID] | None = None


@dataclass(frozen=True, kw_only=True)
class ListTable(Generic[T]):
    """What a list can be asked for. `id` is SQL; a filter is a condition about the parameter of its name, or one for
    each value that it can have. The first of `sorts` is the one without which nobody asks.
    """

    name: str
    id: str
    id_of: Callable[[T], UUID]
    filters: Mapping[str, str | Mapping[Any, str]] = field(default_factory=dict)
    sorts: Mapping[str, SortedBy[T] | ById] = field(default_factory=lambda: {"oldest": OLDEST, "newest": NEWEST})

    def place(self, sort: str, row: T) -> Place:
        order = self.sorts[sort]
        return Place(self.id_of(row), None if isinstance(order, ById) else order.read(row))

    def page(self, wanted: PageWanted) -> tuple[str, Values]:
        """What follows the conditions of a WHERE, and its parameters."""
        matching, values = self.matching(wanted.filters)
        behind, after = self._behind(wanted)
        if wanted.within is not None:
            behind += f"AND {self.id} = ANY (%(within)s::uuid[]) "
            after["within"] = list(wanted.within)
        return f" {matching}{behind}{self.ordered(wanted.sort)} ", {**values, **after, "limit": wanted.limit}

    def every(self, wanted: PageWanted, rows: Callable[[PageWanted], Sequence[T]]) -> Iterator[T]:
        """All rows that match, so many at once."""
        while True:
            part = rows(wanted)
            yield from part
            if len(part) < wanted.limit:
                return
            wanted = replace(wanted, after=self.place(wanted.sort, part[-1]))

    def matching(self, filters: Mapping[str, Any]) -> tuple[str, Values]:
        text, values = "", {}
        for name, value in filters.items():
            condition = self.filters[name]
            if isinstance(condition, str):
                values[name] = value
            else:
                condition = condition[value]
            text += f"AND {condition} "
        return text, values

    def ordered(self, sort: str) -> str:
        order = self.sorts[sort]
        way = "DESC" if order.downwards else "ASC"
        by_key = "" if isinstance(order, ById) else f"{order.key} {way}, "
        return f"ORDER BY {by_key}{self.id} {way} LIMIT %(limit)s"

    def _behind(self, wanted: PageWanted) -> tuple[str, Values]:
        if wanted.after is None:
            return "", {}
        order = self.sorts[wanted.sort]
        than = "<" if order.downwards else ">"
        if isinstance(order, ById):
            return f"AND {self.id} {than} %(after_id)s::uuid ", {"after_id": wanted.after.id}
        text = f"AND ({order.key}, {self.id}) {than} (%(after_key)s::{_CASTS[order.kind]}, %(after_id)s::uuid) "
        return text, {"after_key": wanted.after.key, "after_id": wanted.after.id}
