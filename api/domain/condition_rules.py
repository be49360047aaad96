"""Refuses conditions that mean nothing where they stand, and brings those that mean the same to one form."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import IPv6Network, ip_network
from typing import Final

from api.domain.conditions import FIELDS, OPS, SURROUNDINGS, Condition, ConditionField, Kind, Op, second_of_day
from api.domain.errors import Invalid
from api.domain.money import EXPONENTS, MOST_MINOR
from schemas.row_conditions import Value

MOST_VALUES: Final = 100
_LONGEST: Final = 300
_AMOUNT: Final = f"An amount is in the smallest unit, 10000 for 100.00: a whole number from 0 to {MOST_MINOR}."


def checked(resource: str, conditions: Sequence[Condition], at: str) -> tuple[Condition, ...]:
    """The conditions, each once, in one form. Raises `Invalid` for the first that makes no sense; `at` is its path."""
    found = [_checked(resource, one, f"{at}.{number}") for number, one in enumerate(conditions)]
    return tuple(dict.fromkeys(found))


def _checked(resource: str, condition: Condition, at: str) -> Condition:
    fields = {**FIELDS.get(resource, {}), **SURROUNDINGS}
    field = fields.get(condition.field)
    if field is None:
        known = f"Conditions on {resource} are about {', '.join(sorted(fields))}: there is no {condition.field}."
        raise Invalid.field(f"{at}.field", "no_such_field", known)
    if condition.op not in OPS[field.kind]:
        ops = ", ".join(sorted(OPS[field.kind]))
        raise Invalid.field(f"{at}.op", "does_not_fit", f"{condition.field} is compared by {ops}.")
    _check_number(condition, f"{at}.value")
    _check_currency(field, condition, f"{at}.currency")
    return _in_one_form(field, condition, f"{at}.value")


def _check_number(condition: Condition, at: str) -> None:
    wanted = {Op.IN: range(1, MOST_VALUES + 1), Op.BETWEEN: range(2, 3)}.get(condition.op, range(1, 2))
    if len(condition.values) not in wanted:
        says = {Op.IN: f"a list of 1 to {MOST_VALUES} values", Op.BETWEEN: "a list of two values"}
        raise Invalid.field(at, "wrong_number", f"After {condition.op} comes {says.get(condition.op, 'one value')}.")


def _check_currency(field: ConditionField, condition: Condition, at: str) -> None:
    if field.kind is not Kind.AMOUNT:
        if condition.currency is not None:
            raise Invalid.field(at, "does_not_fit", f"{condition.field} has no currency.")
    elif condition.currency not in EXPONENTS:
        raise Invalid.field(at, "unknown_currency", "An amount is in a currency of ISO 4217.")


def _in_one_form(field: ConditionField, condition: Condition, at: str) -> Condition:
    values = condition.values
    match field.kind:
        case Kind.AMOUNT:
            if not all(isinstance(one, int) and 0 <= one <= MOST_MINOR for one in values):
                raise Invalid.field(at, "no_amount", _AMOUNT)
            if condition.op is Op.BETWEEN and int(values[0]) > int(values[1]):
                raise Invalid.field(at, "out_of_order", "The first amount is the smaller one.")
            return condition
        case Kind.TIME:
            _require(values, _is_time, at, "no_time", "A time of day is written HH:MM.")
            return condition
        case Kind.ADDRESS:
            _require(values, _is_network, at, "no_address", "An address or network is written 203.0.113.0/24.")
            return replace(condition, values=tuple(sorted({str(ip_network(str(one))) for one in values})))
        case Kind.TEXT:
            _require(values, _is_text, at, "no_text", f"It is a text of 1 to {_LONGEST} characters.")
            if field.choices is not None and not field.choices.issuperset(map(str, values)):
                raise Invalid.field(at, "unknown_value", f"It is one of {', '.join(sorted(field.choices))}.")
            return replace(condition, values=tuple(sorted(set(map(str, values)))))


def _require(values: Sequence[Value], good: Callable[[Value], bool], at: str, code: str, message: str) -> None:
    if not all(map(good, values)):
        raise Invalid.field(at, code, message)


def _is_time(value: Value) -> bool:
    try:
        second_of_day(str(value))
    except ValueError:
        return False
    return True


def _is_network(value: Value) -> bool:
    """One of IPv4 inside IPv6 would never be met: who comes by such an address is known by the IPv4 one."""
    try:
        network = ip_network(str(value))
    except ValueError:
        return False
    return "%" not in str(value) and not (
        isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None
    )


def _is_text(value: Value) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and "\0" not in value
