"""Shows a thing as the row that conditions are about: by resource, the columns they name."""

from api.domain import order_events
from api.domain.orders import AnyOrder, Cancelled, Confirmed, Delivered, Paid, PartlyShipped, Pending, Shipped
from schemas.events.product import Product
from schemas.product_prices import price_span
from schemas.row_conditions import Row


def thing_row(thing: object) -> tuple[str, Row]:
    """With the resource it is of; nothing is a condition on anything but orders and products."""
    match thing:
        case Pending() | Confirmed() | Paid() | PartlyShipped() | Shipped() | Delivered() | Cancelled():
            return "orders", order_row(thing)
        case Product():
            return "products", product_row(thing)
    return "", {}


def order_row(order: AnyOrder) -> Row:
    terms = order.terms
    return {
        "customer_ref": terms.customer_ref,
        "status": order_events.status(order),
        "currency": terms.currency,
        "total_minor": terms.total_minor,
        "discount_minor": terms.discount_minor,
    }


def product_row(product: Product) -> Row:
    span = price_span(product)
    return {
        "status": product.status,
        "brand": product.brand,
        "currency": None if span is None else span.currency,
        "price_min_minor": None if span is None else span.lowest_minor,
        "price_max_minor": None if span is None else span.highest_minor,
    }
