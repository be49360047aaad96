"""What is promised to readers: only what is so."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from streams.capture.capture_watermarks import ClockSample, Watermark, Watermarks
from streams.capture.delivery_progress import Position


def test_a_server_clock_is_promised_once_the_log_of_that_moment_is_in_kafka() -> None:
    watermarks = Watermarks()
    watermarks.sampled(ClockSample(at=1000, log_end=50))

    assert watermarks.next(Position(end=49, committed_at=0)) is None
    assert watermarks.next(Position(end=50, committed_at=0)) == Watermark(as_of=1000, lsn=50)


def test_a_backlog_is_promised_up_to_the_newest_commit_that_is_in_kafka() -> None:
    watermarks = Watermarks()
    watermarks.sampled(ClockSample(at=1000, log_end=50))

    assert watermarks.next(Position(end=20, committed_at=400)) == Watermark(as_of=400, lsn=20)


def test_what_was_promised_is_not_repeated_or_taken_back() -> None:
    watermarks = Watermarks()
    watermarks.sampled(ClockSample(at=1000, log_end=50))
    watermarks.next(Position(end=50, committed_at=0))

    assert watermarks.next(Position(end=60, committed_at=900)) is None
    assert watermarks.next(Position(end=60, committed_at=1000)) is None


SECOND = 1_000_000


def test_a_clock_that_is_set_back_is_promised_from_then_on() -> None:
    """What was committed by the clock of before bears a time that has not come yet."""
    watermarks = Watermarks()
    watermarks.sampled(ClockSample(at=3600 * SECOND, log_end=50))
    watermarks.next(Position(end=50, committed_at=3599 * SECOND))

    watermarks.sampled(ClockSample(at=10 * SECOND, log_end=80))
    not_there_yet = watermarks.next(Position(end=70, committed_at=3601 * SECOND))
    there = watermarks.next(Position(end=80, committed_at=3602 * SECOND))
    watermarks.sampled(ClockSample(at=11 * SECOND, log_end=90))
    and_on = watermarks.next(Position(end=95, committed_at=11 * SECOND + 5))

    assert not_there_yet is None
    assert there == Watermark(as_of=10 * SECOND, lsn=80)
    assert and_on == Watermark(as_of=11 * SECOND + 5, lsn=95)


def test_a_capture_that_begins_after_the_clock_was_set_back_promises_nothing_of_a_moment_to_come() -> None:
    watermarks = Watermarks()
    watermarks.sampled(ClockSample(at=10 * SECOND, log_end=50))

    behind = watermarks.next(Position(end=20, committed_at=3600 * SECOND))
    there = watermarks.next(Position(end=50, committed_at=3601 * SECOND))

    assert behind is None
    assert there == Watermark(as_of=10 * SECOND, lsn=50)


def test_one_sample_waits_until_it_is_reached() -> None:
    watermarks = Watermarks()
    watermarks.sampled(ClockSample(at=1000, log_end=50))
    watermarks.sampled(ClockSample(at=2000, log_end=90))

    assert watermarks.next(Position(end=50, committed_at=0)) == Watermark(as_of=1000, lsn=50)


def test_a_sample_that_is_not_reached_asks_for_one_nudge() -> None:
    watermarks = Watermarks()
    assert not watermarks.nudge_due(Position(end=40, committed_at=0))

    watermarks.sampled(ClockSample(at=1000, log_end=50))

    assert watermarks.nudge_due(Position(end=40, committed_at=0))
    assert not watermarks.nudge_due(Position(end=40, committed_at=0))


def test_a_nudge_moves_the_position_to_reach_and_not_the_clock() -> None:
    watermarks = Watermarks()
    watermarks.sampled(ClockSample(at=1000, log_end=50))
    watermarks.nudged(80)

    assert watermarks.next(Position(end=79, committed_at=0)) is None
    assert watermarks.next(Position(end=80, committed_at=0)) == Watermark(as_of=1000, lsn=80)


@dataclass(frozen=True, slots=True)
class Transaction:
    """Takes its commit time, then its place in the log, and is seen by others after both."""

    committed_at: int
    lsn: int
    visible_at: int


# For each transaction, in the order of the log: ticks from the place of the one before to its own, how long before it
# took its commit time (so commit times are not in the order of the log), and how long after it was seen.
LOG = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=15)
STEPS = st.lists(st.tuples(st.sampled_from(["sample", "acknowledge", "say"]), st.integers(0, 20)), max_size=40)


@given(log=LOG, steps=STEPS)
def test_whoever_saw_a_commit_at_as_of_finds_it_in_kafka(
    log: list[tuple[int, int, int]], steps: list[tuple[str, int]]
) -> None:
    placed_at = 100
    transactions = []
    for number, (ticks, before, after) in enumerate(log, 1):
        placed_at += ticks
        transactions.append(Transaction(placed_at - before, number * 10, placed_at + after))
    places = [100 + sum(ticks for ticks, _, _ in log[: number + 1]) for number in range(len(log))]
    watermarks, now, acknowledged = Watermarks(), 100, 0

    for step, amount in steps:
        now += amount
        in_log = sum(place <= now for place in places)
        if step == "sample":
            watermarks.sampled(ClockSample(at=now, log_end=in_log * 10))
        elif step == "acknowledge":
            acknowledged = min(acknowledged + amount, in_log)
        else:
            committed_at = max((each.committed_at for each in transactions[:acknowledged]), default=0)
            said = watermarks.next(Position(acknowledged * 10, committed_at))
            if said is not None:
                missing = transactions[acknowledged:]
                assert all(each.visible_at > said.as_of for each in missing)
