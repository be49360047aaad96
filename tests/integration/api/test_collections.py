"""Collections through the API: chosen by hand and by a rule, in any order, a page at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, imported_product

pytestmark = pytest.mark.servers


def body(title: str = "Breakfast", **different: Any) -> dict[str, Any]:
    return {"translations": [{"locale": "en", "title": title}], **different}


def made(shop: Shop, *, shown: bool = True, **different: Any) -> str:
    answer = shop.post("/v1/collections", body(**different))
    assert answer.status_code == 201, answer.text
    if shown:
        shop.post(f"/v1/collections/{answer.json['id']}/publish")
    return str(answer.json["id"])


def by_rule(shop: Shop, *conditions: dict[str, Any], match: str = "all", **different: Any) -> str:
    return made(shop, rule={"match": match, "conditions": list(conditions)}, **different)


def products(shop: Shop, **items: dict[str, Any]) -> dict[str, str]:
    """Their ids by name. A price is that of EUR."""
    given = []
    for name, item in items.items():
        price = [{"currency": "EUR", "amount_minor": item.pop("price", 100)}]
        item.setdefault("variants", [{"sku": name, "prices": price}])
        given.append(imported_product(name, **{"translations": [{"locale": "en", "title": name}], **item}))
    answer = shop.post("/v1/imports/products", {"items": given}).json
    assert answer["refused"] == 0, answer
    return {one["external_id"]: one["id"] for one in answer["items"]}


def shown_in(shop: Shop, collection: str, query: str = "", **how: Any) -> list[str]:
    answer = shop.get(f"/v1/collections/{collection}/products{query}", **how)
    assert answer.status_code == 200, answer.text
    return [str(one["external_id"]) for one in answer.json["items"]]


def walked(shop: Shop, collection: str, sort: str, meanwhile: Callable[[int], object] = lambda page: None) -> list[str]:
    """All of it, two on a page."""
    names: list[str] = []
    cursor, page = "", 0
    while True:
        answer = shop.get(f"/v1/collections/{collection}/products?sort={sort}&limit=2{cursor}").json
        names += [one["external_id"] for one in answer["items"]]
        if answer["next_cursor"] is None:
            return names
        cursor = f"&cursor={answer['next_cursor']}"
        meanwhile(page)
        page += 1


def test_products_are_chosen_moved_and_taken_out_by_calls_of_their_own(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    ids = products(shop, a={}, b={}, c={}, d={})
    collection = made(shop, product_ids=[ids["a"], ids["b"]])
    here = f"/v1/collections/{collection}/products"

    shop.post(here, {"product_ids": [ids["d"], ids["c"]], "position": 1})
    assert shown_in(shop, collection) == ["a", "d", "c", "b"]
    shop.post(f"{here}/move", {"product_ids": [ids["b"]], "position": 0})
    assert shown_in(shop, collection) == ["b", "a", "d", "c"]
    done = shop.post(f"{here}/remove", {"product_ids": [ids["a"]]}).json

    assert shown_in(shop, collection) == ["b", "d", "c"]
    assert done["chosen_products"] == 3
    told = left(postgres, shop.id, collection)
    assert [one.type for one in told] == ["collection.created", "collection.published", *["collection.updated"] * 3]
    assert [str(id_) for id_ in told[-1].event.collection.product_ids] == [ids["b"], ids["d"], ids["c"]]
    refused = shop.post(here, {"product_ids": [ids["a"], str(uuid4())]})
    assert (refused.status_code, refused.get_json(force=True)["errors"][0]["field"]) == (422, "product_ids.1")


def test_fifty_who_choose_at_once_all_get_theirs_in(shop: Shop) -> None:
    ids = products(shop, **{f"p{number}": {} for number in range(50)})
    collection = made(shop)

    def choose(id_: str) -> int:
        return shop.post(f"/v1/collections/{collection}/products", {"product_ids": [id_], "position": 0}).status_code

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(choose, ids.values())) == {200}
    assert sorted(shown_in(shop, collection)) == sorted(ids)
    assert shop.get(f"/v1/collections/{collection}").json["version"] == 52


def test_a_deleted_product_leaves_its_collections(shop: Shop, postgres: psycopg.Connection) -> None:
    gone, kept = (shop.product(published=False)["id"] for _ in range(2))
    first, second = (made(shop, product_ids=[gone, kept]) for _ in range(2))

    assert shop.call("DELETE", f"/v1/products/{gone}").status_code == 200

    for collection in (first, second):
        newest = left(postgres, shop.id, collection)[-1]
        assert (newest.type, [str(id_) for id_ in newest.event.collection.product_ids]) == (
            "collection.updated",
            [kept],
        )
        assert shop.get(f"/v1/collections/{collection}").json["chosen_products"] == 1


def test_who_sees_what_is_published_sees_no_draft(shop: Shop) -> None:
    ids = products(shop, shown={}, hidden={"status": "draft"})
    chosen, draft = made(shop, product_ids=list(ids.values())), made(shop, product_ids=[ids["shown"]], shown=False)
    rule = by_rule(shop, {"field": "price", "currency": "EUR", "least_minor": 0})

    for collection in (chosen, rule):
        assert sorted(shown_in(shop, collection)) == ["hidden", "shown"]
        assert shown_in(shop, collection, role="anonymous") == ["shown"]
    assert shop.get(f"/v1/collections/{draft}", role="anonymous").status_code == 404
    assert shop.get(f"/v1/collections/{draft}/products", role="anonymous").status_code == 404
    assert shop.get(f"/v1/products/{ids['hidden']}/collections", role="anonymous").status_code == 404

    seen = shop.get(f"/v1/products/{ids['shown']}/collections", role="anonymous").json["items"]
    assert {one["id"] for one in seen} == {chosen, rule}
    listed = shop.get("/v1/collections", role="anonymous").json["items"]
    assert [one["id"] for one in listed] == [chosen, rule]


def test_how_a_shop_chooses_is_its_own_matter(shop: Shop) -> None:
    ids = products(shop, shown={}, hidden={"status": "draft"})
    chosen = made(shop, product_ids=list(ids.values()))
    rule = by_rule(shop, {"field": "tag", "values": ["margin-high"]})

    def told(role: str) -> list[tuple[object, object]]:
        found = [shop.get(f"/v1/collections/{one}", role=role).json for one in (chosen, rule)]
        handles = [one["translations"][0]["handle"] for one in found]
        found += [shop.get(f"/v1/collections/by-handle/{one}?locale=en", role=role).json for one in handles]
        found += sorted(shop.get("/v1/collections", role=role).json["items"], key=lambda one: one["id"] == rule)
        return [(one["chosen_products"], one["rule"] and one["rule"]["conditions"][0]["values"]) for one in found]

    assert told("admin") == [(2, None), (None, ["margin-high"])] * 3
    assert told("anonymous") == [(None, None), (None, None)] * 3


def test_a_rule_means_the_same_in_the_list_of_a_collection_and_for_one_product(shop: Shop) -> None:
    text = [{"locale": "en", "name": "C"}]
    tree = [
        {"external_id": "food", "translations": text},
        {"external_id": "bread", "parent": "food", "translations": text},
    ]
    category = {
        one["external_id"]: one["id"] for one in shop.post("/v1/imports/categories", {"items": tree}).json["items"]
    }
    ids = products(
        shop,
        rye={"tags": ["dark", "new"], "brand": "Verde", "categories": ["bread"], "price": 250},
        roll={"tags": ["new"], "brand": "Ähre", "categories": ["bread"], "price": 60},
        jam={"tags": [], "brand": "Verde", "categories": ["food"], "price": 400},
        cup={"tags": ["dark"], "brand": None, "price": 900, "status": "draft"},
    )
    for sku, on_hand in (("rye", 3), ("roll", 0), ("cup", 0)):
        shop.post("/v1/stock", {"sku": sku, "on_hand": on_hand})
    rules: dict[tuple[str, ...], dict[str, Any]] = {
        ("cup", "rye"): {"field": "tag", "values": ["dark"]},
        ("cup", "roll", "rye"): {"field": "tag", "values": ["dark", "new"]},
        ("jam", "rye"): {"field": "brand", "values": ["Verde"]},
        ("jam", "roll", "rye"): {"field": "category", "values": [category["food"]]},
        ("roll", "rye"): {"field": "category", "values": [category["bread"].upper()]},
        ("cup",): {"field": "status", "values": ["draft"]},
        ("jam", "rye", "roll")[:2]: {"field": "price", "currency": "EUR", "least_minor": 250, "most_minor": 400},
        (): {"field": "price", "currency": "USD", "least_minor": 0},
        ("cup", "jam", "roll", "rye"): {"field": "created", "within_days": 1},
        ("",): {"field": "created", "since_at": "2100-01-01T00:00:00Z"},
        ("jam", "rye", ""): {"field": "in_stock"},
    }
    collections = {tuple(filter(None, names)): by_rule(shop, one) for names, one in rules.items() if names != ("",)}
    both = by_rule(shop, *(rules["cup", "rye"], rules["jam", "rye"]))
    either = by_rule(shop, *(rules["cup", "rye"], rules["jam", "rye"]), match="any")

    for names, collection in (*collections.items(), (("rye",), both), (("cup", "jam", "rye"), either)):
        assert sorted(shown_in(shop, collection)) == sorted(names)
        for name, id_ in ids.items():
            found = [one["id"] for one in shop.get(f"/v1/products/{id_}/collections").json["items"]]
            assert (collection in found) == (name in names), (name, names)


def test_pages_in_any_order_have_neither_gaps_nor_doubles_while_others_put_products_in(shop: Shop) -> None:
    prices = {"e": 300, "b": 100, "d": 300, "a": 200, "c": 300}
    ids = products(shop, **{name: {"price": price} for name, price in prices.items()})
    chosen = made(shop, product_ids=list(ids.values()))
    meant = by_rule(shop, {"field": "price", "currency": "EUR", "least_minor": 0})
    orders = {
        "position": "ebdac",
        "newest": "cadbe",
        "oldest": "ebdac",
        "title": "abcde",
        "price_asc": "baedc",
        "price_desc": "cdeab",
    }

    def put_some_in(page: int) -> None:
        if page > 2:
            return
        for name, price in ((f"0-{uuid4().hex}", 1), (f"z-{uuid4().hex}", 1000)):
            new = products(shop, **{name: {"price": price}})[name]
            shop.post(f"/v1/collections/{chosen}/products", {"product_ids": [new], "position": page})

    for sort, order in orders.items():
        assert "".join(walked(shop, chosen, sort)) == order
        if sort != "position":
            assert "".join(walked(shop, meant, sort)) == order
    for sort, order in orders.items():
        for collection in (chosen, meant)[: 1 if sort == "position" else 2]:
            seen = walked(shop, collection, sort, put_some_in)
            assert "".join(name for name in seen if name in prices) == order, sort
            assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    "question",
    [
        "sort=position",
        "sort=loudest",
        "cursor=nonsense",
        "cursor=WyJ0aXRsZSIsMSwieCJd",
        "sort=title&cursor=WyJuZXdlc3QiLDAsIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJd",
        "cursor=WyJuZXdlc3QiLHRydWUsIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCIsMV0=",
        "currency=euro",
        "limit=0",
    ],
)
def test_what_no_page_can_be_is_refused(shop: Shop, question: str) -> None:
    collection = by_rule(shop, {"field": "in_stock"})

    assert shop.get(f"/v1/collections/{collection}/products?{question}").status_code == 422


def test_a_handle_that_was_changed_leads_to_the_one_of_today(shop: Shop) -> None:
    german = {"locale": "de", "title": "Frühstück", "handle": "fruehstueck"}
    text = {"locale": "en", "title": "Breakfast", "handle": "breakfast", "seo_title": "All for the morning"}
    ids = products(shop, rye={"translations": [{"locale": "en", "title": "Rye"}, {"locale": "de", "title": "Roggen"}]})
    collection = made(shop, translations=[text, german], product_ids=[ids["rye"]])
    shop.call("PATCH", f"/v1/collections/{collection}", {"translations": [{**text, "handle": "morning"}, german]})

    told = shop.get("/v1/collections/by-handle/morning", role="anonymous")
    moved = shop.get("/v1/collections/by-handle/breakfast?locale=en-GB", role="anonymous")
    listed = shop.get("/v1/collections/by-handle/breakfast/products?sort=title&limit=3", role="anonymous")
    shown = shop.get("/v1/collections/by-handle/fruehstueck/products?locale=de-AT&fields=title", role="anonymous")

    assert (told.json["title"], told.json["seo_title"], told.headers["ETag"]) == (
        "Breakfast",
        "All for the morning",
        '"3-en"',
    )
    assert (moved.status_code, moved.headers["Location"]) == (301, "/v1/collections/by-handle/morning?locale=en-GB")
    assert (listed.status_code, listed.headers["Location"]) == (
        301,
        "/v1/collections/by-handle/morning/products?sort=title&limit=3",
    )
    assert shown.json == {"items": [{"title": "Roggen"}], "next_cursor": None}
    taken = shop.post("/v1/collections", body(translations=[{**text, "handle": "morning"}]))
    assert (taken.status_code, taken.get_json(force=True)["errors"][0]["field"]) == (409, "translations.handle")
    again = made(shop, translations=[{**text, "handle": "breakfast"}])
    assert shop.get("/v1/collections/by-handle/breakfast", role="anonymous").json["id"] == again


def test_a_collection_keeps_its_kind_and_says_what_is_wrong_with_a_rule(shop: Shop) -> None:
    chosen, rule = made(shop), by_rule(shop, {"field": "in_stock"})
    wrong = [
        {"field": "tag"},
        {"field": "price", "currency": "EUX", "least_minor": 1},
        {"field": "category", "values": ["Cheese"]},
    ]

    answers = [
        shop.call("PATCH", f"/v1/collections/{chosen}", {"rule": {"conditions": [{"field": "in_stock"}]}}),
        shop.call("PATCH", f"/v1/collections/{rule}", {"product_ids": [shop.product()["id"]]}),
        shop.call("PATCH", f"/v1/collections/{rule}", {"rule": {"conditions": wrong}}),
        shop.post("/v1/collections", body(rule={"conditions": [{"field": "category", "values": [str(uuid4())]}]})),
    ]

    assert [[one["field"] for one in answer.get_json(force=True)["errors"]] for answer in answers] == [
        ["rule"],
        ["product_ids"],
        ["rule.conditions.0.values", "rule.conditions.1.currency", "rule.conditions.2.values.0"],
        ["rule.conditions.0.values.0"],
    ]
    assert shop.post(f"/v1/collections/{rule}/products", {"product_ids": [shop.product()["id"]]}).status_code == 409


def test_a_change_is_meant_for_the_version_that_was_seen_and_done_once_for_a_key(shop: Shop) -> None:
    collection, id_ = made(shop), shop.product()["id"]
    here = f"/v1/collections/{collection}"

    stale = shop.call("PATCH", here, body("Lunch"), If_Match='"1"')
    done = [shop.post(f"{here}/products", {"product_ids": [id_]}, Idempotency_Key="k") for _ in range(2)]
    unchanged = shop.get(here, If_None_Match='"3"')

    assert stale.status_code == 412
    assert done[0].json == done[1].json
    assert (done[0].headers["ETag"], unchanged.status_code) == ('"3"', 304)
    assert shop.call("DELETE", here, If_Match='"2"').status_code == 412
    assert shop.call("DELETE", here, If_Match='"3"').status_code == 200
    assert shop.get(here).status_code == 404


def test_what_one_shop_exports_another_takes_in(shop: Shop, open_shop: Callable[..., Shop]) -> None:
    other = open_shop()
    text = [{"locale": "en", "name": "C"}]
    for one in (shop, other):
        one.post("/v1/imports/categories", {"items": [{"external_id": "bread", "translations": text}]})
        products(one, a={"categories": ["bread"]}, b={})
    rule = {"conditions": [{"field": "category", "values": ["bread"]}, {"field": "created", "within_days": 9}]}
    items = [
        {"external_id": "chosen", **body(), "products": ["b", "a"]},
        {"external_id": "meant", **body(), "rule": rule, "status": "draft"},
    ]
    taken = shop.post("/v1/imports/collections", {"items": items}).json
    assert (taken["created"], taken["refused"]) == (2, 0), taken

    lines = shop.get("/v1/collections/export?form=import").data
    headers = {**other.headers("admin"), "Content-Type": "application/x-ndjson"}
    first, again = (
        other.client.post("/v1/imports/collections/lines", data=lines, headers=headers).text for _ in range(2)
    )
    changed = other.post(
        "/v1/imports/collections", {"items": [{**items[0], "products": ["a"], "status": "draft"}]}
    ).json
    wrong = [{"external_id": "x", **body(), "products": ["nobody"]}, {"external_id": "y", **body(), "rule": {**rule}}]
    wrong[1]["rule"]["conditions"] = [{"field": "category", "values": ["nowhere"]}]
    refused = other.post("/v1/imports/collections", {"items": wrong}).json["items"]

    assert [first.count('"created"'), again.count('"unchanged"')] == [2, 2]
    held = other.get("/v1/collections").json["items"]
    assert [(one["external_id"], one["status"]) for one in held] == [("chosen", "draft"), ("meant", "draft")]
    assert shown_in(other, held[1]["id"]) == ["a"]
    assert (changed["updated"], changed["items"][0]["version"]) == (1, 3)
    assert [one["problem"]["errors"][0]["field"] for one in refused] == [
        "products.0",
        "rule.conditions.0.values.0",
    ]
