"""Says what a product costs in one currency, that of its first price: as it is searched, sorted and limited."""

from dataclasses import dataclass

from schemas.events.product import Product


@dataclass(frozen=True, slots=True)
class PriceSpan:
    """In minor units of `currency`, over all variants."""

    currency: str
    lowest_minor: int
    highest_minor: int


def price_span(product: Product) -> PriceSpan | None:
    """None for a product without a price."""
    prices = [price for variant in product.variants for price in variant.prices]
    if not prices:
        return None
    currency = prices[0].currency
    amounts = [price.amount_minor for price in prices if price.currency == currency]
    return PriceSpan(currency, min(amounts), max(amounts))
