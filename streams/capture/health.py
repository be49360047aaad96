"""Is the slot well? What its watchers see: metrics at every look, and an event in the log when its state changes.

`reserved`: PostgreSQL keeps the log the slot needs. `extended`: more of it than `max_wal_size`. `unreserved`: it may be
removed at the next checkpoint. `lost`: it was. `missing`: there is no such slot. `foreign`: it is not ours.
"""

from dataclasses import dataclass
from typing import Final

import structlog

from ops import metrics

#: One row about the slot named in its place; none when there is no such slot.
LOOK: Final = """
    SELECT CASE WHEN invalidation_reason IS NOT NULL THEN 'lost' ELSE wal_status END AS state,
        (pg_current_wal_insert_lsn() - restart_lsn)::bigint AS retained, safe_wal_size AS safe
    FROM pg_replication_slots WHERE slot_name = {slot}
"""
IN_DANGER: Final = ("unreserved", "lost")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SlotHealth:
    """`retained`: bytes of log that are kept for it. `safe`: how many more until it can be lost; None: no limit."""

    state: str
    retained: int
    safe: int | None


class Health:
    """What was told last."""

    def __init__(self, slot: str) -> None:
        self._slot = slot
        self._state = ""

    def saw(self, health: SlotHealth) -> None:
        metrics.CAPTURE_RETAINED_BYTES.set(health.retained)
        metrics.CAPTURE_SAFE_BYTES.set(float("inf") if health.safe is None else health.safe)
        metrics.CAPTURE_PUBLICATION.set(1)
        if health.state == self._state:
            return
        in_state(health.state)
        if health.state in IN_DANGER:
            log.warning("slot_in_danger", slot=self._slot, state=health.state, retained_bytes=health.retained)
        elif self._state:
            log.info("slot_changed", slot=self._slot, state=health.state, retained_bytes=health.retained)
        self._state = health.state


def in_state(state: str) -> None:
    for each in metrics.SLOT_STATES:
        metrics.CAPTURE_SLOT.labels(each).set(each == state)
