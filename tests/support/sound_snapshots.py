"""Published snapshots in which everything is as it should be, and files of them whose tables can be broken."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from schemas.event_catalogue import BY_TYPE
from schemas.events.category import Category, CategoryCreated, CategoryText, CategoryUpdated
from schemas.events.order import (
    OrderCancelled,
    OrderConfirmed,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    Refund,
    RefundLine,
)
from schemas.events.product import Price, ProductCreated, ProductUpdated
from schemas.events.tenant import TenantUpdated
from sinks.analytics import catalogue_facts, event_archive, sales_facts, search_facts, shop_facts
from sinks.archive.archive_sink import ArchiveSink
from sinks.duckdb import exported_snapshots, snapshots
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.duckdb.exported_snapshots import Source
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange
from tests.support.examples import MOMENT, envelope, line, order, product, tenant
from tests.support.search_logs import logged_action, logged_search, search_log
from tests.support.whole import whole

SHOP = UUID("0190b2a0-0000-7000-8000-000000000001")


def sound_sales() -> list[DocumentChange]:
    """One order that is pending, one that was cancelled, and one with two lines of which some was given back."""
    pending = order(status="pending", confirmed_at=None, paid_at=None)
    cancelled = order(
        status="cancelled", cancelled_at=MOMENT, cancel_reason="late", refund_minor=280, refunded_minor=280
    )
    back = Refund(
        refund_no=1,
        lines=(RefundLine(line_no=1, returned=1, not_sent=0, amount_minor=140),),
        other_minor=10,
        amount_minor=150,
        reason="broken",
        refunded_at=MOMENT + timedelta(days=3),
    )
    refunded = order(
        lines=(line(), line(quantity=1, total_minor=130)),
        tax_minor=40,
        shipping_minor=20,
        discount_minor=30,
        total_minor=440,
        refunds=(back,),
        refunded_minor=150,
    )
    events = [
        OrderPlaced(order=pending),
        OrderCancelled(order=cancelled, reason="late", refund_minor=280),
        OrderPaid(order=order()),
        OrderRefunded(order=refunded, refund=back),
    ]
    orders = [sales_facts.order_facts(envelope(tenant_id=SHOP, aggregate_id=one.order.id), one) for one in events]
    return [*orders, *_catalogue()]


def _catalogue() -> list[DocumentChange]:
    """A shop, a category in it, and a product with a variant."""
    about = envelope("tenant.updated", tenant_id=SHOP, aggregate_id=SHOP)
    text = CategoryText(locale="en", name="Food", slug="food", description=None)
    root = uuid4()
    food = Category(id=root, external_id=None, parent_id=None, path=(root,), position=0, translations=(text,))
    sold = product(category_ids=(root,), category_path_ids=(root,))
    return [
        shop_facts.shop_facts(about, TenantUpdated(tenant=tenant(id=SHOP), changed=())),
        catalogue_facts.category_facts(
            envelope("category.created", tenant_id=SHOP, aggregate_id=root), CategoryCreated(category=food)
        ),
        catalogue_facts.product_facts(
            envelope("product.created", tenant_id=SHOP, aggregate_id=sold.id), ProductCreated(product=sold)
        ),
    ]


def sound_searches() -> list[DocumentChange]:
    now = datetime.now(UTC)
    tea, milk = logged_search("tea", session="s"), logged_search("milk")
    events = [search_log(tea, milk, logged_action(tea)), search_log(logged_action(milk, "conversion"))]
    return [
        search_facts.search_facts(
            envelope("search_log.recorded", tenant_id=SHOP, aggregate_id=one.search_log.id, occurred_at=now), one
        )
        for one in events
    ]


def sound_archive() -> list[DocumentChange]:
    """A product with prices that change and one that goes, another one; a category with two versions; an order."""
    food = Category(id=uuid4(), external_id=None, parent_id=None, path=(), position=0, translations=())
    sold = product()
    (variant,) = sold.variants
    priced = [
        replace(
            sold,
            variants=(
                replace(
                    variant,
                    prices=tuple(Price(currency=one[0], amount_minor=one[1], compare_at_minor=None) for one in prices),
                ),
            ),
        )
        for prices in (
            (("EUR", 140), ("PLN", 600)),
            (("EUR", 150), ("PLN", 600)),
            (("EUR", 150), ("PLN", 620)),
            (("EUR", 160),),
        )
    ]
    placed = order(status="pending", confirmed_at=None, paid_at=None)
    lives: list[list[Any]] = [
        [ProductCreated(product=sold), *(ProductUpdated(product=one, changed=("prices",)) for one in priced)],
        [ProductCreated(product=product())],
        [CategoryCreated(category=food), CategoryUpdated(category=replace(food, position=1), changed=("position",))],
        [
            OrderPlaced(order=placed),
            OrderConfirmed(order=replace(placed, status="confirmed", confirmed_at=MOMENT)),
            OrderPaid(order=replace(placed, status="paid", confirmed_at=MOMENT, paid_at=MOMENT)),
        ],
    ]
    return [change for life in lives for change in _archived(life)]


def _archived(life: list[Any]) -> Iterator[DocumentChange]:
    """Of one aggregate, an hour between one event and the next."""
    kinds = [next(name for name, history in BY_TYPE.items() if history.newest is type(event)) for event in life]
    aggregate_id = getattr(life[0], kinds[0].partition(".")[0]).id
    for number, (kind, event) in enumerate(zip(kinds, life, strict=True)):
        about = envelope(
            kind,
            tenant_id=SHOP,
            aggregate_id=aggregate_id,
            aggregate_version=number + 1,
            occurred_at=MOMENT + timedelta(hours=number),
        )
        yield event_archive.archived_event(about, event)


def archived(folder: Path, changes: list[DocumentChange], as_of: datetime | None = None) -> snapshots.Snapshot:
    """The archive as its feed publishes it, with its newest events in the file itself."""
    model = event_archive.MODEL
    with closing(ArchiveSink(folder / model.id, model, goes_live=True)) as sink:
        sink.open()
        sink.write(changes, {})
        sink.publish(whole(model, as_of or datetime.now(UTC)))
    found = snapshots.current(folder / model.id)
    assert found is not None
    return found


def published(
    folder: Path, model: ReadModel, changes: list[DocumentChange], as_of: datetime | None = None
) -> snapshots.Snapshot:
    """As its feed would, but for its rules: what is to be found gets in. `as_of` is now, when nothing else is said."""
    with closing(DuckDBSink(folder / model.id, model, model.store.shape, goes_live=True)) as sink:
        sink.open()
        sink.write(changes, {})
        sink.publish(whole(model, as_of or datetime.now(UTC)))
    found = snapshots.current(folder / model.id)
    assert found is not None
    return found


def file_of(folder: Path, model: ReadModel, changes: list[DocumentChange]) -> Path:
    """With tables of its own, as `rustok sinks export` writes it."""
    snapshot = published(folder, model, changes)
    target = folder / f"{model.name}-{uuid4().hex}.duckdb"
    source = Source(path=snapshot.path, model=model.name, facts=tuple(model.store.shape), as_of=MOMENT)
    exported_snapshots.to_duckdb(source, target)
    return target
