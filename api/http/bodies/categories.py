"""A category in JSON."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.handles import made_handle
from api.http.bodies.fields import Answer, Body, ExternalId, Handle, Locale, LongText, Name, Page, Position, Receipted
from schemas.events.category import Category, CategoryText


class CategoryTextBody(Body):
    locale: Locale
    name: Name
    slug: Handle | None = Field(default=None, description="Made once when it is missing: the name, and 8 characters.")
    description: LongText | None = None


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


class NewCategory(Body):
    external_id: ExternalId | None = None
    parent_id: UUID | None = None
    position: Position = 0
    translations: list[CategoryTextBody] = Field(min_length=1, max_length=50)


class CategoryChange(Body):
    """What is missing stays as it is."""

    position: Position | None = None
    translations: list[CategoryTextBody] | None = Field(default=None, min_length=1, max_length=50)


class ImportedCategory(Body):
    """`parent` is the external id of a category that is there or in the same call."""

    external_id: ExternalId
    parent: ExternalId | None = None
    position: Position = 0
    translations: list[CategoryTextBody] = Field(min_length=1, max_length=50)


class CategoryTextAnswer(Answer):
    locale: str
    name: str
    slug: str
    description: str | None


class CategoryAnswer(Answer):
    """`path` runs from the root of the tree to this category."""

    id: UUID
    version: int
    external_id: str | None
    parent_id: UUID | None
    path: list[UUID]
    position: int
    translations: list[CategoryTextAnswer]

    @classmethod
    def of(cls, held: Versioned[Category], **more: str) -> Self:
        category = held.value
        return cls(
            id=category.id,
            version=held.version,
            external_id=category.external_id,
            parent_id=category.parent_id,
            path=list(category.path),
            position=category.position,
            translations=[CategoryTextAnswer.model_validate(text) for text in category.translations],
            **more,
        )


class CategoryDone(CategoryAnswer, Receipted):
    pass


class CategoryPage(Page):
    items: list[CategoryAnswer]
