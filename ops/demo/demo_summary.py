"""Shows a newcomer at the end of the demo three searches, the revenue of both sides, how fresh it was, and where to go
on.
"""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from ops.demo.compare_figures import Both
from ops.demo.freshness_probes import MeasuredFreshness
from ops.demo.grocer_source import CURRENCY
from ops.demo.open_shops import host_of
from ops.demo.run_demo import Report
from ops.demo.shop_client import Shop
from ops.local.page_packages import page_packages
from ops.settings import Settings

SEARCHES: Final = ("tomato sauce", "chocolate milk", "frozn pizza")
_SHOWN: Final = 8


def show(report: Report, shops: list[Shop], settings: Settings, console: Console) -> None:
    for words in SEARCHES:
        _search(shops[0], words, console)
    _revenue(report, console)
    _offers(report, shops[0], console)
    for name, measured in report.freshness.items():
        _freshness(name, measured, console)
    tally = report.tally
    console.print(
        f"\n{tally.orders:,} orders with {tally.lines:,} lines, {tally.products:,} products, {tally.events:,} events; "
        f"imported in {report.seconds:.1f} s, read models complete {report.catch_up_seconds:.1f} s later.",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"\nGo on with\n{_storefront(report.shops[0], settings)}  API and its documentation  {settings.api_url}/docs\n"
        f"  a token for a shop         rustok api token --tenant {report.shops[0]}\n"
        f"  the host of its visitors   {host_of(report.shops[0])}\n"
        f"  what there is to try       docs/operating.md, A shop to try it on\n"
        f"  the analysts' file         rustok sinks snapshot\n"
        f"  how everything is          rustok status",
        highlight=False,
        soft_wrap=True,
    )


def _storefront(slug: str, settings: Settings) -> str:
    """Where the pages of a shop are; nothing where they are not served."""
    if not settings.storefront:
        return ""
    pages = f"http://{host_of(slug)}:{settings.api_port}/shop/"
    fetched = page_packages(settings.folder.software).is_dir()
    widgets = f"{pages}instantsearch" if fetched else "rustok demo --instantsearch"
    return f"  the storefront             {pages}\n  the same with InstantSearch {widgets}\n"


def _search(shop: Shop, words: str, console: Console) -> None:
    found = shop.get("/v1/search/products", q=words, per_page=4)
    facets = ", ".join(f"{bucket['label']} {bucket['count']}" for bucket in found["facets"]["categories"][:4])
    console.print(
        f"\n[bold]“{words}”[/] in {shop.slug}: {found['total']} hits   [dim]{facets}[/]",
        highlight=False,
        soft_wrap=True,
    )
    for hit in found["hits"]:
        price = "—" if hit["price_min_minor"] is None else f"{_money(hit['price_min_minor'])} {CURRENCY}"
        console.print(f"  {hit['title']:<48} {hit['brand'] or '':<16} {price:>10}", highlight=False)


def _revenue(report: Report, console: Console) -> None:
    comparison = report.comparison
    _table("Revenue by department", comparison.by_department(), console)
    _table("Revenue by week (Monday, New York)", comparison.by_week(), console)
    differences = comparison.differences()
    if not differences:
        told = f"{_money(comparison.read_model_minor)} {CURRENCY}; {len(comparison.source):,} figures by shop, week"
        console.print(f"[green]✓[/] {told} and department, equal to the cent", highlight=False, soft_wrap=True)
    for each in differences[:_SHOWN]:
        told = f"{each.shop} {each.week} {each.department}: source {each.source}, read model {each.read_model}"
        console.print(f"[red]✗[/] {told}", highlight=False, soft_wrap=True)


def _offers(report: Report, shop: Shop, console: Console) -> None:
    offers = report.offers
    differences = offers.differences()
    if not differences:
        told = f"{offers.prices:,} prices in lists, in all {_money(offers.shop_minor)} {CURRENCY}"
        console.print(f"[green]✓[/] {told}, and the collections: equal", highlight=False, soft_wrap=True)
    for each in differences[:_SHOWN]:
        slug, what, sku = each.place
        told = f"{slug}, {what} {sku}: source {each.source}, shop {each.shop}"
        console.print(f"[red]✗[/] {told}", highlight=False, soft_wrap=True)
    best = shop.get("/v1/collections/by-handle/offers-of-the-week/products", locale="en", limit=3)
    for product in best["items"]:
        asked = shop.get("/v1/prices", sku=product["variants"][0]["sku"])
        was = f"{_money(asked['compare_at_minor'])}" if asked["compare_at_minor"] else ""
        console.print(f"  {product['title']:<48} {was:>10} → {_money(asked['amount_minor'])}", highlight=False)


def _table(title: str, rows: Sequence[Both[Any]], console: Console) -> None:
    table = Table(
        title=f"\n{title}, the {min(_SHOWN, len(rows))} largest of {len(rows)}", title_justify="left", box=None
    )
    table.add_column("")
    for name in ("units: source", "read model", "revenue: source", "read model"):
        table.add_column(name, justify="right")
    for row in rows[:_SHOWN]:
        source, found = row.source, row.read_model
        money = (_money(source.revenue_minor), _money(found.revenue_minor))
        table.add_row(str(row.name), f"{source.units:,}", f"{found.units:,}", *money)
    console.print(table)


def _freshness(name: str, measured: MeasuredFreshness, console: Console) -> None:
    seen = "searchable" if name == "search" else "in analytics"
    console.print(
        f"commit → {seen:<13} p50 {measured.p50:>6,} ms   p99 {measured.p99:>6,} ms   ({measured.samples} samples)",
        highlight=False,
    )


def _money(minor: int) -> str:
    """Of the demo's dollars, exactly."""
    whole, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole:,}.{cents:02d}"
