"""A feed process on a scratch world, seen from outside: what it committed, what its store holds, how it ends."""

import contextlib
import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from confluent_kafka import Consumer, KafkaException, TopicPartition

from schemas.envelope import from_headers
from schemas.event_codec import Decoder
from schemas.events.order import Order
from schemas.topics import ORDERS, PRODUCTS, Topic
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange
from streams.bench import feed_process
from streams.bench.feed_events import Events, Sent
from streams.bench.scratch_feeds import World
from tests.support.examples import EverySchema
from tests.support.waiting import wait_until

DEADLINE_S = 60.0


@dataclass(frozen=True)
class Backlog:
    """`records` in `topic`, and the changes a store has to hold when it has them all."""

    topic: Topic
    records: int
    expected: Mapping[UUID, DocumentChange]


def orders(world: World, made: Events, feed: ReadModel, number: int) -> Backlog:
    """Placed, confirmed and paid, the events of different orders mixed."""
    lives = [list(made.life_of(order)) for order in made.orders(number)]
    mixed = [life[step] for step in range(len(lives[0])) for life in lives]
    records = world.produce(ORDERS, mixed)
    return Backlog(world.topic(ORDERS), records, _folded(feed, ORDERS, [life[-1] for life in lives]))


def products(world: World, made: Events, feed: ReadModel, number: int) -> Backlog:
    created = [made.created(product) for product in made.products(number)]
    records = world.produce(PRODUCTS, created)
    folded = _folded(feed, PRODUCTS, created).items()
    return Backlog(world.topic(PRODUCTS), records, {id_: as_json(change) for id_, change in folded})


def an_order(made: Events) -> tuple[Order, list[Sent]]:
    (order,) = made.orders(1)
    return order, list(made.life_of(order))


def _folded(feed: ReadModel, topic: Topic, newest: Sequence[Sent]) -> dict[UUID, DocumentChange]:
    decoder = Decoder(EverySchema())
    fold = next(each.fold for each in feed.projections if each.topic.name.startswith(topic.name))
    headers = [[(name, as_bytes(value)) for name, value in sent.headers] for sent in newest]
    changes = [fold(from_headers(of), decoder.decode(sent.value)) for of, sent in zip(headers, newest, strict=True)]
    return {change.id: change for change in changes}


def as_json(change: DocumentChange) -> DocumentChange:
    """As a store of JSON documents gives it back."""
    return replace(change, document=json.loads(orjson.dumps(change.document)))


def as_bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def held(world: World, feed: ReadModel) -> dict[UUID, DocumentChange]:
    """What the store holds; nobody else may have it open."""
    sink = feed.sink(world.settings.model_copy(update={"analytics_dir": world.folder}), goes_live=False)
    sink.open()
    with closing(sink):
        return {change.id: change for change in sink.scan(feed.projections[0].collection)}


def committed(world: World, feed: ReadModel, of: Topic | None = None) -> int:
    """How many records of a topic (its first) the feed is done with."""
    topic = of or feed.topics[0]
    config = {"bootstrap.servers": world.settings.kafka_bootstrap, "group.id": f"feed-{feed.id}"}
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    with closing(Consumer(config)) as consumer:
        try:
            found = consumer.committed(partitions, 10)
        except KafkaException:  # the group's coordinator is being chosen
            return 0
    return sum(max(0, partition.offset) for partition in found)


def wait_for(world: World, feed: ReadModel, records: int, of: Topic | None = None) -> None:
    try:
        wait_until(lambda: committed(world, feed, of) >= records, DEADLINE_S, f"{records} records are done with")
    except AssertionError as late:
        late.add_note(world.log.read_text()[:3000])
        raise


def said(world: World, event: str) -> bool:
    return f'"{event}"' in world.log.read_text()


@contextmanager
def forwarding(port: int, url: str) -> Iterator[None]:
    """What listens at `url` can be reached on `port`, too."""
    there = urlsplit(url)
    stopped = threading.Event()

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept(listening: socket.socket) -> None:
        while not stopped.is_set():
            with contextlib.suppress(OSError):
                near, _ = listening.accept()
                far = socket.create_connection((there.hostname, there.port))
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=ends, daemon=True).start()

    with socket.create_server(("127.0.0.1", port)) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        try:
            yield
        finally:
            stopped.set()
            listening.shutdown(socket.SHUT_RDWR)


@contextmanager
def feeding(world: World, *feeds: ReadModel, **settings: Any) -> Iterator["subprocess.Popen[bytes]"]:
    process = feed_process.start(world, *feeds, **settings)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
