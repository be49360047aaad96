"""Puts a category into the tree of the catalogue."""

from api.domain import categories as domain
from api.domain.changes import Versioned
from api.domain.errors import Invalid
from api.store.unit_of_work import UnitOfWork
from api.use_cases.categories.category_texts import texts
from api.use_cases.categories.commands import NewCategory
from schemas.events.category import Category


def create_category(work: UnitOfWork, command: NewCategory) -> Versioned[Category]:
    """Raises `Invalid` when there is no such parent."""
    parent = None if command.parent_id is None else work.categories.get(command.parent_id)
    if parent is None and command.parent_id is not None:
        raise Invalid.field("parent_id", "unknown_category", f"There is no category {command.parent_id}.")
    category_id = work.new_id()
    change = domain.create(
        category_id=category_id,
        external_id=command.external_id,
        parent=None if parent is None else parent.value,
        position=command.position,
        translations=texts(category_id, command.translations),
        now=work.now,
    )
    return work.save(work.categories, change)
