"""Puts a category into the tree of the catalogue."""

from api.domain import categories as domain
from api.domain.changes import Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.categories.category_texts import texts
from api.use_cases.categories.commands import NewCategory
from api.use_cases.categories.move_category import TREE
from api.use_cases.categories.parents import existing_parent
from schemas.events.category import Category


def create_category(work: UnitOfWork, command: NewCategory) -> Versioned[Category]:
    """Raises `Invalid` when there is no such parent."""
    work.take_turns(TREE, alone=False)
    parent = existing_parent(work, command.parent_id)
    category_id = work.new_id()
    change = domain.create(
        category_id=category_id,
        external_id=command.external_id,
        parent=parent,
        position=command.position,
        translations=texts(category_id, command.translations),
        now=work.now,
    )
    return work.save(work.categories, change)
