"""Writes the place where a page of a search ended as a cursor, and reads it back: for the same question only.

A cursor is signed for the shop, since OpenSearch fails at what somebody made up. It holds what a page has shown, and a
name that is worth nothing to who cannot ask OpenSearch itself.

    orjson of a list, and 16 bytes HMAC-SHA-256 of it and the tenant's id, cut short; as base64url without padding
"""

import binascii
import hmac
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from api.domain.errors import Invalid
from api.use_cases.page_cursors import malformed
from sinks.search.product_pages import Place, Walk
from sinks.search.word_clauses import Match

LONGEST: Final = 4000
_WRITTEN_AS: Final = 1
_MAC_BYTES: Final = 16


class SearchCursors:
    """Signs and reads them with a key of their own, made from the one that signs tokens."""

    def __init__(self, token_key: str) -> None:
        self._key = hmac.digest(token_key.encode(), b"rustok search cursors", "sha256")

    def written(self, tenant_id: UUID, asked: str, place: Place) -> str:
        plain = orjson.dumps([_WRITTEN_AS, asked, *_values(place)])
        return urlsafe_b64encode(plain + self._mac(tenant_id, plain)).rstrip(b"=").decode()

    def read(self, tenant_id: UUID, asked: str, cursor: str) -> Place:
        """Raises `Invalid` for everything but what `written` gave for this tenant and question."""
        try:
            given = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise malformed() from None
        plain, mac = given[:-_MAC_BYTES], given[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(tenant_id, plain)):
            raise malformed()
        written_as, told, *values = orjson.loads(plain)
        if written_as != _WRITTEN_AS:
            raise malformed()
        if told != asked:
            raise Invalid.field("cursor", "other_question", "It is of another search: begin with *, or ask as before.")
        return _place(values)

    def _mac(self, tenant_id: UUID, plain: bytes) -> bytes:
        return hmac.digest(self._key, tenant_id.bytes + plain, "sha256")[:_MAC_BYTES]


def _values(place: Place) -> Sequence[Any]:
    walk = place.walk
    always = [walk.id, walk.point, walk.opened_at, walk.as_of, walk.state, walk.match, walk.others, walk.asked]
    return [*always, place.number, place.shown, place.after]


def _place(values: Sequence[Any]) -> Place:
    id_, point, opened_at, as_of, state, match, others, asked, number, shown, after = values
    walk = Walk(
        id=UUID(id_),
        point=point,
        opened_at=datetime.fromisoformat(opened_at),
        as_of=None if as_of is None else datetime.fromisoformat(as_of),
        state=state,
        match=Match(match),
        others=others,
        asked=asked,
    )
    return Place(walk=walk, number=number, shown=shown, after=tuple(after))
