"""Paces an import by the lag that any answer tells, so that shops go on selling meanwhile.

Shops go on selling while somebody imports. When what customers find is more than a second behind, the next batch waits.
"""

import threading
from typing import Final

from ops.demo.shop_client import Shop

MOST_LAG_MS: Final = 1_000
_LOOK_EVERY_S: Final = 0.1
#: A feed that stands still is for `rustok status` to tell; the import goes on after this long.
_LONGEST_WAIT_S: Final = 20.0


class Pace:
    """Looks at the lag of the search while it is open. Safe to share between threads."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._keeps_up = threading.Event()
        self._keeps_up.set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Pace":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._keeps_up.set()
        self._thread.join()

    def wait(self) -> None:
        """Returns when the next batch may go."""
        self._keeps_up.wait(_LONGEST_WAIT_S)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            lag_ms = self._shop.get("/v1/search/products", per_page=1)["lag_ms"]
            if lag_ms is None or lag_ms > MOST_LAG_MS:
                self._keeps_up.clear()
            else:
                self._keeps_up.set()
