"""What somebody waits for: that readers see a version of an aggregate, or a newer one."""

from dataclasses import dataclass
from uuid import UUID

from schemas.envelope import order_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """Versions are compared inside an epoch; a later epoch is newer than all of an earlier one."""

    tenant_id: UUID
    aggregate: str
    id: UUID
    version: int
    epoch: int = 0

    @property
    def order(self) -> int:
        return order_of(self.epoch, self.version)
