"""Makes of what a call asks the questions for the search, which name no shop."""

from collections.abc import Sequence
from typing import Final

from api.instantsearch.asked.asked_search import MOST_VALUES, AskedSearch, positively_chosen
from api.instantsearch.asked.attribute_names import attribute_named
from api.use_cases.read_models.search_many import ManyAsked
from sinks.search.product_choices import Counted
from sinks.search.product_query import Facet

#: Of a query; what stands behind is not asked for.
LONGEST: Final = 200


def questions(asked: Sequence[AskedSearch]) -> list[ManyAsked]:
    """One for each, in order."""
    chosen = positively_chosen(asked)
    made = []
    for one in asked:
        named = (one.facet_search.attribute,) if one.facet_search else one.facets
        attributes = dict.fromkeys(attribute_named(name) for name in named)
        every: frozenset[Facet] = frozenset({"option", "attribute"}) if one.every_facet else frozenset()
        made.append(
            ManyAsked(
                text=one.text[:LONGEST],
                locale=one.view.locale,
                currency=one.currency,
                sort=one.view.sort,
                offset=one.first if one.shown else 0,
                size=0 if one.facet_search else one.shown,
                choices=one.choices,
                counted=tuple(Counted(attribute, chosen.get(attribute, ())) for attribute in attributes),
                facets=every,
                facet_size=MOST_VALUES if one.facet_search else max(1, one.values),
                facet_order="count" if one.facet_search else one.order,
            )
        )
    return made
