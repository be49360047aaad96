from dataclasses import replace

import pytest

from api.domain.errors import Conflict, Invalid
from api.domain.order_contacts import (
    LONGEST,
    Address,
    Contact,
    Contacts,
    checked_contacts,
    require_changeable,
)
from api.domain.order_events import from_value
from api.use_cases.orders.contact_commands import ContactsGiven
from tests.support.examples import MOMENT, order

HOME = Address(line1="Lindengasse 3", city="Wien", country="AT")
EVERYTHING = {
    "name": "نور 👩‍👩‍👧 Ωμέγα",
    "company": "Köhler & Söhne",
    "line1": "Lindengasse 3",
    "line2": "Stiege 2",
    "postal_code": "1070",
    "city": "Wien",
    "region": "Wien",
    "country": "AT",
    "phone": "+43 1 234567",
}


def test_any_letters_there_are_make_an_address() -> None:
    given = ContactsGiven.model_validate({"shipping_address": {**EVERYTHING, "line1": "  Lindengasse 3  "}})

    assert checked_contacts(given.contacts()).shipping_address == Address(**EVERYTHING)


def test_a_contact_of_which_nothing_is_said_is_none() -> None:
    assert checked_contacts(Contacts(contact=Contact())).is_empty


@pytest.mark.parametrize("field", sorted(set(LONGEST) - {"email", "country"}))
def test_what_is_too_long_or_moves_a_cursor_is_named(field: str) -> None:
    most = "x" * LONGEST[field]
    fits, too_long = replace(HOME, **{field: most}), replace(HOME, **{field: most + "x"})
    moving = [replace(HOME, **{field: f"a{sign}b"}) for sign in ("\0", "\n", "\x1b", "\x7f", "\x85", "\x9f")]

    checked_contacts(Contacts(shipping_address=fits))

    for wrong in (too_long, *moving, replace(HOME, **{field: ""}), replace(HOME, **{field: " a"})):
        with pytest.raises(Invalid) as refused:
            checked_contacts(Contacts(shipping_address=wrong, billing_address=wrong))
        assert [one.field for one in refused.value.errors] == [f"shipping_address.{field}", f"billing_address.{field}"]


def test_an_email_address_and_a_country_look_like_one() -> None:
    with pytest.raises(Invalid) as refused:
        checked_contacts(Contacts(contact=Contact(email="anna"), shipping_address=replace(HOME, country="at")))

    assert [one.field for one in refused.value.errors] == ["contact.email", "shipping_address.country"]


def test_where_an_order_goes_changes_until_all_of_it_has_left() -> None:
    paid = order(status="paid", confirmed_at=MOMENT, paid_at=MOMENT, payment_id="p1")

    require_changeable(from_value(paid))

    cancelled = replace(paid, status="cancelled", cancelled_at=MOMENT, cancel_reason="r", refund_minor=0)
    with pytest.raises(Conflict):
        require_changeable(from_value(cancelled))
