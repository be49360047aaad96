"""Decides whether an event is kept: each version of an aggregate once, and what was left out is named.

Versions of an aggregate rise by one. Its ledger says up to which version its events are there, and which before it are
not. An event that says again what is there changes nothing; one that was missing closes its gap.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

#: The archive has never seen an older one: it began later, or compaction was faster.
BEFORE: Final = "before"
#: An older one is there, so this one was lost, refused or parked on the way.
MISSED: Final = "missed"
Kind = Literal["before", "missed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The events of the versions `first` to `last` are not there; `seen_at` is when that was noticed."""

    first: int
    last: int
    kind: Kind
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Of one aggregate: every version up to `version` is there, but for the gaps. `epoch` is that of the newest."""

    epoch: int
    version: int
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """`ledger` as it is afterwards. `begins_anew`: what older epochs say from this version on never happened."""

    is_kept: bool
    ledger: Ledger
    begins_anew: bool = False


def entered(ledger: Ledger | None, epoch: int, version: int, now: datetime) -> Entry:
    """What becomes of the event of this version; without a ledger it is the first of its aggregate."""
    if ledger is None:
        return Entry(True, Ledger(epoch=epoch, version=version, gaps=_gap(1, version - 1, BEFORE, now)))
    if epoch > ledger.epoch:
        # The database was put back: versions from here on are told anew, and nobody waits for the old ones.
        left = tuple(_below(ledger.gaps, version)) + _gap(ledger.version + 1, version - 1, MISSED, now)
        return Entry(True, Ledger(epoch=epoch, version=version, gaps=left), begins_anew=True)
    if epoch == ledger.epoch and version > ledger.version:
        skipped = _gap(ledger.version + 1, version - 1, MISSED, now)
        return Entry(True, replace(ledger, version=version, gaps=ledger.gaps + skipped))
    if any(gap.first <= version <= gap.last for gap in ledger.gaps):
        return Entry(True, replace(ledger, gaps=tuple(_without(ledger.gaps, version))))
    return Entry(False, ledger)


def _gap(first: int, last: int, kind: Kind, now: datetime) -> tuple[Gap, ...]:
    return (Gap(first=first, last=last, kind=kind, seen_at=now),) if first <= last else ()


def _without(gaps: tuple[Gap, ...], version: int) -> Iterator[Gap]:
    for gap in gaps:
        if not gap.first <= version <= gap.last:
            yield gap
            continue
        yield from _gap(gap.first, version - 1, gap.kind, gap.seen_at)
        yield from _gap(version + 1, gap.last, gap.kind, gap.seen_at)


def _below(gaps: tuple[Gap, ...], version: int) -> Iterator[Gap]:
    for gap in gaps:
        yield from _gap(gap.first, min(gap.last, version - 1), gap.kind, gap.seen_at)
