import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import Invalid
from api.use_cases.product_files.csv_rows import MOST_ROWS, read_csv


@pytest.mark.parametrize(
    "content",
    [
        "Käse;Preis\nGouda, jung;2\n".encode(),
        "\ufeffKäse;Preis\r\nGouda, jung;2\r\n".encode(),
        "Käse;Preis\nGouda, jung;2".encode("cp1252"),
        "Käse\tPreis\nGouda, jung\t2".encode("utf-16"),
        b'K\xc3\xa4se,Preis,,\n"Gouda, jung",2,,\n,,,\n',
    ],
)
def test_a_table_is_read_however_a_spreadsheet_wrote_it(content: bytes) -> None:
    file = read_csv(content)

    assert file.columns == ("Käse", "Preis")
    assert [(row.line, row.get("käse"), row.get("preis")) for row in file.rows] == [(2, "Gouda, jung", "2")]


def test_a_row_knows_the_line_at_which_it_begins() -> None:
    file = read_csv(b'a,b\n1,"two\nlines"\n\n3,4\n')

    assert [row.line for row in file.rows] == [2, 5]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "too_short"),
        (b"\n\n", "too_short"),
        (b"a,A\n1,2\n", "repeated"),
        (b"a,b\n1,2,3\n", "malformed"),
        (b'a,b\n1,"never ends\n', "malformed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "malformed"),
        (b"\xff\xfe\x00", "malformed"),
        (b"a\n" + b"1\n" * (MOST_ROWS + 1), "too_long"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_csv(content)

    assert [error.code for error in refused.value.errors] == [code]


@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_table_or_are_refused(content: bytes) -> None:
    try:
        file = read_csv(content)
    except Invalid:
        return
    assert file.columns
