"""A condition means the same in Python, PostgreSQL, OpenSearch and DuckDB, whatever a row has and lacks."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from uuid import UUID, uuid4

import duckdb
import orjson
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opensearchpy import OpenSearch

from api.domain import order_events
from api.domain.conditions import Condition, Op, row_condition
from api.domain.thing_rows import thing_row
from api.store import narrow_rows
from api.store.list_pages import PageWanted
from api.store.orders import OrderRows
from api.store.products import ProductRows
from ops.settings import Settings
from schemas.events.order import OrderPlaced
from schemas.events.product import ProductPublished
from schemas.row_conditions import All, AnyOf, Not, OneOf, Row, RowCondition, Within, all_of, matches
from schemas.row_conditions_sql import DUCKDB, WhereText
from sinks.analytics.sales_facts import ORDER_FACTS, order_facts
from sinks.opensearch.row_filter import row_filter
from sinks.search.product_documents import FIELDS, product_document
from tests.integration.api.shops import Shop, imported_order, imported_product
from tests.support.examples import envelope

pytestmark = pytest.mark.servers

COLUMNS = {"word": "text", "other": "text", "num": "bigint", "more": "bigint"}
SAID = st.sampled_from(["paid", "Paid", "paid ", "", "'", "%s", "$x", "ß", "NULL"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4
)
COUNTED = st.integers(-3, 3) | st.sampled_from([-(2**63), 2**63 - 1, 10**15])
ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | (SAID if kind == "text" else COUNTED) for name, kind in COLUMNS.items()}),
    max_size=12,
)
LEAVES = st.builds(OneOf, st.sampled_from(["word", "other"]), st.lists(SAID, max_size=3).map(tuple)) | st.builds(
    Within, st.sampled_from(["num", "more"]), st.none() | COUNTED, st.none() | COUNTED
)
TREES = st.recursive(
    LEAVES,
    lambda part: (
        st.builds(Not, part)
        | st.lists(part, max_size=3).map(lambda parts: All(tuple(parts)))
        | st.lists(part, max_size=3).map(lambda parts: AnyOf(tuple(parts)))
    ),
    max_leaves=6,
)
FOUND = ("brand", "price_min_minor", "price_max_minor")
EVERY = PageWanted(sort="newest", limit=100)
MANY = settings(max_examples=20, suppress_health_check=list(HealthCheck))


class Index:
    """A scratch index: which of the rows of a batch match each of several conditions, in one question."""

    def __init__(self, client: OpenSearch, fields: dict[str, Any]) -> None:
        self._client = client
        self.name = f"scratch-{uuid4().hex[:12]}"
        properties = {"batch": {"type": "keyword"}, "at": {"type": "integer"}, **fields}
        shape = {"number_of_shards": 1, "number_of_replicas": 0}
        client.indices.create(index=self.name, body={"settings": shape, "mappings": {"properties": properties}})

    def hold(self, batch: str, rows: Sequence[Row]) -> None:
        lines: list[dict[str, Any]] = []
        for at, row in enumerate(rows):
            lines += [{"index": {}}, {"batch": batch, "at": at, **row}]
        if lines:
            body = b"".join(orjson.dumps(line) + b"\n" for line in lines)
            answer = self._client.bulk(body=body, index=self.name, params={"refresh": "true"})
            assert not answer["errors"], answer

    def matching(self, batch: str, trees: Sequence[RowCondition]) -> list[set[int]]:
        asked = [{"bool": {"filter": [row_filter(tree)], "_name": str(n)}} for n, tree in enumerate(trees)]
        query = {"bool": {"filter": [{"term": {"batch": batch}}], "should": asked, "minimum_should_match": 0}}
        hits = self._client.search(index=self.name, body={"query": query, "size": 1000})["hits"]["hits"]
        return [
            {hit["_source"]["at"] for hit in hits if str(n) in hit.get("matched_queries", ())}
            for n in range(len(trees))
        ]

    def drop(self) -> None:
        self._client.indices.delete(index=self.name)


@pytest.fixture
def client(settings: Settings) -> Iterator[OpenSearch]:
    made = OpenSearch(settings.opensearch_url)
    yield made
    made.close()


def in_duckdb(connection: duckdb.DuckDBPyConnection, table: str, key: str, tree: RowCondition) -> set[Any]:
    where = WhereText(tree, expression=lambda column: f"{table}.{column}", placeholder=DUCKDB)
    return {
        row[0] for row in connection.execute(f"SELECT {key} FROM {table} WHERE {where.text}", where.values).fetchall()
    }


def test_a_condition_on_any_rows_means_the_same_in_all_four(postgres: psycopg.Connection, client: OpenSearch) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    files = duckdb.connect()
    for connection in (postgres, files):
        connection.execute(f"CREATE TEMP TABLE things (row_no integer, {columns})")
    index = Index(client, {n: {"type": "keyword" if kind == "text" else "long"} for n, kind in COLUMNS.items()})

    @MANY
    @given(ROWS, st.lists(TREES, min_size=1, max_size=20))
    def same(rows: list[Row], trees: list[RowCondition]) -> None:
        batch = uuid4().hex
        index.hold(batch, rows)
        postgres.execute("TRUNCATE things")
        files.execute("DELETE FROM things")
        for at, row in enumerate(rows):
            values = [at, *(row[name] for name in COLUMNS)]
            postgres.execute("INSERT INTO things VALUES (%s, %s, %s, %s, %s)", values)
            files.execute("INSERT INTO things VALUES (?, ?, ?, ?, ?)", values)
        expected = [{at for at, row in enumerate(rows) if matches(tree, row)} for tree in trees]

        assert index.matching(batch, trees) == expected
        assert [in_duckdb(files, "things", "row_no", tree) for tree in trees] == expected
        for tree, wanted in zip(trees, expected, strict=True):
            text, values_of = narrow_rows.where(tree, narrow_rows.of_table("things"))
            found = postgres.execute(f"SELECT row_no FROM things WHERE TRUE {text}", values_of)  # type: ignore[arg-type]
            assert {at for (at,) in found} == wanted

    try:
        same()
    finally:
        index.drop()
        files.close()


def conditions_on(rows: Sequence[Row], texts: dict[str, str], amounts: dict[str, str]) -> st.SearchStrategy[list[Any]]:
    """Field by column of a text or an amount; about values that the rows have, or just not."""

    def held(column: str, kind: type) -> list[Any]:
        return sorted({value for row in rows if isinstance(value := row[column], kind)})

    named = [
        st.builds(Condition, st.just(field), st.just(Op.IN), st.lists(st.sampled_from(known), min_size=1).map(tuple))
        for field, column in texts.items()
        if (known := [*held(column, str), "of nobody"])
    ]
    limits = [
        st.builds(
            Condition,
            st.just(field),
            st.sampled_from([Op.LT, Op.LTE, Op.GT, Op.GTE, Op.EQ]),
            st.sampled_from(held(column, int)).map(lambda one: (one,)),
            st.sampled_from(["EUR", "USD", "JPY"]),
        )
        for field, column in amounts.items()
    ]
    return st.lists(st.lists(st.one_of(*named, *limits), min_size=1, max_size=3), min_size=1, max_size=8)


def trees_of(resource: str, several: Sequence[Sequence[Condition]]) -> list[RowCondition]:
    """Each conjunction as one that gives, and as one that takes away."""
    given = [all_of(*(row_condition(resource, one) for one in each)) for each in several]
    return [*given, *(Not(one) for one in given)]


def test_conditions_on_products_mean_in_the_store_and_in_search_what_they_mean_in_python(
    shop: Shop, postgres: psycopg.Connection, client: OpenSearch
) -> None:
    random = Random(7)

    def prices() -> list[dict[str, Any]]:
        currencies = random.sample(["EUR", "USD", "JPY"], random.randint(0, 3))
        return [{"currency": one, "amount_minor": random.randint(0, 5)} for one in currencies]

    items = [
        imported_product(
            f"p{n}",
            status=random.choice(["draft", "active", "archived"]),
            variants=[{"sku": f"p{n}-{at}", "prices": prices()} for at in range(random.randint(1, 3))],
            **({"brand": brand} if (brand := random.choice([None, "Acme", "acme"])) else {}),
        )
        for n in range(50)
    ]
    assert shop.post("/v1/imports/products", {"items": items}).json["refused"] == 0
    things = {held.value.id: held.value for held in ProductRows(postgres, shop.id).page(EVERY)}
    rows = {id_: thing_row(thing)[1] for id_, thing in things.items()}
    shown = [id_ for id_, thing in things.items() if thing.status == "active"]
    index = Index(client, {name: FIELDS["products"][name] for name in (*FOUND, "currency")})
    documents = [product_document(envelope(), ProductPublished(product=things[id_])).document or {} for id_ in shown]
    index.hold("all", [{name: document[name] for name in (*FOUND, "currency")} for document in documents])

    @MANY
    @given(conditions_on(list(rows.values()), {"brand": "brand"}, {"price_min": FOUND[1], "price_max": FOUND[2]}))
    def same(several: list[list[Condition]]) -> None:
        trees = trees_of("search", several)
        assert trees == trees_of("products", several)
        expected = [{id_ for id_, row in rows.items() if matches(tree, row)} for tree in trees]

        assert [{shown[at] for at in found} for found in index.matching("all", trees)] == [
            found & set(shown) for found in expected
        ]
        assert [reached(ProductRows(postgres, shop.id, tree).page(EVERY)) for tree in trees] == expected

    try:
        same()
    finally:
        index.drop()


def reached(found: Sequence[Any]) -> set[UUID]:
    return {getattr(one.value, "id", None) or one.value.terms.id for one in found}


def test_conditions_on_orders_mean_in_the_store_and_in_analytics_what_they_mean_in_python(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    random = Random(7)
    shop.post("/v1/imports/products", {"items": [imported_product("cheese")]})
    unpaid = {"paid_at": None, "payment_id": None}
    items = [
        imported_order(
            f"o{n}",
            "cheese",
            customer_ref=random.choice([None, "anna", "Anna", "bert"]),
            currency=random.choice(["EUR", "USD"]),
            tax_minor=random.randint(0, 3),
            discount_minor=random.randint(0, 3),
            **random.choice([{}, unpaid, {**unpaid, "confirmed_at": None}]),
        )
        for n in range(50)
    ]
    assert shop.post("/v1/imports/orders", {"items": items}).json["refused"] == 0
    held = OrderRows(postgres, shop.id).page(EVERY)
    rows = {one.value.terms.id: thing_row(one.value)[1] for one in held}
    files = duckdb.connect()
    kept = {"id": "UUID", **{name: ORDER_FACTS.columns[name] for name in next(iter(rows.values()))}}
    files.execute(f"CREATE TABLE orders ({', '.join(f'{name} {kind}' for name, kind in kept.items())})")
    for one in held:
        order = order_events.as_value(one.value)
        document = {"id": order.id, **(order_facts(envelope(), OrderPlaced(order=order)).document or {})}
        files.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", [document[name] for name in kept])
    texts, amounts = (
        {"owner": "customer_ref", "status": "status"},
        {"total": "total_minor", "discount": "discount_minor"},
    )

    @MANY
    @given(conditions_on(list(rows.values()), texts, amounts))
    def same(several: list[list[Condition]]) -> None:
        trees = trees_of("orders", several)
        assert trees == trees_of("analytics", several)
        expected = [{id_ for id_, row in rows.items() if matches(tree, row)} for tree in trees]

        assert [in_duckdb(files, "orders", "id", tree) for tree in trees] == expected
        assert [reached(OrderRows(postgres, shop.id, tree).page(EVERY)) for tree in trees] == expected

    same()
    files.close()
