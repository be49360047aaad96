"""Trades a day in a shop of its own, so that every screen has something to show: orders come, are paid, packed, sent,
cancelled and refunded, shelves run empty and are filled.

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

from ops.demo.grocer_source import Basket, GrocerProduct
from ops.demo.import_pace import Pace
from ops.demo.import_year import Tally, take_in_catalogue
from ops.demo.shop_client import Shop

SLUG: Final = "live-market"
_TILLS: Final = 2
#: Of a hundred baskets, in this order; what is left over is delivered.
_FATES: Final = (("waits", 4), ("cancelled", 8), ("refunded", 6), ("partly_shipped", 6), ("shipped", 16))
#: So many of an article come when it is short.
_DELIVERED: Final = 24


def stock_up(shop: Shop, products: Sequence[GrocerProduct]) -> None:
    """Its shelves are filled, some of them with too little. Doing it again changes nothing."""
    with Pace(shop) as pace:
        take_in_catalogue(products, shop, Tally(), pace, lambda _: None)


def trade(
    shop: Shop, baskets: Sequence[Basket], minutes: float, ended: Event, tell: Callable[[Mapping[str, int]], None]
) -> Counter[str]:
    """How many orders came to what, and how often something was `short`. Ends early by Ctrl-C, or when `ended` is set.

    `tell` is called after each of them.
    """
    opens, closes = baskets[0].at, baskets[-1].at
    day_s = max(1.0, (closes - opens).total_seconds())
    began, done = time.monotonic(), Counter[str]()

    def sell(basket: Basket) -> str:
        due = began + (basket.at - opens).total_seconds() / day_s * minutes * 60
        if ended.wait(max(0.0, due - time.monotonic())):
            return "not_come"
        return _sold(shop, basket, done)

    with ThreadPoolExecutor(_TILLS) as tills:
        try:
            for fate in tills.map(sell, baskets):
                if fate != "not_come":
                    done[fate] += 1
                    tell(done)
        except KeyboardInterrupt:  # the tills finish what they are at
            ended.set()
    return done


def _sold(shop: Shop, basket: Basket, done: Counter[str]) -> str:
    lines: list[dict[str, Any]] = [
        {"sku": line.sku, "quantity": line.quantity} for line in basket.lines if 0 < line.quantity <= 100
    ]
    if not lines:
        return "nothing_in_it"
    order = {"customer_ref": basket.household, "lines": lines}
    placed = shop.post_unless_refused("/v1/orders", order)
    if placed is None:
        done["short"] += 1
        _fill(shop, [str(line["sku"]) for line in lines])
        placed = shop.post_unless_refused("/v1/orders", order)
    return "not_sold" if placed is None else _moved(shop, placed, _fate(basket))


def _moved(shop: Shop, placed: Mapping[str, Any], fate: str) -> str:
    """Through all the steps to what becomes of it. What costs nothing is not given back."""
    first = placed["lines"][0]

    def step(name: str, **body: Any) -> None:
        shop.post(f"/v1/orders/{placed['id']}/{name}", body)

    if fate == "waits":
        return fate
    if fate == "cancelled":
        step("cancel", reason="the customer changed their mind")
        return fate
    step("confirm")
    step("pay", payment_id=f"live-{placed['id']}")
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
