"""Finds published pages and posts of one tenant by words, kind and tags, and says where the words stand in them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from ops.clients.client_credentials import SearchServer
from sinks.freshness import Freshness
from sinks.opensearch.index_reader import Readable
from sinks.read_model import ReadModel
from sinks.search.asked_index import AskedIndex
from sinks.search.kept_of_shops import KeptOfShops, newest_of
from sinks.search.page_documents import COLLECTION, MODEL
from sinks.search.page_query import PageQuery, request
from sinks.search.query_words import Markers, asked_of
from sinks.search.search_languages import choose, language_of
from sinks.search.shown_filter import shown_in
from sinks.search.word_clauses import ORDER, Match

#: Of those it is remembered whether they show pages.
_MOST_SHOPS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHit:
    """`locale` is that of the shown texts. `highlight` is the title with the found words in `<em>`, HTML-escaped;
    `snippet` the same of the summary or a part of the body.
    """

    id: UUID
    kind: str
    title: str
    handle: str
    summary: str | None
    tags: tuple[str, ...]
    published_at: datetime | None
    locale: str
    highlight: str | None
    snippet: str | None
    score: float | None
    version: int


@dataclass(frozen=True, slots=True)
class FoundPages:
    """`match`: how much of the query the hits have."""

    total: int
    hits: tuple[PageHit, ...]
    freshness: Freshness
    match: Match = Match.ALL


class PageSearch(AskedIndex):
    """Every method may raise `sinks.sink.Unavailable`."""

    def __init__(
        self,
        server: SearchServer,
        timeout_s: float = 5.0,
        now_s: Callable[[], float] = time.monotonic,
        model: ReadModel = MODEL,
    ) -> None:
        super().__init__(server, model, timeout_s, now_s)
        self._with_pages = KeptOfShops[bool](_MOST_SHOPS, lambda _: 1, now_s)

    def find_pages(self, query: PageQuery) -> FoundPages:
        """Strictly, and forgiving more only where nothing is found."""
        return self._first_that_finds(query, ORDER if query.text.strip() else ORDER[:1])

    def suggest_pages(self, query: PageQuery) -> FoundPages:
        """What `query.text` may become when it is typed to its end; none for no word."""
        if not any(asked_of(query).values()):
            return FoundPages(0, (), self._freshness(), Match.TYPED)
        with self._asking():
            found = self._readable()
            has_pages = self._has_pages(query.tenant_id, found)
        if not has_pages:
            return FoundPages(0, (), found.freshness, Match.TYPED)
        return self._first_that_finds(query, (Match.TYPED,))

    def _has_pages(self, tenant_id: UUID, found: Readable) -> bool:
        """Whether the shop shows any: while somebody types, those that do not are not asked for at each letter."""
        index = found.alias[COLLECTION]
        body = {"query": {"bool": {"filter": shown_in(tenant_id)}}, "size": 0, "track_total_hits": True}
        return self._with_pages.get(
            tenant_id,
            (index, found.read[COLLECTION], self._seen_s),
            partial(newest_of, self._store, index, tenant_id),
            lambda: bool(self._store.search(index, body, str(tenant_id))["hits"]["total"]["value"]),
        )

    def _freshness(self) -> Freshness:
        with self._asking():
            return self._readable().freshness

    def _first_that_finds(self, query: PageQuery, order: Sequence[Match]) -> FoundPages:
        with self._asking():
            found = self._readable()
            for match in order:
                body = request(query, match)
                answer = self._store.search(found.alias[COLLECTION], body, str(query.tenant_id))
                if answer["hits"]["total"]["value"]:
                    break
        markers = Markers(query, loosely=match is not Match.ALL)
        hits = tuple(_shown(hit, query, markers) for hit in answer["hits"]["hits"])
        return FoundPages(answer["hits"]["total"]["value"], hits, found.freshness, match)


def _shown(hit: Mapping[str, Any], query: PageQuery, markers: Markers) -> PageHit:
    document = hit["_source"]
    locale, text = choose(document["texts"], query.locales)
    marker = markers.of(language_of(locale))
    summary, at = text["summary"], document["published_at"]
    return PageHit(
        id=UUID(hit["_id"]),
        kind=document["kind"],
        title=text["title"],
        handle=text["handle"],
        summary=summary,
        tags=tuple(document["tags"]),
        published_at=None if at is None else datetime.fromisoformat(at),
        locale=locale,
        highlight=marker.html(text["title"]),
        snippet=(summary and marker.html(summary)) or marker.snippet(text["body"]),
        score=hit.get("_score"),
        version=hit["_version"],
    )
