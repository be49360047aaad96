"""`rustok bench publishing`: what publishing the sales costs with few and with many lines, beside a copy of the file.

The same orders come to a read model of a small number of lines and to one of a large number: nine in ten are new, and
the tenth is an old one that changed. Needs no servers.
"""

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import UUID, uuid4

import click

from sinks.analytics.sales_facts import LINES, MODEL, ORDER_FACTS
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.freshness import Freshness
from sinks.sink import DocumentChange

_LINES: Final = 5
_NEW, _CHANGED = 90, 10
_AT_ONCE: Final = 4000  # orders
_SAMPLE: Final = 1000
_FRESH: Final = Freshness()


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds, and the bytes of what was published each time."""

    lines: int
    publish: Sequence[float]
    copy: Sequence[float]
    snapshot_bytes: int
    live_bytes: int

    @property
    def p99(self) -> float:
        return sorted(self.publish)[int(len(self.publish) * 0.99)]


@click.command()
@click.option("--few", default=1_000_000, type=click.IntRange(min=1), show_default=True, help="Lines of the small one.")
@click.option("--many", default=10_000_000, type=click.IntRange(min=1), show_default=True, help="Lines of the other.")
@click.option("--times", default=300, type=click.IntRange(min=10), show_default=True, help="Publishings of each.")
def publishing(few: int, many: int, times: int) -> None:
    """Publish sales of FEW and of MANY lines, beside copying the live file."""
    found = []
    for lines in (few, many):
        with tempfile.TemporaryDirectory(prefix="rustok-publishing-", dir="/var/tmp") as folder:
            found.append(measured(Path(folder), lines, times))
        one = found[-1]
        click.echo(
            f"{one.lines:>12,} lines  publish p50 {median(one.publish) * 1000:,.0f} ms  p99 {one.p99 * 1000:,.0f} ms"
            f"  ({one.snapshot_bytes / 1e6:,.1f} MB)   copy p50 {median(one.copy) * 1000:,.0f} ms"
            f"  ({one.live_bytes / 1e6:,.0f} MB)"
        )
    small, large = found
    click.echo(
        f"{'ratio':>18}  publish p50 {median(large.publish) / median(small.publish):.2f}"
        f"  p99 {large.p99 / small.p99:.2f}"
        f"   copy p50 {median(large.copy) / median(small.copy):.2f}"
    )


def measured(folder: Path, lines: int, times: int) -> Figures:
    sink = _Multiplied(folder / MODEL.id, MODEL, MODEL.store.shape, goes_live=True)
    sink.open()
    with closing(sink):
        tenant = uuid4()
        old = _filled(sink, tenant, lines // _LINES)
        publish = []
        for number in range(times):
            changed = [_order(tenant, id_, 2 + number) for id_ in random.sample(old, _CHANGED)]
            sink.write([_order(tenant, uuid4(), 1) for _ in range(_NEW)] + changed, {})
            began = time.monotonic()
            sink.publish(_FRESH)
            publish.append(time.monotonic() - began)
        published = max(sink.folder.glob("*-[0-9]*.duckdb"))
        size = published.stat().st_size
    live = sink.folder / f"{MODEL.id}.live.duckdb"
    return Figures(lines, publish, [_copied(live) for _ in range(5)], size, live.stat().st_size)


class _Multiplied(DuckDBSink):
    """Has many orders without writing each: they are made of one, in the live file."""

    def multiply(self, id_: UUID, times: int) -> None:
        number = self._fact_parts.open_no
        self._run(f"CREATE OR REPLACE TEMP TABLE made AS SELECT uuidv7() AS made_id FROM range({times:d})")
        for table, key in ((ORDER_FACTS.table, "id"), (LINES.table, LINES.parent_id)):
            self._insert(
                f"INSERT INTO {table} BY NAME SELECT one.* EXCLUDE (part_no) REPLACE (made_id AS {key}), {number}"
                f" AS part_no FROM (FROM {table} WHERE {key} = ?) AS one, made",
                [id_],
            )
        self._unpublished = True

    def some_ids(self) -> list[UUID]:
        return [id_ for (id_,) in self._run(f"SELECT id FROM {ORDER_FACTS.table} USING SAMPLE {_SAMPLE:d} ROWS")]


def _filled(sink: _Multiplied, tenant: UUID, orders: int) -> list[UUID]:
    """So many orders, a publishing after each batch; some of their ids."""
    first = _order(tenant, uuid4(), 1)
    sink.write([first], {})
    for start in range(0, orders, _AT_ONCE):
        sink.multiply(first.id, min(_AT_ONCE, orders - start))
        sink.publish(_FRESH)
    return sink.some_ids()


def _order(tenant: UUID, id_: UUID, version: int) -> DocumentChange:
    now = datetime.now(UTC)
    values: dict[str, Any] = dict.fromkeys(ORDER_FACTS.columns) | {
        "status": "paid",
        "currency": "EUR",
        "total_minor": 1000,
        "placed_at": now,
        "paid_at": now,
    }
    line: dict[str, Any] = dict.fromkeys(LINES.columns) | {
        "product_id": tenant,
        "sku": "SKU-1",
        "title": "Tomatoes",
        "category": "Food",
        "quantity": 1,
        "total_minor": 200,
    }
    document = {**values, "lines": [line] * _LINES, "reversals": []}
    return DocumentChange(collection="orders", tenant_id=tenant, id=id_, version=version, document=document)


def _copied(live: Path) -> float:
    target = live.with_name("copy")
    began = time.monotonic()
    subprocess.run(["cp", "--", live, target], check=True)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    seconds = time.monotonic() - began
    target.unlink()
    return seconds
