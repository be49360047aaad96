"""What search shows of a shop adds up to what PostgreSQL has on sale there, on both servers."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest

from api.reemit import offer_sums
from api.store.store import NO_TENANT, Store
from ops.settings import Settings
from schemas.write_model import OffersOf, OfferSums, open_write_model
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.quality.reconciled_search import reconciled
from sinks.search.offer_sums import SearchSums
from sinks.search.product_documents import MODEL
from sinks.sink import HeldOffset
from sinks.verify_model import DEADLINE_S, DoesNotAdvance
from tests.integration.api.shops import Shop
from tests.support.whole import whole

pytestmark = pytest.mark.servers
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Offers:
    """A shop, and what a search of its own was told of it."""

    def __init__(self, settings: Settings, shop: Shop, store: OpenSearchStore) -> None:
        self.settings, self.shop, self.store = settings, shop, store
        self.model = replace(MODEL, name=f"search-{uuid4().hex[:12]}")

    def come_to_search(self, products: list[UUID] | None = None, as_of: datetime | None = None) -> None:
        with open_write_model(self.settings.postgres_url) as tables, closing(self.model.sink(self.settings)) as sink:
            now = tables.now()
            changes = []
            for projection in self.model.projections:
                ids = tables.ids(projection.aggregate, self.shop.id, None, 1000)
                if projection.aggregate == "product" and products is not None:
                    ids = [id_ for id_ in ids if id_ in products]
                stated = tables.state(projection.aggregate, self.shop.id, ids).values()
                changes += [projection.fold(one.envelope, one.event) for one in stated]
            sink.open()
            sink.begin(
                {
                    (topic.name, number): HeldOffset(topic_id="t", next=0, until=0)
                    for topic in self.model.topics
                    for number in range(topic.partitions)
                }
            )
            assert not sink.write(changes, {})
            sink.publish(whole(self.model, as_of or now))

    def of_shop(self, sums: dict) -> dict[str, OfferSums]:
        return {of.currency: one for of, one in sums.items() if of.tenant_id == self.shop.id}

    def told(self) -> dict[str, OfferSums]:
        with open_write_model(self.settings.postgres_url) as tables:
            return self.of_shop({of: one.sums for of, one in tables.offer_sums().items()})

    def shown(self, after: datetime = LONG_AGO) -> dict[str, OfferSums]:
        return self.of_shop(SearchSums(self.store, self.model).after(after))


@pytest.fixture
def offers(settings: Settings, shop: Shop) -> Iterator[Offers]:
    """Of six products four are on sale: two in euros with three variants, one in yen, one without a price."""
    shop.product(variants=[variant("A-1", EUR=250, JPY=900), variant("A-2", EUR=240)])
    shop.product(variants=[variant("B", EUR=100)])
    shop.product(variants=[variant("C", JPY=700, EUR=5)])
    shop.product(variants=[variant("D")])
    shop.product(variants=[variant("E", EUR=1)], published=False)
    gone = shop.product(variants=[variant("F", EUR=1)], published=False)
    assert shop.call("DELETE", f"/v1/products/{gone['id']}").status_code in (200, 204)
    with closing(OpenSearchStore(settings.opensearch)) as store:
        made = Offers(settings, shop, store)
        yield made
        for collection in made.model.collections:
            store.drop_index(index_name(made.model, collection))


def variant(sku: str, **prices: int) -> dict:
    told = [{"currency": currency, "amount_minor": amount} for currency, amount in prices.items()]
    return {"sku": f"{sku}-{next(_NUMBERS)}", "prices": told}


_NUMBERS = count()


def test_both_add_up_to_the_same(offers: Offers) -> None:
    offers.come_to_search()

    assert offers.told() == {
        "EUR": OfferSums(products=2, variants=3, lowest_minor=340),
        "JPY": OfferSums(products=1, variants=1, lowest_minor=700),
        "": OfferSums(products=1, variants=1, lowest_minor=0),
    }
    assert offers.shown() == offers.told()


def test_what_search_was_not_told_is_missing_in_its_sums(offers: Offers) -> None:
    offers.come_to_search()
    offers.shop.product(variants=[variant("G", EUR=30)])

    assert offers.told()["EUR"] == replace(offers.shown()["EUR"], products=3, variants=4, lowest_minor=370)


def test_it_is_waited_for_until_it_has_what_was_committed_and_not_for_ever(offers: Offers) -> None:
    offers.come_to_search(as_of=datetime.now(UTC) - timedelta(hours=1))
    seconds = count(step=DEADLINE_S / 2)

    behind = SearchSums(offers.store, offers.model, sleep=lambda _: None, clock=lambda: float(next(seconds)))

    with pytest.raises(DoesNotAdvance, match="does not come to hold"):
        behind.after(datetime.now(UTC) + timedelta(days=1))


def test_that_opensearch_is_away_is_said_beside_what_was_found_elsewhere(offers: Offers) -> None:
    with (
        open_write_model(offers.settings.postgres_url) as tables,
        closing(OpenSearchStore("http://127.0.0.1:9")) as away,
    ):
        (found,) = reconciled(tables, SearchSums(away))

    assert (found.expectation.name, found.outcome) == ("products_in_search_can_be_compared", "warned")
    assert found.error


def test_sums_are_of_one_moment(offers: Offers, store: Store) -> None:

    with store.snapshot(NO_TENANT) as connection:
        before = offer_sums.every(connection)
        offers.shop.product(variants=[variant("H", EUR=30)])

        assert offer_sums.every(connection) == before
    assert offers.told()["EUR"].products == before[OffersOf(offers.shop.id, "EUR")].sums.products + 1
