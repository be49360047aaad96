"""Conditions are data in one form: what means nothing where it stands is refused, and the clock and the door decide."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.domain.condition_rules import checked
from api.domain.conditions import (
    FIELDS,
    SURROUNDINGS,
    Channel,
    Condition,
    Op,
    Surroundings,
    failing_now,
    row_condition,
)
from api.domain.errors import Invalid
from api.domain.permissions import RESOURCES
from schemas.row_conditions import All, OneOf, Within

AT_NOON = Surroundings(at=datetime(2026, 7, 1, 12, tzinfo=UTC), address="203.0.113.7")


def holds(condition: Condition, around: Surroundings = AT_NOON) -> bool:
    return failing_now([condition], around) == []


@pytest.mark.parametrize(
    ("resource", "condition", "field"),
    [
        ("categories", Condition("status", Op.EQ, ("active",)), "when.0.field"),
        ("search", Condition("status", Op.EQ, ("active",)), "when.0.field"),
        ("orders", Condition("colour", Op.EQ, ("red",)), "when.0.field"),
        ("orders", Condition("status", Op.LT, ("paid",)), "when.0.op"),
        ("orders", Condition("status", Op.EQ, ("lost",)), "when.0.value"),
        ("orders", Condition("status", Op.EQ, ("paid", "pending")), "when.0.value"),
        ("orders", Condition("status", Op.IN, ()), "when.0.value"),
        ("orders", Condition("owner", Op.EQ, (7,)), "when.0.value"),
        ("orders", Condition("owner", Op.EQ, ("a\0b",)), "when.0.value"),
        ("orders", Condition("total", Op.LTE, (100,)), "when.0.currency"),
        ("orders", Condition("total", Op.LTE, (100,), "XXX"), "when.0.currency"),
        ("orders", Condition("total", Op.LTE, ("100",), "EUR"), "when.0.value"),
        ("orders", Condition("total", Op.LTE, (-1,), "EUR"), "when.0.value"),
        ("orders", Condition("total", Op.IN, (100,), "EUR"), "when.0.op"),
        ("orders", Condition("total", Op.BETWEEN, (100,), "EUR"), "when.0.value"),
        ("orders", Condition("total", Op.BETWEEN, (100, 50), "EUR"), "when.0.value"),
        ("orders", Condition("status", Op.EQ, ("paid",), "EUR"), "when.0.currency"),
        ("orders", Condition("time", Op.GTE, ("8:00",)), "when.0.value"),
        ("orders", Condition("time", Op.GTE, ("24:00",)), "when.0.value"),
        ("orders", Condition("time", Op.GTE, ("08:00:00",)), "when.0.value"),
        ("orders", Condition("time", Op.GTE, (800,)), "when.0.value"),
        ("orders", Condition("address", Op.IN, ("203.0.113.1/24",)), "when.0.value"),
        ("orders", Condition("address", Op.EQ, ("example.com",)), "when.0.value"),
        ("orders", Condition("address", Op.EQ, ("::ffff:203.0.113.7",)), "when.0.value"),
        ("orders", Condition("channel", Op.EQ, ("pigeon",)), "when.0.value"),
    ],
)
def test_a_condition_that_means_nothing_there_is_refused(resource: str, condition: Condition, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(resource, [condition], "when")

    assert refused.value.errors[0].field == field


def test_a_refusal_names_what_there_is() -> None:
    with pytest.raises(Invalid, match="about address, brand, channel, price_max, price_min, time: there is no status"):
        checked("search", [Condition("status", Op.EQ, ("active",))], "when")


@pytest.mark.parametrize("resource", sorted(RESOURCES))
def test_when_and_from_where_somebody_asks_can_be_a_condition_of_anything(resource: str) -> None:
    told = [
        Condition("time", Op.LT, ("18:00",)),
        Condition("address", Op.IN, ("10.0.0.0/8",)),
        Condition("channel", Op.EQ, ("program",)),
    ]

    assert checked(resource, told, "when") == tuple(told)


def test_what_means_the_same_becomes_the_same() -> None:
    one = Condition("status", Op.IN, ("paid", "cancelled", "paid"))
    other = Condition("status", Op.IN, ("cancelled", "paid"))

    assert checked("orders", [one, other], "when") == (other,)
    assert checked("orders", [Condition("address", Op.EQ, ("10.0.0.1",))], "when")[0].values == ("10.0.0.1/32",)


def test_no_field_of_a_thing_hides_one_of_the_surroundings() -> None:
    assert not [name for fields in FIELDS.values() for name in fields if name in SURROUNDINGS]


def test_an_amount_is_one_in_its_currency() -> None:
    limit = Condition("total", Op.LT, (10_000,), "EUR")

    assert row_condition("orders", limit) == All((OneOf("currency", ("EUR",)), Within("total_minor", None, 9_999)))


@pytest.mark.parametrize(
    ("op", "values", "inside"),
    [
        (Op.BETWEEN, ("08:00", "12:00"), True),
        (Op.BETWEEN, ("12:01", "18:00"), False),
        (Op.BETWEEN, ("22:00", "06:00"), False),
        (Op.BETWEEN, ("11:00", "06:00"), True),
        (Op.LT, ("12:00",), False),
        (Op.LTE, ("12:00",), True),
        (Op.GT, ("12:00",), False),
        (Op.GTE, ("12:00",), True),
    ],
)
def test_the_time_of_day_decides(op: Op, values: tuple[str, ...], inside: bool) -> None:
    assert holds(Condition("time", op, values)) == inside


def test_the_time_of_day_is_that_of_the_shop() -> None:
    by_day = Condition("time", Op.BETWEEN, ("08:00", "18:00"))

    assert not holds(by_day, replace(AT_NOON, time_zone="Pacific/Auckland"))
    assert holds(by_day, replace(AT_NOON, time_zone="America/New_York"))


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("203.0.113.7", True),
        ("::ffff:203.0.113.7", True),
        ("203.0.114.7", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("/run/api.sock", False),
        (None, False),
    ],
)
def test_the_address_decides(address: str | None, inside: bool) -> None:
    office = Condition("address", Op.IN, ("203.0.113.0/24", "2001:db8::/32"))

    assert holds(office, replace(AT_NOON, address=address)) == inside


def test_the_way_somebody_comes_decides() -> None:
    people = Condition("channel", Op.IN, ("back_office", "storefront"))

    assert holds(people)
    assert not holds(people, replace(AT_NOON, channel=Channel.PROGRAM))


def test_a_condition_can_be_read_aloud() -> None:
    assert str(Condition("total", Op.LTE, (10_000,), "EUR")) == "total lte 100.00 EUR"
    assert str(Condition("time", Op.BETWEEN, ("08:00", "18:00"))) == "time between 08:00, 18:00"
