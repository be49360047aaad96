"""What may be confirmed: never more than Kafka has acknowledged."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.capture.delivery_progress import NotDelivered, Progress, Stretch


def _read(progress: Progress, *, records: int, end: int = 0, committed_at: int = 0) -> Stretch:
    stretch = progress.open()
    stretch.records, stretch.end, stretch.committed_at = records, end, committed_at
    progress.close()
    return stretch


def test_nothing_is_confirmed_before_it_is_acknowledged() -> None:
    progress = Progress()
    stretch = _read(progress, records=2, end=100)
    stretch.acknowledged(None, None)

    assert not progress.settle()
    assert progress.position.end == 0
    assert progress.pending


def test_a_transaction_is_confirmed_with_its_last_record() -> None:
    progress = Progress()
    stretch = _read(progress, records=2, end=100, committed_at=7)
    stretch.acknowledged(None, None)
    stretch.acknowledged(None, None)

    assert progress.settle()
    assert (progress.position.end, progress.position.committed_at) == (100, 7)
    assert not progress.pending


def test_a_later_transaction_waits_for_an_earlier_one() -> None:
    progress = Progress()
    earlier = _read(progress, records=1, end=100)
    later = _read(progress, records=1, end=200)

    later.acknowledged(None, None)
    assert not progress.settle()

    earlier.acknowledged(None, None)
    assert progress.settle()
    assert progress.position.end == 200


def test_a_long_transaction_is_confirmed_at_its_end_only() -> None:
    progress = Progress()
    _read(progress, records=1).acknowledged(None, None)
    progress.settle()
    assert progress.position.end == 0

    _read(progress, records=1, end=300).acknowledged(None, None)
    progress.settle()
    assert progress.position.end == 300


def test_a_quiet_stream_is_confirmed_by_its_keepalives() -> None:
    progress = Progress()
    _read(progress, records=0, end=500)

    assert progress.settle()
    assert progress.position.end == 500


def test_the_position_never_goes_back() -> None:
    progress = Progress()
    _read(progress, records=0, end=500)
    _read(progress, records=0, end=400)

    progress.settle()

    assert progress.position.end == 500


def test_an_acknowledgement_while_the_stretch_is_still_read_counts() -> None:
    progress = Progress()
    stretch = progress.open()
    stretch.acknowledged(None, None)
    stretch.records, stretch.end = 1, 100
    progress.close()

    assert progress.settle()
    assert progress.records == 1


def test_a_refused_record_ends_it() -> None:
    with pytest.raises(NotDelivered, match="no such partition"):
        Stretch().acknowledged("no such partition", None)


# Each transaction: how many records it has, and after how many of them the stretch is cut.
TRANSACTIONS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20)


@given(transactions=TRANSACTIONS, order=st.randoms(use_true_random=False))
def test_whatever_the_order_of_acknowledgements_no_unacknowledged_transaction_is_passed(
    transactions: list[tuple[int, int]], order: Random
) -> None:
    progress = Progress()
    owed: dict[int, int] = {}  # end of a transaction → records of it that are not acknowledged
    in_flight: list[tuple[int, Stretch]] = []
    for number, (records, cut) in enumerate(transactions):
        end = (number + 1) * 10
        owed[end] = records
        if 0 < cut < records:
            in_flight += [(end, _read(progress, records=cut))] * cut
            records -= cut
        in_flight += [(end, _read(progress, records=records, end=end))] * records
    order.shuffle(in_flight)

    for end, stretch in in_flight:
        stretch.acknowledged(None, None)
        owed[end] -= 1
        progress.settle()
        passed = [owed[each] for each in owed if each <= progress.position.end]
        assert not any(passed)

    progress.settle()
    assert progress.position.end == len(transactions) * 10
    assert progress.records == sum(records for records, _ in transactions)
