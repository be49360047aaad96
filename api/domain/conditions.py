"""Says under which conditions a grant is one: what a thing has to be, and when and from where somebody asks.

A condition is data, `field op values`; those of one grant hold together. What a resource has no field for cannot be a
condition there. The conditions on a thing become row conditions, which every store understands alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from zoneinfo import ZoneInfo

from api.domain.money import written
from api.domain.orders import STATUSES
from schemas.row_conditions import All, OneOf, RowCondition, Value, Within


class Op(StrEnum):
    EQ = "eq"
    IN = "in"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    BETWEEN = "between"


class Channel(StrEnum):
    """By which way somebody comes: a person at one of the shop's own domains or elsewhere, or a program's token."""

    STOREFRONT = "storefront"
    BACK_OFFICE = "back_office"
    PROGRAM = "program"


class Kind(StrEnum):
    """What values a field has. `AMOUNT`: minor units of a currency. `TIME`: `HH:MM`. `ADDRESS`: or a network."""

    TEXT = "text"
    AMOUNT = "amount"
    TIME = "time"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class ConditionField:
    """`choices`: all that a text can be; None where anybody's guess is good."""

    kind: Kind
    column: str
    choices: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """That a field is as said. `values` are one, two for `between`, or several for `in`."""

    field: str
    op: Op
    values: tuple[Value, ...]
    currency: str | None = None

    def __str__(self) -> str:
        shown = [written(int(one), self.currency) if self.currency else str(one) for one in self.values]
        return f"{self.field} {self.op.value} {', '.join(shown)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """When and from where somebody asks. `time_zone` is an IANA name; the address is None where there is none."""

    at: datetime
    time_zone: str = "UTC"
    address: str | None = None
    channel: Channel = Channel.BACK_OFFICE


CURRENCY_COLUMN: Final = "currency"
_ORDER: Final = {
    "owner": ConditionField(Kind.TEXT, "customer_ref"),
    "status": ConditionField(Kind.TEXT, "status", frozenset(STATUSES)),
    "total": ConditionField(Kind.AMOUNT, "total_minor"),
    "discount": ConditionField(Kind.AMOUNT, "discount_minor"),
}
#: As it is found: a product's price is in the currency of its first one.
_FOUND: Final = {
    "brand": ConditionField(Kind.TEXT, "brand"),
    "price_min": ConditionField(Kind.AMOUNT, "price_min_minor"),
    "price_max": ConditionField(Kind.AMOUNT, "price_max_minor"),
}
_PRODUCT_STATUS: Final = frozenset({"draft", "active", "archived"})
#: What things of a resource have; of any other resource nothing can be a condition but the surroundings.
FIELDS: Final[Mapping[str, Mapping[str, ConditionField]]] = {
    "orders": _ORDER,
    "analytics": _ORDER,
    "products": {"status": ConditionField(Kind.TEXT, "status", _PRODUCT_STATUS), **_FOUND},
    "search": _FOUND,
}
#: What is known of whoever asks for anything.
SURROUNDINGS: Final = {
    "time": ConditionField(Kind.TIME, ""),
    "address": ConditionField(Kind.ADDRESS, ""),
    "channel": ConditionField(Kind.TEXT, "", frozenset(Channel)),
}
_BOUNDED: Final = frozenset({Op.LT, Op.LTE, Op.GT, Op.GTE, Op.BETWEEN})
_NAMED: Final = frozenset({Op.EQ, Op.IN})
OPS: Final = {Kind.TEXT: _NAMED, Kind.AMOUNT: _BOUNDED | {Op.EQ}, Kind.TIME: _BOUNDED, Kind.ADDRESS: _NAMED}


def on_thing(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    return tuple([one for one in conditions if one.field not in SURROUNDINGS])


def depends_on_surroundings(conditions: Sequence[Condition]) -> bool:
    for one in conditions:  # noqa: SIM110  # this is asked for each request
        if one.field in SURROUNDINGS:
            return True
    return False


def failing_now(conditions: Sequence[Condition], around: Surroundings) -> list[Condition]:
    """Those on the surroundings that do not hold."""
    return [one for one in conditions if one.field in SURROUNDINGS and not _holds(one, around)]


def in_words(condition: Condition, around: Surroundings) -> str:
    """With the time it is compared with, where it is one on the time of day."""
    if condition.field != "time":
        return str(condition)
    return f"{condition} (it is {_local(around):%H:%M:%S} in {around.time_zone})"


def row_condition(resource: str, condition: Condition) -> RowCondition:
    """What a condition on a thing says of its row. The field is one of the resource's."""
    field = FIELDS[resource][condition.field]
    if field.kind is not Kind.AMOUNT:
        return OneOf(field.column, tuple(map(str, condition.values)))
    bounds = Within(field.column, *_bounds(condition.op, [int(one) for one in condition.values]))
    return All((OneOf(CURRENCY_COLUMN, (condition.currency or "",)), bounds))


@lru_cache(maxsize=4096)
def second_of_day(text: str) -> int:
    """Of `HH:MM`. Raises `ValueError`."""
    hour, minute = text.split(":")
    if len(hour) != 2 or len(minute) != 2 or not (text.isascii() and (hour + minute).isdigit()):
        raise ValueError(text)
    if not (int(hour) < 24 and int(minute) < 60):
        raise ValueError(text)
    return (int(hour) * 60 + int(minute)) * 60


def _holds(condition: Condition, around: Surroundings) -> bool:
    if condition.field == "channel":
        return around.channel in condition.values
    if condition.field == "address":
        return around.address is not None and _is_within(around.address, condition.values)
    local = _local(around)
    now = (local.hour * 60 + local.minute) * 60 + local.second
    least, most = _bounds(condition.op, [second_of_day(str(one)) for one in condition.values])
    after, before = least is None or least <= now, most is None or now <= most
    past_midnight = condition.op is Op.BETWEEN and least is not None and most is not None and most < least
    return after or before if past_midnight else after and before


def _local(around: Surroundings) -> datetime:
    return around.at.astimezone(ZoneInfo(around.time_zone))


def _is_within(address: str, networks: Sequence[Value]) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:  # a socket of another kind
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in ip_network(str(network)) for network in networks)


def _bounds(op: Op, values: Sequence[int]) -> tuple[int | None, int | None]:
    """The least and the most whole number that it lets through."""
    first = values[0]
    match op:
        case Op.LT:
            return None, first - 1
        case Op.LTE:
            return None, first
        case Op.GT:
            return first + 1, None
        case Op.GTE:
            return first, None
        case Op.EQ | Op.IN:
            return first, first
        case Op.BETWEEN:
            return first, values[1]
