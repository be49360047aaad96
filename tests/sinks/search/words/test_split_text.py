"""A number with a point or a comma in it is one word; dates, versions and lists are several."""

import pytest

from sinks.search.words.split_text import groups


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.5 l", [(("0.5",), None), (("l",), None)]),
        ("0,5l", [(("0.5", "l"), "0.5l")]),
        ("10,000 mAh", [(("10.000",), "10000"), (("mAh",), None)]),
        ("10.000mAh", [(("10.000", "mAh"), "10000mAh")]),
        ("QX-12.5-RED", [(("QX", "12.5", "RED"), "QX12.5RED")]),
        ("3.50.", [(("3.50",), None)]),
        ("1.234.567", [(("1", "234", "567"), "1234567")]),
        ("01.02.2026", [(("01", "02", "2026"), "01022026")]),
        ("1,2,3", [(("1", "2", "3"), "123")]),
        ("v5.a", [(("v", "5", "a"), "v5a")]),
        ("500ml", [(("500", "ml"), "500ml")]),
        ("128", [(("128",), None)]),
        ("3,5インチ", [(("3.5", "インチ"), None)]),
    ],
)
def test_a_number_is_read_as_it_is_meant(text: str, words: list[tuple[tuple[str, ...], str | None]]) -> None:
    assert [(tuple(piece.text for piece in group.pieces), group.whole) for group in groups(text)] == words


def test_a_piece_says_where_it_stands_however_it_is_written() -> None:
    _, group = groups("only 0,5l")

    assert [(piece.start, piece.end) for piece in group.pieces] == [(5, 8), (8, 9)]
