"""Finds values of a facet by what is typed of them: for facets that have more than can be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, Final, get_args

from pydantic import Field, field_validator

from api.domain.scope import Access
from api.use_cases.fields import LONGEST_NAME
from api.use_cases.read_models.question import NO_FLAG, Grouped, Search, Settled, Wait
from api.use_cases.read_models.search_products import ProductsChosen, chosen_query
from sinks.freshness import Freshness
from sinks.search.facet_values import NAMED, FacetValue, Kind, buckets_of, typed_in, values_query

_PLAIN: Final = tuple(kind for kind in get_args(Kind) if kind not in NAMED)
_LONGEST: Final = len("attribute:") + LONGEST_NAME


class FacetValuesSought(ProductsChosen):
    """The products are those of a search; what is chosen in the facet itself does not count."""

    facet: str = Field(
        max_length=_LONGEST, description="`brand`, `category`, `tag`, `option:size` or `attribute:origin`."
    )
    typed: str = Field(
        default="", max_length=100, description="Words as the values have them, each at least in its beginning."
    )
    size: Annotated[int, Field(ge=1, le=100), NO_FLAG] = Field(default=20, description="At most so many values.")

    @field_validator("facet")
    @classmethod
    def _known(cls, facet: str) -> str:
        kind, colon, name = facet.partition(":")
        if facet in _PLAIN or (kind in NAMED and colon and name):
            return facet
        raise ValueError("is brand, category, tag, option:NAME or attribute:NAME")


@dataclass(frozen=True, slots=True)
class FoundValues:
    """`complete`: no value was left out of what was looked through."""

    values: Sequence[FacetValue]
    complete: bool
    freshness: Freshness


def find_facet_values(
    search: Search, access: Access, asked: FacetValuesSought, until_visible: Wait, settings: Settled, groups: Grouped
) -> FoundValues:
    """The most frequent first. Raises as a search."""
    kind, _, name = asked.facet.partition(":")
    query = chosen_query(access, asked, until_visible, settings, groups)
    of: Any = kind
    found = search.search(values_query(query, of, name))
    buckets, complete = buckets_of(found, of)
    return FoundValues(list(islice(typed_in(buckets, asked.typed, of), asked.size)), complete, found.freshness)
