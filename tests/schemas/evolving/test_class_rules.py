"""Every rule about the classes of events finds what it is for, and all of ours keep them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from schemas.event_history import History
from schemas.events.order import Order, OrderPlaced
from schemas.evolving.class_lint import lint
from schemas.evolving.class_rules import RULES

fact = dataclass(frozen=True, slots=True, kw_only=True)


@dataclass
class OrderLoose:
    """It may change."""

    order: Order


@fact
class OrderSilent:
    order: Order


@fact
class OrderUnsure:
    """v2: WHY?"""

    order: Order

    @classmethod
    def from_previous(cls, old: OrderPlaced) -> "OrderUnsure":
        return cls(order=old.order)


@fact
class OrderStuck:
    """v2: it had to come."""

    order: Order


@fact
class OrderAstray:
    """v2: it had to come."""

    order: Order

    @classmethod
    def from_previous(cls, old: OrderStuck) -> OrderStuck:
        return old


@fact
class OrderLost:
    """v2: it had to come."""

    order: Order

    @classmethod
    def from_previous(cls, old: "OrderFound") -> "OrderLost":  # noqa: F821
        return cls(order=old.order)


@fact
class OrderBare:
    """Nothing but a reason."""

    reason: str


@fact
class OrderFiled:
    """Here, and not where Order is."""

    order: Order


@fact
class OrderWeighed:
    """In kilograms."""

    weight: float


@fact
class OrderCamel:
    """Spelt otherwise."""

    giftNote: str  # noqa: N815


@fact
class OrderPriced:
    """Without a currency."""

    total_minor: int


@fact
class OrderTimed:
    """Called otherwise."""

    moment: datetime
    sent_at: str


@fact
class OrderUntold:
    """The union of orders was forgotten."""

    order: Order


OrderUntold.__module__ = Order.__module__


@fact
class OrderNumbered:
    """By a text."""

    shop_id: str
    id: UUID
    payment_id: str | None


@fact
class OrderMailed:
    """To somebody."""

    customer_email: str | None


@fact
class ParcelSent:
    """Nobody knows of parcels."""

    id: UUID


def history(*versions: type, named: str = "") -> History:
    return History(named or f"order.{versions[-1].__name__.removeprefix('Order').lower()}", versions)


BROKEN = [
    ("frozen", history(OrderLoose), "OrderLoose", "is not @dataclass(frozen=True, slots=True, kw_only=True)"),
    ("named", history(OrderPlaced, OrderStuck), "order.stuck@1", "its class is OrderPlaced, not OrderStuckV1"),
    ("says-why", history(OrderSilent), "OrderSilent", "has no docstring"),
    ("says-why", history(OrderPlaced, OrderUnsure), "OrderUnsure", "its docstring still asks WHY?"),
    ("says-why", history(OrderPlaced, OrderBare), "OrderBare", "its docstring does not begin with `v2: `"),
    ("lifts", history(OrderPlaced, OrderStuck), "OrderStuck", "has no classmethod from_previous"),
    ("lifts", history(OrderPlaced, OrderAstray), "OrderAstray", "from_previous does not make it from OrderPlaced"),
    ("lifts", history(OrderPlaced, OrderLost), "OrderLost", "from_previous: name 'OrderFound' is not defined"),
    ("whole", history(OrderBare), "OrderBare", "has no field `order: Order`"),
    ("told", history(OrderUntold), "OrderUntold", "is not in OrderEvent"),
    ("one-file", history(OrderFiled), "OrderFiled", "holds Order of schemas.events.order"),
    ("agreed-types", history(OrderWeighed), "OrderWeighed", "<class 'float'> has no Avro form here"),
    ("agreed-types", history(OrderWeighed, OrderPlaced), "OrderWeighed", "<class 'float'> has no Avro form here"),
    ("snake-case", history(OrderCamel), "OrderCamel.giftNote", "is not in snake_case"),
    ("money", history(OrderPriced), "OrderPriced.total_minor", "is money, and the event names no currency"),
    ("times", history(OrderTimed), "OrderTimed.moment", "is a time without _at"),
    ("times", history(OrderTimed), "OrderTimed.sent_at", "ends in _at and is no time"),
    ("ids", history(OrderNumbered), "OrderNumbered.shop_id", "is an id and no UUID"),
    ("private", history(OrderMailed), "OrderMailed.customer_email", "sounds like something about a person"),
    ("topic", history(ParcelSent, named="parcel.sent"), "parcel.sent", "there is no aggregate parcel"),
    ("owner", history(ParcelSent, named="parcel.sent"), "parcel.sent", "nobody answers for parcel"),
]


@pytest.mark.parametrize(("rule", "broken", "where", "what"), BROKEN, ids=[f"{case[0]}-{case[2]}" for case in BROKEN])
def test_a_class_that_does_not_keep_a_rule_is_named_with_a_way_out(rule, broken, where, what):
    found = [violation for violation in lint([broken]) if violation.rule == rule]

    told = next(violation for violation in found if violation.where.endswith(f".py {where}"))
    assert what in told.what
    assert told.why
    assert told.fix


def test_every_rule_is_broken_here_once():
    assert {rule for rule, *_ in BROKEN} == {rule.id for rule in RULES}


def test_an_id_that_others_give_may_be_a_text():
    assert not [each for each in lint([history(OrderNumbered)]) if "payment_id" in each.where]


def test_our_own_events_keep_every_rule():
    assert lint() == []
