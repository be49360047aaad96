"""Keeps how far a build is filled from the tables, in a small file beside the reports of rebuilds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from sinks.sink import HeldOffset, Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledSoFar:
    """Of the store that was born as `birth`. `ends` are those of the log from before the first page was read.

    All aggregates before the `aggregate` of the model's list are in the store; of that one all of the tenants before
    `tenant_id`, and of this one all up to the id `after`. `documents` counts what is.
    """

    birth: str
    ends: Mapping[Partition, HeldOffset]
    aggregate: str = ""
    tenant_id: UUID | None = None
    after: UUID | None = None
    documents: Mapping[str, int]

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """None where nothing was begun, and for a file that nobody wrote to its end."""
        try:
            told = json.loads(path.read_text())
            ends = {
                (one["topic"], one["partition"]): HeldOffset(
                    topic_id=one["topic_id"], next=one["next"], until=one["next"]
                )
                for one in told["ends"]
            }
            return cls(
                birth=told["birth"],
                ends=ends,
                aggregate=told["aggregate"],
                tenant_id=_uuid(told["tenant_id"]),
                after=_uuid(told["after"]),
                documents=told["documents"],
            )
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        ends = [
            {"topic": topic, "partition": number, "topic_id": held.topic_id, "next": held.next}
            for (topic, number), held in self.ends.items()
        ]
        told: dict[str, Any] = {
            "birth": self.birth,
            "ends": ends,
            "aggregate": self.aggregate,
            "tenant_id": _text(self.tenant_id),
            "after": _text(self.after),
            "documents": dict(self.documents),
        }
        arriving = path.with_suffix(".arriving")
        arriving.parent.mkdir(parents=True, exist_ok=True)
        arriving.write_text(json.dumps(told))
        arriving.replace(path)


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _text(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
