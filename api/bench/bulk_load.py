"""Changes the products of a shop and counts their stock, many in a call and one by one: how many in a second."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import httpx

from api.use_cases.bulk.chained_changes import MOST_AT_ONCE
from ops.bench.figures import tell
from ops.failure import Failure

#: Of all products, one in so many is changed in a call of its own.
_ONE_BY_ONE: Final = 10
_TAG: Final = {"action": "add_tags", "tags": ["spring"]}
_FOUND: Final = {"action": "adjust", "delta": 1, "reason": "found"}


@dataclass(frozen=True, slots=True)
class BulkLoad:
    """A second: `one_by_one` are products, a call for each."""

    tagged: float
    adjusted: float
    one_by_one: float


def bulk_load(client: httpx.Client, connections: int) -> BulkLoad:
    """Of a shop that has products, none of them counted."""
    products = list(_products(client))
    ids, skus = [one["id"] for one in products], [one["variants"][0]["sku"] for one in products]
    for part in _parts([{"sku": sku, "on_hand": 10} for sku in skus]):
        client.post("/v1/imports/stock", json={"items": part}).raise_for_status()

    def tagged(part: Sequence[str]) -> httpx.Response:
        return client.post("/v1/products/bulk", json={"items": [{**_TAG, "id": id_} for id_ in part]})

    def adjusted(part: Sequence[str]) -> httpx.Response:
        return client.post("/v1/stock/bulk", json={"items": [{**_FOUND, "sku": sku} for sku in part]})

    def alone(id_: str) -> httpx.Response:
        return client.patch(f"/v1/products/{id_}", json={"tags": ["autumn"]})

    with ThreadPoolExecutor(connections) as senders:
        return BulkLoad(
            tagged=_per_s(senders, "products tagged in calls of many", tagged, list(_parts(ids)), len(ids)),
            adjusted=_per_s(senders, "stock adjusted in calls of many", adjusted, list(_parts(skus)), len(skus)),
            one_by_one=_per_s(
                senders, "products tagged one by one", alone, ids[::_ONE_BY_ONE], len(ids) // _ONE_BY_ONE
            ),
        )


def _per_s(
    senders: ThreadPoolExecutor, what: str, send: Callable[[Any], httpx.Response], sent: Sequence[Any], many: int
) -> float:
    """Raises `Failure` for anything that was refused."""
    tell(f"{many:,} {what}")
    began = time.perf_counter()
    for answer in senders.map(send, sent):
        if answer.status_code != httpx.codes.OK or answer.json().get("refused"):
            raise Failure(f"{what}: {answer.text[:300]}", "Is the stack up?")
    return many / (time.perf_counter() - began)


def _products(client: httpx.Client) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {"limit": MOST_AT_ONCE, "fields": "id,variants.sku"}
    while True:
        page = client.get("/v1/products", params=asked).raise_for_status().json()
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        asked["cursor"] = page["next_cursor"]


def _parts(all_: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(all_), MOST_AT_ONCE):
        yield all_[at : at + MOST_AT_ONCE]
