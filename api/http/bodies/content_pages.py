"""A page or post in JSON."""

from datetime import datetime
from typing import Self
from uuid import UUID

from api.domain.changes import Versioned
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from api.use_cases.content.read_pages import PageInLocale
from schemas.events.page import Page


class ListedPageText(AnswerBody):
    locale: str
    title: str
    handle: str
    summary: str | None


class PageTextAnswer(ListedPageText):
    """`body` is Markdown."""

    body: str
    seo_title: str | None
    seo_description: str | None


class _PageFacts(AnswerBody):
    """`published_at` is when it was published last."""

    id: UUID
    version: int
    kind: str
    status: str
    parent_id: UUID | None
    position: int
    tags: list[str]
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ListedContentPage(_PageFacts):
    """In a list, without what it says."""

    translations: list[ListedPageText]

    @classmethod
    def of(cls, held: Versioned[Page]) -> Self:
        texts = [ListedPageText.model_validate(text) for text in held.value.translations]
        return cls(**_facts(held), translations=texts)


class ContentPageAnswer(_PageFacts):
    translations: list[PageTextAnswer]

    @classmethod
    def of(cls, held: Versioned[Page], **more: str) -> Self:
        texts = [PageTextAnswer.model_validate(text) for text in held.value.translations]
        return cls(**_facts(held), translations=texts, **more)


class ContentPageInLocale(_PageFacts):
    """A page with its texts in one locale, `locale`. `body` is Markdown."""

    locale: str
    title: str
    handle: str
    summary: str | None
    body: str
    seo_title: str | None
    seo_description: str | None

    @classmethod
    def of(cls, found: PageInLocale) -> Self:
        return cls(**_facts(found.held), **dict(PageTextAnswer.model_validate(found.text)))


class ContentPageDone(ContentPageAnswer, Receipted):
    pass


class ContentPages(PageAnswer):
    items: list[ListedContentPage]


def _facts(held: Versioned[Page]) -> dict[str, object]:
    facts = {name: getattr(held.value, name) for name in _PageFacts.model_fields if name != "version"}
    return {**facts, "tags": list(held.value.tags), "version": held.version}
