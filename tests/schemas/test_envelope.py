from dataclasses import fields

import pytest

from schemas import outbox
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
    columns = {field.name for field in fields(outbox.OutboxRow)}

    assert {column for _, column in outbox.HEADERS} <= columns


def headers_of(told):
    row = outbox.row(told, b"")
    values = ((name, getattr(row, column)) for name, column in outbox.HEADERS)
    return [(name, None if value is None else str(value).encode()) for name, value in values]
