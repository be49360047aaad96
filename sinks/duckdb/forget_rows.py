"""Removes a row from a file that its writer has open: by a note beside the file, which the writer carries out.

For rows that should not be there at all, and that no event will ever replace. A note is a JSON list, written under
another name first; each entry names the version it means, so a row that has changed since is left alone.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from sinks.sink import DocumentChange

_FOLDER: Final = "to-forget"


@dataclass(frozen=True, slots=True)
class Entry:
    """`id` and `version` of the aggregate; `part` when it has a part in a document only."""

    collection: str
    tenant_id: UUID
    id: UUID
    version: int
    part: str = ""


def ask(folder: Path, unwanted: Sequence[DocumentChange]) -> None:
    """Leaves a note for the writer of the file in `folder`; it is carried out before the next copy is published."""
    entries = [
        [one.collection, str(one.tenant_id), str(one.aggregate_id), one.version, one.part_name] for one in unwanted
    ]
    place = folder / _FOLDER
    place.mkdir(exist_ok=True)
    note = place / f"{uuid4()}.json"
    arriving = note.with_suffix(".arriving")
    arriving.write_text(json.dumps(entries))
    arriving.rename(note)


def notes(folder: Path) -> list[Path]:
    return sorted((folder / _FOLDER).glob("*.json"))


def read(note: Path) -> list[Entry]:
    entries = json.loads(note.read_text())
    return [Entry(collection, UUID(tenant), UUID(id_), *rest) for collection, tenant, id_, *rest in entries]
