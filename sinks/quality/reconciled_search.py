"""Compares what search shows of each shop with what PostgreSQL has on sale there.

Where OpenSearch is away, or does not come to hold what is committed, nothing is said of the products: only that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from schemas.write_model import OffersOf, OfferSums, ToldOffers, WriteModel
from sinks.quality.check_results import Result
from sinks.quality.differing_sums import difference, result
from sinks.quality.expectation import Expectation, NoRows
from sinks.quality.settled_sums import settled
from sinks.sink import Unavailable
from sinks.verify_model import DoesNotAdvance

_NO_ROWS: Final = NoRows("")  # it is no question to a snapshot
EQUAL: Final = Expectation(
    name="products_in_search_add_up_to_the_tables",
    table="products",
    condition=_NO_ROWS,
    meaning="Per shop and currency, search shows as many products and variants as PostgreSQL has on sale, and their"
    " lowest prices add up to the same.",
    advice="`rustok sinks verify product-search --full --repair` says which products, and puts them right.",
)
COMPARED: Final = Expectation(
    name="products_in_search_can_be_compared",
    table="products",
    condition=_NO_ROWS,
    meaning="OpenSearch answers, comes to hold what is committed, and no shop changes all the time.",
    advice="`rustok status` shows whether OpenSearch and the feed product-search run, and how far it is; check again.",
    severity="warning",
)


class ReadOffers(Protocol):
    def after(self, moment: datetime) -> Mapping[OffersOf, OfferSums]:
        """What search shows, once it has all that was committed by a moment. Raises `DoesNotAdvance`, `Unavailable`."""


def reconciled(truth: WriteModel, search: ReadOffers) -> Sequence[Result]:
    """Of what differs, and of what could not be compared."""
    try:
        found = settled(truth.offer_sums, lambda: search.after(truth.now()), lambda told: told.sums)
    except (Unavailable, DoesNotAdvance) as stuck:
        return [Result(expectation=COMPARED, outcome="warned", error=str(stuck))]
    return [
        result(EQUAL, "failed", {of: _difference(*both) for of, both in found.wrong.items()}),
        result(COMPARED, "warned", dict.fromkeys(found.moving, "it changed each time")),
    ]


def _difference(held: OfferSums | None, told: ToldOffers | None) -> str:
    sums = None if told is None else told.sums
    return difference(held, sums, "search does not show it", "PostgreSQL has none on sale")
