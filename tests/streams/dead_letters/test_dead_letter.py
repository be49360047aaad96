from dataclasses import replace

from streams.dead_letters.dead_letter import UnusableRecord, headers
from tests.support.examples import MOMENT
from tests.support.records import FakeRecord


def test_a_dead_letter_says_where_it_came_from_and_why_in_both_dialects():
    record = FakeRecord(topic="rustok.order", partition=3, offset=77, headers=(("ce_id", b"1"), ("none", None)))
    dead_letter = UnusableRecord(record=record, feed="sales-v1", error="Undecodable", reason="too short")

    told = headers(dead_letter, MOMENT)

    assert told[:2] == [("ce_id", b"1"), ("none", None)]
    for name, value in {
        "__connect.errors.topic": b"rustok.order",
        "__connect.errors.partition": b"3",
        "__connect.errors.offset": b"77",
        "__connect.errors.exception.class.name": b"Undecodable",
        "__connect.errors.exception.message": b"too short",
        "__streams.errors.exception": b"Undecodable",
        "__streams.errors.offset": b"77",
        "rustok_feed": b"sales-v1",
    }.items():
        assert dict(told)[name] == value


def test_a_dead_letter_has_the_traceback_of_what_nobody_foresaw():
    dead_letter = UnusableRecord(
        record=FakeRecord(), feed="sales-v1", error="IndexError", reason="why", trace="Traceback …"
    )

    assert dict(headers(dead_letter, MOMENT))["__connect.errors.exception.stacktrace"] == "Traceback …".encode()
    assert "__connect.errors.exception.stacktrace" not in dict(headers(replace(dead_letter, trace=""), MOMENT))


def test_a_nul_in_a_headers_name_does_not_make_another_header_of_it():
    record = FakeRecord(headers=(("ce_type\0x", b"other"), ("ce_type", b"order.paid")))

    told = headers(UnusableRecord(record=record, feed="sales-v1", error="E", reason="r"), MOMENT)

    assert told[:2] == [("ce_type\\0x", b"other"), ("ce_type", b"order.paid")]
