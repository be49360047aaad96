"""What is announced when Kafka is slow."""

from uuid import UUID

from streams.capture.announce_watermarks import Announcer
from streams.capture.capture_watermarks import ClockSample
from streams.capture.delivery_progress import Progress
from streams.capture.note_then_confirm import Noting
from streams.capture.source_identity import Note
from streams.capture.topic_watch import TopicWatch
from streams.watermark_signature import WatermarkSignature
from tests.streams.capture.broker import Broker

NOTE = Note(token=UUID(int=1), beat=1, slot="s", system="1", timeline=1, lsn=0)


class Clock:
    """A server that answers at once, a second later each time, and has written nothing."""

    asking = True
    slot = None
    took_s = 0.0

    def __init__(self) -> None:
        self._at = 0

    def answer(self) -> ClockSample:
        self._at += 1_000_000
        return ClockSample(at=self._at, log_end=0)


def test_a_watermark_that_finds_no_room_is_left_to_the_next_one() -> None:
    broker = Broker(room=0)
    announcer = Announcer(
        Clock(),  # type: ignore[arg-type]  # what it uses of a clock
        broker,  # type: ignore[arg-type]  # what it uses of a producer
        Progress(),
        TopicWatch(None, (), {}),  # type: ignore[arg-type]  # with no topics nobody is asked
        Noting(broker, "positions", NOTE),  # type: ignore[arg-type]  # what it uses of a producer
        topic="w",
        key="s",
        signature=WatermarkSignature("a key for tests, long enough to sign"),
    )

    announcer.listen()
    broker.room = 1
    announcer.listen()

    (said,) = broker.produced
    assert b'"as_of": "1970-01-01T00:00:02' in said["value"]
