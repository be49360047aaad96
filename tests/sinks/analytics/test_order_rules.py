from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest

from ops.settings import Settings
from schemas.events.order import OrderPaid
from sinks.analytics.order_rules import why_refused
from sinks.analytics.sales_facts import MODEL, order_facts
from tests.support.examples import MOMENT, envelope, line, order


def facts(tenant_id=None, **different):
    told = order(**different)
    return order_facts(envelope(tenant_id=tenant_id or uuid4(), aggregate_id=told.id), OrderPaid(order=told))


@pytest.mark.parametrize(
    "sound",
    [
        {},
        {"lines": (line(), line(quantity=0, total_minor=-7)), "tax_minor": 3, "shipping_minor": 4, "discount_minor": 5},
        {"status": "cancelled", "cancelled_at": MOMENT, "refund_minor": 280},
        {"status": "pending", "confirmed_at": None, "paid_at": None, "refund_minor": 0},
        {"placed_at": MOMENT + timedelta(days=999)},
    ],
)
def test_what_adds_up_is_taken(sound):
    assert why_refused(facts(**sound)) is None


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"total_minor": 281}, "lines + tax + shipping - discount is not total_minor: 281"),
        ({"tax_minor": 1, "total_minor": 280}, "lines + tax + shipping - discount is not total_minor: 280"),
        (
            {"lines": (line(), line(adjustment_minor=-20, total_minor=281))},
            "line 2 is not quantity × unit_price_minor + adjustment_minor: 281",
        ),
        ({"refund_minor": 281}, "refund_minor is not 0 to what was paid: 281"),
        ({"refund_minor": -1}, "refund_minor is not 0 to what was paid: -1"),
        ({"status": "pending", "paid_at": None, "refund_minor": 1}, "refund_minor is not 0 to what was paid: 1"),
    ],
)
def test_what_does_not_is_refused_with_the_rule(broken, why):
    assert why_refused(facts(**broken)) == why


def test_a_deletion_breaks_no_rule(tmp_path):
    told = facts()

    assert (
        why_refused(type(told)(collection="orders", tenant_id=told.tenant_id, id=told.id, version=2, document=None))
        is None
    )


def test_of_a_batch_the_store_refuses_what_breaks_a_rule_and_takes_the_rest(tmp_path):
    good, bad, strange = facts(), facts(total_minor=281), facts(external_id=7)
    with closing(MODEL.sink(Settings(analytics_dir=tmp_path))) as sink:
        sink.open()

        refused = sink.write([good, bad, strange], {("rustok.order", 0): 3})

        assert [(one.change, one.reason.partition(":")[0]) for one in refused] == [
            (bad, "lines + tax + shipping - discount is not total_minor"),
            (strange, "ArrowTypeError"),
        ]
        assert [one.id for one in sink.scan("orders")] == [good.id]
        assert sink.positions() == {}
