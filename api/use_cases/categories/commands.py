"""What people ask of categories and command."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from api.store.categories import LIST
from api.use_cases.fields import ExternalId, Handle, Input, Locale, LongText, Name, Position
from api.use_cases.pages import PageAsked


class CategoryTextBody(Input):
    locale: Locale
    name: Name
    slug: Handle | None = Field(default=None, description="Made once when it is missing: the name, and 8 characters.")
    description: LongText | None = None


class NewCategory(Input):
    external_id: ExternalId | None = None
    parent_id: UUID | None = None
    position: Position = 0
    translations: list[CategoryTextBody] = Field(min_length=1, max_length=50)


class CategoryChange(Input):
    """What is missing stays as it is."""

    position: Position | None = None
    translations: list[CategoryTextBody] | None = Field(default=None, min_length=1, max_length=50)


class CategoryMove(Input):
    """`position` is among those in the new parent; it stays as it is when it is missing."""

    parent_id: UUID | None = Field(description="Null makes it a root.")
    position: Position | None = None


class CategoryDeletion(Input):
    reparent: bool = Field(default=False, description="Put what is in it, categories and products, into its parent.")


class CategoryAddress(Input):
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")


class ImportedCategory(Input):
    """`parent` is the external id of a category that is there or in the same call."""

    external_id: ExternalId
    parent: ExternalId | None = None
    position: Position = 0
    translations: list[CategoryTextBody] = Field(min_length=1, max_length=50)


class CategoriesExported(Input):
    """`import`: as an import takes it, parents by their external ids; what has none is called by its id."""

    form: Literal["answer", "import"] = "answer"


class CategoriesAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest", "position"] = "oldest"
    parent_id: UUID | None = Field(default=None, description="Those directly in it.")
    root: bool | None = Field(default=None, description="Only those without a parent, or only those with one.")
    below: UUID | None = Field(default=None, description="All that is in it, however deep.")
