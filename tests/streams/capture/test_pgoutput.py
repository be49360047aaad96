"""The messages of the stream, read from bytes built by hand."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.capture import pgoutput
from tests.streams.capture import messages

COMMITTED_AT = 1_767_315_845_678_901


def test_a_begin_says_where_and_when_the_transaction_commits() -> None:
    begin = pgoutput.begin(messages.begin(0x1A2B3C8, COMMITTED_AT))

    assert begin == (0x1A2B3C8, COMMITTED_AT)


def test_a_commit_says_where_the_transaction_ends() -> None:
    commit = pgoutput.commit(messages.commit(0x1A2B3C8, 0x1A2B3F8, COMMITTED_AT))

    assert commit == (0x1A2B3F8, COMMITTED_AT)


def test_a_keepalive_says_how_far_the_server_is_and_whether_it_wants_an_answer() -> None:
    assert pgoutput.keepalive(messages.keepalive(99)) == pgoutput.Keepalive(99, False)
    assert pgoutput.keepalive(messages.keepalive(99, reply_requested=True)) == pgoutput.Keepalive(99, True)


def test_a_relation_names_its_columns_and_their_types() -> None:
    relation = pgoutput.relation(
        messages.relation(16_400, "outbox", [("id", 2950), ("größe", 25)], schema="öffentlich")
    )

    assert relation == pgoutput.Relation(
        id=16_400,
        schema="öffentlich",
        name="outbox",
        columns=(pgoutput.Column("id", 2950), pgoutput.Column("größe", 25)),
    )


@given(values=st.lists(st.none() | st.binary(max_size=300), max_size=30))
def test_a_row_comes_back_value_by_value(values: list[bytes | None]) -> None:
    message = messages.insert(5, values)

    assert pgoutput.relation_of(message) == 5
    assert pgoutput.columns(message, pgoutput.ROW, len(values)) == (values, len(message))


def test_an_empty_value_is_not_a_null() -> None:
    found, _ = pgoutput.columns(messages.insert(5, [b"", None]), pgoutput.ROW, 2)

    assert found == [b"", None]


def test_an_inserted_row_that_says_unchanged_is_refused() -> None:
    message = messages.insert(5, [None]).replace(b"n", b"u")

    with pytest.raises(pgoutput.UnexpectedMessage):
        pgoutput.columns(message, pgoutput.ROW, 1)


def test_a_status_update_carries_what_has_arrived_and_what_is_confirmed() -> None:
    update = pgoutput.status_update(received=30, confirmed=20, now_us=COMMITTED_AT, reply_requested=True)

    since_2000 = COMMITTED_AT - messages.POSTGRES_EPOCH_US
    assert update == b"r" + struct.pack(">QQQqB", 30, 20, 20, since_2000, 1)


@given(lsn=st.integers(min_value=0, max_value=2**64 - 1))
def test_a_position_written_as_postgres_does_is_the_same_position(lsn: int) -> None:
    assert pgoutput.lsn_number(pgoutput.lsn_text(lsn)) == lsn


def test_a_position_is_written_as_postgres_does() -> None:
    assert pgoutput.lsn_text(0x1_01A2B3C8) == "1/1A2B3C8"
