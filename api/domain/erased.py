"""Says of what a shop had that it is gone, in events that hold nothing of it any more but ids.

The newest event of a thing stays in its topic for ever, so it is to be one that tells nothing.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.order_events import as_value
from api.domain.price_lists import without_prices
from schemas.events.category import Category, CategoryDeleted
from schemas.events.collection import Collection, CollectionDeleted
from schemas.events.order import Order, OrderDeleted
from schemas.events.page import Page, PageDeleted
from schemas.events.payment import Payment, PaymentDeleted
from schemas.events.price_list import PriceList, PriceListDeleted
from schemas.events.product import Product, ProductDeleted
from schemas.events.product_prices import ProductPrices, ProductPricesDeleted
from schemas.events.search_setting import SearchSetting, SearchSettingDeleted
from schemas.events.stock import Stock, StockDeleted
from schemas.events.user import UserDeleted


def order(held: Versioned[Any], now: datetime) -> Decision[Any]:
    was = as_value(held.value)
    left = Order(
        id=was.id,
        external_id=None,
        customer_ref=None,
        status=was.status,
        currency=was.currency,
        lines=(),
        tax_minor=0,
        shipping_minor=0,
        discount_minor=0,
        total_minor=0,
        placed_at=now,
        confirmed_at=None,
        paid_at=None,
        payment_id=None,
        cancelled_at=None,
        cancel_reason=None,
        refund_minor=None,
        parcels=(),
        shipped_at=None,
        delivered_at=None,
        refunds=(),
        refunded_minor=0,
    )
    return _gone(held, left.id, OrderDeleted(order=left), now)


def product(held: Versioned[Product], now: datetime) -> Decision[Any]:
    left = replace(
        held.value,
        external_id=None,
        brand=None,
        translations=(),
        category_ids=(),
        category_path_ids=(),
        options=(),
        variants=(),
        images=(),
        tags=(),
        attributes={},
        option_texts=(),
        typed_attributes={},
        related_ids=(),
        created_at=now,
        updated_at=now,
    )
    return _gone(held, left.id, ProductDeleted(product=left), now)


def category(held: Versioned[Category], now: datetime) -> Decision[Any]:
    id_ = held.value.id
    left = Category(id=id_, external_id=None, parent_id=None, path=(id_,), position=0, translations=())
    return _gone(held, id_, CategoryDeleted(category=left), now)


def collection(held: Versioned[Collection], now: datetime) -> Decision[Any]:
    left = replace(
        held.value, external_id=None, translations=(), rule=None, product_ids=(), created_at=now, updated_at=now
    )
    return _gone(held, left.id, CollectionDeleted(collection=left), now)


def stock(held: Versioned[Stock], now: datetime) -> Decision[Any]:
    left = replace(held.value, on_hand=0, reserved=0, incoming=0, low_threshold=None, backorder=False)
    return _gone(held, left.id, StockDeleted(stock=left), now)


def payment(held: Versioned[Payment], now: datetime) -> Decision[Any]:
    left = replace(
        held.value,
        provider="",
        amount_minor=0,
        received_minor=None,
        decline_reason=None,
        started_at=now,
        settled_at=None,
        refunds=(),
        refunded_minor=0,
    )
    return _gone(held, left.id, PaymentDeleted(payment=left), now)


def price_list(held: Versioned[PriceList], now: datetime) -> Decision[Any]:
    left = replace(
        held.value, name="", customer_group=None, starts_at=None, ends_at=None, priority=0, active=False, created_at=now
    )
    return _gone(held, left.id, PriceListDeleted(price_list=left), now)


def product_prices(held: Versioned[ProductPrices], now: datetime) -> Decision[Any]:
    left = without_prices(held.value)
    return _gone(held, left.id, ProductPricesDeleted(product_prices=left), now)


def search_setting(held: Versioned[SearchSetting], now: datetime) -> Decision[Any]:
    left = replace(
        held.value,
        name=None,
        locale=None,
        active=False,
        starts_at=None,
        ends_at=None,
        synonyms=None,
        stop_words=(),
        redirect=None,
        rule=None,
        weights={},
        created_at=now,
        updated_at=now,
    )
    return _gone(held, left.id, SearchSettingDeleted(search_setting=left), now)


def page(held: Versioned[Page], now: datetime) -> Decision[Any]:
    left = replace(
        held.value,
        parent_id=None,
        position=0,
        translations=(),
        tags=(),
        published_at=None,
        created_at=now,
        updated_at=now,
    )
    return _gone(held, left.id, PageDeleted(page=left), now)


def user(held: Versioned[Any], now: datetime) -> Decision[Any]:
    left = replace(held.value.user, role_ids=(), status="inactive")
    return _gone(held, left.id, UserDeleted(user=left), now)


def _gone(held: Versioned[Any], aggregate_id: Any, event: Any, now: datetime) -> Decision[Any]:
    return Decision(aggregate_id=aggregate_id, value=None, happened=(DatedEvent(event, now),), was_at=held.version)
