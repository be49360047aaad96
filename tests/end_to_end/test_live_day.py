"""The demo's live day: every order comes to what is told of it, and no shelf has less than nothing."""

from collections import Counter
from threading import Event

import pytest

from ops.demo import live_trade
from ops.demo.grocer_source import CURRENCY, Grocer
from tests.support.shops import open_shop
from tests.support.stack import Stack

pytestmark = pytest.mark.chain

BASKETS = 60
#: As orders are called that came to it.
STATUS = {"waits": "pending", "refunded": "paid"}


def test_a_day_of_trade_leaves_orders_in_every_state(stack: Stack) -> None:
    products, day = Grocer().busiest_day()
    baskets = [basket for basket in day if len(basket.lines) < 6][:BASKETS]
    sold = {line.sku for basket in baskets for line in basket.lines}
    shop = open_shop(stack, currency=CURRENCY)
    live_trade.stock_up(shop, [product for product in products if product.external_id in sold])

    done = live_trade.trade(shop, baskets, 0.05, Event(), lambda _: None)

    told = Counter({fate: times for fate, times in done.items() if fate not in ("short", "not_sold", "nothing_in_it")})
    assert {"delivered", "shipped", "cancelled"} <= told.keys()
    found = Counter(order["status"] for order in shop.get("/v1/orders", limit=200)["items"])
    expected = Counter[str]()
    for fate, times in told.items():
        expected[STATUS.get(fate, fate)] += times
    assert found == expected
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
