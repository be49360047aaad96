"""Changes the texts or the position of a category."""

from uuid import UUID

from api.domain import categories as domain
from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.categories.category_texts import texts
from api.use_cases.categories.commands import CategoryChange
from api.use_cases.require_found import found
from schemas.events.category import Category


def change_category(
    work: UnitOfWork, category_id: UUID, command: CategoryChange, expected: Expected = ANY_VERSION
) -> Versioned[Category]:
    """As it was when nothing is different. Raises `NotFound`, `VersionMismatch`."""
    held = found(work.categories.get, "category", category_id)
    expected.require(held)
    given = command.translations
    changed = None if given is None else texts(category_id, given, held.value.translations)
    change = domain.change(held, position=command.position, translations=changed, now=work.now)
    return held if change is None else work.save(work.categories, change)
