"""What becomes of a gap follows from what the outbox has of it, and from when that was emitted again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from schemas.write_model import KeptHistory
from sinks.archive.archive_report import MissingEvents
from sinks.archive.emit_gaps import emit_again
from sinks.archive.gap_outlook import AT_ONCE, of_all, outlook

SEEN = datetime(2026, 5, 1, tzinfo=UTC)
BEFORE, EMITTED, LATER = SEEN - timedelta(hours=1), SEEN + timedelta(hours=1), SEEN + timedelta(hours=2)
SHOP = uuid4()


def gap(first=2, last=3, seen_at=SEEN, **different):
    facts = {"tenant_id": SHOP, "aggregate": "order", "aggregate_id": uuid4(), "kind": "missed"} | different
    return MissingEvents(first=first, last=last, seen_at=seen_at, **facts)


def kept(*versions, emitted_at=None):
    return KeptHistory(frozenset(versions), emitted_at)


class Keeper:
    """Keeps these, and remembers what was to be emitted again."""

    def __init__(self, held=None):
        self.held = held or {}
        self.asked = []

    def kept_history(self, ids):
        return {key: one for key, one in self.held.items() if key[2] in ids}

    def reemit_history(self, aggregate, tenant_id, wanted, unless_since=None):
        self.asked.append((aggregate, tenant_id, wanted, unless_since))
        return sum(len(versions) for each in wanted.values() for versions in each)


@pytest.mark.parametrize(
    ("there", "as_of", "wanted"),
    [
        (None, LATER, "gone"),
        (kept(1, 4), LATER, "gone"),
        (kept(1, 2, 3, 4), LATER, "due"),
        (kept(3), LATER, "due"),
        (kept(2, 3, emitted_at=BEFORE), LATER, "due"),
        (kept(2, 3, emitted_at=EMITTED), SEEN, "sent"),
        (kept(2, 3, emitted_at=EMITTED), None, "sent"),
        (kept(2, 3, emitted_at=EMITTED), EMITTED + timedelta(seconds=50), "sent"),
        (kept(2, 3, emitted_at=EMITTED), LATER, "stuck"),
        (kept(4, emitted_at=EMITTED), LATER, "gone"),
    ],
)
def test_a_gap_is_due_on_its_way_stuck_or_gone(there, as_of, wanted):
    assert outlook(gap(), there, as_of) == wanted


def test_each_gap_is_asked_after_as_what_it_is_of():
    one, other, foreign = gap(), gap(), gap()
    keeper = Keeper(
        {
            ("order", SHOP, one.aggregate_id): kept(2),
            ("product", SHOP, other.aggregate_id): kept(2),
            ("order", uuid4(), foreign.aggregate_id): kept(2),
        }
    )

    assert of_all(keeper, [other, one, foreign], LATER) == ["gone", "due", "gone"]


def test_gaps_of_one_aggregate_are_emitted_together_since_the_first_was_seen():
    one = gap(2, 3, seen_at=LATER)
    later = gap(7, 7, seen_at=SEEN, aggregate_id=one.aggregate_id)
    keeper = Keeper()

    assert emit_again(keeper, [one, later], once=True) == 3

    assert keeper.asked == [
        ("order", SHOP, {one.aggregate_id: [range(2, 4), range(7, 8)]}, {one.aggregate_id: SEEN}),
    ]


def test_who_asks_by_hand_has_it_emitted_once_more():
    keeper = Keeper()

    emit_again(keeper, [gap()])

    assert keeper.asked[0][3] is None


def test_a_transaction_is_of_one_shop_and_type_and_of_few():
    keeper = Keeper()

    emit_again(keeper, [*(gap() for _ in range(AT_ONCE + 1)), gap(aggregate="product")])

    assert [(aggregate, len(wanted)) for aggregate, _, wanted, _ in keeper.asked] == [
        ("order", AT_ONCE),
        ("order", 1),
        ("product", 1),
    ]
