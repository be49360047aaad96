"""Says what is noted of a search: its words, how many it found, and nothing of who searched."""

import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from schemas.events.search_log import LoggedSearch
from sinks.search.found_products import FoundProducts
from sinks.search.words.folded_letters import lowered

#: The doors by which a search comes: /v1, and the one of InstantSearch.
OWN_CHANNEL: Final = "v1"
INSTANTSEARCH: Final = "instantsearch"
LONGEST_TEXT: Final = 200
LONGEST_SESSION: Final = 128
_SESSION_BYTES: Final = 8


def kept_text(text: str) -> str:
    """As it is counted: in small letters, one space between words. Accents stay: it may be shown to people."""
    return " ".join(lowered(text).replace("\0", "").split())[:LONGEST_TEXT]


def hashed_session(key: bytes, tenant_id: UUID, named: str | None, at: datetime) -> str | None:
    """What a page calls a visit, so that nobody can tell what it was called, nor find it again the next day."""
    if not named:
        return None
    told = f"search session {tenant_id} {at:%Y-%m-%d} {named}".encode()
    return hmac.digest(key, told, "sha256")[:_SESSION_BYTES].hex()


def logged_search(
    found: FoundProducts,
    *,
    query_id: UUID,
    text: str,
    locale: str,
    took_s: float,
    page: int,
    sort: str,
    filters: Iterable[str],
    channel: str,
    counts_clicks: bool,
    session: str | None,
    at: datetime,
) -> LoggedSearch | None:
    """None for one without words: who looks around searches for nothing."""
    kept = kept_text(text)
    if not kept:
        return None
    return LoggedSearch(
        query_id=query_id,
        text=kept,
        locale=locale,
        hits=found.total,
        match=found.match.value,
        took_ms=round(took_s * 1000),
        page=page,
        sort=sort,
        filters=tuple(sorted(set(filters))),
        channel=channel,
        counts_clicks=counts_clicks,
        session=session,
        asked_at=at,
    )
