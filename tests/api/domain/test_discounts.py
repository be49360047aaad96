"""What a discount code takes off, and when it takes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.domain.discounts import Claim, Discount, Off, checked_discount, refusal, taken_off
from api.domain.errors import Invalid

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def discount(**different: Any) -> Discount:
    given: dict[str, Any] = {
        "id": uuid4(),
        "code": "SPRING",
        "kind": "percentage",
        "value": 1000,
        "currency": None,
        "minimum_minor": 0,
        "starts_at": None,
        "ends_at": None,
        "most_uses": None,
        "most_each": None,
        "active": True,
    }
    return Discount(**{**given, **different})


@pytest.mark.parametrize(
    ("different", "subtotal", "off"),
    [
        ({}, 995, Off(100)),
        ({}, 994, Off(99)),
        ({"value": 10_000}, 7, Off(7)),
        ({"kind": "amount", "value": 500, "currency": "EUR"}, 1200, Off(500)),
        ({"kind": "amount", "value": 500, "currency": "EUR"}, 300, Off(300)),
        ({"kind": "free_shipping", "value": 0}, 300, Off(0, free_shipping=True)),
    ],
)
def test_it_takes_off_what_it_says_and_never_more_than_there_is(
    different: dict[str, Any], subtotal: int, off: Off
) -> None:
    assert taken_off(discount(**different), subtotal) == off


@pytest.mark.parametrize(
    ("different", "used", "code"),
    [
        ({}, None, None),
        ({"starts_at": NOW, "ends_at": LATER}, None, None),
        ({"starts_at": LATER}, None, "not_started"),
        ({"ends_at": NOW}, None, "ended"),
        ({"active": False}, None, "ended"),
        ({"currency": "USD"}, None, "other_currency"),
        ({"currency": "EUR", "minimum_minor": 1000}, None, None),
        ({"currency": "EUR", "minimum_minor": 1001}, None, "below_minimum"),
        ({"most_uses": 3, "uses": 2}, None, None),
        ({"most_uses": 3, "uses": 3}, None, "used_up"),
        ({"most_each": 1}, None, "sign_in"),
        ({"most_each": 1}, 0, None),
        ({"most_each": 1}, 1, "used_up"),
    ],
)
def test_it_says_why_it_takes_nothing_off(different: dict[str, Any], used: int | None, code: str | None) -> None:
    claim = Claim(at=NOW, currency="EUR", subtotal_minor=1000, used=used)

    found = refusal(discount(**different), claim)

    assert (found and found.code) == code


@pytest.mark.parametrize(
    ("different", "fields"),
    [
        ({"value": 0}, ["value"]),
        ({"value": 10_001}, ["value"]),
        ({"kind": "amount"}, ["currency"]),
        ({"kind": "free_shipping", "value": 1}, ["value"]),
        ({"minimum_minor": 1}, ["currency"]),
        ({"starts_at": NOW, "ends_at": NOW}, ["ends_at"]),
    ],
)
def test_what_does_not_fit_together_is_refused_by_field(different: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        checked_discount(discount(**different))

    assert [one.field for one in refused.value.errors] == fields
