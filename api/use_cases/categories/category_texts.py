"""Makes the texts of a category of those that were sent."""

from collections.abc import Sequence
from uuid import UUID

from api.domain.handles import made_handle
from api.use_cases.categories.commands import CategoryTextBody
from schemas.events.category import CategoryText


def texts(category_id: UUID, given: Sequence[CategoryTextBody], old: Sequence[CategoryText] = ()) -> list[CategoryText]:
    """A slug that nobody chose is made once: the address of a category does not change with its name."""
    known = {text.locale: text.slug for text in old}
    return [
        CategoryText(
            locale=text.locale,
            name=text.name,
            slug=text.slug or known.get(text.locale) or made_handle(category_id, text.name),
            description=text.description,
        )
        for text in given
    ]
