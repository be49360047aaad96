import pytest

from api.use_cases.staff_search.find_customers import telephone_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0660 123-4567", "06601234567"),
        ("+43 (660) 1234567", "436601234567"),
        ("4567", "4567"),
        ("456", None),
        ("Anna 4567", None),
        ("anna", None),
    ],
)
def test_what_can_be_a_telephone_number_is_looked_for_as_one_word(typed: str, number: str | None) -> None:
    assert telephone_number(typed) == number
