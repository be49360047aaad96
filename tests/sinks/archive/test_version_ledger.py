"""The ledger of an aggregate: each version once, and what is missing is named."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sinks.archive.version_ledger import Ledger, entered

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def told(*versions, ledger=None):
    """The versions that were kept of these, in their order, and the ledger after them."""
    kept = []
    for number in versions:
        epoch, version = number if isinstance(number, tuple) else (0, number)
        entry = entered(ledger, epoch, version, NOW)
        ledger = entry.ledger
        if entry.is_kept:
            kept.append(number)
    return kept, ledger


def gaps(ledger):
    return [(gap.first, gap.last, gap.kind) for gap in ledger.gaps]


def test_versions_that_rise_by_one_are_all_kept():
    kept, ledger = told(1, 2, 3)

    assert kept == [1, 2, 3]
    assert ledger == Ledger(epoch=0, version=3)


def test_what_is_there_is_not_kept_twice():
    kept, ledger = told(1, 2, 2, 1, 3, 3)

    assert kept == [1, 2, 3]
    assert ledger.gaps == ()


def test_a_version_that_was_skipped_is_named():
    _, ledger = told(1, 2, 5)

    assert gaps(ledger) == [(3, 4, "missed")]


def test_what_was_before_the_first_that_is_seen_is_named_apart():
    _, ledger = told(4, 6)

    assert gaps(ledger) == [(1, 3, "before"), (5, 5, "missed")]


def test_what_comes_late_closes_its_gap():
    kept, ledger = told(1, 5, 3, 3, 2, 4)

    assert kept == [1, 5, 3, 2, 4]
    assert gaps(ledger) == []


def test_a_gap_is_split_by_what_comes_late_in_its_middle():
    _, ledger = told(1, 6, 4)

    assert gaps(ledger) == [(2, 3, "missed"), (5, 5, "missed")]


def test_a_newer_epoch_tells_anew_from_its_first_version_on():
    entry = entered(Ledger(epoch=0, version=9), 1, 6, NOW)

    assert entry.is_kept
    assert entry.begins_anew
    assert entry.ledger == Ledger(epoch=1, version=6)


def test_nobody_waits_for_what_a_newer_epoch_tells_anew():
    _, ledger = told(1, 4, 9, (1, 3))

    assert gaps(ledger) == [(2, 2, "missed")]


def test_what_an_older_epoch_says_late_is_kept_only_where_it_is_missing():
    kept, _ = told(1, 2, (1, 2), (0, 3), (1, 5), (0, 3))

    assert kept == [1, 2, (1, 2), (1, 5), (0, 3)]


@given(st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_whatever_comes_in_whatever_order_what_is_kept_and_what_is_missing_are_all_versions(versions):
    kept, ledger = told(*versions)
    missing = [version for gap in ledger.gaps for version in range(gap.first, gap.last + 1)]

    assert len(kept) == len(set(kept))
    assert set(kept) == set(versions)
    assert sorted([*kept, *missing]) == list(range(1, ledger.version + 1))
