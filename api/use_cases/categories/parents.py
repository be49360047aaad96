"""Finds the category that another is to be below."""

from uuid import UUID

from api.domain.errors import Invalid
from api.store.unit_of_work import UnitOfWork
from schemas.events.category import Category


def existing_parent(work: UnitOfWork, parent_id: UUID | None) -> Category | None:
    """None for a root. Raises `Invalid` when there is no such category."""
    if parent_id is None:
        return None
    parent = work.categories.get(parent_id)
    if parent is None:
        raise Invalid.field("parent_id", "unknown_category", f"There is no category {parent_id}.")
    return parent.value
