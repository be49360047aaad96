"""What can be asked of the pages of one tenant, and how it is put to OpenSearch."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from schemas.row_conditions import EVERY_ROW, RowCondition
from sinks.opensearch.row_filter import row_filter
from sinks.search.query_words import own_words_of
from sinks.search.search_languages import languages_of
from sinks.search.search_settings import NO_SETTINGS, SearchSettings
from sinks.search.shown_filter import shown_in
from sinks.search.word_clauses import Match, words_clause

#: What a hit is shown from.
SHOWN: Final = ["texts", "kind", "tags", "published_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQuery:
    """`locales` are those that the visitor understands, the first best. Without words the newest come first. What is
    not `reached` is not found. `settings`: what the shop says of words. Pages of the answer count from 1.
    """

    tenant_id: UUID
    text: str = ""
    locales: tuple[str, ...] = ("en",)
    kind: str | None = None
    tags: tuple[str, ...] = ()
    page: int = 1
    per_page: int = 20
    reached: RowCondition = EVERY_ROW
    settings: SearchSettings = NO_SETTINGS


def request(query: PageQuery, match: Match) -> dict[str, Any]:
    """The body of the search. The tenant is a filter of it; tags are alternatives."""
    filters = shown_in(query.tenant_id)
    if query.reached != EVERY_ROW:
        filters.append(row_filter(query.reached))
    if query.kind is not None:
        filters.append({"term": {"kind": query.kind}})
    if query.tags:
        filters.append({"terms": {"tags": list(query.tags)}})
    words = words_clause(query.text, languages_of(query.locales), match, own=own_words_of(query))
    best: list[dict[str, Any]] = [{"_score": "desc"}] if query.text.strip() else []
    return {
        "query": {"bool": {"filter": filters, "must": [words]}},
        "sort": [*best, {"published_at": "desc"}, {"_id": "asc"}],
        "track_scores": True,
        "version": True,
        "track_total_hits": True,
        "from": (query.page - 1) * query.per_page,
        "size": query.per_page,
        "_source": SHOWN,
    }
