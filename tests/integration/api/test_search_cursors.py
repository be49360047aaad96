"""A search is read to its end by cursor, whatever is written meanwhile: each product on one page, once."""

import secrets
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import pytest
from werkzeug.test import TestResponse

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.settings import Settings
from schemas.events.product import ProductPublished
from schemas.events.search_setting import Pin, Weighed
from schemas.row_conditions import NO_ROW
from sinks.analytics.sales_questions import SalesReader
from sinks.freshness import Freshness
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.opensearch.opensearch_sink import OpenSearchSink
from sinks.opensearch.point_holders import Holder
from sinks.search.product_documents import FIELDS, MODEL, product_document
from sinks.search.product_pages import QuestionChanged
from sinks.search.product_query import ProductQuery
from sinks.search.product_questions import ProductSearch
from sinks.search.search_settings import SearchSettings
from sinks.sink import DocumentChange, HeldOffset
from tests.integration.api.shops import Shop, opened_shop
from tests.sinks.search.test_merchandising import rule
from tests.sinks.search.test_query_parts import setting
from tests.support.examples import MOMENT, envelope, product, text

pytestmark = pytest.mark.servers

SEARCH: Final = "/v1/search/products"
MANY: Final = 12_500
BATCH: Final = 2500


class Catalogue:
    """A search of its own in OpenSearch, written to by hand. Its products are alike in all but few ways."""

    def __init__(self, settings: Settings) -> None:
        self.model = replace(MODEL, name=f"walked-{secrets.token_hex(4)}", version=1)
        self.store = OpenSearchStore(settings.opensearch)
        self.sinks: list[OpenSearchSink] = []
        self.next_version()

    def next_version(self) -> None:
        """Another index, in place of the one that was searched until now."""
        self.model = replace(self.model, version=len(self.sinks) + 1)
        sink = OpenSearchSink(self.store, self.model, FIELDS, goes_live=True)
        sink.open()
        topics = {one.topic.name: one.topic for one in MODEL.projections}.values()
        places = [(one.name, number) for one in topics for number in range(one.partitions)]
        sink.begin({one: HeldOffset(topic_id="by hand", next=0, until=0) for one in places})
        self.moments = [f"{name}/{number}" for name, number in places]
        self.sinks.append(sink)
        self.publish()

    def publish(self) -> None:
        self.sinks[-1].publish(Freshness(dict.fromkeys(self.moments, now())))

    def fill(self, *changes: DocumentChange) -> None:
        """As the feed would, without asking what is there: that takes its time."""
        index = index_name(self.model, "products")
        for begin in range(0, len(changes), BATCH):
            self.store.items(b"".join(_line(index, change) for change in changes[begin : begin + BATCH]))
        self.publish()

    def put(self, *changes: DocumentChange) -> None:
        assert not self.sinks[-1].write(changes, {})
        self.publish()

    def close(self) -> None:
        for version in range(1, len(self.sinks) + 1):
            for collection in self.model.collections:
                self.store.drop_index(index_name(replace(self.model, version=version), collection))
        self.store.close()


def _line(index: str, change: DocumentChange) -> bytes:
    tenant = str(change.tenant_id)
    action = {"index": {"_index": index, "_id": str(change.id), "routing": tenant, "require_alias": False}}
    document = {"tenant_id": tenant, "shown": True, "version": change.version, **(change.document or {})}
    return orjson.dumps(action) + b"\n" + orjson.dumps(document) + b"\n"


def things(tenant_id: UUID, number: int, title: str = "Thing") -> list[DocumentChange]:
    """Many have the same price, title and day; every hundredth is of the brand Few."""
    made = product(id=uuid4(), translations=(text("en", title),), brand="Many")
    one = product_document(envelope("product.published", tenant_id=tenant_id), ProductPublished(product=made))
    assert one.document is not None
    return [
        replace(
            one,
            id=uuid4(),
            document={
                **one.document,
                "brand": "Few" if n % 100 == 0 else "Many",
                "title_key": {} if n % 7 == 0 else {"en": f"thing {n % 50:02}"},
                "prices": {} if n % 11 == 0 else {"EUR": [n % 40 * 100]},
                "created_at": (MOMENT - timedelta(days=n % 30)).isoformat(),
            },
        )
        for n in range(number)
    ]


@pytest.fixture(scope="module")
def catalogue(settings: Settings) -> Iterator[Catalogue]:
    made = Catalogue(settings)
    yield made
    made.close()


@pytest.fixture(scope="module")
def search(settings: Settings, catalogue: Catalogue) -> ProductSearch:
    return ProductSearch(settings.opensearch, model=catalogue.model)


@pytest.fixture
def open_shop(store: Store, tokens: AccessTokens, search: ProductSearch, tmp_path: Path) -> Callable[[], Shop]:
    client = create_app(connect_to(store, tokens, search, SalesReader(tmp_path))).test_client()
    return lambda: opened_shop(client, tokens)


