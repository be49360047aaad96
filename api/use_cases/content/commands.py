"""What people ask of pages and posts, and command."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from api.domain.pages import LONGEST_BODY, PAGE, Kind, Status
from api.store.pages import LIST
from api.use_cases.fields import Handle, Input, Locale, Moment, Name, Position
from api.use_cases.pages import PageAsked, Several

Body = Annotated[str, StringConstraints(max_length=LONGEST_BODY, pattern=r"^[^\x00]*$")]
Summary = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]
_EXAMPLE: JsonDict = {
    "kind": "page",
    "translations": [
        {
            "locale": "en",
            "title": "Delivery",
            "summary": "When it comes.",
            "body": "Within *two days*.\n\n- free from 50 €",
        }
    ],
    "tags": ["help"],
}


class PageTextBody(Input):
    locale: Locale
    title: Name
    handle: Handle | None = Field(
        default=None, description="Made once when it is missing: the title, and 8 characters."
    )
    summary: Summary | None = Field(default=None, description="What it is about, in a sentence or two.")
    body: Body = Field(default="", description="Markdown. HTML in it is shown as text, not understood.")
    seo_title: Name | None = Field(default=None, description="For search engines; missing: the title.")
    seo_description: Summary | None = Field(default=None, description="For search engines; missing: the summary.")


class NewContentPage(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: Kind = Field(default=PAGE, description="For good. A `post` is one of those shown newest first.")
    translations: list[PageTextBody] = Field(min_length=1, max_length=50)
    tags: list[Name] = Field(default=[], max_length=100)
    parent_id: UUID | None = Field(default=None, description="The page it is shown below, which is at the top itself.")
    position: Position = Field(default=0, description="Its place among its siblings.")


class ContentPageChange(Input):
    """What is missing stays as it is; a list replaces the whole list. `parent_id: null` puts it at the top."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tags": ["help", "delivery"], "position": 2}]})

    translations: list[PageTextBody] | None = Field(default=None, min_length=1, max_length=50)
    tags: list[Name] | None = Field(default=None, max_length=100)
    parent_id: UUID | None = None
    position: Position | None = None


class ContentPagesAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest", "position", "published_desc", "updated_asc", "updated_desc"] = "oldest"
    kind: Kind | None = None
    status: Several[Status] | None = Field(default=None, description="Any of these.")
    tag: Name | None = Field(default=None, description="Only those with this tag.")
    parent_id: UUID | None = Field(default=None, description="Only those below this page.")
    root: bool | None = Field(default=None, description="Only those at the top, or only those below another.")
    updated_since: Moment | None = Field(default=None, description="At this time or later.")


class ContentPageAddress(Input):
    kind: Kind = Field(default=PAGE, description="A page and a post may have the same handle.")
    locale: Locale | None = Field(
        default=None, description="`de-AT` is answered in `de-AT`, else in `de`, else in the shop's own language."
    )
