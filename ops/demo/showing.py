"""What does a newcomer see at the end? Three searches, the revenue of both sides, how fresh it was, where to go on."""

from rich.console import Console
from rich.table import Table

from ops.demo.comparing import Figures
from ops.demo.probing import Freshness
from ops.demo.running import Report
from ops.demo.shop import Shop
from ops.settings import Settings

SEARCHES = ("tomato sauce", "chocolate milk", "frozn pizza")


def show(report: Report, shops: list[Shop], settings: Settings, console: Console) -> None:
    for words in SEARCHES:
        _search(shops[0], words, console)
    _revenue(report, console)
    for name, measured in report.freshness.items():
        _freshness(name, measured, console)
    tally = report.tally
    console.print(
        f"\n{tally.orders:,} orders with {tally.lines:,} lines, {tally.products:,} products, {tally.events:,} events; "
        f"imported in {report.seconds:.1f} s, read models complete {report.catch_up_seconds:.1f} s later.",
        highlight=False,
    )
    console.print(
        f"\nGo on with\n  API and its documentation  {settings.api_url}/docs\n"
        f"  a token for a shop         rustok api token --tenant {report.shops[0]}\n"
        f"  the analysts' file         rustok sinks snapshot\n"
        f"  how everything is          rustok status",
        highlight=False,
    )


def _search(shop: Shop, words: str, console: Console) -> None:
    found = shop.get("/v1/search/products", q=words, per_page=4)
    facets = ", ".join(f"{bucket['label']} {bucket['count']}" for bucket in found["facets"]["categories"][:4])
    console.print(f"\n[bold]“{words}”[/] in {shop.slug}: {found['total']} hits   [dim]{facets}[/]", highlight=False)
    for hit in found["hits"]:
        price = "—" if hit["price_min_minor"] is None else f"{hit['price_min_minor'] / 100:.2f} {hit['currency']}"
        console.print(f"  {hit['title']:<48} {hit['brand'] or '':<16} {price:>10}", highlight=False)


def _revenue(report: Report, console: Console) -> None:
    comparison = report.comparison
    table = Table(title="\nRevenue by department and week: the ten largest, all shops", title_justify="left", box=None)
    for name in ("week of", "department"):
        table.add_column(name)
    for name in ("source units", "read model", "source revenue", "read model"):
        table.add_column(name, justify="right")
    for department, week, source, read_model in comparison.department_weeks(10):
        table.add_row(str(week), department, *_both(source, read_model))
    table.add_section()
    table.add_row(
        "", "everything", "", "", _money(comparison.source_minor), _money(comparison.read_model_minor), style="bold"
    )
    console.print(table)
    differences = comparison.differences()
    if not differences:
        console.print(f"[green]✓[/] all {len(comparison.source):,} cells are equal to the cent", highlight=False)
    for each in differences[:20]:
        console.print(
            f"[red]✗[/] {each.shop} {each.week} {each.department}: source {each.source}, read model {each.read_model}",
            highlight=False,
        )


def _both(source: Figures | None, read_model: Figures | None) -> tuple[str, str, str, str]:
    units = tuple("—" if side is None else f"{side.units:,}" for side in (source, read_model))
    money = tuple("—" if side is None else _money(side.revenue_minor) for side in (source, read_model))
    return (*units, *money)  # type: ignore[return-value]  # two and two


def _freshness(name: str, measured: Freshness, console: Console) -> None:
    seen = "searchable" if name == "search" else "in analytics"
    console.print(
        f"commit → {seen:<13} p50 {measured.p50:>6,} ms   p99 {measured.p99:>6,} ms   ({measured.samples} samples)",
        highlight=False,
    )


def _money(minor: int) -> str:
    return f"{minor / 100:,.2f}"
