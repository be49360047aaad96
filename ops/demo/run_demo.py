"""Runs the demo: opens shops, imports a year, waits for the read models, compares the figures."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ops.demo import freshness_probes
from ops.demo.compare_figures import Comparison, compare
from ops.demo.compare_offers import OfferComparison, compare_offers
from ops.demo.fit_out_shop import fit_out
from ops.demo.freshness_probes import MeasuredFreshness, Probes
from ops.demo.grocer_offers import Offers, offers_of_store
from ops.demo.grocer_source import CURRENCY, TIMEZONE, Grocer
from ops.demo.import_pace import Pace
from ops.demo.import_year import Tally, take_in
from ops.demo.open_shops import open_shops
from ops.demo.shop_client import Shop, await_younger
from ops.settings import Settings

_CATCH_UP_S: Final = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`seconds` is what the import took; `catch_up_seconds` how long until the read models held all of it."""

    comparison: Comparison
    offers: OfferComparison
    tally: Tally
    freshness: dict[str, MeasuredFreshness]
    seconds: float
    catch_up_seconds: float
    shops: Sequence[str]

    @property
    def differences(self) -> int:
        return len(self.comparison.differences()) + len(self.offers.differences())

    def document(self) -> dict[str, Any]:
        return {
            "revenue": {
                "source_minor": self.comparison.source_minor,
                "read_model_minor": self.comparison.read_model_minor,
                "currency": CURRENCY,
            },
            "promotions": {
                "source_minor": self.offers.source_minor,
                "shop_minor": self.offers.shop_minor,
                "prices": self.offers.prices,
                "currency": CURRENCY,
            },
            "differences": self.differences,
            "tenants": len(self.shops),
            "orders": self.tally.orders,
            "order_lines": self.tally.lines,
            "products": self.tally.products,
            "categories": self.tally.categories,
            "events": self.tally.events,
            "written": self.tally.written,
            "freshness_ms": {name: asdict(measured) for name, measured in self.freshness.items()},
            "seconds": round(self.seconds, 1),
            "catch_up_seconds": round(self.catch_up_seconds, 1),
        }


def run(settings: Settings, console: Console, stores: int | None) -> tuple[Report, list[Shop]]:
    """Runs on a stack that is up. The shops, the busiest first, are for looking around in afterwards."""
    grocer = Grocer()
    numbers = grocer.stores(stores)
    console.print(f"Opening {len(numbers)} shops, one for each of the grocer's busiest stores.", highlight=False)
    slugs = [f"store-{number}" for number in numbers]
    probe_shop, *shops = open_shops(settings, [freshness_probes.SLUG, *slugs], CURRENCY, TIMEZONE)
    probes = Probes(probe_shop)
    probes.start()
    tally, began, now = Tally(events=len(shops)), time.monotonic(), datetime.now(UTC)
    offers: list[Offers] = []
    with Pace(probe_shop) as pace, _bar(console) as bar:
        products, orders = grocer.sizes(numbers)
        task = bar.add_task("products and orders", total=products + orders)
        for number, shop in zip(numbers, shops, strict=True):
            bar.update(task, description=f"{shop.slug}")
            take_in(grocer, number, shop, tally, pace, lambda done: bar.advance(task, done))
            offers.append(offers_of_store(grocer, number, now))
            fit_out(shop, offers[-1])
        bar.update(task, description="imported", refresh=True)
    imported, seconds = datetime.now(UTC), time.monotonic() - began
    with console.status("waiting until the read models hold everything that was committed"):
        freshness = probes.finish()
        await_younger(shops[0], imported, _CATCH_UP_S)
    catch_up = time.monotonic() - began - seconds
    comparison = compare((shop, grocer.takings(number)) for number, shop in zip(numbers, shops, strict=True))
    report = Report(
        comparison=comparison,
        offers=compare_offers(zip(shops, offers, strict=True)),
        tally=tally,
        freshness=freshness,
        seconds=seconds,
        catch_up_seconds=catch_up,
        shops=slugs,
    )
    return report, shops


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=not console.is_terminal)
