"""What is the readable part of an address? Made from a title and what makes it unique, when nobody chose one."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 120
_NOT_WORD: Final = re.compile(r"[^\w]+|_+")


def handle(*parts: str) -> str:
    """`handle("Crème brûlée, 2 pack", "SKU 12")` is `creme-brulee-2-pack-sku-12`. Letters of any script stay."""
    slugs = [_slug(part) for part in parts]
    last = slugs[-1][:LONGEST]
    first = "-".join(filter(None, slugs[:-1]))[: max(LONGEST - len(last) - 1, 0)].strip("-")
    return "-".join(filter(None, (first, last))) or "item"


def _slug(text: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return _NOT_WORD.sub("-", unicodedata.normalize("NFC", plain).lower()).strip("-")
