"""Measures the feeds' throughput beside what the stores and clients can do, and how fresh readers are.

Throughput: a backlog in Kafka, drained by a feed process as it is. Freshness: from commit to visible over HTTP, when
the API is up. Rounds of both sides take turns, medians count.
"""

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Final

import click
import httpx

from ops.bench.figures import Figure, show, tell
from ops.settings import Settings
from schemas.topics import ORDERS, PRODUCTS, Topic
from sinks.analytics import event_archive, sales_facts
from sinks.read_models import READ_MODELS
from streams.bench import raw_stores, visible_latency
from streams.bench.feed_events import EVENTS_OF_AN_ORDER, Events
from streams.bench.feed_process import reading, running
from streams.bench.group_progress import GroupFigures, drain
from streams.bench.schema_server import IDS
from streams.bench.scratch_feeds import HOT, World, world

RAW_READER: Final = "streams.bench.plain_readers"
MILLISECONDS: Final = 1000.0
DOCUMENTS_IN_A_REQUEST: Final = 1000


@click.command()
@click.option("--documents", type=click.IntRange(min=100), default=20_000, show_default=True, help="Products to index.")
@click.option("--orders", type=click.IntRange(min=100), default=20_000, show_default=True, help="Orders of ten lines.")
@click.option("--events", type=click.IntRange(min=100), default=150_000, show_default=True, help="For no store at all.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Runs; the medians count.")
@click.option("--seconds", type=click.IntRange(min=1), default=20, show_default=True, help="Of looking at freshness.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def chain(documents: int, orders: int, events: int, rounds: int, seconds: int, as_json: bool) -> None:
    """The feeds beside raw stores and raw readers, on the running servers."""
    settings = Settings()
    read = dict.fromkeys(topic for model in READ_MODELS for topic in model.topics)
    with _leaving_when_told(), world(settings, (*read, HOT)) as here:
        made = Events(IDS)
        figures = (
            _search(here, made, documents, rounds)
            | _orders(here, made, orders, rounds)
            | _no_store(here, made, events, rounds)
            | _freshness(here, made, seconds)
        )
    show(figures, as_json=as_json)


def _search(here: World, made: Events, number: int, rounds: int) -> dict[str, Figure]:
    tell(f"search: producing {number:,} products")
    products = made.products(number)
    records = here.produce(PRODUCTS, (made.created(product) for product in products))
    ours, raw = _in_turns(
        "search",
        rounds,
        lambda: _feed(here, "product-search", records, PRODUCTS),
        lambda: raw_stores.index_documents(here, made.tenant_id, products, DOCUMENTS_IN_A_REQUEST),
    )
    return {"search_events_per_s": Figure.of(ours, raw, "events/s")}


def _orders(here: World, made: Events, number: int, rounds: int) -> dict[str, Figure]:
    batch = sales_facts.MODEL.batch // EVENTS_OF_AN_ORDER
    tell(f"orders: producing {number:,}, {EVENTS_OF_AN_ORDER} events each")
    orders = list(made.orders(number))
    records = here.produce(ORDERS, (event for order in orders for event in made.life_of(order)))
    sold, inserted = _in_turns(
        "sales",
        rounds,
        lambda: _feed(here, "sales", records, ORDERS),
        lambda: raw_stores.insert_orders(here, made.tenant_id, orders, batch),
    )
    archived, written = _in_turns(
        "archive",
        rounds,
        lambda: _feed(here, "event-archive", records, ORDERS),
        lambda: raw_stores.write_bodies(here, orders, event_archive.MODEL.batch),
    )
    return {
        "sales_orders_per_s": Figure.of(sold / EVENTS_OF_AN_ORDER, inserted, "orders/s"),
        "archive_events_per_s": Figure.of(archived, written, "events/s"),
    }


def _no_store(here: World, made: Events, number: int, rounds: int) -> dict[str, Figure]:
    """Hot products, so that reading counts and decoding hardly does."""
    tell(f"no store: producing {number:,} changes of a few products")
    records = here.produce(HOT, made.hot(number))
    feeds, agents, clients = [], [], []
    for count in range(1, rounds + 1):
        feeds.append(_feed(here, "nowhere", records, HOT))
        agents.append(_reader(here, "faust", records))
        clients.append(_reader(here, "aiokafka", records))
        tell(
            f"no store: round {count} of {rounds}: feed {feeds[-1]:,.0f}, plain Faust {agents[-1]:,.0f}, "
            f"aiokafka {clients[-1]:,.0f} events/s"
        )
    return {
        "feed_without_store_beside_plain_faust": Figure.of(median(feeds), median(agents), "events/s"),
        "feed_without_store_beside_aiokafka": Figure.of(median(feeds), median(clients), "events/s"),
    }


def _freshness(here: World, made: Events, seconds: int) -> dict[str, Figure]:
    try:
        httpx.get(f"{here.settings.api_url}/health/live", timeout=2.0).raise_for_status()
    except httpx.HTTPError:
        tell("freshness: left out, the API is not up (`rustok up` starts it)")
        return {}
    tell(f"freshness: changing products and selling for {seconds} s")
    found = visible_latency.measure(here.settings, seconds)
    beside = {
        "search": raw_stores.until_searchable(here, made.tenant_id, made.products(100)),
        "analytics": raw_stores.until_published(here, made.tenant_id, list(made.orders(100))),
    }
    return {
        f"commit_to_{name}_ms_{part}": Figure.of(_cut(found[name], part), _cut(beside[name], part), "ms")
        for name in found
        for part in ("p50", "p99")
    }


def _in_turns(what: str, rounds: int, ours: Callable[[], float], baseline: Callable[[], float]) -> tuple[float, float]:
    """The medians; who goes first alternates."""
    found: Mapping[bool, list[float]] = {True: [], False: []}
    for number in range(1, rounds + 1):
        for is_ours in (True, False) if number % 2 else (False, True):
            found[is_ours].append((ours if is_ours else baseline)())
        tell(f"{what}: round {number} of {rounds}: {found[True][-1]:,.0f}/s, baseline {found[False][-1]:,.0f}/s")
    return median(found[True]), median(found[False])


def _feed(here: World, name: str, records: int, topic: Topic) -> float:
    feed = here.next_feed(name)
    return _told(drain(here.settings.kafka, here.topic(topic), records, f"feed-{feed.id}", running(here, feed)))


def _reader(here: World, way: str, records: int) -> float:
    topic = here.topic(HOT)
    group = here.next_group(way)
    process = reading(here, RAW_READER, way, here.settings.kafka_bootstrap, topic.name, group)
    return _told(drain(here.settings.kafka, topic, records, group, process))


def _told(drained: GroupFigures) -> float:
    tell(f"  {drained.records_per_s:,.0f} records/s, {drained.cpu_s_per_100k:.2f} processor seconds for 100,000")
    return drained.records_per_s


def _cut(seconds: list[float], part: str) -> float:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return cuts[49 if part == "p50" else 98] * MILLISECONDS


@contextmanager
def _leaving_when_told() -> Iterator[None]:
    """So that the scratch world is removed."""
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
