"""No text is run by a spreadsheet, whichever way it comes into a file."""

import duckdb
import pytest

from sinks.spreadsheet_texts import harmless, harmless_in_sql, is_text
from sinks.sql.answer_rows import as_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1"])
def test_what_begins_a_formula_gets_an_apostrophe_in_python_and_in_sql(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert duckdb.execute(f"SELECT {harmless_in_sql('$1::VARCHAR')}", [text]).fetchone() == (f"'{text}",)


@pytest.mark.parametrize("text", ["", "Cheese", "1=1", "'=1", "Ünder"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
    assert duckdb.execute(f"SELECT {harmless_in_sql('$1::VARCHAR')}", [text]).fetchone() == (text,)


def test_nothing_stays_nothing() -> None:
    assert duckdb.execute(f"SELECT {harmless_in_sql('NULL::VARCHAR')}").fetchone() == (None,)


@pytest.mark.parametrize(
    ("kind", "has_texts"),
    [("VARCHAR", True), ("ENUM('a', 'b')", True), ("JSON", True), ("VARCHAR[]", False), ("BIGINT", False)],
)
def test_a_list_of_texts_is_no_text(kind: str, has_texts: bool) -> None:
    assert is_text(kind) is has_texts


def test_a_list_of_texts_is_json_in_its_cell() -> None:
    assert as_csv([("path", "VARCHAR[]")])([["=Home", 'A "b"']]) == b'"[""=Home"", ""A \\""b\\""""]"\r\n'
