"""Names each webhook as the feed that dead letters are of: what one receiver did not take says nothing of another."""

import re
from typing import Final
from uuid import UUID

#: All of them together, where they are counted.
ALL: Final = "webhooks-v1"
_FEED: Final = re.compile(r"webhook-([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?:-v1)?", re.ASCII)


def feed_of(webhook_id: UUID) -> str:
    return f"webhook-{webhook_id}-v1"


def webhook_of(feed: str) -> UUID | None:
    """None when it is not a webhook's."""
    found = _FEED.fullmatch(feed)
    return None if found is None else UUID(found[1])
