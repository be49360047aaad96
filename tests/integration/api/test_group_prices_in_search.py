"""Who is in a customer group searches at its prices, whatever they ask and by whichever door; and nobody else does."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import pytest
from apiflask import APIFlask

from api.http.tokens import AccessTokens
from ops.settings import Settings
from schemas.events.product import ProductPublished
from sinks.freshness import Freshness
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.opensearch.opensearch_sink import OpenSearchSink
from sinks.search.product_choices import Attribute, Counted
from sinks.search.product_documents import FIELDS, MODEL, PRICES_PART, product_document
from sinks.search.product_facets import PriceRange
from sinks.search.product_query import ProductQuery
from sinks.search.product_questions import ProductSearch
from sinks.sink import HeldOffset
from tests.integration.api.priced_catalogue import CURRENCIES, GROUPS, Priced, made_catalogue, put_into_search
from tests.integration.api.shops import Shop, opened_shop
from tests.integration.api.test_customer_groups import put_in, somebody
from tests.support.examples import envelope
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

SEARCH: Final = "/v1/search/products"
EVERYBODY: Final = (None, *GROUPS)


@pytest.fixture(scope="module")
def catalogue() -> tuple[Priced, ...]:
    return made_catalogue()


@pytest.fixture(scope="module")
def shop(app: APIFlask, settings: Settings, tokens: AccessTokens, catalogue: tuple[Priced, ...]) -> Shop:
    made, other = (opened_shop(app.test_client(), tokens) for _ in range(2))
    put_into_search(settings, made, catalogue)
    put_into_search(settings, other, made_catalogue(5))
    return made


@pytest.fixture(scope="module")
def people(shop: Shop) -> Mapping[str | None, str]:
    """The id of somebody in each group, and of somebody in none."""
    return {group: somebody(shop, group) for group in EVERYBODY}


@pytest.fixture
def ask(shop: Shop, people: Mapping[str | None, str]) -> Callable[..., Any]:
    """As somebody of this group."""

    def asked(group: str | None, path: str = SEARCH, **asked: Any) -> Any:
        headers = shop.headers("customer", people[group])
        answer = shop.client.get(path, query_string={"per_page": 100, **asked}, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    return asked


def shown(hits: Sequence[Any]) -> dict[str, tuple[int | None, int | None]]:
    return {hit["id"]: (hit["price_min_minor"], hit["price_max_minor"]) for hit in hits}


def expected(catalogue: Sequence[Priced], group: str | None, currency: str) -> dict[str, tuple[int | None, int | None]]:
    spans = {str(one.product.id): one.amounts(group, currency) for one in catalogue}
    return {id_: (min(its, default=None), max(its, default=None)) for id_, its in spans.items()}


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("group", EVERYBODY)
def test_a_member_is_shown_counted_and_sorted_by_the_prices_of_their_group_where_it_has_some(
    ask: Callable[..., Any], catalogue: tuple[Priced, ...], group: str | None, currency: str
) -> None:
    cheap, dear = (ask(group, currency=currency, sort=sort) for sort in ("price_asc", "price_desc"))

    theirs = expected(catalogue, group, currency)
    known = [span for span in theirs.values() if span[0] is not None]
    assert shown(cheap["hits"]) == shown(dear["hits"]) == theirs
    lowest = [hit["price_min_minor"] for hit in cheap["hits"]]
    highest = [hit["price_max_minor"] for hit in dear["hits"]]
    assert lowest == sorted(lowest, key=lambda one: (one is None, one))
    assert highest == sorted(highest, key=lambda one: (one is None, -(one or 0)))
    assert cheap["facets"]["price"] == {
        "min_minor": min(low for low, _ in known if low is not None),
        "max_minor": max(high for _, high in known if high is not None),
    }
    assert {hit["currency"] for hit in cheap["hits"]} <= {currency, None}


@pytest.mark.parametrize("group", EVERYBODY)
def test_a_price_range_finds_and_counts_by_what_they_pay(
    ask: Callable[..., Any], catalogue: tuple[Priced, ...], group: str | None
) -> None:
    every = sorted({amount for one in catalogue for amount in one.amounts(group, "EUR")})

    for low, high in ((0, 0), (1, 99), (50, 5000), (every[2], every[2]), (10**15, 10**15), (100, None), (None, 800)):
        given = {"price_min": low, "price_max": high}
        found = ask(group, **{name: bound for name, bound in given.items() if bound is not None})
        inside = [
            one
            for one in catalogue
            if any((low or 0) <= its <= (10**15 if high is None else high) for its in one.amounts(group, "EUR"))
        ]
        assert set(shown(found["hits"])) == {str(one.product.id) for one in inside}
        assert found["total"] == len(inside)
        brands = {one["value"]: one["count"] for one in found["facets"]["brands"]}
        assert sum(brands.values()) == len(inside)


def test_every_answer_with_prices_has_those_of_the_group(
    shop: Shop, people: Mapping[str | None, str], ask: Callable[..., Any], catalogue: tuple[Priced, ...]
) -> None:
    some = str(catalogue[0].product.id)
    for group in EVERYBODY:
        theirs = expected(catalogue, group, "EUR")
        related = ask(group, f"{SEARCH}/{some}/related", size=20, per_page=None)
        suggested = ask(group, "/v1/search/suggestions", q="thing", size=20, per_page=None)
        body = shop.post(SEARCH, {"q": "thing"}, role="customer", actor=people[group]).json
        values = ask(group, "/v1/search/facet-values", facet="brand", price_max=500, per_page=None)["values"]

        assert shown([related["product"], *related["hits"]]).items() <= theirs.items()
        assert shown(suggested["products"]).items() <= theirs.items()
        assert len(suggested["products"]) == 20
        assert shown(body["hits"]).items() <= theirs.items()
        cheap = [one for one in catalogue if any(its <= 500 for its in one.amounts(group, "EUR"))]
        assert sum(one["count"] for one in values) == len(cheap)


def test_widgets_of_a_member_find_count_and_sort_at_their_prices(
    shop: Shop, people: Mapping[str | None, str], catalogue: tuple[Priced, ...]
) -> None:
    for group in EVERYBODY:
        requests = [
            {"indexName": "products_price_asc", "hitsPerPage": 100, "facets": ["price"]},
            {"indexName": "products", "hitsPerPage": 100, "numericFilters": ["price>=0.5", "price<50"]},
            {"indexName": "products", "hitsPerPage": 100, "filters": "price > -3 AND price < 1e30"},
            {"indexName": "products", "hitsPerPage": 100, "filters": "price < 0"},
        ]
        headers = shop.headers("customer", people[group])
        answer = shop.client.post(
            "/search/1/indexes/*/queries", data=orjson.dumps({"requests": requests}), headers=headers
        )
        every, ranged, all_, none = answer.json["results"]
        theirs = {str(one.product.id): one.amounts(group, "EUR") for one in catalogue}

        assert {hit["objectID"]: (hit["price"], hit["price_max"]) for hit in every["hits"]} == {
            id_: (its[0] / 100, its[-1] / 100) if its else (None, None) for id_, its in theirs.items()
        }
        amounts = [amount for its in theirs.values() for amount in its]
        stats = every["facets_stats"]["price"]
        assert (stats["min"], stats["max"]) == (min(amounts) / 100, max(amounts) / 100)
        assert stats["avg"] == pytest.approx(sum(amounts) / len(amounts) / 100)
        assert {hit["objectID"] for hit in ranged["hits"]} == {
            id_ for id_, its in theirs.items() if any(50 <= one < 5000 for one in its)
        }
        assert (all_["nbHits"], none["nbHits"]) == (sum(bool(its) for its in theirs.values()), 0)


def test_the_shops_own_people_ask_for_a_group_and_nobody_else_does(
    shop: Shop, people: Mapping[str | None, str], catalogue: tuple[Priced, ...]
) -> None:
    some = catalogue[0].product.id
    asked = {"customer_group": "trade"}
    places: Mapping[str, dict[str, str]] = {
        SEARCH: {},
        "/v1/search/facet-values": {"facet": "brand"},
        "/v1/search/suggestions": {"q": "th"},
        f"{SEARCH}/{some}/related": {},
        f"{SEARCH}/{some}/bought-together": {},
    }
    key = shop.post("/v1/service-tokens", {"name": "storefront", "kind": "search"}).json["token"]
    outsiders = [
        shop.headers("anonymous"),
        shop.headers("customer", people["trade"]),
        shop.headers("customer", "of another system"),
        {"Authorization": f"Bearer {key}"},
    ]

    theirs = shop.get(f"{SEARCH}?customer_group=trade&per_page=100&sort=price_asc").json
    own = shop.get(f"{SEARCH}?per_page=100").json
    explained = shop.post("/v1/search/explain", {"customer_group": "trade", "per_page": 100}).json

    assert shown(theirs["hits"]) == shown(explained["hits"]) == expected(catalogue, "trade", "EUR")
    assert shown(own["hits"]) == expected(catalogue, None, "EUR")
    assert shown(shop.get(f"{SEARCH}?customer_group=nobody&per_page=100").json["hits"]) == shown(own["hits"])
    for path, needed in places.items():
        for headers in outsiders:
            assert shop.client.get(path, query_string=needed | asked, headers=headers).status_code == 403, path
        wrong = shop.client.get(path, query_string={**needed, "customer_group": "A b"}, headers=outsiders[1])
        assert wrong.status_code == 422
    assert shop.post(SEARCH, asked, role="anonymous").status_code == 403
    for headers in (outsiders[0], outsiders[2], outsiders[3]):
        found = shop.client.get(SEARCH, query_string={"per_page": 100}, headers=headers)
        assert shown(found.json["hits"]) == expected(catalogue, None, "EUR")


def test_what_one_kept_is_not_taken_for_anothers_answer(
    shop: Shop, people: Mapping[str | None, str], catalogue: tuple[Priced, ...]
) -> None:
    def asked(group: str | None, **more: str) -> Any:
        return shop.get(f"{SEARCH}?per_page=100", role="customer", actor=people[group], **more)

    first = asked("trade")
    again, others = (asked(group, If_None_Match=first.headers["ETag"]) for group in ("trade", None))

    assert (first.headers["Cache-Control"], "Authorization" in first.headers["Vary"]) == ("private, no-cache", True)
    assert (again.status_code, others.status_code) == (304, 200)
    assert shown(others.json["hits"]) == expected(catalogue, None, "EUR")


@pytest.mark.parametrize("sort", ["relevance", "price_asc"])
def test_a_cursor_goes_on_at_the_prices_it_began_with_or_not_at_all(
    shop: Shop, people: Mapping[str | None, str], catalogue: tuple[Priced, ...], sort: str
) -> None:
    mover = somebody(shop, "trade")

    def page(actor: str, cursor: str) -> Any:
        path = f"{SEARCH}?per_page=25&sort={sort}&cursor={cursor}"
        return shop.get(path, role="customer", actor=actor)

    first = page(mover, "*").json
    taken = page(people[None], first["next_cursor"])
    put_in(shop, mover, None)
    wait_until(lambda: page(mover, first["next_cursor"]).status_code == 422, 5, "they are in the group no more")
    put_in(shop, mover, "trade")
    wait_until(lambda: page(mover, first["next_cursor"]).status_code == 200, 5, "they are in it again")
    second = page(mover, first["next_cursor"]).json
    third = page(mover, second["next_cursor"]).json

    assert (taken.status_code, taken.json["errors"][0]["code"]) == (422, "changed")
    assert shown([*first["hits"], *second["hits"], *third["hits"]]) == expected(catalogue, "trade", "EUR")
    assert third["next_cursor"] is None


def test_who_leaves_a_group_searches_at_what_everybody_pays_within_a_second_or_two(
    shop: Shop, catalogue: tuple[Priced, ...]
) -> None:
    mover = somebody(shop, "trade")

    def prices() -> Any:
        return shown(shop.get(f"{SEARCH}?per_page=100", role="customer", actor=mover).json["hits"])

    before = prices()
    put_in(shop, mover, "trade-plus")
    wait_until(lambda: prices() == expected(catalogue, "trade-plus", "EUR"), 3, "the prices of the other group")
    put_in(shop, mover, None)
    wait_until(lambda: prices() == expected(catalogue, None, "EUR"), 3, "what everybody pays")

    assert before == expected(catalogue, "trade", "EUR")


@pytest.mark.parametrize("sort", ["relevance", "price_asc", "price_desc"])
def test_an_index_of_the_version_before_which_knows_no_groups_says_what_everybody_pays(
    settings: Settings, catalogue: tuple[Priced, ...], sort: Any
) -> None:
    before = {name: its for name, its in FIELDS["products"].items() if name != PRICES_PART}
    before[PRICES_PART] = {"properties": {"prices": FIELDS["products"][PRICES_PART]["properties"]["prices"]}}
    model = replace(MODEL, name=f"before-{uuid4().hex[:8]}", version=1)
    product = next(
        one.product for one in catalogue if len({*one.amounts(None, "EUR")}) > 1 and not one.variants[0].tiers
    )
    named = envelope("product.published", aggregate_id=product.id)
    with closing(OpenSearchStore(settings.opensearch)) as store:
        sink = OpenSearchSink(store, model, {**FIELDS, "products": before}, goes_live=True)
        sink.open()
        sink.begin(
            {
                (topic.name, number): HeldOffset(topic_id="by hand", next=0, until=0)
                for topic in {one.topic.name: one.topic for one in MODEL.projections}.values()
                for number in range(topic.partitions)
            }
        )
        assert not sink.write([product_document(named, ProductPublished(product=product))], {})
        sink.publish(Freshness({}))
        asked = ProductQuery(
            tenant_id=named.tenant_id,
            customer_group="trade",
            price_min_minor=0,
            sort=sort,
            counted=(Counted(Attribute("price")),),
            facets=frozenset({"price"}),
        )

        found = ProductSearch(settings.opensearch, model=model).search(asked)

        amounts = sorted({one.amount_minor for its in product.variants for one in its.prices if one.currency == "EUR"})
        assert [hit.price_min_minor for hit in found.hits] == amounts[:1]
        assert found.facets.price == PriceRange(amounts[0], amounts[-1])
        for collection in model.collections:
            store.drop_index(index_name(model, collection))


def test_a_member_of_another_shops_group_is_nobody_here(
    shop: Shop, app: APIFlask, tokens: AccessTokens, catalogue: tuple[Priced, ...]
) -> None:
    stranger = somebody(opened_shop(app.test_client(), tokens), "trade")

    found = shop.get(f"{SEARCH}?per_page=100", role="customer", actor=stranger)

    assert shown(found.json["hits"]) == expected(catalogue, None, "EUR")
    assert {UUID(hit["id"]) for hit in found.json["hits"]} == {one.product.id for one in catalogue}
    assert shop.get(SEARCH, role="customer", actor=str(uuid4())).status_code == 200
