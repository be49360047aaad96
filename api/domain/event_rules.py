"""Holds an event that somebody writes by hand to the rules that commands keep for its aggregate."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from api.domain import collections, payments, price_lists, products, search_settings
from api.domain import stock as stock_rules
from api.domain.errors import FieldError, Invalid
from api.domain.money import EXPONENTS, MOST_MINOR
from api.domain.orders import STATUSES
from schemas.events.category import Category
from schemas.events.order import Order, OrderLine
from schemas.events.product import Product
from schemas.events.tenant import Tenant


def require(aggregate: str, event: Any) -> None:
    """Raises `Invalid`, naming the fields from `event` on."""
    about = getattr(event, aggregate, None)
    wrong = _RULES[aggregate](about) if aggregate in _RULES and about is not None else []
    if wrong:
        raise Invalid(
            "The event breaks a rule.",
            [FieldError(f"event.{aggregate}.{one.field}", one.code, one.message) for one in wrong],
        )


def _product(product: Product) -> Sequence[FieldError]:
    wrong = products.wrong(product)
    if product.status not in (products.DRAFT, products.ACTIVE, products.ARCHIVED):
        wrong.append(FieldError("status", "unknown_status", f"{product.status} is no status of a product."))
    return wrong


def _category(category: Category) -> Sequence[FieldError]:
    wrong = []
    if not category.translations:
        wrong.append(FieldError("translations", "too_short", "A category has at least one translation."))
    if len({text.locale for text in category.translations}) != len(category.translations):
        wrong.append(FieldError("translations", "repeated", "A locale is translated twice."))
    if not category.path or category.path[-1] != category.id:
        wrong.append(FieldError("path", "not_its_own", "A path ends with the category itself."))
    return wrong


def _order(order: Order) -> Sequence[FieldError]:
    wrong = []
    if not order.lines:
        wrong.append(FieldError("lines", "too_short", "An order has at least one line."))
    if order.status not in STATUSES:
        wrong.append(FieldError("status", "unknown_status", f"{order.status} is no status of an order."))
    if order.currency not in EXPONENTS:
        wrong.append(FieldError("currency", "unknown_currency", f"{order.currency} is no ISO 4217 currency."))
    for at, line in enumerate(order.lines):
        if line.total_minor != line.quantity * line.unit_price_minor + line.adjustment_minor:
            message = "It is not quantity × unit price + adjustment."
            wrong.append(FieldError(f"lines.{at}.total_minor", "not_the_sum", message))
        wrong.extend(FieldError(f"lines.{at}.{one.field}", one.code, one.message) for one in _order_line(line))
    total = sum(line.total_minor for line in order.lines) + order.tax_minor + order.shipping_minor
    if order.total_minor != total - order.discount_minor or not 0 <= order.total_minor <= MOST_MINOR:
        message = f"It is the lines + tax + shipping − discount, and 0 to {MOST_MINOR}."
        wrong.append(FieldError("total_minor", "not_the_sum", message))
    given_back = sum(refund.amount_minor for refund in order.refunds) + (order.refund_minor or 0)
    if order.refunded_minor != given_back or not 0 <= given_back <= order.total_minor:
        message = "It is all the refunds together, and never more than the total."
        wrong.append(FieldError("refunded_minor", "not_the_sum", message))
    return wrong


def _order_line(line: OrderLine) -> Sequence[FieldError]:
    wrong = []
    if line.category != (line.category_path[0] if line.category_path else None):
        wrong.append(FieldError("category_path", "not_its_own", "A path begins with the category."))
    if line.list_price_minor is not None and line.list_price_minor < line.unit_price_minor:
        wrong.append(FieldError("list_price_minor", "out_of_range", "It is the unit price or more."))
    if line.discount_minor < 0:
        wrong.append(FieldError("discount_minor", "out_of_range", "A discount is 0 or more."))
    if not line.unit:
        wrong.append(FieldError("unit", "too_short", "A quantity counts something: `piece`, where nobody says."))
    return wrong


def _tenant(tenant: Tenant) -> Sequence[FieldError]:
    return [] if tenant.slug else [FieldError("slug", "too_short", "A shop has a slug.")]


_RULES: Final[Mapping[str, Callable[[Any], Sequence[FieldError]]]] = {
    "product": _product,
    "category": _category,
    "collection": collections.wrong,
    "order": _order,
    "tenant": _tenant,
    "stock": stock_rules.wrong,
    "payment": payments.wrong,
    "price_list": price_lists.wrong,
    "product_prices": price_lists.wrong_prices,
    "search_setting": search_settings.wrong,
}
