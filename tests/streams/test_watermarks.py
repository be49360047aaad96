from datetime import timedelta

from streams.watermarks import AppliedWatermarks, as_of
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
    assert as_of(b'{"as_of": "2026-03-01T12:30:00Z"}') == MOMENT
    assert [as_of(value) for value in (None, b"", b"[]", b"{}", b'{"as_of": 7}')] == [None] * 5
