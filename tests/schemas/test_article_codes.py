import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article_codes import check_digit, code_key, has_wrong_check_digit, normal_barcode, written_code


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("4006381333931", "4006381333931"),  # an EAN
        ("012345678905", "0012345678905"),  # a UPC
        ("00012345678905", "0012345678905"),
        ("96385074", "0000096385074"),  # an EAN of 8 digits
        ("10614141000415", "10614141000415"),  # a case of articles
        (" 978-3-16-148410-0 ", "9783161484100"),
        ("0 12345 67890 5", "0012345678905"),
        ("4001", "4001"),
        (" Shelf-7 ", "Shelf-7"),
        ("1234-5678", "1234-5678"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "٤٠٠٦٣٨١٣٣٣٩٣١"),
    ],
)
def test_an_ean_or_upc_is_kept_in_one_form_and_a_free_code_as_it_is(written: str, kept: str) -> None:
    assert not has_wrong_check_digit(written)
    assert normal_barcode(written) == kept


@given(st.text("0123456789", min_size=11, max_size=13), st.integers(1, 9))
def test_one_digit_that_is_wrong_is_noticed(digits: str, off: int) -> None:
    right = check_digit(digits)

    assert not has_wrong_check_digit(f"{digits}{right}")
    assert has_wrong_check_digit(f"{digits}{(right + off) % 10}")


@given(st.text())
def test_a_code_in_its_normal_form_stays_as_it_is(text: str) -> None:
    assert normal_barcode(normal_barcode(text)) == normal_barcode(text)
    assert written_code(written_code(text)) == written_code(text)


def test_case_and_what_is_around_a_code_make_no_difference() -> None:
    assert code_key(" Ab-1\u00a0") == code_key("AB-1")
    assert code_key("Cafe\u0301") == code_key("CAF\u00c9")
    assert code_key("AB-1") != code_key("AB 1")
