"""Makes and changes the discount codes of a shop, and shows them with how often each was used."""

from dataclasses import replace
from uuid import UUID

from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.discounts import Discount, checked_discount
from api.domain.money import checked_currency
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.discounts.commands import DiscountChange, DiscountsAsked, NewDiscount
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found


def make_discount(work: UnitOfWork, command: NewDiscount) -> Versioned[Discount]:
    """Raises `Taken`, and `Invalid` naming each field that does not fit the others."""
    return work.discounts.add(_checked(Discount(id=work.new_id(), **dict(command))))


def change_discount(
    work: UnitOfWork, discount_id: UUID, command: DiscountChange, expected: Expected = ANY_VERSION
) -> Versioned[Discount]:
    """As it was when nothing is different. Raises `NotFound`, `VersionMismatch`, `Invalid`."""
    held = found(work.discounts.hold, "discount", discount_id)
    expected.require(held)
    changed = _checked(replace(held.value, **{name: getattr(command, name) for name in command.model_fields_set}))
    if changed == held.value:
        work.nothing_is_done()
        return held
    return work.discounts.change(held, changed)


def get_discount(view: View, discount_id: UUID) -> Versioned[Discount]:
    """Raises `NotFound`."""
    return found(view.discounts.get, "discount", discount_id)


def list_discounts(view: View, asked: DiscountsAsked) -> Page[Versioned[Discount]]:
    """Oldest first."""
    return read_page(asked, view.discounts.page)


def _checked(discount: Discount) -> Discount:
    if discount.currency is not None:
        checked_currency(discount.currency, "currency")
    return checked_discount(discount)
