"""Moves a category, and all that is in it, to another place in the tree."""

from typing import Final
from uuid import UUID

from api.domain import categories as domain
from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.categories.commands import CategoryMove
from api.use_cases.categories.parents import existing_parent
from api.use_cases.require_found import found
from schemas.events.category import Category

#: Who changes the form of a tree does it alone; the database takes the same turns (migration 0260).
TREE: Final = "category tree"


def move_category(
    work: UnitOfWork, category_id: UUID, command: CategoryMove, expected: Expected = ANY_VERSION
) -> Versioned[Category]:
    """As it was when it is there already. Raises `NotFound`, `VersionMismatch`, and `Invalid` for such a parent."""
    work.take_turns(TREE, alone=True)
    held = found(work.categories.get, "category", category_id)
    expected.require(held)
    changes = domain.move(
        held,
        parent=existing_parent(work, command.parent_id),
        position=command.position,
        below=work.categories.below(category_id),
        now=work.now,
    )
    if not changes:
        return held
    work.save_together(work.categories, changes)
    return changes[0].now
