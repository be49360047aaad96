"""The demo's live day: every order comes to what is told of it, and no shelf has less than nothing."""

from collections import Counter
from datetime import UTC, datetime
from threading import Event

import pytest

from ops.demo import live_trade
from ops.demo.compare_offers import compare_offers
from ops.demo.grocer_offers import offers_of_busiest_day
from ops.demo.grocer_source import CURRENCY, Grocer
from ops.demo.shop_client import await_younger
from tests.support.shops import open_shop
from tests.support.stack import Stack

pytestmark = pytest.mark.chain

BASKETS = 60
NO_FATES = ("short", "not_sold", "nothing_in_it", "web", "declined")
#: As orders are called that came to it.
STATUS = {"waits": "pending", "refunded": "paid", "returned": "delivered"}


def test_a_day_of_trade_leaves_orders_in_every_state(stack: Stack) -> None:
    grocer = Grocer()
    products, day = grocer.busiest_day()
    baskets = [basket for basket in day if len(basket.lines) < 6][:BASKETS]
    sold = {line.sku for basket in baskets for line in basket.lines}
    shop = open_shop(stack, currency=CURRENCY)
    listed = [product for product in products if product.external_id in sold]
    offers = offers_of_busiest_day(grocer, listed, datetime.now(UTC))
    live_trade.stock_up(shop, offers)

    done = live_trade.trade(shop, baskets, 0.05, Event(), lambda _: None)

    told = Counter({fate: times for fate, times in done.items() if fate not in NO_FATES})
    assert {"delivered", "shipped", "cancelled"} <= told.keys()
    found = Counter(order["status"] for order in shop.get("/v1/orders", limit=200)["items"])
    expected = Counter[str]()
    for fate, times in told.items():
        expected[STATUS.get(fate, fate)] += times
    assert found == expected
    ordered = list(shop.pages("/v1/carts", state="ordered"))
    assert len(ordered) == done["web"] > 0
    payments = Counter(payment["status"] for payment in shop.pages("/v1/payments"))
    assert payments["declined"] == done["declined"] > 0
    await_younger(shop, datetime.now(UTC), 60)
    assert compare_offers([(shop, offers)]).differences() == []
    shelves = shop.get("/v1/stock", limit=200)["items"]
    assert shelves
    assert all(0 <= held["reserved"] <= held["on_hand"] for held in shelves)
    shop.close()


def test_a_day_that_is_ended_sells_nothing_more(stack: Stack) -> None:
    _, day = Grocer().busiest_day()
    shop = open_shop(stack, currency=CURRENCY)
    ended = Event()
    ended.set()

    assert not live_trade.trade(shop, day[:5], 10.0, ended, lambda _: None)
    shop.close()
