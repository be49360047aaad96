"""The loop: nothing is confirmed that Kafka does not have, and Kafka is not waited for without end."""

import socket
from collections.abc import Callable, Iterator
from itertools import count
from uuid import UUID

import pytest

from streams.capture.delivery_progress import NotDelivered
from streams.capture.lease import Unlimited
from streams.capture.note_then_confirm import Noting
from streams.capture.relay_rows import GIVE_UP_S, Relay, Stalled
from streams.capture.source_identity import Note
from streams.capture.topic_watch import TopicWatch
from streams.watermark_signature import WatermarkSignature
from tests.streams.capture import messages
from tests.streams.capture.broker import Broker
from tests.streams.capture.outbox_rows import COLUMNS, values


class Wire:
    """A stream that gives these batches and notes what is confirmed: (received, confirmed)."""

    def __init__(self, *batches: list[bytes]) -> None:
        self.batches = list(batches)
        self.confirmed: list[tuple[int, int]] = []
        self._ours, self._theirs = socket.socketpair()
        self._theirs.send(b"always readable")

    def fileno(self) -> int:
        return self._ours.fileno()

    def read(self) -> list[bytes]:
        return self.batches.pop(0) if self.batches else []

    def confirm(self, received: int, confirmed: int, *, reply_requested: bool = False) -> None:
        self.confirmed.append((received, confirmed))

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()


NOTE = Note(token=UUID(int=1), beat=1, slot="s", system="1", timeline=1, lsn=0)


class NoClock:
    """A server that is asked and has not answered yet."""

    asking = False

    def ask(self) -> None:
        return None


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire(
        [
            messages.begin(100),
            messages.relation(1, "outbox", COLUMNS),
            messages.insert(1, values("a")),
            messages.commit(100, 120),
        ]
    )
    yield wire
    wire.close()


def _relay(wire: Wire, broker: Broker, now: Callable[[], float]) -> Relay:
    return Relay(
        wire,  # type: ignore[arg-type]  # what it uses of a stream
        NoClock(),  # type: ignore[arg-type]  # what it uses of a clock
        broker,  # type: ignore[arg-type]  # what it uses of a producer
        slot="s",
        watermark_topic="w",
        signature=WatermarkSignature("a key for tests, long enough to sign"),
        watermark_interval_s=1e9,
        ours_until=Unlimited(),
        noting=Noting(broker, "positions", NOTE),  # type: ignore[arg-type]  # what it uses of a producer
        surroundings=TopicWatch(None, (), {}),  # type: ignore[arg-type]  # with no topics nobody is asked
        now=now,
    )


def _turns(number: int) -> Callable[[], bool]:
    left = iter([False] * number)
    return lambda: next(left, True)


def test_what_kafka_has_not_acknowledged_is_received_and_not_confirmed(wire: Wire) -> None:
    _relay(wire, Broker(acknowledges=False), count(step=0.2).__next__).run(_turns(5))

    assert wire.confirmed[-1] == (120, 0)
    assert {confirmed for _, confirmed in wire.confirmed} == {0}


def test_what_kafka_has_is_confirmed(wire: Wire) -> None:
    _relay(wire, Broker(), count().__next__).run(_turns(5))

    assert wire.confirmed[-1] == (120, 120)


def test_what_arrives_while_stopping_is_confirmed_before_the_end(wire: Wire) -> None:
    broker = Broker(acknowledges=False)

    def stopping() -> bool:
        broker.acknowledges = bool(broker.produced)
        return broker.acknowledges

    _relay(wire, broker, count().__next__).run(stopping)

    assert wire.confirmed[-1] == (120, 120)


def test_a_request_for_a_sign_of_life_is_answered_at_once(wire: Wire) -> None:
    wire.batches = [[messages.keepalive(500)], [messages.keepalive(500, reply_requested=True)]]
    frozen = 7.0

    _relay(wire, Broker(), lambda: frozen).run(_turns(2))

    assert len(wire.confirmed) == 3
    assert {received for received, _ in wire.confirmed} == {500}


def test_nothing_is_confirmed_that_kafka_has_no_note_of(wire: Wire) -> None:
    class Forgetful(Broker):
        def acknowledge(self) -> None:
            self.waiting = [record for record in self.waiting if record["topic"] != "positions"]
            super().acknowledge()

    broker = Forgetful()
    _relay(wire, broker, count().__next__).run(_turns(5))

    assert {confirmed for _, confirmed in wire.confirmed} == {0}


def test_a_kafka_that_acknowledges_nothing_is_given_up(wire: Wire) -> None:
    ticks = count(step=GIVE_UP_S / 10)

    with pytest.raises(Stalled):
        _relay(wire, Broker(acknowledges=False), ticks.__next__).run(lambda: False)


def test_a_full_queue_that_stays_full_is_given_up_and_postgres_hears_from_us_meanwhile(wire: Wire) -> None:
    wire.batches += [[messages.begin(200), messages.insert(1, values("b")), messages.commit(200, 220)]]
    ticks = count(step=GIVE_UP_S / 10)
    relay = _relay(wire, Broker(room=1, acknowledges=False), ticks.__next__)

    with pytest.raises(Stalled):
        relay.run(lambda: False)
    assert len(wire.confirmed) > 1


def test_a_record_kafka_refuses_ends_the_relay(wire: Wire) -> None:
    class Refusing(Broker):
        def poll(self, timeout: float) -> int:
            for record in self.waiting:
                record["on_delivery"]("refused", None)
            return 0

    with pytest.raises(NotDelivered):
        _relay(wire, Refusing(), count().__next__).run(lambda: False)
    assert {confirmed for _, confirmed in wire.confirmed} <= {0}
