"""Puts into an answer what else was asked for with `include`, as its own call answers it to who may make that call.

What each call can include is in one table. Whatever the page, a kind is looked up for all that is on it at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from flask import Response, g
from pydantic import BaseModel

from api.domain.changes import Versioned
from api.domain.errors import Forbidden
from api.domain.scope import Access
from api.domain.shown_locale import fallbacks
from api.http import security
from api.http.bodies.categories import NamedCategory
from api.http.bodies.orders import TimelineAnswer
from api.http.bodies.payments import PaymentPage
from api.http.bodies.products import ProductInLocale
from api.http.bodies.stock import VariantStockAnswer
from api.http.entity_answers import as_it_is, entity
from api.store.view import View
from api.use_cases.carts.products_in_carts import products_in_carts
from api.use_cases.categories.read_categories import categories_of_products
from api.use_cases.orders.read_orders import timelines
from api.use_cases.payments.read_payments import payments_of_orders
from api.use_cases.stock.manage_stock import stock_of_products

PARAMETER: Final = "include"
T = TypeVar("T", bound=BaseModel)
#: Of each of those that are shown, what goes into its answer.
Included = Sequence[Mapping[str, Any]]
Held = Sequence[Versioned[Any]]
#: What belongs to each of those that are shown, in their order, in the first of these locales that there is.
Find = Callable[[View, Held, tuple[str, ...]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`permission` is that of its own call. `of_orders`: who does not reach an order there is not shown it here."""

    permission: str
    find: Find
    of_orders: bool = False


def _categories(view: View, held: Held, locales: tuple[str, ...]) -> Sequence[Any]:
    return [[NamedCategory.in_locale(one, locales) for one in its] for its in categories_of_products(view, held)]


def _stock(view: View, held: Held, _: tuple[str, ...]) -> Sequence[Any]:
    return [[VariantStockAnswer.of(one) for one in its] for its in stock_of_products(view, held)]


def _payments(view: View, held: Held, _: tuple[str, ...]) -> Sequence[Any]:
    return [PaymentPage.of(page) for page in payments_of_orders(view, held)]


def _timelines(view: View, held: Held, _: tuple[str, ...]) -> Sequence[Any]:
    return [TimelineAnswer.of(one, steps) for one, steps in zip(held, timelines(view, held), strict=True)]


def _products(view: View, held: Held, locales: tuple[str, ...]) -> Sequence[Any]:
    return [[ProductInLocale.of(one) for one in its] for its in products_in_carts(view, held, locales)]


_OF_PRODUCTS: Final = {"categories": Kind("categories:read", _categories), "stock": Kind("stock:read", _stock)}
_OF_ORDERS: Final = {
    "payments": Kind("payments:read", _payments, of_orders=True),
    "timeline": Kind("orders:read", _timelines, of_orders=True),
}
_OF_CARTS: Final = {"products": Kind("products:read", _products)}
#: By the endpoint of a call, what it can include.
INCLUDED: Final[Mapping[str, Mapping[str, Kind]]] = {
    "products.list_products": _OF_PRODUCTS,
    "products.get_product": _OF_PRODUCTS,
    "products.get_product_by_handle": _OF_PRODUCTS,
    "products.get_product_by_sku": _OF_PRODUCTS,
    "collections.list_products_of_collection": _OF_PRODUCTS,
    "collections.list_products_by_collection_handle": _OF_PRODUCTS,
    "orders.list_orders": _OF_ORDERS,
    "orders.get_order": _OF_ORDERS,
    "carts.list_carts": _OF_CARTS,
    "carts.get_cart": _OF_CARTS,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind that was asked for, and how far who asks reaches with its own permission."""

    name: str
    kind: Kind
    access: Access


def take(kinds: Mapping[str, Kind], names: Sequence[str]) -> None:
    """This request wants them. Raises `Forbidden` that names what is not the asker's to see."""
    g.included = [_reached(name, kinds[name]) for name in names]


def beside(view: View, held: Held, locale: str | None = None) -> Included:
    """Raises `Forbidden` for one that the call of its own would not show."""
    locales = fallbacks(locale, view.access.shop.default_locale)
    told: list[dict[str, Any]] = [{} for _ in held]
    for wanted in _wanted():
        seen = view.seen_by(wanted.access)
        if wanted.kind.of_orders:
            _require_orders(wanted, view, seen, [one.value.terms.id for one in held])
        for answer, value in zip(told, wanted.kind.find(seen, held, locales) if held else (), strict=True):
            answer[wanted.name] = value
    return told


def with_included(answers: Sequence[T], told: Included) -> list[T]:
    """Each answer with what goes into it."""
    return [one.model_copy(update=more) if more else one for one, more in zip(answers, told, strict=True)]


def entity_with(body: BaseModel, version: int | str) -> Response:
    """One thing at this version; of what more is in it no version tells, so its tag is of all that it says."""
    return as_it_is(body) if _wanted() else entity(body, version)


def _wanted() -> Sequence[Wanted]:
    found: Sequence[Wanted] = g.get("included", ())
    return found


def _reached(name: str, kind: Kind) -> Wanted:
    access = security.reaching(kind.permission)
    if access is None:
        role = security.access().actor.role.value
        raise Forbidden(f"To include {name}, {kind.permission} is needed, which the role {role} may not do.")
    return Wanted(name, kind, access)


def _require_orders(wanted: Wanted, view: View, seen: View, ids: Sequence[UUID]) -> None:
    if seen.access.reached("orders") != view.access.reached("orders") and set(ids) - seen.orders.there(ids):
        raise Forbidden(f"To include {wanted.name}, {wanted.kind.permission} is needed for each of these orders.")
