"""Measures a rebuild of product search: how fast it is, what it costs those who write, and whether readers notice."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from tempfile import TemporaryFile
from typing import Any, Final

import click
import httpx

from ops.bench.figures import Figure, show, tell
from ops.failure import Failure
from ops.settings import Settings
from sinks.bench.copied_index import documents_per_s
from sinks.search.product_documents import MODEL
from streams.bench import visible_latency
from streams.bench.shelf_readers import SEARCH, Reads, reading

_TAG: Final = "rebuild-bench"
_AT_ONCE: Final = 500
_SEARCHABLE_S: Final = 300.0
_READS_S: Final = 600.0
_COMMAND: Final = (sys.executable, "-m", "ops.cli", "sinks", "rebuild")


@click.command()
@click.option(
    "--products", type=click.IntRange(min=50), default=20_000, show_default=True, help="Of the shop, at least."
)
@click.option("--reads", type=click.IntRange(min=10), default=10_000, show_default=True, help="While readers are led.")
@click.option("--seconds", type=click.IntRange(min=1), default=20, show_default=True, help="Of looking at freshness.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def rebuild(products: int, reads: int, seconds: int, as_json: bool) -> None:
    """A read model made again beside the live one, while people read and write. Needs a stack that is up.

    A shop of the name `freshness-bench` stays, with its products.
    """
    settings = Settings()
    shop = visible_latency.opened_shop(settings)
    try:
        _stock(shop, products)
        probe = visible_latency.product_of(shop)
        there = _found(shop)
        tell("making product search again, while nobody reads or writes")
        alone = {source: _made_and_dropped(source) for source in ("log", "tables")}
        tell(f"freshness without a rebuild: {seconds} s")
        calm = list(_latencies(shop, probe, seconds))
        with reading(shop, _TAG, there) as seen:
            busy = _rebuilt(shop, probe)
            seen.wait_for(reads // 2, _READS_S)
            tell(f"leading readers back, after {seen.answers:,} answers")
            _rustok("rollback", MODEL.name, "--json")
            seen.wait_for(reads, _READS_S)
        _rustok("drop", MODEL.name, "--json")
        tell("the same documents, ready-made")
        raw = documents_per_s(settings, MODEL)
    finally:
        shop.close()
    show(_figures(alone, raw, calm, busy, seen), as_json=as_json)


def _figures(
    alone: dict[str, float], raw: float, calm: list[float], busy: list[float], seen: Reads
) -> dict[str, Figure]:
    return {
        "rebuilt_documents_per_s": Figure.of(alone["log"], raw, "documents/s until whole, beside plain bulk requests"),
        "rebuilt_from_tables_per_s": Figure.of(
            alone["tables"], raw, "documents/s until whole, beside plain bulk requests"
        ),
        "commit_to_search_ms_p50": Figure.of(
            median(busy) * 1000, median(calm) * 1000, "ms during a rebuild, beside before it"
        ),
        "reads_failed": Figure.of(seen.failed, seen.answers, "answers, of all across a swap and a rollback"),
        "reads_mixed": Figure.of(seen.mixed, seen.answers, "answers, of all across a swap and a rollback"),
        "reads_older": Figure.of(seen.older, seen.answers, "answers, of all across a swap and a rollback"),
    }


def _made_and_dropped(source: str) -> float:
    """Documents a second until it was whole."""
    done = _rustok("start", MODEL.name, "--from", source, "--hold", "--json")
    _rustok("drop", MODEL.name, "--json")
    return float(done["documents"] / done["whole_s"])


def _stock(shop: httpx.Client, number: int) -> None:
    tell(f"{number:,} products")
    for first in range(0, number, _AT_ONCE):
        items = [_product(n) for n in range(first, min(first + _AT_ONCE, number))]
        shop.post("/v1/imports/products", json={"items": items}, timeout=120).raise_for_status()
    until = time.monotonic() + _SEARCHABLE_S
    while _found(shop) < number:
        if time.monotonic() > until:
            raise Failure(f"{_found(shop):,} of {number:,} products are searchable.", "`rustok status` shows its feed.")
        time.sleep(0.5)


def _product(number: int) -> dict[str, Any]:
    title = {"locale": "en", "title": f"Cheese {number}", "description": "Blue, and good with bread."}
    price = {"currency": "USD", "amount_minor": 100 + number % 900}
    variant = {"sku": f"{_TAG}-{number}", "prices": [price]}
    return {"external_id": f"{_TAG}-{number}", "tags": [_TAG], "translations": [title], "variants": [variant]}


def _found(shop: httpx.Client) -> int:
    answer = shop.get(SEARCH, params={"tag": _TAG, "facets": "none"}).raise_for_status().json()
    return int(answer["total"])


def _latencies(shop: httpx.Client, probe: dict[str, Any], seconds: float) -> Iterator[float]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield visible_latency.change_and_find(shop, probe)


def _rebuilt(shop: httpx.Client, probe: dict[str, Any]) -> list[float]:
    """The latencies while it is made again, and readers are led there."""
    tell("making it again while shops write, and readers read")
    command = [*_COMMAND, "start", MODEL.name, "--json"]
    busy: list[float] = []
    with TemporaryFile("w+") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        while process.poll() is None:
            busy.append(visible_latency.change_and_find(shop, probe))
        said.seek(0)
        _require(process.returncode, said.read())
    return busy


def _rustok(*words: str) -> Any:
    """What `rustok sinks rebuild` says with these words."""
    done = subprocess.run([*_COMMAND, *words], capture_output=True, text=True, check=False)
    _require(done.returncode, done.stdout + done.stderr)
    return json.loads(done.stdout)


def _require(code: int, said: str) -> None:
    if code:
        raise Failure(f"It could not be made again: {said}", "`rustok sinks rebuild status` shows what is there.")
