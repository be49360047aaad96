"""What the watermarks say is so, and they keep saying it."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from streams.bench.scratch_world import Scratch
from tests.integration.capture.log import Read, reading_events, reading_watermarks
from tests.integration.capture.outbox import DEADLINE_S, capturing, insert, row

pytestmark = pytest.mark.servers


def _as_of(record: Read) -> datetime:
    return datetime.fromisoformat(json.loads(record.value)["as_of"])


def test_a_watermark_names_its_slot_its_moment_and_its_position(world: Scratch) -> None:
    with capturing(world) as capture, reading_watermarks(world) as log:
        record = log.read_count(1)[0]

    said = json.loads(record.value)
    assert record.key == capture.slot.encode()
    assert set(said) == {"as_of", "captured", "lsn", "gaps", "topics"}
    assert (said["gaps"], list(said["topics"])) == ([], [world.topic])
    assert said["as_of"].endswith("Z")


def test_once_a_commit_is_promised_its_event_is_in_kafka(world: Scratch) -> None:
    with (
        capturing(world),
        world.connect() as connection,
        reading_watermarks(world) as watermarks,
        reading_events(world) as events,
    ):
        for number in range(10):
            with connection.transaction():
                insert(connection, [row(world, f"{number}-{each}") for each in range(200)])
            committed = datetime.now(UTC)
            watermarks.read_until(
                lambda records, moment=committed: any(_as_of(record) >= moment for record in records),  # type: ignore[misc]  # bound now
                DEADLINE_S,
                "a watermark after the commit",
            )
            present = events.count_in_kafka()

            assert present >= (number + 1) * 200


def test_an_idle_system_is_fresh(world: Scratch) -> None:
    with capturing(world), reading_watermarks(world) as log:
        records = log.read_count(6)

    late = [datetime.fromtimestamp(record.timestamp_ms / 1000, UTC) - _as_of(record) for record in records]
    pauses = [_as_of(later) - _as_of(earlier) for earlier, later in pairwise(records)]
    assert max(late) < timedelta(seconds=1)
    assert timedelta(0) < min(pauses)
    assert max(pauses) < timedelta(seconds=1.5)


def test_an_open_transaction_does_not_keep_the_others_from_being_fresh(world: Scratch) -> None:
    with capturing(world), world.connect() as connection, reading_watermarks(world) as log, connection.transaction():
        insert(connection, [row(world, "not yet", payload=b"\1" * 30_000)])
        written = datetime.now(UTC)
        records = log.read_until(
            lambda records: any(_as_of(record) > written + timedelta(seconds=2) for record in records),
            DEADLINE_S,
            "watermarks go on",
        )

    since = [_as_of(record) for record in records if _as_of(record) > written]
    assert max(later - earlier for earlier, later in pairwise(since)) < timedelta(seconds=2)
