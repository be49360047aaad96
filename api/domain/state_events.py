"""Makes the event that an aggregate's state is emitted again with: true of it now, under its version.

An order's state names the event that led to it. Of a product or category at its first version it is the one that made
it; later, that it was updated with nothing changed: this says no more than what the aggregate is, which is all an
event's readers need. No new event types, so every reader knows it already.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from api.domain import order_events, payments
from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.orders import AnyOrder
from schemas.aggregate import Aggregate
from schemas.events.payment import Payment
from schemas.events.product import Product, ProductCreated, ProductUpdated
from schemas.events.product_prices import ProductPrices, ProductPricesUpdated
from schemas.events.stock import Stock, StockAdjusted
from schemas.events.tenant import Tenant, TenantCreated, TenantDeactivated, TenantUpdated

T = TypeVar("T")


def tenant(held: Versioned[Tenant], now: datetime) -> Decision[Tenant]:
    value = held.value
    if not value.active:
        return _change(held, value.id, DatedEvent(TenantDeactivated(tenant=value), now))
    if held.version == 1:
        return _change(held, value.id, DatedEvent(TenantCreated(tenant=value), now))
    return _change(held, value.id, DatedEvent(TenantUpdated(tenant=value, changed=()), now))


def created_or_updated(aggregate: Aggregate) -> Callable[[Versioned[Any], datetime], Decision[Any]]:
    """For one whose events are called so; updated may be missing."""
    newest = {history.event_type: history.newest for history in aggregate.histories}
    created, updated = newest[f"{aggregate.name}.created"], newest.get(f"{aggregate.name}.updated")

    def state(held: Versioned[Any], now: datetime) -> Decision[Any]:
        said = {aggregate.name: held.value}
        event = created(**said) if held.version == 1 or updated is None else updated(**said, changed=())
        return _change(held, held.value.id, DatedEvent(event, now))

    return state


def product(held: Versioned[Product], now: datetime) -> Decision[Product]:
    value = held.value
    if held.version == 1:
        return _change(held, value.id, DatedEvent(ProductCreated(product=value), value.created_at))
    return _change(held, value.id, DatedEvent(ProductUpdated(product=value, changed=()), value.updated_at))


def stock(held: Versioned[Stock], now: datetime) -> Decision[Stock]:
    """Counted again, with the same result."""
    event = StockAdjusted(stock=held.value, delta=0, reason="told again", changed=(), transfer_id=None)
    return _change(held, held.value.id, DatedEvent(event, now))


def product_prices(held: Versioned[ProductPrices], now: datetime) -> Decision[ProductPrices]:
    event = ProductPricesUpdated(product_prices=held.value, changed=())
    return _change(held, held.value.id, DatedEvent(event, now))


def order(held: Versioned[AnyOrder], now: datetime) -> Decision[AnyOrder]:
    return _change(held, held.value.terms.id, order_events.newest(held.value))


def payment(held: Versioned[Payment], now: datetime) -> Decision[Payment]:
    return _change(held, held.value.id, payments.newest(held.value))


def _change(held: Versioned[T], aggregate_id: UUID, happened: DatedEvent) -> Decision[T]:
    return Decision(aggregate_id=aggregate_id, value=held.value, happened=(happened,), was_at=held.version - 1)