def ask(shop: Shop, *, role: str = "customer", actor: str = "boss", **asked: Any) -> TestResponse:
    return shop.client.get(SEARCH, query_string=asked, headers=shop.headers(role, actor))


def told(answer: TestResponse) -> Any:
    return answer.json


def pages(shop: Shop, meanwhile: Callable[[int], object] = lambda page: None, **asked: Any) -> list[Any]:
    cursor, found = "*", []
    while cursor is not None:
        answer = ask(shop, cursor=cursor, **asked)
        assert answer.status_code == 200, answer.text
        found.append(told(answer))
        cursor = told(answer)["next_cursor"]
        meanwhile(len(found))
    return found


def ids(found: list[Any]) -> list[str]:
    return [hit["id"] for page in found for hit in page["hits"]]


def test_every_product_is_found_once_while_others_are_written_and_the_read_model_is_swapped(
    open_shop: Callable[[], Shop], catalogue: Catalogue
) -> None:
    shop, other = open_shop(), open_shop()
    there = things(shop.id, MANY)
    catalogue.fill(*there, *things(other.id, 300))

    def meanwhile(page: int) -> None:
        if page % 10 == 5:
            late = there[-page * 50 :][:30]
            renamed = [replace(one, version=9, document=things(shop.id, 1)[0].document) for one in late[:15]]
            gone = [replace(one, version=9, document=None) for one in late[15:]]
            catalogue.put(*things(shop.id, 20), *renamed, *gone)
        if page == 24:
            catalogue.next_version()

    found = pages(shop, meanwhile, q="thing", per_page=250)

    assert len(ids(found)) == len(set(ids(found))) == MANY
    assert set(ids(found)) == {str(one.id) for one in there}
    said = {(one["as_of"], one["total"], one["query_id"], one["match"], one["state"]) for one in found}
    assert [one[1:2] + one[3:] for one in said] == [(MANY, "all", "fresh")]
    assert [one["page"] for one in found] == list(range(1, 51))
    assert found[0]["facets"]["brands"] == [
        {"value": "Many", "label": "Many", "count": MANY - 125}, {"value": "Few", "label": "Few", "count": 125},
    ]  # fmt: skip
    assert all(one["facets"]["brands"] == [] and one["facets"]["stock"] is None for one in found[1:])
    assert told(ask(shop, q="thing"))["total"] == 3 * (20 + 15)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("relevance", lambda one: one["title_key"].get("en", "z")),
        ("price_asc", lambda one: one["prices"].get("EUR", [9**9])[0]),
        ("price_desc", lambda one: -one["prices"].get("EUR", [-1])[0]),
        ("newest", lambda one: [-ord(letter) for letter in one["created_at"]]),
        ("title", lambda one: one["title_key"].get("en", "z")),
    ],
)
def test_pages_by_cursor_are_in_the_order_that_was_asked_for(
    open_shop: Callable[[], Shop], catalogue: Catalogue, sort: str, key: Callable[[Any], Any]
) -> None:
    shop = open_shop()
    there = things(shop.id, 90)
    catalogue.put(*there)
    by_id = {str(one.id): one.document for one in there}

    found = pages(shop, sort=sort, per_page=7)

    assert len(found) == 13
    assert sorted(ids(found)) == sorted(by_id)
    keys = [key(by_id[id_]) for id_ in ids(found)]
    assert keys == sorted(keys)


def test_pinned_products_are_where_they_are_pinned_and_nowhere_else(
    catalogue: Catalogue, search: ProductSearch
) -> None:
    tenant_id, holder = uuid4(), Holder(uuid4(), "somebody")
    there = things(tenant_id, 25)
    catalogue.put(*there)
    first, second, late = (one.id for one in there[10:13])
    pins = tuple(Pin(product_id=id_, position=at) for id_, at in ((first, 1), (second, 2), (late, 9)))
    said = SearchSettings([rule(pins=pins), setting(weights={"new": 80})])
    query = ProductQuery(tenant_id=tenant_id, per_page=2, settings=said, now=MOMENT)

    page = search.first_page(query, holder)
    hits = list(page.found.hits)
    catalogue.put(*[replace(one, version=9, document=None) for one in there[11:13]])
    while page.next is not None:
        page = search.next_page(query, page.next, holder)
        hits += page.found.hits

    assert page.found.total == 25
    assert {hit.id for hit in hits} == {one.id for one in there}
    assert len(hits) == 25
    assert [hits[0].id, hits[1].id, hits[8].id] == [first, second, late]
    assert [hit.pinned for hit in hits].count(True) == 3
    scores = [hit.score for hit in hits if hit.score is not None]
    assert len(set(scores)) > 10
    assert scores == sorted(scores, reverse=True)


