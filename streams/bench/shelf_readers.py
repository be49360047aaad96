"""Asks again and again for all products of a shop, and says which answers were none, or of two builds at once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

SEARCH: Final = "/v1/search/products"
_READERS: Final = 2
_ON_A_PAGE: Final = 50
#: Of what it knows of the age of an index, at the very most: two workers may differ by it.
_A_WORKER_KEEPS: Final = timedelta(seconds=1)


@dataclass
class Reads:
    """Answers so far. `failed` are errors; `mixed` those that had another number of products than there are, or one of
    them twice; `older` those of a moment that was a second or more before that of an answer given before.
    """

    answers: int = 0
    failed: int = 0
    mixed: int = 0
    older: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, *, failed: bool = False, mixed: bool = False, older: bool = False) -> None:
        with self.lock:
            self.answers += 1
            self.failed += failed
            self.mixed += mixed
            self.older += older

    def wait_for(self, answers: int, most_s: float) -> None:
        """Until there are so many, or the time is up."""
        until = time.monotonic() + most_s
        while self.answers < answers and time.monotonic() < until:
            time.sleep(0.05)


@contextmanager
def reading(shop: httpx.Client, tag: str, products: int) -> Iterator[Reads]:
    """`products` have the tag, all the time."""
    reads, enough = Reads(), threading.Event()
    readers = [
        threading.Thread(target=_read, args=(shop, tag, products, reads, enough), name=f"reader {n}")
        for n in range(_READERS)
    ]
    for one in readers:
        one.start()
    try:
        yield reads
    finally:
        enough.set()
        for one in readers:
            one.join()


def _read(shop: httpx.Client, tag: str, products: int, reads: Reads, enough: threading.Event) -> None:
    seen = datetime.min.replace(tzinfo=UTC)
    asked = {"tag": tag, "facets": "none", "per_page": str(_ON_A_PAGE), "sort": "newest"}
    while not enough.is_set():
        try:
            answer = shop.get(SEARCH, params=asked)
            told: dict[str, Any] = answer.raise_for_status().json()
        except httpx.HTTPError:
            reads.count(failed=True)
            continue
        as_of, ids = datetime.fromisoformat(told["as_of"]), {hit["id"] for hit in told["hits"]}
        is_whole = told["total"] == products and len(ids) == min(products, _ON_A_PAGE)
        reads.count(mixed=not is_whole, older=seen - as_of >= _A_WORKER_KEEPS)
        seen = max(seen, as_of)
