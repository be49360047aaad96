"""Places an order at the shop's own prices, and reserves what it takes, if that is counted."""

from collections.abc import Sequence

from api.domain import order_events
from api.domain import orders as domain
from api.domain.changes import Versioned
from api.domain.errors import Invalid
from api.domain.money import checked_currency
from api.domain.order_contacts import Contacts
from api.domain.order_prices import Offer, at_list_price
from api.domain.orders import AnyOrder
from api.domain.permissions import Scope
from api.store.unit_of_work import UnitOfWork
from api.use_cases.orders.commands import NewLine, NewOrder
from api.use_cases.orders.order_lines import order_lines, seen_offers
from api.use_cases.stock.reserve_stock import reserve_stock
from schemas.events.order import OrderLine


def place_order(work: UnitOfWork, command: NewOrder) -> Versioned[AnyOrder]:
    """Raises `Invalid` naming every line that cannot be ordered, `Short` naming those there is too little for, and
    `Forbidden` for an order of somebody else.
    """
    customer_ref = work.access.owner(command.customer_ref)
    if command.external_id is not None and work.access.scope == Scope.OWN:
        raise Invalid.field("external_id", "not_allowed", "Only the shop's own people name orders.")
    return place_lines(
        work,
        command.lines,
        command.currency,
        command.contacts(),
        customer_ref=customer_ref,
        external_id=command.external_id,
        customer_group=command.customer_group,
    )


def place_lines(
    work: UnitOfWork,
    wanted: Sequence[NewLine],
    wanted_currency: str | None,
    contacts: Contacts,
    *,
    customer_ref: str | None = None,
    external_id: str | None = None,
    customer_group: str | None = None,
) -> Versioned[AnyOrder]:
    """The same, of whosever they may be; without a customer the order is nobody's."""
    currency = checked_currency(wanted_currency or work.access.shop.currency, "currency")
    placed = domain.place(
        order_id=work.new_id(),
        external_id=external_id,
        customer_ref=customer_ref,
        currency=currency,
        lines=priced_lines(work, wanted, currency, customer_ref, customer_group),
        placed_at=work.now,
    )
    saved = work.save(work.orders, order_events.change(placed, was_at=0))
    work.contacts.add(placed.terms.id, contacts)
    reserve_stock(work, placed.terms.id, placed.terms.lines)
    return saved


def priced_lines(
    work: UnitOfWork, wanted: Sequence[NewLine], currency: str, customer_ref: str | None, customer_group: str | None
) -> list[OrderLine]:
    """At the shop's prices of now, for the group that its people named or else the customer is in. Raises `Invalid`
    naming every line that cannot be ordered.
    """
    if customer_group is not None and work.access.scope == Scope.OWN:
        raise Invalid.field("customer_group", "not_allowed", "Only the shop's own people say whose prices they are.")
    group = customer_group or work.users.customer_group(customer_ref)
    offers = seen_offers(work, {line.sku for line in wanted})

    def price(offer: Offer, line: NewLine, field: str) -> OrderLine:
        return at_list_price(offer, line.quantity, currency, field, customer_group=group)

    return order_lines(wanted, offers, price)
