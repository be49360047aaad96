"""Emits again what the archive lacks and the outbox still has, as it was."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from schemas.write_model import WriteModel
from sinks.archive.archive_report import MissingEvents
from sinks.archive.gap_outlook import by_owner


def emit_again(keeper: WriteModel, gaps: Sequence[MissingEvents], *, once: bool = False) -> int:
    """Returns how many events that are. `once`: not what somebody has emitted again since the gap was seen.

    Raises `Unreachable`.
    """
    emitted = 0
    for (aggregate, tenant_id), these in by_owner(gaps):
        wanted: dict[UUID, list[range]] = defaultdict(list)
        since: dict[UUID, datetime] = {}
        for gap in these:
            wanted[gap.aggregate_id].append(range(gap.first, gap.last + 1))
            since[gap.aggregate_id] = min(gap.seen_at, since.get(gap.aggregate_id, gap.seen_at))
        emitted += keeper.reemit_history(aggregate, tenant_id, wanted, since if once else None)
    return emitted
