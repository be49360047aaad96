"""Folds the newest event of a page or post into its document: its words as they are read, and what is shown of it.

Words are read as those of products are, so one query finds both. What can be asked is in `sinks.search.page_query`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.envelope import Envelope
from schemas.events.page import Page, PageDeleted, PageEvent, PageText
from schemas.topics import PAGES
from sinks.read_model import Projection, ReadModel
from sinks.search import product_words
from sinks.search.search_languages import language_of, languages_of
from sinks.search.words.markdown_text import markdown_text
from sinks.search.words.written_words import written
from sinks.sink import DocumentChange
from sinks.stores import InOpenSearch

COLLECTION: Final = "pages"
_KEYWORD: Final = {"type": "keyword"}
#: Of a body, what is kept to be shown around a found word.
_MOST_SHOWN: Final = 5000

FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    COLLECTION: {
        **product_words.MAPPING,
        "languages": _KEYWORD,
        "kind": _KEYWORD,
        "tags": _KEYWORD,
        "published_at": {"type": "date"},
        "texts": {"type": "object", "enabled": False},
    }
}


def page_document(envelope: Envelope, event: PageEvent) -> DocumentChange:
    """Only a published page is seen; every other state is a tombstone."""
    page = event.page
    shown = page.status == "published" and not isinstance(event, PageDeleted)
    return DocumentChange(
        collection=COLLECTION,
        tenant_id=envelope.tenant_id,
        id=page.id,
        version=envelope.order,
        document=_page(page) if shown else None,
    )


MODEL: Final = ReadModel(
    name="page-search",
    version=2,
    projections=(Projection(topic=PAGES, aggregate="page", collection=COLLECTION, fold=page_document),),
    store=InOpenSearch(FIELDS),
    batch=500,
)


def _page(page: Page) -> dict[str, Any]:
    if not page.translations:
        raise ValueError("a page without texts cannot be shown")
    bodies = {text.locale: markdown_text(text.body) for text in page.translations}
    return _words(page, bodies) | {
        "languages": list(languages_of([text.locale for text in page.translations])),
        "kind": page.kind,
        "tags": page.tags,
        "published_at": None if page.published_at is None else page.published_at.isoformat(),
        "texts": {text.locale: _shown(text, bodies[text.locale]) for text in page.translations},
    }


def _words(page: Page, bodies: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Each of `product_words.FIELDS`; what stands around the title are the summary and the tags."""
    by_language: dict[str, list[PageText]] = {}
    for text in page.translations:
        by_language.setdefault(language_of(text.locale), []).append(text)
    fields: dict[str, dict[str, str]] = {name: {} for name in product_words.FIELDS}
    for language, texts in by_language.items():
        for name, words in _of_language(page, language, texts, bodies):
            if words:
                fields[name][language] = words
    return fields


def _of_language(
    page: Page, language: str, texts: list[PageText], bodies: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    title = written([text.title for text in texts], language)
    around = written([*(text.summary for text in texts if text.summary), *page.tags], language)
    body = written([bodies[text.locale] for text in texts], language, joined=False)
    yield "title_words", title.exact
    yield "title", title.stems
    yield "words", around.exact
    yield "stems", around.stems
    yield "description", product_words.once_each(body)
    yield "also", " ".join(filter(None, (title.also, around.also, body.also)))
    yield "characters", " ".join(filter(None, (title.characters, around.characters, body.characters)))
    yield "parts", " ".join(filter(None, (title.parts, around.parts)))


def _shown(text: PageText, body: str) -> dict[str, str | None]:
    return {"title": text.title, "handle": text.handle, "summary": text.summary, "body": body[:_MOST_SHOWN]}
