import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.handles import LONGEST, handle


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("Crème brûlée, 2 pack", "SKU 12"), "creme-brulee-2-pack-sku-12"),
        (("Сыр", "7"), "сыр-7"),
        (("!!!",), "item"),
        (("a" * 200, "b7"), "a" * (LONGEST - 3) + "-b7"),
    ],
)
def test_a_handle_is_readable(parts: tuple[str, ...], expected: str) -> None:
    assert handle(*parts) == expected


@given(st.text(), st.text())
def test_a_handle_is_always_an_address(title: str, sku: str) -> None:
    made = handle(title, sku)

    assert 0 < len(made) <= LONGEST
    assert not set(made) & set(" /?#%&")
