"""Rows are read alike, whatever came before them."""

from hypothesis import given
from hypothesis import strategies as st

from streams.capture import row_decoder
from streams.capture.pgoutput import Column, Relation
from tests.streams.capture import messages

RELATION = Relation(5, "public", "outbox", tuple(Column(name, 25) for name in ("id", "payload", "at", "who")))
VALUE = st.none() | st.binary(max_size=3)
Row = tuple[bytes | None, ...]


@given(st.lists(st.tuples(VALUE, VALUE, VALUE, VALUE), max_size=40))
def test_every_row_of_a_run_comes_back_value_by_value(run: list[Row]) -> None:
    read = row_decoder.reader(RELATION, "payload")

    assert [read(messages.insert(5, list(row))) for row in run] == [list(row) for row in run]


def test_rests_of_the_same_length_are_told_apart() -> None:
    read = row_decoder.reader(RELATION, "payload")
    run: list[list[bytes | None]] = [
        [b"1", b"p", b"ab", b"cd"],
        [b"2", b"longer", b"abc", b"d"],
        [b"3", None, b"", b"abcd"],
        [b"4", b"", b"cd", b"ab"],
    ]

    assert [read(messages.insert(5, row)) for row in run] == run


def test_a_table_may_end_with_the_payload() -> None:
    read = row_decoder.reader(RELATION._replace(columns=RELATION.columns[:2]), "payload")

    assert read(messages.insert(5, [b"1", b"p"])) == read(messages.insert(5, [b"1", b"p"])) == [b"1", b"p"]
