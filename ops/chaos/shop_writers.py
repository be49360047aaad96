"""Keeps shops selling, sending, refunding, changing prices and cancelling while everything breaks.

Now and then they ask for what is refused. Each writer has a shop of its own and remembers what it was promised, so that
in the end the shop's figures can be held against it. A command without an answer is sent again with the same key.
"""

import random
import threading
from typing import Any
from uuid import uuid4

from ops.demo.shop_client import Shop
from ops.failure import Failure

PRODUCTS = 20


class Writer:
    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.paid = 0
        self.revenue_minor = 0
        self.refused = 0
        self.failures: list[str] = []
        self._chance = random.Random(seed)  # noqa: S311  # reproducible on purpose
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._products = [self._product(number) for number in range(PRODUCTS)]

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        self._over.set()
        self._thread.join()

    def sold(self) -> tuple[int, int]:
        """Orders and revenue as the read model says."""
        totals = self.shop.get("/v1/analytics/sales")["totals"]
        return sum(total["orders"] for total in totals), sum(total["revenue_minor"] for total in totals)

    def _write(self) -> None:
        deeds = (self._sell, self._sell_and_send, self._sell_and_cancel, self._change, self._ask_for_nonsense)
        while not self._over.wait(self._chance.uniform(0.0, 0.1)):
            try:
                self._chance.choice(deeds)()
            except Failure as failure:
                self.failures.append(failure.what)

    def _sell(self) -> dict[str, Any]:
        lines = [{"sku": f"sku-{self._chance.randrange(PRODUCTS)}", "quantity": self._chance.randint(1, 5)}]
        order = self.shop.post("/v1/orders", {"lines": lines})
        self.shop.post(f"/v1/orders/{order['id']}/confirm", {})
        paid = self.shop.post(f"/v1/orders/{order['id']}/pay", {"payment_id": f"payment-{order['id']}"})
        self.paid += 1
        self.revenue_minor += paid["total_minor"]
        return dict(paid)

    def _sell_and_send(self) -> None:
        """In a parcel with one piece and another with the rest, of which one comes back: a sale all the same."""
        here = f"/v1/orders/{self._sell()['id']}"
        sent = self.shop.post(f"{here}/ship", {"lines": [{"line_no": 1, "quantity": 1}]})
        if sent["status"] == "partly_shipped":
            self.shop.post(f"{here}/ship", {})
        self.shop.post(f"{here}/refund", {"reason": "broken", "lines": [{"line_no": 1, "returned": 1}]})
        self.shop.post(f"{here}/deliver", {})

    def _sell_and_cancel(self) -> None:
        paid = self._sell()
        self.shop.post(f"/v1/orders/{paid['id']}/cancel", {"reason": "changed their mind"})
        self.paid -= 1
        self.revenue_minor -= paid["total_minor"]

    def _change(self) -> None:
        product = self._chance.choice(self._products)
        words = f"{product['title']} {uuid4().hex[:6]}"
        text = {"locale": "en", "title": words, "handle": product["handle"]}
        self.shop.patch(f"/v1/products/{product['id']}", {"translations": [text]})

    def _ask_for_nonsense(self) -> None:
        """Rolled back by the shop itself: nothing of it may ever be seen."""
        try:
            self.shop.post("/v1/orders", {"lines": [{"sku": "nobody-has-this", "quantity": 1}]})
        except Failure:
            self.refused += 1

    def _product(self, number: int) -> dict[str, Any]:
        price = {"currency": "EUR", "amount_minor": self._chance.randint(100, 9_999)}
        handle = f"product-{number}"
        body = {
            "external_id": handle,
            "translations": [{"locale": "en", "title": handle, "handle": handle}],
            "variants": [{"sku": f"sku-{number}", "prices": [price]}],
        }
        (item,) = self.shop.take_in("products", [body])["items"]
        return {"id": item["id"], "title": handle, "handle": handle}
