"""Measures over HTTP how long after a commit a reader sees it, in a shop of its own, one change after the other."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import httpx

from ops.failure import Failure
from ops.settings import PREFIX, Settings

SLUG: Final = "freshness-bench"
LOOK_EVERY_S: Final = 0.02
GIVE_UP_S: Final = 60.0
FEWEST: Final = 5


def measure(settings: Settings, seconds: float) -> dict[str, list[float]]:
    """Seconds from the answer to a command to the first answer of a read model with its effect."""
    shop = opened_shop(settings)
    found: dict[str, list[float]] = {"search": [], "analytics": []}
    product = product_of(shop)
    try:
        for name, probe, share in (("search", change_and_find, 0.5), ("analytics", _sell_and_see, 0.5)):
            end = time.monotonic() + seconds * share
            while len(found[name]) < FEWEST or time.monotonic() < end:
                found[name].append(probe(shop, product))
        _ask(shop, "POST", f"/v1/products/{product['id']}/archive")
    finally:
        shop.close()
    return found


def opened_shop(settings: Settings) -> httpx.Client:
    """A client of the shop, which is made if it is not there. A tenant cannot be deleted: later runs use it again."""
    platform = _client(settings, "--role", "super_admin")
    answer = platform.post(
        "/v1/tenants", json={"slug": SLUG, "name": "Freshness", "default_locale": "en", "currency": "USD"}
    )
    platform.close()
    if answer.is_error and answer.status_code != httpx.codes.CONFLICT:
        raise Failure(f"The API did not open a shop: {answer.text}", "`rustok status` shows what is down.")
    return _client(settings, "--role", "admin", "--tenant", SLUG)


def _client(settings: Settings, *who: str) -> httpx.Client:
    environment = {**os.environ, f"{PREFIX}HOME": str(settings.home), f"{PREFIX}STACK": settings.stack}
    command = [sys.executable, "-m", "ops.cli", "api", "token", "--json", *who]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"`rustok api token` failed: {done.stderr.strip()}", "`rustok status` shows what is down.")
    (token,) = json.loads(done.stdout).values()
    return httpx.Client(base_url=settings.api_url, headers={"Authorization": f"Bearer {token}"}, timeout=30.0)


def product_of(shop: httpx.Client) -> dict[str, Any]:
    sku = f"probe-{uuid4().hex}"
    body = {
        "translations": [{"locale": "en", "title": "Probe", "handle": sku}],
        "variants": [{"sku": sku, "prices": [{"currency": "USD", "amount_minor": 100}]}],
    }
    made = _ask(shop, "POST", "/v1/products", json=body)
    _ask(shop, "POST", f"/v1/products/{made['id']}/publish")
    return made


def change_and_find(shop: httpx.Client, product: dict[str, Any]) -> float:
    word = f"probe{uuid4().hex}"
    text = {"locale": "en", "title": word, "handle": product["translations"][0]["handle"]}
    _ask(shop, "PATCH", f"/v1/products/{product['id']}", json={"translations": [text]})
    return _until(lambda: _ask(shop, "GET", "/v1/search/products", params={"q": word})["total"] == 1, word)


def _sell_and_see(shop: httpx.Client, product: dict[str, Any]) -> float:
    before = _sold(shop)
    line = {"sku": product["variants"][0]["sku"], "quantity": 1}
    order = _ask(shop, "POST", "/v1/orders", json={"lines": [line]})
    _ask(shop, "POST", f"/v1/orders/{order['id']}/confirm", json={})
    _ask(shop, "POST", f"/v1/orders/{order['id']}/pay", json={"payment_id": f"probe-{order['id']}"})
    return _until(lambda: _sold(shop) > before, "a sale")


def _sold(shop: httpx.Client) -> int:
    return sum(total["orders"] for total in _ask(shop, "GET", "/v1/analytics/sales")["totals"])


def _ask(shop: httpx.Client, method: str, path: str, **request: Any) -> dict[str, Any]:
    answer = shop.request(method, path, **request)
    if answer.is_error:
        raise Failure(f"{method} {path} gave {answer.status_code}: {answer.text[:300]}", "Look into the API's log.")
    told: dict[str, Any] = answer.json()
    return told


def _until(seen: Callable[[], bool], what: str) -> float:
    began = time.monotonic()
    while not seen():
        if time.monotonic() - began > GIVE_UP_S:
            raise Failure(f"{what} was not visible in {GIVE_UP_S:.0f} s.", "`rustok status` shows what is behind.")
        time.sleep(LOOK_EVERY_S)
    return time.monotonic() - began
