"""Makes the lines of an order of what is on offer under their SKUs.

Whoever sees only what is published is not told what else there is: to them, what is not on sale is not there.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeVar

from api.domain.errors import FieldError, Invalid
from api.domain.order_prices import Offer
from api.domain.permissions import Scope
from api.store.unit_of_work import UnitOfWork
from schemas.events.order import OrderLine


class Named(Protocol):
    @property
    def sku(self) -> str: ...


L = TypeVar("L", bound=Named)


def seen_offers(work: UnitOfWork, skus: Collection[str]) -> Mapping[str, Offer]:
    """With their prices, by SKU; of what is not on sale only for who reaches everything."""
    offers = work.orders.offers(skus, work.access.shop.default_locale, with_prices=True) if skus else {}
    if work.access.scope is Scope.ALL:
        return offers
    return {sku: offer for sku, offer in offers.items() if offer.on_sale}


def order_lines(
    wanted: Sequence[L], offers: Mapping[str, Offer], price: Callable[[Offer, L, str], OrderLine]
) -> list[OrderLine]:
    """Each line as `price` makes it, which is told its field. Raises `Invalid` naming every line that is refused."""
    lines: list[OrderLine] = []
    wrong: list[FieldError] = []
    for at, line in enumerate(wanted):
        field = f"lines.{at}.sku"
        if line.sku not in offers:
            wrong.append(FieldError(field, "unknown_sku", f"There is no {line.sku}."))
            continue
        try:
            lines.append(price(offers[line.sku], line, field))
        except Invalid as invalid:
            wrong.extend(invalid.errors)
    if wrong:
        raise Invalid("Some lines cannot be ordered.", wrong)
    return lines
