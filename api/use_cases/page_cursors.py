"""Writes where a page ended as a cursor, and reads it back: for the same question only.

It holds nothing but what the page has shown, and is worth nothing to who may not ask the question.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2s
from typing import Any, Final
from uuid import UUID

import orjson

from api.domain.errors import Invalid
from api.domain.moments import is_possible
from api.store.list_pages import Key, Place

LONGEST: Final = 2000
_MOST: Final = 2**63


def question(*parts: Any) -> str:
    """What was asked, in a few characters: another list, filter or order is another question."""
    return blake2s(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def written(asked: str, place: Place) -> str:
    return urlsafe_b64encode(orjson.dumps([asked, place.key, place.id])).decode().rstrip("=")


def read(cursor: str, asked: str, kind: type[Key] | None) -> Place:
    """`kind` is that of the key; None: there is none. Raises `Invalid`."""
    match _parts(cursor):
        case [str() as told, _, str()] if told != asked:
            raise other_question()
        case [str(), key, str() as id_]:
            try:
                return Place(UUID(id_), _key(key, kind))
            except ValueError:
                raise malformed() from None
    raise malformed()


def _parts(cursor: str) -> Sequence[Any]:
    try:
        parts = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise malformed() from None
    return parts if isinstance(parts, list) else ()


def _key(key: Any, kind: type[Key] | None) -> Key | None:
    """Raises `ValueError`."""
    if kind is None and key is None:
        return None
    if kind is int and type(key) is int and -_MOST <= key < _MOST:
        return key
    if kind is str and isinstance(key, str) and "\0" not in key:
        return key
    if kind is datetime and isinstance(key, str):
        moment = datetime.fromisoformat(key)
        if moment.tzinfo is not None and is_possible(moment):
            return moment
    raise ValueError("it is no key of this order")


def other_question() -> Invalid:
    return Invalid.field(
        "cursor", "other_question", "It is of a page with other filters, or in another order: begin without it."
    )


def malformed() -> Invalid:
    return Invalid.field("cursor", "malformed", "It is no `next_cursor` of a page.")
