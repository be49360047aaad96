"""Shows how the slot is: metrics at every look, and an event in the log when its state changes.

`reserved`: PostgreSQL keeps the log the slot needs. `extended`: more of it than `max_wal_size`. `unreserved`: it may be
removed at the next checkpoint. `lost`: it was. `missing`: there is no such slot. `foreign`: it is not ours.
"""

from dataclasses import dataclass
from typing import Final

import structlog

from ops import metrics

#: One row about the slot named in its place; none when there is no such slot.
LOOK: Final = """
    SELECT CASE
            WHEN plugin IS DISTINCT FROM 'pgoutput' OR database IS DISTINCT FROM current_database() THEN 'foreign'
            WHEN invalidation_reason IS NOT NULL THEN 'lost'
            ELSE wal_status
        END AS state,
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


class SlotReporter:
    """What was told last."""

    def __init__(self, slot: str) -> None:
        self._slot = slot
        self._state = ""

    def saw(self, health: SlotHealth) -> None:
        metrics.SLOT_RETAINED_BYTES.set(health.retained)
        metrics.SLOT_SAFE_BYTES.set(float("inf") if health.safe is None else health.safe)
        metrics.SLOT_MEASURED.set_to_current_time()
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
        metrics.SLOT_STATE.labels(each).set(each == state)


def forget() -> None:
    """This process does not see the slot any more; what it saw last is not so for ever."""
    for gauge in (metrics.SLOT_STATE, metrics.SLOT_RETAINED_BYTES, metrics.SLOT_SAFE_BYTES, metrics.SLOT_MEASURED):
        gauge.forget()
