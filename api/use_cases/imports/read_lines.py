"""Reads items of an import from JSON lines, each by itself: one that is unreadable does not spoil the others."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import orjson
from pydantic import BaseModel, TypeAdapter

from api.domain.errors import Invalid, Malformed
from api.use_cases.imports.items import Item

T = TypeVar("T", bound=BaseModel)
MOST_LINES: Final = 50_000


@dataclass(frozen=True, slots=True)
class ItemLine(Generic[T]):
    """`line` counts from 1, empty ones too."""

    line: int
    item: Item[T]


def read_lines(content: bytes, read: TypeAdapter[Item[T]]) -> list[ItemLine[T]]:
    """Empty lines are none. Raises `Invalid` for no line at all, or more than are taken at once."""
    texts = [(at, text) for at, text in enumerate(content.split(b"\n"), 1) if text.strip()]
    if not texts:
        raise Invalid.field("body", "too_short", "There is no line in it.")
    if len(texts) > MOST_LINES:
        raise Invalid.field("body", "too_long", f"There are {len(texts)} lines; {MOST_LINES} are taken at once.")
    return [ItemLine(at, _item(read, text)) for at, text in texts]


def _item(read: TypeAdapter[Item[T]], text: bytes) -> Item[T]:
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as why:
        return Item(None, None, Malformed(f"The line is not JSON: {why}."))
    return read.validate_python(given)
