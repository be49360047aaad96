"""Declares the events of a page: what a shop writes for people to read, as a page of its own or a post among others."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """`handle` is the readable part of its address, unique per tenant, kind and locale. `body` is Markdown."""

    locale: str
    title: str
    handle: str
    summary: str | None
    body: str
    seo_title: str | None
    seo_description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`kind` is page or post, for good. `status` is draft, published or archived; only what is published is shown.

    `published_at` is when it was published last. A post has no parent, and a parent has none.
    """

    id: UUID
    kind: str
    status: str
    parent_id: UUID | None
    position: int
    translations: tuple[PageText, ...]
    tags: tuple[str, ...]
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCreated:
    """A page or post was made, as a draft."""

    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageUpdated:
    """Texts, tags or its place changed; `changed` names the fields of `Page`."""

    page: Page
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePublished:
    """draft → published: from now on it is shown."""

    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArchived:
    """published → archived: no longer shown, kept as it was."""

    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRestored:
    """archived → draft: not shown, being worked on again."""

    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDeleted:
    """The page is gone; `page` is what it was."""

    page: Page


HISTORIES = (
    History("page.created", (PageCreated,)),
    History("page.updated", (PageUpdated,)),
    History("page.published", (PagePublished,)),
    History("page.archived", (PageArchived,)),
    History("page.restored", (PageRestored,)),
    History("page.deleted", (PageDeleted,)),
)
AGGREGATE = Aggregate(
    name="page",
    plural="pages",
    owner="content",
    histories=HISTORIES,
    gone=PageDeleted,
    meanings={
        "body": "what it says, in Markdown",
        "handle": "the readable part of its address, unique per tenant, kind and locale",
        "kind": "page, or post: one of those that are shown newest first",
        "parent_id": "the page that it is shown below; none at the top",
        "published_at": "when it was published last; none: it never was",
        "seo_description": "for search engines; none: its summary",
        "status": "draft, published or archived; only what is published is shown",
        "summary": "what it is about, in a sentence or two",
    },
)
PageEvent = PageCreated | PageUpdated | PagePublished | PageArchived | PageRestored | PageDeleted
