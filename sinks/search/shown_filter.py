"""Says which documents of an index a visitor of a shop may see at all: its own, and of those what is shown."""

from typing import Any
from uuid import UUID


def shown_in(tenant_id: UUID) -> list[dict[str, Any]]:
    """Filters that no question to an index is without."""
    return [{"term": {"tenant_id": str(tenant_id)}}, {"term": {"shown": True}}]
