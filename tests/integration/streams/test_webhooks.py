"""Webhooks on a real PostgreSQL: taken in once, delivered in order, whoever hangs, fails or is killed."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from ops.clients.public_addresses import PrivateHosts
from ops.clients.public_http import PublicHttp
from ops.settings import Settings
from ops.webhook_seal import webhook_seal
from ops.webhook_signature import new_secret, signed_headers
from schemas import webhook_feeds
from schemas.event_codec import Decoder
from schemas.event_json import to_json
from schemas.events.dead_letter import DeadLetter, DeadLetterReplayed, RecordHeader, dead_letter_id
from schemas.events.order import OrderPaid, OrderPlaced
from streams.dead_letters.dead_letter import UnusableRecord
from streams.dead_letters.retried_record import RetriedRecord
from streams.kafka_record import KafkaRecord
from streams.webhooks.claim_deliveries import Room, claim
from streams.webhooks.deliver_webhooks import Deliverer
from streams.webhooks.take_in_events import EventIntake
from tests.support import webhook_receiver
from tests.support.examples import EverySchema, envelope, order
from tests.support.records import FakeRecord, record
from tests.support.stack import Stack
from tests.support.waiting import wait_until
from tests.support.webhook_receiver import Got, Receiver, receiving, status

pytestmark = pytest.mark.servers

SOON_S = 20.0
#: Tries that fail come again at once, and nobody is given up by the clock.
QUICK = {"webhook_first_retry_s": 0.05, "webhook_longest_retry_s": 0.2, "webhook_answer_s": 5, "webhook_at_once": 8}
Postgres = psycopg.Connection[Any]


@dataclass(frozen=True)
class Message:
    """A record as the client of Kafka gives it."""

    of: KafkaRecord

    def topic(self) -> str:
        return self.of.topic

    def partition(self) -> int:
        return self.of.partition

    def offset(self) -> int:
        return self.of.offset

    def key(self) -> bytes | None:
        return self.of.key

    def value(self) -> bytes | None:
        return self.of.value

    def headers(self) -> Any:
        return list(self.of.headers)

    def timestamp(self) -> tuple[int, int]:
        return 1, self.of.timestamp


@dataclass
class Kept:
    """Dead letters that were sent, and those that were said to be applied."""

    sent: list[UnusableRecord] = field(default_factory=list)
    settled: list[tuple[str, RetriedRecord]] = field(default_factory=list)

    def send(self, records: Sequence[UnusableRecord]) -> None:
        self.sent += records

    def settle(self, feed: str, records: Sequence[RetriedRecord]) -> None:
        self.settled += [(feed, one) for one in records]


@dataclass
class World:
    """One shop, what is in the tables, and who delivers."""

    settings: Settings
    postgres: Postgres
    dead_letters: Kept
    shop: UUID

    def webhook(self, url: str, *event_types: str, shop: UUID | None = None, **columns: Any) -> UUID:
        id_, secret = uuid7(), columns.pop("secret", new_secret())
        seal = webhook_seal(self.settings)
        values = {
            "tenant_id": shop or self.shop, "id": id_, "version": 1, "url": url, "description": "",
            "event_types": list(event_types or ("*",)), "active": True, "secret": seal.close(secret.encode(), str(id_)),
            "made_by": "boss", "made_at": datetime.now(UTC), "active_since": datetime(2020, 1, 1, tzinfo=UTC),
            **columns,
        }  # fmt: skip
        self.postgres.execute(
            f"INSERT INTO webhooks ({', '.join(values)}) VALUES ({', '.join(f'%({name})s' for name in values)})", values
        )
        return id_

    def take_in(self, *records: KafkaRecord) -> None:
        intake = EventIntake(Decoder(EverySchema()), self.dead_letters, lambda: None)
        intake.take_in(self.postgres, [Message(one) for one in records], lambda: None)  # type: ignore[misc]

    def told(self, webhook_id: UUID) -> Any:
        return self.postgres.execute(
            "SELECT state, attempts, status, error FROM webhook_deliveries WHERE webhook_id = %s"
            " ORDER BY aggregate_order, id",
            (webhook_id,),
        ).fetchall()

    def waits(self) -> int:
        (count,) = self.postgres.execute(
            "SELECT count(*) FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id"
            " WHERE d.state = 'waiting' AND w.active"
        ).fetchone() or (0,)
        return int(count)

    def all_is_delivered(self, deadline_s: float = SOON_S) -> None:
        wait_until(lambda: self.waits() == 0, deadline_s, "nothing waits")

    @contextmanager
    def delivering(self, **different: Any) -> Iterator[None]:
        settings = self.settings.model_copy(update={**QUICK, **different})
        stopping = threading.Event()
        http = PublicHttp(PrivateHosts.of("127.0.0.1"), settings.webhook_answer_s)
        thread = threading.Thread(
            target=Deliverer(settings, webhook_seal(settings), http, self.dead_letters, stopping).run
        )
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()


@pytest.fixture(scope="module")
def settings(servers: Stack) -> Settings:
    servers.rustok("api", "migrate")
    return servers.settings


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with psycopg.connect(settings.postgres_url, autocommit=True) as postgres:
        postgres.execute("DELETE FROM webhooks")
        yield World(settings, postgres, Kept(), opened(postgres))
        postgres.execute("DELETE FROM webhooks")


def opened(postgres: Postgres) -> UUID:
    """A shop, as far as a webhook needs one."""
    id_ = uuid4()
    postgres.execute(
        "INSERT INTO tenants (id, version, slug, name, default_locale, locales, currency, time_zone, modules, active,"
        " created_at) VALUES (%s, 1, %s, 'Shop', 'en', '{en}', 'EUR', 'UTC', '{}', true, now())",
        (id_, f"shop-{id_.hex[:12]}"),
    )
    return id_


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def happened(shop: UUID, aggregate: UUID | None = None, version: int = 1, **headers: Any) -> FakeRecord:
    """An order is placed, or, from its second version on, paid."""
    told = order(id=aggregate or uuid4())
    event = OrderPlaced(order=told) if version == 1 else OrderPaid(order=told)
    kind = "order.placed" if version == 1 else "order.paid"
    about = envelope(
        id=uuid7(), event_type=kind, tenant_id=shop, aggregate_id=told.id, aggregate_version=version, **headers
    )
    made = record(about, event, offset=uuid4().int % 2**62)
    return replace(made, timestamp=int(datetime.now(UTC).timestamp() * 1000))


def id_of(one: FakeRecord) -> str:
    return dict(one.headers)["ce_id"].decode()  # type: ignore[union-attr]


def test_an_event_arrives_once_signed_and_whole_however_often_it_is_read(world: World, receiver: Receiver) -> None:
    secret, old = new_secret(), new_secret()
    webhook = world.webhook(receiver.url, "order.*", secret=secret)
    sealed_old = webhook_seal(world.settings).close(old.encode(), str(webhook))
    world.postgres.execute(
        "UPDATE webhooks SET old_secret = %s, old_secret_until = now() + interval '1 hour' WHERE id = %s",
        (sealed_old, webhook),
    )
    placed = happened(world.shop)

    world.take_in(placed, placed)
    world.take_in(placed)
    with capture_logs() as logs, world.delivering():
        world.all_is_delivered()
        world.take_in(placed)

    (got,) = receiver.got
    at = datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), UTC)
    assert got.id == id_of(placed)
    assert got.headers["webhook-signature"] == signed_headers([secret, old], got.id, at, got.body)["webhook-signature"]
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert got.headers["content-type"] == "application/cloudevents+json"
    event = got.event
    assert (event["specversion"], event["type"], event["id"]) == ("1.0", "order.placed", got.id)
    assert (event["tenantid"], event["aggregateversion"]) == (str(world.shop), 1)
    assert event["schemaversion"] >= 1
    assert event["data"]["order"]["id"] == event["subject"]
    assert world.told(webhook) == [("delivered", 1, 204, "")]
    for word in (secret, secret.removeprefix("whsec_"), got.headers["webhook-signature"], "key=1"):
        assert word not in json.dumps(logs, default=str)


def test_a_shop_gets_its_own_and_what_it_asked_for(world: World, receiver: Receiver) -> None:
    other = opened(world.postgres)
    world.webhook(receiver.url, "order.paid")
    world.webhook(receiver.url, "*", active=False, off_reason="asked", off_at=datetime.now(UTC))
    world.webhook(receiver.url, "*", active_since=datetime.now(UTC) + timedelta(hours=1))
    aggregate = uuid4()
    wanted = happened(world.shop, aggregate, 2)

    world.take_in(
        happened(world.shop, aggregate), wanted, happened(other, version=2),
        happened(world.shop, version=2, actor_id="rustok:re-emit"), FakeRecord(value=b"rubbish"),
    )  # fmt: skip
    with world.delivering():
        world.all_is_delivered()

    assert receiver.ids() == [id_of(wanted)]


def test_what_fails_holds_back_its_own_aggregate_and_nothing_else(world: World, receiver: Receiver) -> None:
    failing, other = uuid4(), uuid4()
    first, second, third = (happened(world.shop, failing, version) for version in (1, 2, 3))
    others = [happened(world.shop, other, version) for version in (1, 2)]
    well = threading.Event()
    receiver.answer = lambda got: status(204 if well.is_set() or got.id != id_of(first) else 500)
    webhook = world.webhook(receiver.url)

    world.take_in(first, second, others[0], third, others[1])
    with world.delivering():
        wait_until(lambda: receiver.ids().count(id_of(first)) > 2, SOON_S, "it has been tried several times")
        wait_until(lambda: world.waits() == 3, SOON_S, "all others have arrived")
        world.take_in(fourth := happened(world.shop, failing, 4))
        before = [id_ for id_ in receiver.ids() if id_ != id_of(first)]
        well.set()
        world.all_is_delivered()

    assert before == [id_of(one) for one in others]
    after = [id_ for id_ in receiver.ids() if id_ not in before]
    assert list(dict.fromkeys(after)) == [id_of(one) for one in (first, second, third, fourth)]
    assert [state for state, *_ in world.told(webhook)] == ["delivered"] * 6


def test_who_hangs_keeps_nobody_elses_waiting(world: World, receiver: Receiver) -> None:
    with receiving() as hanging:
        hanging.answer = lambda _: webhook_receiver.hangs
        for _ in range(3):
            world.webhook(hanging.url)
        well = world.webhook(receiver.url)
        world.take_in(*(happened(world.shop) for _ in range(30)))

        with world.delivering(webhook_answer_s=1):
            wait_until(lambda: len(receiver.got) == 30, SOON_S, "all have arrived where they are taken")

    assert {state for state, *_ in world.told(well)} == {"delivered"}
    assert len(receiver.ids()) == len(set(receiver.ids()))


def test_who_says_that_it_is_gone_gets_nothing_until_it_is_switched_on_again(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: status(410)
    webhook = world.webhook(receiver.url)
    aggregate = uuid4()
    records = [happened(world.shop, aggregate, version) for version in (1, 2)]

    world.take_in(*records)
    with world.delivering():
        wait_until(lambda: off(world, webhook) == "gone", SOON_S, "it is switched off")
        world.take_in(happened(world.shop, aggregate, 3))
        receiver.answer = lambda _: status(200)
        world.postgres.execute(
            "UPDATE webhooks SET active = true, off_reason = NULL, off_at = NULL WHERE id = %s", (webhook,)
        )
        world.all_is_delivered()

    assert receiver.ids() == [id_of(records[0]), *map(id_of, records)]


def off(world: World, webhook: UUID) -> Any:
    (reason,) = world.postgres.execute("SELECT off_reason FROM webhooks WHERE id = %s", (webhook,)).fetchone() or ("",)
    return reason


def test_who_fails_for_too_long_is_switched_off(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: status(302, "Location: https://elsewhere.example/")
    webhook = world.webhook(receiver.url, failing_since=datetime.now(UTC) - timedelta(hours=49))
    fresh = world.webhook(receiver.url)
    world.take_in(happened(world.shop))

    with capture_logs() as logs, world.delivering(webhook_failing_h=48):
        wait_until(lambda: off(world, webhook) == "failing", SOON_S, "it is switched off")
        wait_until(lambda: world.told(fresh)[0][1] > 1, SOON_S, "the other is tried again")

    assert off(world, fresh) is None
    assert world.told(webhook) == [("waiting", 1, 302, "it answered 302: redirects are not followed")]
    (told,) = [line for line in logs if line["event"] == "webhook_switched_off"]
    assert (told["webhook_id"], told["reason"]) == (str(webhook), "failing")


def test_what_nobody_takes_is_a_dead_letter_that_can_be_replayed(world: World, receiver: Receiver) -> None:
    aggregate = uuid4()
    bad, good = happened(world.shop, aggregate), happened(world.shop, aggregate, 2)
    receiver.answer = lambda got: status(500 if got.id == id_of(bad) else 204)
    webhook = world.webhook(receiver.url)
    feed = webhook_feeds.feed_of(webhook)

    world.take_in(bad, good)
    with world.delivering(webhook_retry_h=0):
        world.all_is_delivered()
        (letter,) = world.dead_letters.sent
        states = [state for state, *_ in world.told(webhook)]
        world.take_in(replay(feed, letter, version=1))
        wait_until(lambda: len(world.dead_letters.sent) == 2, SOON_S, "it has failed again")
        receiver.answer = lambda _: status(204)
        world.take_in(replay(feed, letter, version=2))
        world.all_is_delivered()
        world.take_in(replay(feed, letter, version=2))

    assert states == ["dead", "delivered"]
    assert (letter.feed, letter.error, letter.reason) == (feed, "NotTaken", "it answered 500")
    assert (letter.record.value, letter.record.offset) == (bad.value, bad.offset)
    again = world.dead_letters.sent[1].record
    assert isinstance(again, RetriedRecord)
    assert again.replay == 1
    ((settled_feed, settled),) = world.dead_letters.settled
    assert (settled_feed, settled.replay, settled.offset) == (feed, 2, bad.offset)
    assert receiver.ids()[-1] == id_of(bad)


def replay(feed: str, letter: UnusableRecord, version: int) -> FakeRecord:
    """Somebody decided that it is to be tried again."""
    of = letter.record
    event = DeadLetterReplayed(
        dead_letter=DeadLetter(
            id=UUID(str(dead_letter_id(feed, of.topic, of.partition, of.offset, of.timestamp))),
            feed=feed,
            topic=of.topic,
            partition=of.partition,
            offset=of.offset,
            key=of.key,
            value=of.value,
            headers=tuple(RecordHeader(name=name, value=value) for name, value in of.headers),
            committed_ms=of.timestamp,
            attempts=3,
            first_failed_ms=of.timestamp,
        )
    )
    about = envelope(
        id=uuid7(), event_type="dead_letter.replayed", schema_version=1, aggregate_id=event.dead_letter.id,
        aggregate_version=version,
    )  # fmt: skip
    return record(about, event, topic="rustok.dead_letter")


def test_bad_bytes_are_a_dead_letter_and_what_is_newer_waits_until_it_is_known(
    world: World, receiver: Receiver
) -> None:
    webhook = world.webhook(receiver.url)
    bad = replace(happened(world.shop), value=b"rubbish")
    newer = happened(world.shop, version=2)
    knows_nothing = EventIntake(Decoder(Forgetful()), world.dead_letters, lambda: None)

    world.take_in(bad)
    knows_nothing.take_in(world.postgres, [Message(newer)], lambda: None)  # type: ignore[list-item]
    parked = world.told(webhook)
    EventIntake(Decoder(EverySchema()), world.dead_letters, lambda: None).revive(world.postgres)
    with world.delivering():
        world.all_is_delivered()

    assert [letter.error for letter in world.dead_letters.sent] == ["Undecodable"]
    assert [state for state, *_ in parked] == ["dead", "parked"]
    assert receiver.ids() == [id_of(newer)]


class Forgetful:
    """A registry in which every schema is of an event that nobody here knows."""

    def text_of(self, schema_id: int) -> str | None:
        return json.dumps({"type": "record", "name": "x", "fields": []})


def test_several_share_the_work_in_order_and_nobody_does_anything_twice(world: World, receiver: Receiver) -> None:
    webhooks = [world.webhook(f"{receiver.url}&number={number}") for number in range(3)]
    aggregates = [uuid4() for _ in range(10)]
    records = [happened(world.shop, one, version) for version in range(1, 6) for one in aggregates]

    world.take_in(*records)
    with world.delivering(), world.delivering():
        world.all_is_delivered()

    assert len(receiver.got) == len(records) * len(webhooks)
    by_queue: dict[tuple[str, str], list[int]] = {}
    for got in receiver.got:
        by_queue.setdefault((got.path, got.event["subject"]), []).append(got.event["aggregateversion"])
    assert len(by_queue) == len(aggregates) * len(webhooks)
    assert all(versions == [1, 2, 3, 4, 5] for versions in by_queue.values())


def test_what_somebody_claimed_and_was_killed_over_is_delivered_by_another(world: World, receiver: Receiver) -> None:
    world.webhook(receiver.url)
    aggregate = uuid4()
    world.take_in(*(happened(world.shop, aggregate, version) for version in (1, 2)))
    room = Room(limit=10, each=4, busy={}, failing=False)

    claimed = claim(world.postgres, room, lease_s=1.5)
    others = claim(world.postgres, room, lease_s=1.5)
    with world.delivering():
        world.all_is_delivered()

    assert [one.event_id for one in claimed] == [UUID(receiver.ids()[0])]
    assert others == []
    assert [one.event["aggregateversion"] for one in receiver.got] == [1, 2]


def test_nothing_is_sent_to_private_addresses_whatever_the_table_says(world: World, receiver: Receiver) -> None:
    webhook = world.webhook(f"https://localhost.localdomain:{receiver.port}/")
    literal = world.webhook("https://169.254.169.254/latest/meta-data")
    plain = world.webhook(f"http://[::ffff:127.0.0.1]:{receiver.port}/")
    world.take_in(happened(world.shop))

    with world.delivering():
        for one in (webhook, literal, plain):
            wait_until(lambda one=one: world.told(one)[0][1] > 0, SOON_S, "it has been tried")

    assert receiver.got == []
    assert world.told(literal)[0][2:] == (None, "Nothing is sent to private addresses.")


def test_who_is_busy_is_left_in_peace_with_all_that_waits(world: World, receiver: Receiver) -> None:
    said: list[Callable[[Got], bytes]] = [lambda _: status(429, "Retry-After: 2"), lambda _: status(204)]
    receiver.answer = lambda got: said[min(len(receiver.got), 2) - 1](got)
    world.webhook(receiver.url)

    world.take_in(happened(world.shop))
    with world.delivering():
        wait_until(lambda: len(receiver.got) == 1, SOON_S, "it has said that it is busy")
        world.take_in(happened(world.shop))
        world.all_is_delivered()

    first, *rest = receiver.got
    assert len(rest) == 2
    assert min(one.at for one in rest) - first.at > 1.5


def test_the_body_is_the_event_in_its_newest_words(world: World, receiver: Receiver) -> None:
    told = order(id=uuid4())
    about = envelope(id=uuid7(), event_type="order.placed", tenant_id=world.shop, aggregate_id=told.id)
    made = record(about, OrderPlaced(order=told), offset=1)
    world.webhook(receiver.url)

    world.take_in(replace(made, timestamp=int(datetime.now(UTC).timestamp() * 1000)))
    with world.delivering():
        world.all_is_delivered()

    assert receiver.got[0].event["data"] == json.loads(json.dumps(to_json(OrderPlaced(order=told))))
