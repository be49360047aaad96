"""Measures how fresh the read models are while the import runs, as a customer would: change it, then look for it.

The clock runs from the answer to the command (the change is committed) to the first answer of a read model that shows
it. The probes have a shop of their own, so that nothing of them is in the grocer's figures.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, Final
from uuid import uuid4

from ops.demo.shop_client import Shop
from ops.failure import Failure

SLUG: Final = "freshness-probe"
_LOOK_EVERY_S: Final = 0.025
#: A store that was killed takes half a minute to be back, and then has to catch up.
_GIVE_UP_S: Final = 180.0
FEWEST_SAMPLES: Final = {"search": 8, "analytics": 3}


@dataclass(frozen=True, slots=True)
class MeasuredFreshness:
    """Milliseconds from commit to visible."""

    p50: int
    p99: int
    samples: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "MeasuredFreshness":
        cuts = quantiles(seconds, n=100, method="inclusive")
        return cls(p50=round(cuts[49] * 1000), p99=round(cuts[98] * 1000), samples=len(seconds))


class Probes:
    """Two threads that measure until `finish`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._enough = threading.Event()
        self._seconds: dict[str, list[float]] = {"search": [], "analytics": []}
        self._failed: list[BaseException] = []
        self._product = self._ready_product()
        self._threads = [
            threading.Thread(target=self._measure, args=arguments, daemon=True)
            for arguments in (("search", self._change_and_find, 0.3), ("analytics", self._sell_and_see, 0.0))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> dict[str, MeasuredFreshness]:
        """Waits until there are samples enough to say anything."""
        self._enough.set()
        for thread in self._threads:
            thread.join()
        if self._failed:
            raise self._failed[0]
        return {name: MeasuredFreshness.of(seconds) for name, seconds in self._seconds.items()}

    def _measure(self, name: str, probe: Callable[[], float], pause_s: float) -> None:
        try:
            while not self._enough.is_set() or len(self._seconds[name]) < FEWEST_SAMPLES[name]:
                self._seconds[name].append(probe())
                self._enough.wait(pause_s)
        except BaseException as failed:  # noqa: BLE001  # a thread's entry point; told by finish()
            self._failed.append(failed)

    def _ready_product(self) -> dict[str, Any]:
        product = {
            "external_id": "probe",
            "translations": [{"locale": "en", "title": "Probe"}],
            "variants": [{"sku": "probe", "prices": [{"currency": "USD", "amount_minor": 100}]}],
        }
        (item,) = self._shop.take_in("products", [product])["items"]
        return dict(item)

    def _change_and_find(self) -> float:
        word = f"probe{uuid4().hex}"
        self._shop.patch(
            f"/v1/products/{self._product['id']}",
            {"translations": [{"locale": "en", "title": word, "handle": "probe"}]},
        )
        return _until(lambda: self._shop.get("/v1/search/products", q=word)["total"] == 1, f"search for {word}")

    def _sell_and_see(self) -> float:
        before = self._sold()
        order = self._shop.post("/v1/orders", {"lines": [{"sku": "probe", "quantity": 1}]})
        self._shop.post(f"/v1/orders/{order['id']}/confirm", {})
        self._shop.post(f"/v1/orders/{order['id']}/pay", {"payment_id": f"probe-{order['id']}"})
        return _until(lambda: self._sold() > before, "the sale of a probe")

    def _sold(self) -> int:
        return sum(total["orders"] for total in self._shop.get("/v1/analytics/sales")["totals"])


def _until(seen: Callable[[], bool], what: str) -> float:
    began = time.monotonic()
    while not seen():
        if time.monotonic() - began > _GIVE_UP_S:
            raise Failure(
                f"The {what} showed nothing for {_GIVE_UP_S:.0f} s.",
                "`rustok status` shows which feed is behind, and its log says why.",
            )
        time.sleep(_LOOK_EVERY_S)
    return time.monotonic() - began
