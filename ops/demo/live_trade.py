"""Trades a day in a shop of its own, so that every screen has something to show: orders come over the till and by the
web, are paid, packed, sent, cancelled, returned and refunded, shelves run empty and are filled.

It is the grocer's busiest day, of all its stores together, at a faster clock. What becomes of a basket depends on its
number, so that a day comes out the same each time; only what is short depends on who was faster.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, Final
from zlib import crc32

from ops.demo import web_trade
from ops.demo.fit_out_shop import fit_out
from ops.demo.grocer_offers import Offers
from ops.demo.grocer_source import Basket
from ops.demo.import_pace import Pace
from ops.demo.import_year import Tally, take_in_catalogue
from ops.demo.shop_client import Answer, Shop

SLUG: Final = "live-market"
_TILLS: Final = 2
#: Of a hundred baskets, in this order; what is left over is delivered.
_FATES: Final = (
    ("waits", 4),
    ("cancelled", 8),
    ("refunded", 6),
    ("returned", 4),
    ("partly_shipped", 6),
    ("shipped", 16),
)
#: So many of an article come when it is short.
_DELIVERED: Final = 24


def stock_up(shop: Shop, offers: Offers) -> None:
    """Its shelves are filled, some of them with too little, and it is fitted out. Doing it again changes nothing."""
    with Pace(shop) as pace:
        take_in_catalogue(offers.products, shop, Tally(), pace, lambda _: None)
    fit_out(shop, offers)


def trade(
    shop: Shop, baskets: Sequence[Basket], minutes: float, ended: Event, tell: Callable[[Mapping[str, int]], None]
) -> Counter[str]:
    """How many orders came to what, how many came by the `web` or had a card `declined`, and how often something was
    `short`. Ends early by Ctrl-C, or when `ended` is set.

    `tell` is called after each of them.
    """
    opens, closes = baskets[0].at, baskets[-1].at
    day_s = max(1.0, (closes - opens).total_seconds())
    began, done = time.monotonic(), Counter[str]()

    def sell(basket: Basket) -> list[str]:
        due = began + (basket.at - opens).total_seconds() / day_s * minutes * 60
        if ended.wait(max(0.0, due - time.monotonic())):
            return []
        return _sold(shop, basket)

    with ThreadPoolExecutor(_TILLS) as tills:
        try:
            for happened in tills.map(sell, baskets):
                if happened:
                    done.update(happened)
                    tell(done)
        except KeyboardInterrupt:  # the tills finish what they are at
            ended.set()
    return done


def _sold(shop: Shop, basket: Basket) -> list[str]:
    """All that is to be counted of it."""
    lines: list[dict[str, Any]] = [
        {"sku": line.sku, "quantity": line.quantity} for line in basket.lines if 0 < line.quantity <= 100
    ]
    if not lines:
        return ["nothing_in_it"]
    by_web = web_trade.comes_by_web(basket)
    order = web_trade.order if by_web else _order_at_till
    placed, happened = order(shop, basket, lines), ["web"] if by_web else []
    if placed is None:
        happened.append("short")
        _fill(shop, [str(line["sku"]) for line in lines])
        placed = order(shop, basket, lines)
    if placed is None:
        return [*(one for one in happened if one != "web"), "not_sold"]
    fate = _fate(basket)
    if fate not in ("waits", "cancelled"):
        if by_web and placed["total_minor"] > 0:
            happened += ["declined"] * web_trade.pay(shop, basket, placed)
        else:
            _pay_at_till(shop, placed)
    return [*happened, _moved(shop, placed, fate)]


def _order_at_till(shop: Shop, basket: Basket, lines: Sequence[Mapping[str, Any]]) -> Answer | None:
    return shop.post_unless_refused("/v1/orders", {"customer_ref": basket.household, "lines": lines})


def _pay_at_till(shop: Shop, placed: Answer) -> None:
    shop.post(f"/v1/orders/{placed['id']}/confirm", {})
    shop.post(f"/v1/orders/{placed['id']}/pay", {"payment_id": f"live-{placed['id']}"})


def _moved(shop: Shop, placed: Answer, fate: str) -> str:
    """Through the steps that are left to what becomes of it. What costs nothing is not given back."""
    first = placed["lines"][0]

    def step(name: str, **body: Any) -> None:
        shop.post(f"/v1/orders/{placed['id']}/{name}", body)

    if fate == "waits":
        return fate
    if fate == "cancelled":
        step("cancel", reason="the customer changed their mind")
        return fate
    if fate == "refunded" and first["total_minor"] > 0:
        half = max(1, first["total_minor"] // 2)
        step("refund", reason="damaged", lines=[{"line_no": 1, "amount_minor": half}])
        return fate
    several = len(placed["lines"]) > 1 or first["quantity"] > 1
    if fate == "partly_shipped" and several:
        step("ship", carrier="Van", lines=[{"line_no": 1, "quantity": 1}])
        return fate
    step("ship", carrier="Van", tracking_number=f"VAN-{str(placed['id'])[-6:]}")
    if fate == "shipped":
        return fate
    step("deliver")
    if fate == "returned" and first["total_minor"] > 0:
        step("refund", reason="the wrong kind", lines=[{"line_no": 1, "returned": 1}])
        return fate
    return "delivered"


def _fill(shop: Shop, skus: Iterable[str]) -> None:
    """A delivery: of each of these that is low there is more."""
    for sku in dict.fromkeys(skus):
        product = shop.get(f"/v1/products/by-sku/{sku}")
        found = shop.get(f"/v1/stock/variants/{product['variant_id']}")
        for held in found["locations"]:
            if held["on_hand"] - held["reserved"] < _DELIVERED:
                body = {"delta": _DELIVERED, "reason": "delivered"}
                shop.post_unless_refused(f"/v1/stock/{held['id']}/adjust", body)


def _fate(basket: Basket) -> str:
    number = crc32(basket.external_id.encode()) % 100
    for fate, share in _FATES:
        if number < share:
            return fate
        number -= share
    return "delivered"
