"""Where a log is read on, by what the store says of it."""

import pytest

from sinks.sink import HeldOffset
from streams.feeding.start_positions import Log, places

ORDERS = ("rustok.order", 0)
LOG = Log(topic_id="the topic", first=3, end=9)


@pytest.mark.parametrize("offset", [3, 5, 9])
def test_a_place_of_the_store_in_this_log_is_read_on_from(offset: int) -> None:
    held = HeldOffset(topic_id="the topic", next=offset, until=7)

    assert places({ORDERS: held}, {ORDERS: LOG}) == {ORDERS: held}


@pytest.mark.parametrize(
    "held",
    [
        None,
        HeldOffset(topic_id="the topic that was there before", next=5, until=0),
        HeldOffset(topic_id="the topic", next=10, until=0),
        HeldOffset(topic_id="the topic", next=2, until=0),
    ],
    ids=["none", "of a topic that was made anew", "behind the end", "before the beginning"],
)
def test_any_other_place_is_the_beginning_and_builds_until_the_end_of_now(held: HeldOffset | None) -> None:
    found = places({} if held is None else {ORDERS: held}, {ORDERS: LOG})

    assert found == {ORDERS: HeldOffset(topic_id="the topic", next=3, until=9)}
    assert not found[ORDERS].is_built


def test_an_empty_log_needs_no_building() -> None:
    assert places({}, {ORDERS: Log(topic_id="the topic", first=0, end=0)})[ORDERS].is_built


def test_only_what_is_asked_for_begins() -> None:
    assert places({("rustok.order", 1): HeldOffset(topic_id="the topic", next=1, until=0)}, {}) == {}
