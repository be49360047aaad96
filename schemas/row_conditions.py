"""Says which rows are meant, as a frozen tree: the same in Python, in SQL and in a search index.

A row says yes or no to a test, never "unknown": to a test of what it does not have it says no. A tree that every store
would understand by itself is built of five things only; whoever has a finer language puts it into these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Value = str | int
Row = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column is one of these texts, letter by letter."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The column is a number from `least` to `most`, both included; None is no bound."""

    column: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Of no parts: every row."""

    parts: "tuple[RowCondition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Of no parts: no row."""

    parts: "tuple[RowCondition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    part: "RowCondition"


RowCondition = OneOf | Within | All | AnyOf | Not
EVERY_ROW: Final = All(())
NO_ROW: Final = AnyOf(())


def matches(condition: RowCondition, row: Row) -> bool:
    """Whether it is one of the rows that are meant."""
    match condition:
        case OneOf(column, values):
            return row.get(column) in values
        case Within(column, least, most):
            value = row.get(column)
            return isinstance(value, int) and (least is None or least <= value) and (most is None or value <= most)
        case All(parts):
            return all(matches(part, row) for part in parts)
        case AnyOf(parts):
            return any(matches(part, row) for part in parts)
        case Not(part):
            return not matches(part, row)


def all_of(*parts: RowCondition) -> RowCondition:
    """All of them, without what says nothing."""
    telling = tuple(part for part in parts if part != EVERY_ROW)
    return telling[0] if len(telling) == 1 else All(telling)


def any_of(*parts: RowCondition) -> RowCondition:
    """Any of them; every row if one of them is that."""
    if EVERY_ROW in parts:
        return EVERY_ROW
    return parts[0] if len(parts) == 1 else AnyOf(parts)
