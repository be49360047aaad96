"""Finds values of one facet by what is typed of them, with counts under all that was chosen but in the facet itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sinks.search.product_choices import Attribute, Counted
from sinks.search.product_facets import Bucket
from sinks.search.product_query import ProductQuery
from sinks.search.words.marked_text import as_html
from sinks.search.words.typed_values import begun_in, typed_words

Kind = Literal["brand", "category", "tag", "option", "attribute"]
NAMED: Final = ("option", "attribute")
#: Values that are looked at, the most frequent first.
_MOST: Final = 5000


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`highlight` is the label as HTML, with what was typed in `<em>`."""

    value: str
    label: str
    count: int
    highlight: str


def values_query(query: ProductQuery, kind: Kind, name: str) -> ProductQuery:
    """Asks for the values of one facet and for no hits. `name` is that of the option or attribute."""
    asked = replace(query, page=1, per_page=0, facets=frozenset(), facet_size=_MOST)
    match kind:
        case "option":
            others = {key: its for key, its in query.options.items() if key != name}
            return replace(asked, options=others, counted=(Counted(Attribute("option", name), named=True),))
        case "attribute":
            others = {key: its for key, its in query.attributes.items() if key != name}
            return replace(asked, attributes=others, counted=(Counted(Attribute("attribute", name)),))
        case _:
            return replace(asked, facets=frozenset({kind}))


def buckets_of(found: Any, kind: Kind) -> tuple[tuple[Bucket, ...], bool]:
    """What was answered to that, and whether there are no others."""
    if kind in NAMED:
        counts = found.counts[0]
        labels = counts.labels
        return tuple(Bucket(one, labels.get(one, one), n) for one, n in counts.values.items()), counts.complete
    lists: Mapping[str, tuple[Bucket, ...]] = {
        "brand": found.facets.brands,
        "category": found.facets.categories,
        "tag": found.facets.tags,
    }
    return lists[kind], kind not in found.facets.incomplete


def typed_in(buckets: tuple[Bucket, ...], typed: str, kind: Kind) -> Iterator[FacetValue]:
    """Those with all the typed words in what they are called (an option's also in itself), the most frequent first."""
    words = typed_words(typed)
    for one in sorted(buckets, key=lambda bucket: (-bucket.count, bucket.label)):
        spans = begun_in(one.label, words)
        if spans is None and kind == "option" and begun_in(one.value, words) is not None:
            spans = []
        if spans is not None:
            yield FacetValue(one.value, one.label, one.count, as_html(one.label, spans))
