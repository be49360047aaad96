"""Describes a gap, a place where the log may lack committed events: while one is open nobody vouches for a read model.

Capture opens one when the database, the slot, the publication or a topic is not the one of before. It is a row in
PostgreSQL; what may be missing is emitted again, and then it is closed (`rustok streams resync`,
`rustok after-restore`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

#: `slot`: it was made anew or moved on by somebody else. `database`: it is another one, or an older copy.
#: `publication`: it was made anew or changed. `topic`: it was made anew, or records were removed from it.
Kind = Literal["slot", "database", "publication", "topic"]
KINDS: Final[tuple[Kind, ...]] = ("slot", "database", "publication", "topic")

SOURCE_TABLE: Final = "log_source"
TABLE: Final = "log_gaps"

#: The tables, as migration 0060 makes them; what changes them is another migration.
STATEMENTS: Final = (
    # What capture reads from and writes to, as it was when capture last looked. `beat` is raised every few seconds, so
    # that an older copy of the database is known from what Kafka remembers. `token` names one history of the database.
    f"""
    CREATE TABLE {SOURCE_TABLE} (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        token uuid NOT NULL,
        beat bigint NOT NULL,
        slot text NOT NULL,
        system_identifier text NOT NULL,
        timeline integer NOT NULL,
        publication text NOT NULL,
        topics jsonb NOT NULL
    ) WITH (fillfactor = 50)
    """,
    # What is emitted again after `since` is behind the gap; it is infinity until capture reads again.
    f"""
    CREATE TABLE {TABLE} (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        topics text[] NOT NULL,
        detail text NOT NULL,
        opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        since timestamptz NOT NULL DEFAULT 'infinity',
        times integer NOT NULL DEFAULT 1,
        closed_at timestamptz,
        closed_by text
    )
    """,
    f"CREATE UNIQUE INDEX {TABLE}_open ON {TABLE} (kind, topics) WHERE closed_at IS NULL",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """`topics` may lack events. `times`: how often it was opened before it was closed."""

    kind: Kind
    topics: tuple[str, ...]
    detail: str
    opened_at: datetime

    def affects(self, topics: Collection[str]) -> bool:
        return not set(self.topics).isdisjoint(topics)

    def as_record(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind,
            "topics": list(self.topics),
            "detail": self.detail,
            "opened_at": self.opened_at.isoformat(),
        }


def from_record(record: dict[str, Any]) -> Gap:
    return Gap(
        kind=record["kind"],
        topics=tuple(record["topics"]),
        detail=record["detail"],
        opened_at=datetime.fromisoformat(record["opened_at"]),
    )
