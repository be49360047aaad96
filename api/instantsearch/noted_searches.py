"""Says what is noted of the requests of a call: those that show hits for words, and that nobody asked to leave out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from api.instantsearch.asked.asked_search import AskedSearch
from api.use_cases.read_models.logged_searches import INSTANTSEARCH, hashed_session, logged_search
from schemas.events.search_log import LoggedSearch
from schemas.events.tenant import Tenant
from sinks.search.found_products import FoundProducts
from sinks.search.product_choices import conditions_in


def noted_searches(
    asked: Sequence[AskedSearch],
    found: Sequence[FoundProducts],
    ids: Sequence[UUID],
    *,
    shop: Tenant,
    took_s: float,
    at: datetime,
    key: bytes,
) -> Iterator[LoggedSearch]:
    """A widget that counts shows no hits: what it asks is no search of its own."""
    for one, its, query_id in zip(asked, found, ids, strict=True):
        if one.facet_search is not None or not one.per_page or not one.is_noted:
            continue
        note = logged_search(
            its,
            query_id=query_id,
            text=one.text,
            locale=one.view.locale or shop.default_locale,
            took_s=took_s,
            page=one.first // one.per_page + 1,
            sort=one.view.sort,
            filters=(condition.attribute.kind for choice in one.choices for condition in conditions_in(choice)),
            channel=INSTANTSEARCH,
            counts_clicks=one.counts_clicks,
            session=hashed_session(key, shop.id, one.session, at),
            at=at,
        )
        if note is not None:
            yield note
