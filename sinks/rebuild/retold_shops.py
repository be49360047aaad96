"""Makes the documents of some shops again, in place: all that their tables say is told once more, through the log.

Nothing is built beside: readers see each document as it was or as it is, and no other shop has anything to do with it.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from ops.failure import Failure
from ops.settings import Settings
from schemas.write_model import NoSuchTenant, Owner, WriteModel
from sinks.read_model import ReadModel
from sinks.rebuild.opened_builds import opened_tables, require_truth
from sinks.rebuild.progress import Tell
from sinks.told_findings import document
from sinks.verify_model import DoesNotAdvance, Finding, Verifying

#: In one transaction: few enough that writers who wait for one of them do not notice.
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Retold:
    """`told` counts what was emitted again; `finding` is what differs from the tables afterwards."""

    model: str
    shops: Sequence[str]
    told: int
    finding: Finding

    @property
    def is_right(self) -> bool:
        return not self.finding.differences

    def as_document(self) -> dict[str, Any]:
        found = document(self.model, self.finding)
        return {"model": self.model, "tenants": list(self.shops), "told": self.told, "found": found}

    def __str__(self) -> str:
        found = self.finding
        return (
            f"{', '.join(self.shops)}: {self.told:,} told again; {found.checked:,} documents compared: {found.counted}"
        )


def retell(settings: Settings, model: ReadModel, shops: Sequence[str], tell: Tell) -> Retold:
    """Raises `Failure`, also for a shop that is not there and a model that no tables keep; and `Unavailable`."""
    require_truth(model)
    try:
        with opened_tables(settings) as tables, closing(model.published(settings)) as published:
            told = 0
            for owner in tables.owners(shops):
                told = _emitted(model, tables, owner, told, tell)
            verifying = Verifying(model, published, tables, report=lambda checked: tell(f"{checked:,} compared"))
            found = verifying.full(shops)
            return Retold(model.name, shops, told, verifying.repair(found) if found.differences else found)
    except NoSuchTenant as unknown:
        raise Failure(f"T{str(unknown)[1:]}.", "GET /v1/tenants lists them.") from None
    except DoesNotAdvance as stuck:
        raise Failure(f"{stuck}.", "`rustok status` shows how far capture and feed are.") from stuck


def _emitted(model: ReadModel, tables: WriteModel, owner: Owner, told: int, tell: Tell) -> int:
    """How many by now."""
    for projection in model.projections:
        after = None
        while ids := tables.ids(projection.aggregate, owner.id, after, _PAGE):
            told += tables.reemit(projection.aggregate, owner.id, ids)
            after = ids[-1]
            tell(f"{told:,} told again")
    return told