def test_what_would_be_in_another_order_by_now_is_not_gone_on_with(catalogue: Catalogue, search: ProductSearch) -> None:
    tenant_id, holder = uuid4(), Holder(uuid4(), "somebody")
    catalogue.put(*things(tenant_id, 5))
    query = ProductQuery(tenant_id=tenant_id, per_page=2)
    page = search.first_page(query, holder)
    assert page.next is not None
    weighed = rule(weighed=(Weighed(by="brand", value="Few", percent=300),))

    for changed in (
        replace(query, settings=SearchSettings([weighed])),
        replace(query, reached=NO_ROW),
        replace(query, sort="title"),
    ):
        with pytest.raises(QuestionChanged):
            search.next_page(changed, page.next, holder)

    assert len(search.next_page(query, page.next, holder).found.hits) == 2


def test_a_cursor_is_good_for_its_question_only(open_shop: Callable[[], Shop], catalogue: Catalogue) -> None:
    shop, other = open_shop(), open_shop()
    catalogue.put(*things(shop.id, 5), *things(other.id, 5))
    cursor = told(ask(shop, q="thing", cursor="*", per_page=2))["next_cursor"]

    def refused(asked: TestResponse) -> tuple[int, str, str]:
        wrong = told(asked)["errors"][0]
        return asked.status_code, wrong["field"], wrong["code"]

    assert refused(ask(shop, q="things", cursor=cursor)) == (422, "cursor", "other_question")
    assert refused(ask(shop, q="thing", cursor=cursor, sort="title")) == (422, "cursor", "other_question")
    assert refused(ask(shop, q="thing", cursor=cursor, brand="Few")) == (422, "cursor", "other_question")
    assert refused(ask(other, q="thing", cursor=cursor)) == (422, "cursor", "malformed")
    assert refused(ask(shop, q="thing", cursor=another(cursor))) == (422, "cursor", "malformed")
    assert refused(ask(shop, q="thing", cursor="o_-7QQEEdHJ5")) == (422, "cursor", "malformed")
    for page in (1, 2):
        assert refused(ask(shop, q="thing", cursor=cursor, page=page)) == (422, "page", "with_cursor")
    assert refused(ask(shop, q="thing", cursor="x" * 5000)) == (422, "cursor", "string_too_long")

    second = shop.post(SEARCH, {"q": "thing", "cursor": cursor, "per_page": 3, "facets": ["brand"]}, role="customer")

    assert (second.status_code, len(told(second)["hits"]), told(second)["next_cursor"]) == (200, 3, None)
    assert second.headers["Cache-Control"] == "no-store"
    assert refused(ask(shop, q="thing", cursor=cursor)) == (422, "cursor", "ended")


def test_one_page_that_is_all_leaves_nothing_open(open_shop: Callable[[], Shop], catalogue: Catalogue) -> None:
    shop = open_shop()
    catalogue.put(*things(shop.id, 3))

    for _ in range(6):
        assert told(ask(shop, cursor="*"))["next_cursor"] is None
        assert told(ask(shop, cursor="*", q="nothing"))["total"] == 0
    assert told(ask(shop))["next_cursor"] is None


def test_who_leaves_cursors_open_is_asked_to_wait_and_nobody_else(
    open_shop: Callable[[], Shop], catalogue: Catalogue
) -> None:
    shop, other = open_shop(), open_shop()
    catalogue.put(*things(shop.id, 5), *things(other.id, 5))

    opened = [told(ask(shop, cursor="*", per_page=2))["next_cursor"] for _ in range(4)]
    refused = ask(shop, cursor="*", per_page=2)

    assert (refused.status_code, told(refused)["code"]) == (503, "too_many_cursors")
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.content_type == "application/problem+json"
    assert ask(shop, actor="somebody else", cursor="*", per_page=2).status_code == 200
    assert ask(shop, role="anonymous", cursor="*", per_page=2).status_code == 200
    assert ask(other, cursor="*", per_page=2).status_code == 200
    assert ask(shop).status_code == 200
    assert ask(shop, cursor=opened[0], per_page=2).status_code == 200

    points = {point_of(cursor) for cursor in opened[:2]}
    catalogue.store.client.delete_pit(body={"pit_id": list(points)})  # as another process ends them

    assert [ask(shop, cursor="*", per_page=2).status_code for _ in range(3)] == [200, 200, 503]
    ended = ask(shop, cursor=opened[1], per_page=2)
    assert (ended.status_code, told(ended)["errors"][0]["code"]) == (422, "ended")


def another(cursor: str) -> str:
    """With one sign that is not as it was."""
    return cursor[:99] + ("A" if cursor[99] != "A" else "B") + cursor[100:]


def point_of(cursor: str) -> str:
    return str(orjson.loads(b64decode(cursor + "==", altchars=b"-_")[:-16])[3])
