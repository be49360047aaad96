"""A category in JSON."""

from typing import Self
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.shown_locale import shown
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from schemas.events.category import Category


class CategoryTextAnswer(AnswerBody):
    locale: str
    name: str
    slug: str
    description: str | None


class CategoryAnswer(AnswerBody):
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


class NamedCategory(CategoryAnswer):
    """A category beside a product, and what it is called in `locale`: the one asked for, or the next best."""

    locale: str
    name: str
    slug: str

    @classmethod
    def in_locale(cls, held: Versioned[Category], locales: tuple[str, ...]) -> Self:
        text = shown(held.value.translations, locales)
        return cls(**dict(CategoryAnswer.of(held)), locale=text.locale, name=text.name, slug=text.slug)


class CategoryDone(CategoryAnswer, Receipted):
    pass


class CategoryPage(PageAnswer):
    items: list[CategoryAnswer]
