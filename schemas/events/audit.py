"""Declares the events of the audit trail: its rows stay in the database, and what proves them whole leaves it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from schemas.aggregate import Aggregate
from schemas.event_history import History

_ANCHORS: Final = UUID("7c1f1a52-3f0e-5a0c-9d2c-0d5f7f0a4e21")


def anchor_id(chain_id: UUID, seq: int) -> UUID:
    """The same for the same place of a chain. Each place has a key of its own, so that no compaction removes one."""
    return uuid5(_ANCHORS, f"{chain_id}/{seq}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The head of a chain as it was at a moment: whoever has it can tell whether anything before it is another now."""

    id: UUID
    chain_id: UUID
    seq: int
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAnchored:
    """Rows of the audit trail were chained up to this place."""

    audit: Audit


HISTORIES = (History("audit.anchored", (AuditAnchored,)),)
AGGREGATE = Aggregate(
    name="audit",
    plural="audit",
    owner="platform",
    histories=HISTORIES,
    gone=None,
    partitions=1,
    holds="heads of the chains of the [audit trail](audit.md)",
    meanings={
        "audit": "the head of a chain",
        "chain_id": "whose chain: the tenant's id, or only zeros for the platform's",
        "seq": "the number of the last row that is chained, from 1",
        "head": "its hash, SHA-256 in hexadecimal digits",
    },
)
