"""Declares the events of quality: what each check of a published snapshot found, for all shops together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History

#: So many expectations are named; all are counted.
MOST_NAMED: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """A check of a snapshot. Without `vouched_at` nobody said of which moment the snapshot is."""

    id: UUID
    model: str
    snapshot: str
    vouched_at: datetime | None
    checked_at: datetime
    is_sound: bool
    passed: int
    failed: int
    warned: int
    failed_expectations: tuple[str, ...]
    warned_expectations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityChecked:
    """A published snapshot was checked against all that is expected of it."""

    quality: Quality


HISTORIES = (History("quality.checked", (QualityChecked,)),)
AGGREGATE = Aggregate(
    name="quality",
    plural="quality",
    owner="platform",
    histories=HISTORIES,
    gone=None,
    kept_days=90,
    holds="what [checks of what analysts read](analytics.md#can-i-trust-it) found, for 90 days",
    meanings={
        "checked_at": "when the check began",
        "failed": "how many critical expectations do not hold",
        "failed_expectations": "their names, the first fifty",
        "is_sound": "whether no critical expectation failed",
        "passed": "how many expectations hold",
        "quality": "the check",
        "Quality.model": "the read model",
        "snapshot": "the name of the file that was checked",
        "vouched_at": "all that was committed before is in the snapshot; none: nobody vouches for a moment",
        "warned": "how many others do not hold",
        "warned_expectations": "their names, the first fifty",
    },
)
