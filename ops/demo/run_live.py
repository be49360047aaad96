"""Runs the live day of the demo: opens its shop, fills the shelves, trades, and tells as it goes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Event
from typing import Final

from rich.console import Console

from ops.demo import live_trade
from ops.demo.grocer_offers import offers_of_busiest_day
from ops.demo.grocer_source import CURRENCY, Grocer
from ops.demo.open_shops import open_shops
from ops.settings import Settings

_NAMES: Final[Mapping[str, str]] = {
    "delivered": "delivered",
    "shipped": "on their way",
    "partly_shipped": "sent in part",
    "returned": "with something sent back",
    "refunded": "with something given back",
    "cancelled": "cancelled",
    "waits": "waiting to be confirmed",
    "not_sold": "not sold",
}


def run_live(settings: Settings, console: Console, minutes: float) -> Mapping[str, int]:
    """How many orders came to what. Ctrl-C ends the day early; it is no error."""
    grocer = Grocer()
    products, baskets = grocer.busiest_day()
    offers = offers_of_busiest_day(grocer, products, datetime.now(UTC))
    (shop,) = open_shops(settings, [live_trade.SLUG], CURRENCY)
    live_trade.stock_up(shop, offers)
    console.print(
        f"\n{shop.slug} trades the grocer's busiest day, {len(baskets)} baskets, in {minutes:g} minutes.",
        highlight=False,
        soft_wrap=True,
    )
    with console.status("the shop opens") as status:
        done = live_trade.trade(shop, baskets, minutes, Event(), lambda so_far: status.update(told(so_far)))
    console.print(f"[green]✓[/] {told(done)}", highlight=False, soft_wrap=True)
    shop.close()
    return done


def told(done: Mapping[str, int]) -> str:
    """In words; what never happened is left out."""
    parts = [f"{done[fate]} {name}" for fate, name in _NAMES.items() if done.get(fate)]
    by_web = (
        f"; {done['web']} of them by the web, {done.get('declined', 0)} at a second try to pay"
        if done.get("web")
        else ""
    )
    short = f"; {done['short']} times something was short, and more came" if done.get("short") else ""
    return f"orders: {', '.join(parts) or 'none yet'}{by_web}{short}"
