"""Says what a visitor chose, as a tree of conditions on what a product can be chosen and counted by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["id", "brand", "tag", "stock", "price", "category", "option", "attribute"]
Side = Literal["gte", "gt", "lte", "lt"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name`: which option or attribute. `level`: how deep in the tree of categories, 0 for those at the top."""

    kind: Kind
    name: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Is:
    """One of these values, as they are counted: of stock `true` or `false`, of categories `Food > Cheese`."""

    attribute: Attribute
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """One number of the product keeps to every bound. Prices are whole minor units."""

    attribute: Attribute
    bounds: Mapping[Side, int | Decimal]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Choice"


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: "tuple[Choice, ...]"


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: "tuple[Choice, ...]"


Choice = Is | Within | Not | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class Counted:
    """What to count the values of; the `chosen` ones are counted however rare they are. `named`: with what those of an
    option are called.
    """

    attribute: Attribute
    chosen: tuple[str, ...] = ()
    named: bool = False


def any_of(parts: Sequence[Choice]) -> Choice:
    """Values of one attribute become one condition, so that a long list of them is still a short question."""
    values: dict[Attribute, tuple[str, ...]] = {}
    others: list[Choice] = []
    for part in parts:
        if isinstance(part, Is):
            values[part.attribute] = (*values.get(part.attribute, ()), *part.values)
        else:
            others.append(part)
    made: list[Choice] = [Is(attribute, tuple(dict.fromkeys(its))) for attribute, its in values.items()]
    return made[0] if len(made) == 1 and not others else AnyOf((*made, *others))


def all_of(parts: Sequence[Choice]) -> tuple[Choice, ...]:
    """Bounds of one attribute become one span: a price is in it, not one price above its start and another below its
    end.
    """
    spans: dict[Attribute, dict[Side, int | Decimal]] = {}
    others: list[Choice] = []
    for part in (inner for one in parts for inner in (one.parts if isinstance(one, AllOf) else (one,))):
        if isinstance(part, Within):
            span = spans.setdefault(part.attribute, {})
            for side, bound in part.bounds.items():
                tighter = max if side in ("gte", "gt") else min
                span[side] = tighter(span.get(side, bound), bound)
        else:
            others.append(part)
    return (*(Within(attribute, span) for attribute, span in spans.items()), *others)


def conditions_in(choice: Choice) -> Iterator[Is | Within]:
    """All that are in it, at any depth."""
    match choice:
        case Is() | Within():
            yield choice
        case Not(part):
            yield from conditions_in(part)
        case AnyOf(parts) | AllOf(parts):
            for part in parts:
                yield from conditions_in(part)
