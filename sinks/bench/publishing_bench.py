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
from pathlib import Path
from statistics import median
from typing import Final
from uuid import uuid4

import click

from sinks.analytics.sales_facts import MODEL
from sinks.bench import filled_sales
from sinks.bench.filled_sales import order
from sinks.freshness import Freshness

_NEW, _CHANGED = 90, 10
_AT_ONCE: Final = 4000  # orders
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
    with closing(filled_sales.opened(folder)) as sink:
        tenant = sink.tenant_id
        sink.fill(lines // filled_sales.LINES_OF_AN_ORDER, _AT_ONCE)
        old = sink.some_ids()
        publish = []
        for number in range(times):
            changed = [order(tenant, id_, 2 + number) for id_ in random.sample(old, _CHANGED)]
            sink.write([order(tenant, uuid4(), 1) for _ in range(_NEW)] + changed, {})
            began = time.monotonic()
            sink.publish(_FRESH)
            publish.append(time.monotonic() - began)
        published = max(sink.folder.glob("*-[0-9]*.duckdb"))
        size = published.stat().st_size
    live = sink.folder / f"{MODEL.id}.live.duckdb"
    return Figures(lines, publish, [_copied(live) for _ in range(5)], size, live.stat().st_size)


def _copied(live: Path) -> float:
    target = live.with_name("copy")
    began = time.monotonic()
    subprocess.run(["cp", "--", live, target], check=True)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    seconds = time.monotonic() - began
    target.unlink()
    return seconds
