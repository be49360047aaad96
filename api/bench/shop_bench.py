"""Measures how many orders a shop takes: of one article that everybody wants, of many, and of what is not counted."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

import click
import httpx

from api.bench.order_process import Placed
from api.bench.scratch_shop import ScratchShop, scratch_shop
from api.bench.served_app import HOST, Served, serving
from ops.bench.figures import Figure, show, tell
from ops.failure import Failure
from ops.settings import PREFIX, Settings

API: Final = "api.wsgi:make"
#: Orders of one article in a second, at least.
HOT_PER_S: Final = 150.0
#: Of three articles each, of what a shop has many of.
THREE_LINES_PER_S: Final = 250.0
_ENOUGH: Final = 100_000_000
_SIZES: Final = ("s", "m", "l")
_ENVIRONMENT: Final = {f"{PREFIX}API_WORKERS": "2", f"{PREFIX}LIMIT_COMMANDS": "1000000000 per minute"}


@click.command()
@click.option(
    "--seconds", type=click.FloatRange(min=0.5, max=60), default=10.0, show_default=True, help="Of each load."
)
@click.option("--connections", type=click.IntRange(1, 64), default=8, show_default=True, help="That stay open.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def shop(seconds: float, connections: int, as_json: bool) -> None:
    """Orders with stock reserved, beside orders of what is not counted. Needs the stack's PostgreSQL."""
    settings = Settings()
    with scratch_shop(settings) as opened, serving(settings, API, {**opened.environment, **_ENVIRONMENT}) as served:
        many, free = _shelves(opened, served)
        loads = {}
        for name, skus, lines in (("hot", many[:1], 1), ("many", many, 1), ("three", many, 3), ("uncounted", free, 1)):
            tell(f"orders of {name}: {connections} connections for {seconds:g} s")
            loads[name] = _load(opened, served, _bodies(skus, lines), seconds, connections)
    for name, placed in loads.items():
        tell(f"{name}: p99 {placed.p99_ms:.0f} ms; answered otherwise: {placed.others or 'none'}")
    orders = "orders/s"
    show(
        {
            "hot_per_s": Figure.of(loads["hot"].per_s, HOT_PER_S, f"{orders} of one article, of at least"),
            "hot_beside_many": Figure.of(loads["hot"].per_s, loads["many"].per_s, f"{orders}, beside many articles"),
            "counted": Figure.of(loads["many"].per_s, loads["uncounted"].per_s, f"{orders}, beside uncounted ones"),
            "three_lines_per_s": Figure.of(
                loads["three"].per_s, THREE_LINES_PER_S, f"{orders} of 3 lines, of at least"
            ),
            "three_lines": Figure.of(loads["three"].per_s, loads["many"].per_s, f"{orders} of 3 lines, beside one"),
            "not_placed": Figure.of(sum(loads["hot"].others.values()), 0, "of one article, of none"),
        },
        as_json=as_json,
    )


def _shelves(opened: ScratchShop, served: Served) -> tuple[list[str], list[str]]:
    """SKUs that are counted, with enough of each, and some that are not."""
    half = len(opened.product_ids) // 2
    with httpx.Client(base_url=served.url, headers={"Authorization": f"Bearer {opened.token}"}, timeout=30) as client:
        for id_ in opened.product_ids:
            client.post(f"/v1/products/{id_}/publish").raise_for_status()
        skus = [f"CHEESE-{number}-{size}" for number in range(len(opened.product_ids)) for size in _SIZES]
        counted, free = skus[: half * len(_SIZES)], skus[half * len(_SIZES) :]
        items = [{"sku": sku, "on_hand": _ENOUGH} for sku in counted]
        client.post("/v1/imports/stock", json={"items": items}).raise_for_status()
    return counted, free


def _bodies(skus: Sequence[str], lines: int) -> list[str]:
    """Each wants so many articles, one after another."""
    return [
        json.dumps({"lines": [{"sku": skus[(at + line) % len(skus)], "quantity": 1} for line in range(lines)]})
        for at in range(len(skus))
    ]


def _load(opened: ScratchShop, served: Served, bodies: list[str], seconds: float, connections: int) -> Placed:
    command = [sys.executable, "-m", "api.bench.order_process", HOST, str(served.port), str(seconds), str(connections)]
    asked = json.dumps({"authorization": f"Bearer {opened.token}", "bodies": bodies})
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False, timeout=seconds + 60)
    if done.returncode != 0:
        raise Failure(f"The load ended with an error: {done.stderr[-500:]}", "Is the stack up, and migrated?")
    return Placed(**json.loads(done.stdout))
