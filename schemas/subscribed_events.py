"""Says which events a shop may subscribe to, by type or by aggregate (`order.*`), and which a subscription takes."""

from collections.abc import Iterable
from typing import Final

from schemas.aggregate import Aggregate
from schemas.aggregates import AGGREGATES

EVERYTHING: Final = "*"
#: What says nothing but that it arrives; nobody subscribes to it.
PING: Final = "webhook.ping"
#: Those that have a state; what is decided about dead letters, and the anchors of the audit trail, are the platform's.
SUBSCRIBED: Final = tuple(row for row in AGGREGATES if row.has_state)
_BY_PATTERN: Final = {f"{row.name}.*": (row,) for row in SUBSCRIBED} | {EVERYTHING: SUBSCRIBED}
_BY_TYPE: Final = {history.event_type: (row,) for row in SUBSCRIBED for history in row.histories}
PATTERNS: Final = tuple(sorted((*_BY_TYPE, *_BY_PATTERN)))


def aggregates_of(pattern: str) -> tuple[Aggregate, ...]:
    """Whose events it names; none when it is no event type and no pattern."""
    return _BY_PATTERN.get(pattern) or _BY_TYPE.get(pattern) or ()


def takes(patterns: Iterable[str], event_type: str) -> bool:
    return bool({event_type, f"{event_type.partition('.')[0]}.*", EVERYTHING}.intersection(patterns))
