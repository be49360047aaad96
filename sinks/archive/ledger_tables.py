"""Keeps the ledgers of aggregates in the live file: their newest versions, their gaps, and where they began anew."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sinks.archive.event_rows import Row
from sinks.archive.live_rows import KEY, Key, LiveRows, key_of, named
from sinks.archive.version_ledger import Gap, Ledger

HEADS: Final = {**KEY, "epoch": "INTEGER", "version": "BIGINT"}
GAPS: Final = {**KEY, "first_version": "BIGINT", "last_version": "BIGINT", "kind": "VARCHAR", "seen_at": "TIMESTAMPTZ"}
RESTARTS: Final = HEADS


class LedgerTables:
    def __init__(self, rows: LiveRows) -> None:
        self._rows = rows

    def make(self) -> None:
        for table, columns in (("heads", HEADS), ("gaps", GAPS), ("restarts", RESTARTS)):
            self._rows.make(table, columns)

    def of(self, keys: Collection[Key]) -> dict[Key, Ledger]:
        """Those that there are."""
        gaps: dict[Key, list[Gap]] = {}
        for row in self._rows.of_keys("gaps", GAPS, keys, order="first_version"):
            gaps.setdefault(key_of(row), []).append(
                Gap(first=row["first_version"], last=row["last_version"], kind=row["kind"], seen_at=row["seen_at"])
            )
        return {
            key_of(row): Ledger(epoch=row["epoch"], version=row["version"], gaps=tuple(gaps.get(key_of(row), ())))
            for row in self._rows.of_keys("heads", HEADS, keys)
        }

    def note(self, before: Mapping[Key, Ledger], now: Mapping[Key, Ledger], restarts: Sequence[Row]) -> bool:
        """Keeps what changed; whether gaps or restarts did."""
        changed = {key: ledger for key, ledger in now.items() if before.get(key) != ledger}
        if changed:
            self._rows.remove("heads", changed)
            heads = [named(key) | {"epoch": of.epoch, "version": of.version} for key, of in changed.items()]
            self._rows.insert("heads", HEADS, heads)
        other = {key: of for key, of in changed.items() if of.gaps != (before[key].gaps if key in before else ())}
        if other:
            self._rows.remove("gaps", other)
            self._rows.insert("gaps", GAPS, [_row(key, gap) for key, of in other.items() for gap in of.gaps])
        self._rows.insert("restarts", RESTARTS, restarts)
        return bool(other or restarts)

    def missing(self) -> dict[str, int]:
        """How many versions are, by the kind of gap."""
        found = self._rows.run("SELECT kind, sum(last_version - first_version + 1)::BIGINT FROM gaps GROUP BY ALL")
        return dict(found)


def _row(key: Key, gap: Gap) -> Row:
    return named(key) | {
        "first_version": gap.first,
        "last_version": gap.last,
        "kind": gap.kind,
        "seen_at": gap.seen_at,
    }
