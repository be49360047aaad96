"""Says what becomes of a gap in the archive: it is closed by and by, or it stays, and why.

Nothing is remembered for it. What can be emitted again the outbox has, and when that was done it has, too: behind the
events of before it says what each is now. What was emitted after the gap was seen, and is not there though the archive
has all of that moment, was refused or parked: to emit it once more would change nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from schemas.write_model import KeptHistory, WriteModel
from sinks.archive.archive_report import MissingEvents

#: `due`: the outbox has it. `sent`: it was emitted again, and the archive is not so far. `stuck`: it is, and lacks it
#: all the same. `gone`: nobody has it any more.
Outlook = Literal["due", "sent", "stuck", "gone"]
OUTLOOKS: Final[Mapping[Outlook, str]] = {
    "due": "the outbox has it: the scheduler emits it again",
    "sent": "it was emitted again, and the archive is not so far yet",
    "stuck": "it was emitted again and did not come: it is a dead letter or parked",
    "gone": "it stays: the outbox does not have it any more",
}
#: Aggregates that are asked after in one question, and that are emitted again in one transaction.
_ASKED_AT_ONCE: Final = 10_000
AT_ONCE: Final = 100
#: The clocks of who emits and of who vouches may differ by so much.
_CLOCKS: Final = timedelta(minutes=1)


def of_all(keeper: WriteModel, gaps: Sequence[MissingEvents], as_of: datetime | None) -> list[Outlook]:
    """Of each gap, in their order; `as_of` is what the archive vouches for. Raises `Unreachable`."""
    ids = sorted({gap.aggregate_id for gap in gaps})
    kept: dict[tuple[str, UUID, UUID], KeptHistory] = {}
    for start in range(0, len(ids), _ASKED_AT_ONCE):
        kept |= keeper.kept_history(ids[start : start + _ASKED_AT_ONCE])
    return [outlook(gap, kept.get((gap.aggregate, gap.tenant_id, gap.aggregate_id)), as_of) for gap in gaps]


def outlook(gap: MissingEvents, kept: KeptHistory | None, as_of: datetime | None) -> Outlook:
    if kept is None or not any(gap.first <= version <= gap.last for version in kept.versions):
        return "gone"
    if kept.emitted_at is None or kept.emitted_at <= gap.seen_at:
        return "due"
    return "sent" if as_of is None or as_of <= kept.emitted_at + _CLOCKS else "stuck"


def by_owner(gaps: Sequence[MissingEvents]) -> Iterator[tuple[tuple[str, UUID], Sequence[MissingEvents]]]:
    """By type and shop, a few at once."""
    found: dict[tuple[str, UUID], list[MissingEvents]] = defaultdict(list)
    for gap in gaps:
        found[gap.aggregate, gap.tenant_id].append(gap)
    for owner, these in found.items():
        for start in range(0, len(these), AT_ONCE):
            yield owner, these[start : start + AT_ONCE]
