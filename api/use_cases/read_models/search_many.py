"""Answers several questions for products of one shop at once, as they come from widgets that look at the same thing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from api.domain.scope import Access
from api.use_cases.prices.whose_prices import group_of_asker
from api.use_cases.read_models.question import Grouped, Search, Settled
from api.use_cases.read_models.search_products import visible_to
from sinks.search.found_products import FoundProducts
from sinks.search.product_choices import Choice, Counted
from sinks.search.product_query import Facet, FacetOrder, Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyAsked:
    """One of them. It names no shop: that, and what of it is reached, is put to it here and nowhere else."""

    text: str
    locale: str | None
    currency: str
    sort: Sort
    offset: int
    size: int
    choices: tuple[Choice, ...]
    counted: tuple[Counted, ...]
    facets: frozenset[Facet]
    facet_size: int
    facet_order: FacetOrder


def search_many(
    search: Search, access: Access, asked: Sequence[ManyAsked], settings: Settled, groups: Grouped
) -> tuple[FoundProducts, ...]:
    """In their order, as of one moment, at the prices of whoever asks. Raises `Unavailable`."""
    settled, group = settings(access.shop.id), group_of_asker(access, None, partial(groups, access.shop.id))
    return search.search_all(
        [
            replace(
                visible_to(access, one.locale, lambda _: settled, one.currency, group),
                text=one.text,
                sort=one.sort,
                offset=one.offset,
                per_page=one.size,
                choices=one.choices,
                counted=one.counted,
                facets=one.facets,
                facet_size=one.facet_size,
                facet_order=one.facet_order,
            )
            for one in asked
        ]
    )
