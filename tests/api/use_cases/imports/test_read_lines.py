import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from api.domain.errors import Invalid
from api.use_cases.categories.commands import ImportedCategory
from api.use_cases.imports.items import Item
from api.use_cases.imports.read_lines import MOST_LINES, read_lines

CATEGORY = TypeAdapter(Item[ImportedCategory])
GOOD = b'{"external_id": "c1", "translations": [{"locale": "en", "name": "Dairy"}]}'


def test_each_line_is_an_item_by_itself() -> None:
    lines = read_lines(GOOD + b"\r\n\n{}\nno json\n[1]\n\xff\n" + GOOD, CATEGORY)

    assert [(one.line, one.item.value is None) for one in lines] == [
        (1, False),
        (3, True),
        (4, True),
        (5, True),
        (6, True),
        (7, False),
    ]
    assert all((one.item.wrong is None) == (one.item.value is not None) for one in lines)


@pytest.mark.parametrize(("content", "code"), [(b"\n \n", "too_short"), (b"1\n" * (MOST_LINES + 1), "too_long")])
def test_none_and_too_many_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_lines(content, CATEGORY)

    assert [error.code for error in refused.value.errors] == [code]


@given(content=st.binary(max_size=100))
def test_any_bytes_are_read_or_refused_line_by_line(content: bytes) -> None:
    try:
        lines = read_lines(content, CATEGORY)
    except Invalid:
        return
    assert all(one.item.value is None for one in lines)
