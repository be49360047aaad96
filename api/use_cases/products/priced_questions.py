"""What is asked of products, with the prices that apply now."""

from typing import ClassVar

from api.use_cases.prices.commands import PricesWanted
from api.use_cases.products.commands import ProductsAsked
from api.use_cases.products.find_products import OneLocale


class PricedInLocale(OneLocale, PricesWanted):
    pass


class PricedProductsAsked(ProductsAsked, PricesWanted):
    NO_FILTERS: ClassVar = ProductsAsked.NO_FILTERS | PricesWanted.model_fields.keys()
