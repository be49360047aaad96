from dataclasses import fields

import pytest

from schemas import outbox_row
from schemas.envelope import MalformedHeaders, from_headers
from tests.support.examples import envelope


def test_an_envelope_survives_outbox_row_and_headers():
    told = envelope(causation_id="request-9")

    assert from_headers(headers_of(told)) == told


def test_no_cause_is_no_header_value():
    told = envelope(causation_id=None)

    assert dict(headers_of(told))["ce_causationid"] is None
    assert from_headers(headers_of(told)).causation_id is None


@pytest.mark.parametrize("name", ["ce_tenantid", "ce_aggregateversion", "traceparent"])
def test_a_missing_header_is_named(name):
    headers = [(header, value) for header, value in headers_of(envelope()) if header != name]

    with pytest.raises(MalformedHeaders, match=name):
        from_headers(headers)


def test_a_header_that_does_not_parse_is_malformed():
    headers = [(name, b"not-a-uuid" if name == "ce_id" else value) for name, value in headers_of(envelope())]

    with pytest.raises(MalformedHeaders):
        from_headers(headers)


def test_every_header_has_its_column():
    columns = {field.name for field in fields(outbox_row.OutboxRow)}

    assert {column for _, column in outbox_row.HEADERS} <= columns


def headers_of(told):
    row = outbox_row.row(told, b"")
    values = ((name, getattr(row, column)) for name, column in outbox_row.HEADERS)
    return [(name, None if value is None else str(value).encode()) for name, value in values]


@pytest.mark.parametrize("value", [b"\xff\xfe", b"\x00", b"", None])
def test_what_somebody_elses_header_is_made_of_does_not_matter(value):
    told = envelope()

    assert from_headers([("b3", value), *headers_of(told), ("uber-trace-id", value), ("", value)]) == told


@pytest.mark.parametrize(
    "value",
    [
        b"0", b"-5", b"+5", b"1_000", b" 7", b"7 ", b"07", b"", b"1e3", b"0x10", b"7.0", "٧".encode(), b"\xff",
        str(2**40).encode(), str(2**63).encode(), str(10**23).encode(), b"9" * 5000, None,
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["ce_aggregateversion", "ce_schemaversion"])
def test_a_version_is_plain_digits_that_every_store_can_hold(name, value):
    with pytest.raises(MalformedHeaders, match=name):
        from_headers([*headers_of(envelope()), (name, value)])


def test_the_largest_version_is_one_below_two_to_the_fortieth():
    told = envelope(aggregate_version=2**40 - 1)

    assert from_headers(headers_of(told)) == told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_type", b"\xff"),
        ("ce_correlationid", b"a\x00b"),
        ("ce_actorid", b"x" * 5000),
        ("ce_time", b"2026-03-01T12:30:00"),
        ("ce_time", b"yesterday"),
        ("ce_tenantid", b"{0197a0c4-6e5f-7c3a-9b0e-2f4d5c6b7a81}"),
        ("ce_aggregateid", b"0197a0c46e5f7c3a9b0e2f4d5c6b7a81"),
    ],
)
def test_one_of_ours_that_is_not_as_we_write_it_is_malformed_and_named(name, value):
    with pytest.raises(MalformedHeaders, match=name):
        from_headers([*headers_of(envelope()), (name, value)])


def test_of_two_headers_of_one_name_the_last_counts():
    told = envelope(aggregate_version=4)

    assert from_headers([("ce_aggregateversion", b"9"), *headers_of(told)]) == told
