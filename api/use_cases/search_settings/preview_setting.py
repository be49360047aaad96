"""Searches as if a setting that is not saved as yet were in effect: what a merchandiser looks at before saying it."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import ConfigDict, Field
from uuid_utils.compat import uuid7

from api.domain import search_settings as domain
from api.domain.errors import FieldError, Invalid
from api.domain.scope import Access
from api.use_cases.fields import Currency, Input, Locale
from api.use_cases.read_models.question import NO_FLAG, Search, Settled
from api.use_cases.read_models.search_products import ProductsSought, search_products
from api.use_cases.search_settings.commands import SearchSettingSaid
from api.use_cases.search_settings.manage_search_settings import said_setting
from sinks.search.found_products import FoundProducts
from sinks.search.product_query import Sort

_SOFAS: Final[dict[str, Any]] = {"q": "sofa", "setting": {"synonyms": {"words": ["sofa", "couch"]}}}


class PreviewAsked(Input):
    """A search, and a setting as if it were in effect now; of its dates and whether it is active nothing counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SOFAS]})

    setting: SearchSettingSaid
    instead_of: UUID | None = Field(default=None, description="The saved setting that this is to replace.")
    q: str = Field(default="", max_length=200)
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")
    currency: Currency | None = None
    category: UUID | None = None
    sort: Sort = "relevance"
    page: Annotated[int, Field(ge=1, le=500), NO_FLAG] = 1
    per_page: Annotated[int, Field(ge=1, le=20), NO_FLAG] = 20


def preview_setting(
    search: Search, access: Access, asked: PreviewAsked, settings: Settled, now: datetime
) -> FoundProducts:
    """At the prices that everybody pays. Raises `Invalid` as whoever saves it, and `Unavailable`."""
    try:
        tried = said_setting(asked.setting, uuid7(), now)
        if wrong := domain.wrong(tried):
            raise Invalid("The search setting breaks a rule.", wrong)
    except Invalid as error:
        named = [FieldError(f"setting.{one.field}", one.code, one.message) for one in error.errors]
        raise Invalid(error.detail, named) from None
    sought = ProductsSought(
        q=asked.q,
        locale=asked.locale,
        currency=asked.currency,
        category=asked.category,
        sort=asked.sort,
        page=asked.page,
        per_page=asked.per_page,
    )
    trying = settings(access.shop.id).trying(tried, asked.instead_of)
    return search_products(search, access, sought, lambda: None, lambda _: trying, lambda *_: None)
