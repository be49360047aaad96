"""Defines `rustok demo`: real data through real servers, compared to the cent."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console

from ops.demo.grocer_source import DEFAULT_STORES
from ops.failure import Failure
from ops.local.bring_up_stack import bring_up
from ops.local.page_packages import fetch_page_packages
from ops.local.stop_stack import stop
from ops.progress_display import Steps
from ops.settings import Settings


@click.command()
@click.option("--check", is_flag=True, help="Do not stay: exit with 0 when every figure is equal, with 2 when not.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line of standard output.")
@click.option("--all", "every_store", is_flag=True, help="All 457 stores instead of the three busiest.")
@click.option("--free-ports", is_flag=True, help="Find free ports and keep them in the stack's stack.env.")
@click.option("--stores", type=click.IntRange(min=1), help="This many of the busiest stores.")
@click.option("--live", is_flag=True, help="Afterwards a day of trade, in a shop of its own: live-market.")
@click.option("--instantsearch", is_flag=True, help="Fetch what the storefront's page of stock InstantSearch loads.")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0.05, max=120),
    default=5.0,
    show_default=True,
    help="That the day of --live takes.",
)
def demo(
    *,
    check: bool,
    as_json: bool,
    every_store: bool,
    stores: int | None,
    free_ports: bool,
    live: bool,
    instantsearch: bool,
    minutes: float,
) -> None:
    """A real grocer's year through the whole chain.

    Starts what is not running, makes a shop of each store, imports its catalogue and its year of orders over the API
    while measuring how fresh the read models are, fits it out with promotions, collections, taxes, shipping and codes,
    and compares every week and department, and every promotion, with the source, to the cent.
    Running it again changes nothing. Without --check it stays until Ctrl-C and then stops what it started.
    """
    from ops.demo.demo_summary import show
    from ops.demo.run_demo import run
    from ops.demo.run_live import run_live

    console = Console(stderr=True)
    standing = bring_up(Settings(), console, free_ports=free_ports)
    settings = standing.settings
    if instantsearch:
        with Steps(console).together() as board, board.piece("InstantSearch"):
            fetch_page_packages(settings.folder.software)
    with _what_runs_is_said(settings.stack):
        report, shops = run(settings, console, None if every_store else stores or DEFAULT_STORES)
        show(report, shops, settings, console)
        if as_json:
            click.echo(json.dumps(report.document()))
        if report.differences:
            raise Failure(
                f"{report.differences} figures differ from the source.",
                "This must not happen: keep the stack as it is (`rustok status`, its logs) and report it.",
            )
        if live:
            run_live(settings, console, minutes)
    if not check:
        _stay(console)
        if not standing.was_running:
            stop(settings, Steps(console))


@contextmanager
def _what_runs_is_said(stack: str) -> Iterator[None]:
    """A demo that ends before its time leaves the stack as it is, for looking at, and says so."""
    runs = f"The stack {stack} goes on running: `rustok status` shows it, `rustok down` ends it."
    try:
        yield
    except Failure as failure:
        raise Failure(failure.what, f"{failure.remedy}\n{runs}") from failure
    except KeyboardInterrupt:
        raise Failure("The demo was interrupted; run again, it goes on where it was.", runs) from None


def _stay(console: Console) -> None:
    console.print("\nEverything keeps running. Ctrl-C ends it.", highlight=False)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        ended.wait()
    except KeyboardInterrupt:
        console.print()
    sys.stdout.flush()
