"""`rustok bench analytics`: what analysts ask most, of a published snapshot beside the same file with native tables.

Both have the same views. What differs is where the rows are: in Parquet files that many snapshots share, or in tables
of the one file, which is how publishing would have to copy all of it each time. Needs no servers.
"""

import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Final

import click
import duckdb

from ops.bench.figures import Figure, show, tell
from sinks.analytics.sales_facts import MODEL
from sinks.bench import filled_sales
from sinks.duckdb import exported_snapshots, snapshots
from sinks.duckdb.exported_snapshots import Source

_AT_ONCE: Final = 40_000  # orders
_MOST_MEMORY: Final = "4GB"
#: Those that analysts of shops ask, each in the words of a view or macro. `$tenant` is the shop.
QUESTIONS: Final[Mapping[str, str]] = {
    "gross_discounts_reversals_net_by_month": """
        SELECT date_trunc('month', recognised_on) AS month, currency, sum(gross_minor) FILTER (kind = 'sale'),
               sum(discount_minor), sum(net_minor) FILTER (kind <> 'sale'), sum(net_minor)
        FROM fct_sales WHERE tenant_id = $tenant GROUP BY ALL""",
    "order_value_mean_and_median": """
        SELECT currency, sum(net_minor) / count(*), median(net_minor)
        FROM fct_orders WHERE tenant_id = $tenant AND is_paid GROUP BY ALL""",
    "basket_size": """
        SELECT avg(lines), avg(products), avg(pieces) FROM fct_orders WHERE tenant_id = $tenant AND is_paid""",
    "new_and_returning_by_month": """
        SELECT date_trunc('month', placed_on) AS month, customer_kind, count(*)
        FROM fct_orders WHERE tenant_id = $tenant AND is_paid GROUP BY ALL""",
    "categories_of_a_quarter": """
        SELECT category_path, currency, sum(net_minor) FROM fct_sales
        WHERE tenant_id = $tenant AND recognised_on BETWEEN DATE '2026-04-01' AND DATE '2026-06-30' GROUP BY ALL""",
    "best_sellers_of_a_month": """
        SELECT product_id, any_value(title), sum(quantity) AS units, sum(net_minor) FROM fct_sales
        WHERE tenant_id = $tenant AND recognised_on BETWEEN DATE '2026-05-01' AND DATE '2026-05-31'
        GROUP BY product_id ORDER BY units DESC, product_id LIMIT 20""",
    "sales_by_day": """
        SELECT day, currency, sum(net_minor) FROM sales_by_day WHERE tenant_id = $tenant GROUP BY ALL""",
    "reduced_lines": """
        SELECT currency, count(*) FILTER (is_reduced) / count(*), sum(discount_minor) / sum(gross_minor)
        FROM fct_order_lines WHERE tenant_id = $tenant GROUP BY ALL""",
    "cohorts": "SELECT * FROM cohorts(DATE '2026-12-31') WHERE tenant_id = $tenant",
    "segments": """
        SELECT segment, count(*) FROM customers_rfm(DATE '2026-12-31') WHERE tenant_id = $tenant GROUP BY ALL""",
}


@click.command()
@click.option("--lines", default=10_000_000, type=click.IntRange(min=100), show_default=True, help="Of orders.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Runs; the medians count.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def analytics(lines: int, rounds: int, as_json: bool) -> None:
    """Ten questions of analysts over many LINES, beside the same over native tables."""
    with tempfile.TemporaryDirectory(prefix="rustok-analytics-", dir="/var/tmp") as folder:
        figures = _measured(Path(folder), lines, rounds)
    show(figures, as_json=as_json)


def _measured(folder: Path, lines: int, rounds: int) -> dict[str, Figure]:
    tell(f"selling {lines:,} lines")
    with closing(filled_sales.opened(folder)) as sink:
        sink.fill(lines // filled_sales.LINES_OF_AN_ORDER, _AT_ONCE)
        tenant = sink.tenant_id
    snapshot = snapshots.current(folder / MODEL.id)
    assert snapshot is not None  # noqa: S101  # it was published
    native = folder / "native.duckdb"
    tell("writing the same as native tables")
    exported_snapshots.to_duckdb(
        Source(path=snapshot.path, model=MODEL.name, facts=MODEL.store.shape, as_of=None), native
    )
    figures = {}
    for name, question in QUESTIONS.items():
        seconds: dict[Path, list[float]] = {snapshot.path: [], native: []}
        for number in range(rounds):
            for path in (snapshot.path, native) if number % 2 else (native, snapshot.path):
                seconds[path].append(_asked(path, question, tenant))
        figures[f"{name}_s"] = Figure.of(median(seconds[snapshot.path]), median(seconds[native]), "s")
        tell(f"  {name}: {figures[f'{name}_s'].ratio:.2f} of native")
    ours, baseline = sum(one.ours for one in figures.values()), sum(one.baseline for one in figures.values())
    return {**figures, "all_ten_s": Figure.of(ours, baseline, "s")}


def _asked(path: Path, question: str, tenant: object) -> float:
    """Seconds, in a connection of its own, as a notebook's next cell would take once the file is open."""
    with duckdb.connect(path, read_only=True, config={"threads": 2, "memory_limit": _MOST_MEMORY}) as reader:
        reader.execute("SELECT count(*) FROM orders").fetchall()
        began = time.monotonic()
        reader.execute(question, {"tenant": tenant}).fetchall()
        return time.monotonic() - began
