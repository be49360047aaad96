import json
from datetime import timedelta

from sinks.freshness import Freshness
from streams.feed_freshness import AppliedWatermarks, told
from tests.support.examples import MOMENT

ONE, TWO = ("rustok.order", 0), ("rustok.order", 1)
LATER = MOMENT + timedelta(seconds=1)


def test_a_watermark_counts_once_its_ends_are_applied():
    marks = AppliedWatermarks()
    marks.hear(MOMENT, {ONE: 10})

    marks.reach({ONE: 9})
    before = marks.freshness().as_of
    marks.reach({ONE: 10})

    assert before is None
    assert marks.freshness().as_of == MOMENT


def test_the_slowest_partition_decides():
    marks = AppliedWatermarks()
    marks.hear(MOMENT, {ONE: 10, TWO: 5})
    marks.hear(LATER, {ONE: 20, TWO: 50})

    marks.reach({ONE: 20, TWO: 5})

    assert marks.freshness().by_partition == {"rustok.order/0": LATER, "rustok.order/1": MOMENT}
    assert marks.freshness().as_of == MOMENT


def test_a_quiet_partition_is_fresh_too():
    marks = AppliedWatermarks()
    marks.hear(MOMENT, {ONE: 0})

    marks.reach({ONE: 0})

    assert marks.freshness().as_of == MOMENT


def test_what_a_clock_that_was_set_back_had_told_goes_with_it():
    marks = AppliedWatermarks()
    marks.hear(MOMENT + timedelta(hours=1), {ONE: 10, TWO: 5})
    marks.reach({ONE: 10, TWO: 5})
    marks.hear(MOMENT, {ONE: 12, TWO: 8})
    marks.reach({ONE: 12, TWO: 5})
    marks.hear(LATER, {ONE: 12, TWO: 8})
    marks.reach({ONE: 12, TWO: 5})

    assert marks.freshness().by_partition == {"rustok.order/0": LATER, "rustok.order/1": MOMENT + timedelta(hours=1)}

    marks.reach({ONE: 12, TWO: 8})

    assert marks.freshness().as_of == LATER


def test_what_a_store_was_told_by_a_clock_that_has_been_set_back_since_goes_too():
    marks = AppliedWatermarks(Freshness({"rustok.order/0": MOMENT + timedelta(hours=1)}))

    marks.hear(MOMENT, {ONE: 3})
    marks.reach({ONE: 3})

    assert marks.freshness().as_of == MOMENT


def test_what_another_instance_has_told_does_not_go_back_when_it_is_heard_a_little_later():
    marks = AppliedWatermarks(Freshness({"rustok.order/0": LATER}))

    marks.hear(MOMENT, {ONE: 3})
    marks.reach({ONE: 3})

    assert marks.freshness().as_of == LATER


def test_a_partition_that_was_given_up_is_not_spoken_for():
    marks = AppliedWatermarks()
    marks.hear(MOMENT, {ONE: 1, TWO: 1})
    marks.reach({ONE: 1, TWO: 1})

    marks.reach({ONE: 1})

    assert set(marks.freshness().by_partition) == {"rustok.order/0"}


def test_a_long_backlog_keeps_the_watermarks_it_can_still_reach():
    marks = AppliedWatermarks()
    for second in range(5000):
        marks.hear(MOMENT + timedelta(seconds=second), {ONE: second})

    marks.reach({ONE: 4999})

    assert marks.freshness().as_of == MOMENT + timedelta(seconds=4999)


def test_rubbish_on_the_watermark_topic_is_no_watermark():
    found = told(b'{"as_of": "2026-03-01T12:30:00Z"}')
    assert found is not None
    assert (found.captured, found.gaps) == (MOMENT, ())
    assert [told(value) for value in (None, b"", b"[]", b"{}", b'{"as_of": 7}', b'{"as_of": null}')] == [None] * 6
    assert told(b'{"as_of": "2026-03-01T12:30:00Z", "lsn": "no/where"}') is None


GAP = {"kind": "slot", "topics": ["rustok.order"], "detail": "it was dropped", "opened_at": "2026-03-01T12:30:00Z"}


def test_a_gap_is_withheld_from_whoever_reads_its_topic_and_from_nobody_else():
    said = {"as_of": None, "captured": "2026-03-01T12:30:00Z", "gaps": [GAP], "topics": {"rustok.order": "x"}}

    found = told(json.dumps(said).encode())

    assert found is not None
    assert found.withheld(["rustok.order"]) == "gap: slot: it was dropped"
    assert found.withheld(["rustok.product"]) == ""


def test_a_gap_counts_from_when_it_is_heard_until_the_watermark_behind_it_is_reached():
    marks = AppliedWatermarks()
    marks.hear(MOMENT, {ONE: 10})
    marks.reach({ONE: 10})
    marks.hear(LATER, {ONE: 20}, "gap: slot")
    opened = marks.freshness()
    marks.reach({ONE: 20})
    marks.hear(LATER + timedelta(seconds=1), {ONE: 30})
    marks.reach({ONE: 29})
    closed_and_not_reached = marks.freshness()
    marks.reach({ONE: 30})

    assert [opened.as_of, closed_and_not_reached.as_of] == [None, None]
    assert marks.freshness().as_of == LATER + timedelta(seconds=1)
