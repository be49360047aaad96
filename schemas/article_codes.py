"""Says when two codes of an article are the same: SKUs whatever their case, barcodes as 13 or 14 digits.

A GTIN is an EAN or UPC of 8, 12, 13 or 14 digits, the last of which checks the others. With zeros before it, a UPC of
12 digits is an EAN of 13. What has letters, or another length, is a free code and stays as it was written.
"""

import re
import unicodedata
from typing import Final

_GTIN: Final = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_SEPARATORS: Final = re.compile(r"[ -]")


def written_code(text: str) -> str:
    """The code without what is around it, in one spelling of its letters."""
    return unicodedata.normalize("NFC", text).strip()


def code_key(text: str) -> str:
    """The same for codes that differ in case, or in what is around them, only; as `code_key` of the database."""
    return written_code(text).lower()


def has_wrong_check_digit(barcode: str) -> bool:
    """Whether it has the length of a GTIN, all in digits, and was mistyped."""
    code = written_code(barcode)
    return _GTIN.fullmatch(code) is not None and not _checks(code)


def normal_barcode(barcode: str) -> str:
    """`012345678905` and `0 12345 67890 5` are `0012345678905`; a free code is as it was written."""
    code = written_code(barcode)
    digits = _SEPARATORS.sub("", code)
    if _GTIN.fullmatch(digits) is None or not _checks(digits):
        return code
    short = digits.removeprefix("0") if len(digits) == 14 else digits
    return short.zfill(13)


def check_digit(digits: str) -> int:
    """What comes behind these digits in a GTIN, as GS1 computes it: every other digit counts thrice."""
    odd, even = digits[::-1][::2], digits[::-1][1::2]
    return -(3 * sum(map(int, odd)) + sum(map(int, even))) % 10


def _checks(gtin: str) -> bool:
    return check_digit(gtin[:-1]) == int(gtin[-1])
