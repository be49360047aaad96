"""A row becomes a record of its own bytes."""

from typing import NamedTuple

import pytest

from schemas import outbox_row
from streams.capture import outbox_record
from streams.capture.pgoutput import Column, Relation
from tests.streams.capture.outbox_rows import EVENT_ID, RELATION, TEXT_OID, UUID_OID, values


class Retyped(NamedTuple):
    column: str
    oid: int


def _with(*changes: Retyped) -> Relation:
    oids = {**dict(RELATION.columns), **dict(changes)}
    return RELATION._replace(columns=tuple(Column(*column) for column in oids.items()))


def test_key_and_value_are_the_bytes_of_the_row() -> None:
    aggregate_type, key, value, _ = outbox_record.maker(RELATION)(
        values(aggregate_id="a-1", payload=b"\0body"), "0/1/1"
    )

    assert (aggregate_type, key, value) == (b"order", b"a-1", b"\0body")


def test_headers_come_in_the_agreed_order_between_id_and_lsn() -> None:
    _, _, _, headers = outbox_record.maker(RELATION)(values(), "0/1A2B3C8/2")

    names = [name for name, _ in headers]
    assert names == ["id", *(name for name, _ in outbox_row.HEADERS), "lsn"]
    assert headers[-1] == ("lsn", "0/1A2B3C8/2")


def test_a_header_is_the_column_it_was_declared_to_be() -> None:
    *_, headers = outbox_record.maker(RELATION)(values(), "0/1/1")

    assert dict(headers)["id"] == dict(headers)["ce_id"] == str(EVENT_ID)
    assert dict(headers)["ce_tenantid"] == b"tenant_id"
    assert dict(headers)["ce_type"] == b"type"


def test_a_null_column_is_a_header_with_a_null_value() -> None:
    *_, headers = outbox_record.maker(RELATION)(values(causation_id=None), "0/1/1")

    assert dict(headers)["ce_causationid"] is None


def test_columns_the_outbox_has_besides_change_nothing() -> None:
    wider = RELATION._replace(columns=(Column("inserted_at", 1184), *RELATION.columns))

    assert outbox_record.maker(wider)([b"12345678", *values()], "0/1/1") == outbox_record.maker(RELATION)(
        values(), "0/1/1"
    )


def test_an_id_kept_as_text_stays_as_it_is() -> None:
    *_, headers = outbox_record.maker(_with(Retyped("id", TEXT_OID)))(values(id=b"e-1"), "0/1/1")

    assert dict(headers)["id"] == dict(headers)["ce_id"] == b"e-1"


@pytest.mark.parametrize("column", ["id", "aggregatetype", "payload", "traceparent"])
def test_a_table_without_a_needed_column_is_refused_by_its_name(column: str) -> None:
    narrower = RELATION._replace(columns=tuple(each for each in RELATION.columns if each.name != column))

    with pytest.raises(outbox_record.UnusableOutbox, match=column):
        outbox_record.maker(narrower)


@pytest.mark.parametrize(
    "wrong", [Retyped("aggregate_version", 23), Retyped("payload", 25), Retyped("tenant_id", UUID_OID)]
)
def test_a_column_whose_bytes_are_not_its_text_is_refused_by_its_name(wrong: Retyped) -> None:
    with pytest.raises(outbox_record.UnusableOutbox, match=wrong.column):
        outbox_record.maker(_with(wrong))
