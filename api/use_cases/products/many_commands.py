"""What is commanded of many products at once: of each one thing, by its id."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, RootModel

from api.use_cases.bulk.chained_changes import MOST_AT_ONCE, Version
from api.use_cases.fields import Input, Name
from api.use_cases.imports.items import Item

MoveName = Literal["publish", "unpublish", "archive"]


class _OfProduct(Input):
    id: UUID
    version: Version = None


class ProductMove(_OfProduct):
    action: MoveName


class ProductTags(_OfProduct):
    action: Literal["add_tags", "remove_tags"]
    tags: list[Name] = Field(min_length=1, max_length=100)


class ProductCategories(_OfProduct):
    action: Literal["add_categories", "remove_categories"]
    category_ids: list[UUID] = Field(min_length=1, max_length=50)


ProductAction = ProductMove | ProductTags | ProductCategories


class ProductItem(RootModel[Annotated[ProductAction, Field(discriminator="action")]]):
    pass


class ProductItems(Input):
    """Several of one product are done one after another."""

    items: list[Item[ProductItem]] = Field(min_length=1, max_length=MOST_AT_ONCE)
