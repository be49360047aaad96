"""Declares the events of a category, a named node of a shop's catalogue tree."""

from dataclasses import dataclass
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryText:
    """`slug` is unique per tenant and locale."""

    locale: str
    name: str
    slug: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """`path` runs from the root of the tree to this category, itself included."""

    id: UUID
    external_id: str | None
    parent_id: UUID | None
    path: tuple[UUID, ...]
    position: int
    translations: tuple[CategoryText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCreated:
    """A category came into the tree."""

    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryUpdated:
    """Names, slugs, descriptions or the position changed."""

    category: Category
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMoved:
    """It has another way from the root: it, or a category above it, was put below another parent."""

    category: Category
    path_before: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDeleted:
    """The category is gone; `category` is what it was."""

    category: Category


HISTORIES = (
    History("category.created", (CategoryCreated,)),
    History("category.updated", (CategoryUpdated,)),
    History("category.moved", (CategoryMoved,)),
    History("category.deleted", (CategoryDeleted,)),
)
AGGREGATE = Aggregate(
    name="category",
    plural="categories",
    owner="catalogue",
    histories=HISTORIES,
    gone=CategoryDeleted,
    partitions=2,
)
CategoryEvent = CategoryCreated | CategoryUpdated | CategoryMoved | CategoryDeleted
