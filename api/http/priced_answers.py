"""Puts the prices that apply now into answers about products, and into their tags: another price is another answer."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar
from uuid import UUID

from api.http.bodies.prices import AppliedPriceAnswer
from api.http.bodies.products import ProductAnswer, ProductInLocale, VariantAnswer
from api.http.dependencies import dependencies
from api.store.view import View
from api.use_cases.prices.apply_prices import Applied, applied_prices
from api.use_cases.prices.commands import PricesWanted

T = TypeVar("T", ProductAnswer, ProductInLocale)
_TAG_LENGTH: Final = 16
_NOT_KEPT: Final = {"Cache-Control": "no-store"}


def prices_of(view: View, product_ids: Iterable[UUID], asked: PricesWanted) -> Applied:
    """Raises as `applied_prices`."""
    return applied_prices(view, list(product_ids), asked, dependencies().price_history)


def with_prices(answer: T, prices: Applied) -> T:
    """As it is where none were asked for."""
    if prices is None:
        return answer

    def priced(variant: VariantAnswer) -> VariantAnswer:
        applied = prices.get(variant.id)
        return variant.model_copy(update={"price": None if applied is None else AppliedPriceAnswer.of(applied)})

    return answer.model_copy(update={"variants": [priced(variant) for variant in answer.variants]})


def priced_tag(version: int | str, answer: ProductAnswer | ProductInLocale, prices: Applied) -> int | str:
    """The version it would have without prices, and what they are: a sale that begins by the clock makes another."""
    if prices is None:
        return version
    said = "\n".join("-" if one.price is None else one.price.model_dump_json() for one in answer.variants)
    return f"{version}-{hashlib.sha256(said.encode()).hexdigest()[:_TAG_LENGTH]}"


def kept_as(prices: Applied) -> Mapping[str, str]:
    """The headers of a page: one with prices is kept nowhere, for it has no tag that would change with them."""
    return {} if prices is None else _NOT_KEPT
