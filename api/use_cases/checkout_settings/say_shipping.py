"""Says how a shop sends what was bought, and shows it."""

from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.errors import FieldError, Invalid
from api.domain.money import checked_currency
from api.domain.shipping_methods import MethodName, ShippingMethod, ShippingPrice
from api.store.shipping_methods import Methods
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.checkout_settings.commands import GivenShipping, GivenShippingMethod


def get_shipping(view: View) -> Versioned[Methods]:
    return view.shipping.get()


def say_shipping(work: UnitOfWork, command: GivenShipping, expected: Expected = ANY_VERSION) -> Versioned[Methods]:
    """As it was when nothing is different. Raises `VersionMismatch`, and `Invalid` naming all that is said twice."""
    held = work.shipping.hold()
    expected.require(held)
    _check(command)
    methods = tuple(_method(given) for given in command.methods)
    if methods == held.value:
        work.nothing_is_done()
        return held
    return work.shipping.put(held, methods)


def _method(given: GivenShippingMethod) -> ShippingMethod:
    prices = [
        ShippingPrice(currency=price.currency, amount_minor=price.amount_minor, free_from_minor=price.free_from_minor)
        for price in given.prices
    ]
    return ShippingMethod(
        code=given.code,
        names=tuple(MethodName(locale=one.locale, name=one.name) for one in given.names),
        countries=tuple(given.countries),
        prices=tuple(sorted(prices, key=lambda price: price.currency)),
        active=given.active,
    )


def _check(command: GivenShipping) -> None:
    wrong = _twice("methods.{}.code", [one.code for one in command.methods])
    for at, one in enumerate(command.methods):
        wrong += _twice(f"methods.{at}.names.{{}}.locale", [name.locale for name in one.names])
        wrong += _twice(f"methods.{at}.prices.{{}}.currency", [price.currency for price in one.prices])
        wrong += _twice(f"methods.{at}.countries.{{}}", one.countries)
        for number, price in enumerate(one.prices):
            checked_currency(price.currency, f"methods.{at}.prices.{number}.currency")
    if wrong:
        raise Invalid("Something is said twice.", wrong)


def _twice(field: str, said: list[str]) -> list[FieldError]:
    return [
        FieldError(field.format(at), "twice", f"{one} is there already.")
        for at, one in enumerate(said)
        if one in said[:at]
    ]
