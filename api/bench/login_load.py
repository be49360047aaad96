"""Lets two hundred sign in at once, again and again; looks at the server's memory and at how fast it says it lives."""

import os
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import httpx

from api.bench.scratch_shop import PASSWORD, ScratchShop
from api.bench.served_app import Served, load

AT_ONCE: Final = 200
_HASH_MIB: Final = 19
_SPARE_MIB: Final = 50
_TICK_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`statuses` says how often each was answered."""

    grew_mib: float
    live_p99_ms: float
    statuses: Counter[int]
    seconds: float


def most_growth_mib() -> float:
    """What it may grow by."""
    return (os.cpu_count() or 1) * _HASH_MIB + _SPARE_MIB


def measure(served: Served, shop: ScratchShop, seconds: float) -> SignedIn:
    body = {"email": shop.email, "password": PASSWORD, "shop": shop.slug}
    httpx.post(f"{served.url}/v1/auth/login", json=body, timeout=30).raise_for_status()
    before, most, done = served.resident_mib(), [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(_TICK_S):
            most[0] = max(most[0], served.resident_mib())

    def sign_in(_: int) -> int:
        with httpx.Client() as client:
            return client.post(f"{served.url}/v1/auth/login", json=body, timeout=60).status_code

    statuses: Counter[int] = Counter()
    with ThreadPoolExecutor(AT_ONCE + 2) as threads:
        watching = threads.submit(watch)
        asking = threads.submit(load, served.port, ["/health/live"], seconds, 1, "Bearer none")
        began = time.perf_counter()
        while not asking.done():
            statuses.update(threads.map(sign_in, range(AT_ONCE)))
        lasted = time.perf_counter() - began
        done.set()
        watching.result()
    return SignedIn(most[0] - before, asking.result().p99_ms, statuses, lasted)
