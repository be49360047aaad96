"""Says how the free words of a product are compared, and its attributes as texts."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from schemas.article_codes import written_code

if TYPE_CHECKING:
    from schemas.events.product import AttributeValue


def distinct_words(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, as it was written first: `Rye` and `rye ` are one word."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(written_code(word).casefold(), word)
    return tuple(found.values())


def attribute_text(value: "AttributeValue") -> str:
    """`true` and `false`, a number as it is written, and a list with commas."""
    if value.boolean is not None:
        return "true" if value.boolean else "false"
    if value.texts is not None:
        return ", ".join(value.texts)
    return value.text or value.number or ""


def attribute_texts(values: "Mapping[str, AttributeValue]") -> dict[str, str]:
    return {name: attribute_text(value) for name, value in values.items()}
