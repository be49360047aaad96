"""Asks a build of product search, and the one that readers see, for products by their titles.

The queries are the shops' own: some products of each, drawn from what readers see, each asked for by its title.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from opensearchpy.exceptions import OpenSearchException

from ops.settings import Settings
from sinks.builds import Build
from sinks.published_models import PublishedModel
from sinks.search.product_query import ProductQuery
from sinks.search.product_questions import ProductSearch
from sinks.sink import Unavailable

_MOST_SHOPS: Final = 20
_OF_A_SHOP: Final = 10
_FIRST: Final = 10
#: Of so many products that readers find, one may be gone since, or stand just outside of the first ten.
_MAY_LACK: Final = 0.02


@dataclass(frozen=True, slots=True)
class FoundAlike:
    """`asked` products by their titles: so many are among the first ten of `live`, and of the `build`; `lost` those of
    the first that are not among the second. `alike`: how much of the first ten is the same, on average, from 0 to 1.
    `live` and `alike` are None where what readers see is of a version that takes other questions.
    """

    asked: int
    live: int | None
    build: int
    lost: int
    alike: float | None

    @property
    def holds(self) -> bool:
        """No more are lost than chance may take."""
        return self.lost <= max(1, self.asked * _MAY_LACK)

    def __str__(self) -> str:
        words = f"{self.build} of {self.asked} products are among the first ten for their titles"
        if self.live is None or self.alike is None:
            return words
        return f"{words}, {self.live} in what readers see; {self.alike:.0%} of the first ten is the same"


def compare(settings: Settings, shown: PublishedModel, live: Build, build: Build) -> FoundAlike:
    """`shown`: what readers see. Raises `Unavailable`."""
    queries = list(_queries(shown))
    after = _answers(settings, build, [query for _, query in queries])
    if after is None:
        raise Unavailable(f"{build} does not take the questions of this code")
    before = _answers(settings, live, [query for _, query in queries])
    return compared([id_ for id_, _ in queries], before, after)


def compared(
    ids: Sequence[UUID], before: Sequence[Sequence[UUID]] | None, after: Sequence[Sequence[UUID]]
) -> FoundAlike:
    """Of what was asked for each of these, the answers of what readers see, and of the build."""
    found = [id_ in now for id_, now in zip(ids, after, strict=True)]
    if before is None:
        return FoundAlike(asked=len(ids), live=None, build=sum(found), lost=len(ids) - sum(found), alike=None)
    was_found = [id_ in was for id_, was in zip(ids, before, strict=True)]
    shares = [_share(was, now) for was, now in zip(before, after, strict=True)]
    return FoundAlike(
        asked=len(ids),
        live=sum(was_found),
        build=sum(found),
        lost=sum(was and not now for was, now in zip(was_found, found, strict=True)),
        alike=sum(shares) / len(shares) if shares else 1.0,
    )


def _queries(shown: PublishedModel) -> Iterator[tuple[UUID, ProductQuery]]:
    """The id of a product, and what is asked for it."""
    shops = sorted(shown.tenants("products"))
    for tenant_id in random.sample(shops, min(len(shops), _MOST_SHOPS)):
        ids = shown.sample("products", tenant_id, _OF_A_SHOP)
        for id_, one in shown.some("products", tenant_id, ids).items():
            if one.document is not None:
                locale, text = next(iter(one.document["texts"].items()))
                yield id_, ProductQuery(tenant_id=tenant_id, text=text["title"], locales=(locale,), per_page=_FIRST)


def _answers(settings: Settings, build: Build, queries: Sequence[ProductQuery]) -> list[list[UUID]] | None:
    """The ids of the first ten hits of each; None where OpenSearch refuses a question."""
    with closing(ProductSearch(settings.opensearch, build=build)) as search:
        try:
            return [[hit.id for hit in search.search(query).hits] for query in queries]
        except OpenSearchException:
            return None


def _share(was: Sequence[UUID], now: Sequence[UUID]) -> float:
    several = max(len(was), len(now))
    return len(set(was) & set(now)) / several if several else 1.0
