from typing import Any
from uuid import uuid4

import psycopg
import pytest
from apiflask import APIFlask

from tests.integration.api.outbox import left
from tests.integration.api.people import people_of
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

HEAD = (
    "Handle,Title,Product Category,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Price,Status,"
    "Gift Card"
)
FILE = "\n".join(
    [
        HEAD,
        "rye,Rye bread,Food > Bread,true,Size,Small,R-S,500,2.50,active",
        "rye,,,,,Large,R-L,900,4,",
        "bun,Bun,Food > Bread,true,Title,Default Title,,80,0.40,active",
        'dear,Dear,,true,,,D,1,"1,234",active',
        "tea,Tea,Drinks,false,,,R-S,1,3,active",
    ]
)


def send(shop: Shop, content: str | bytes, query: str = "", mimetype: str = "text/csv", role: str = "admin") -> Any:
    data = content.encode() if isinstance(content, str) else content
    headers = shop.headers(role) | {"Content-Type": mimetype}
    return shop.client.post(f"/v1/imports/products/csv{query}", data=data, headers=headers)


def test_a_file_is_taken_in_as_it_comes_with_a_word_about_every_row(shop: Shop, postgres: psycopg.Connection) -> None:
    answer = send(shop, FILE)

    assert answer.status_code == 200, answer.text
    report = answer.json
    assert {name: value for name, value in report.items() if name != "products"} == {
        "system": "shopify",
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "refused": 2,
        "categories_created": 3,
        "columns_left_out": ["Gift Card"],
    }
    assert [(one["external_id"], one["lines"], one["outcome"]) for one in report["products"]] == [
        ("shopify:rye", [2, 3], "created"),
        ("shopify:bun", [4], "created"),
        ("shopify:dear", [5], "refused"),
        ("shopify:tea", [6], "refused"),
    ]
    rye, bun, dear, tea = report["products"]
    assert [note["line"] for note in bun["notes"]] == [4]
    assert [error["field"] for error in dear["problem"]["errors"]] == ["lines.5"]
    assert tea["problem"]["code"] == "taken"
    product = shop.get(f"/v1/products/{rye['id']}").json
    assert [variant["prices"][0]["amount_minor"] for variant in product["variants"]] == [250, 400]
    assert [variant["weight_g"] for variant in product["variants"]] == [500, 900]
    (bread,) = product["category_ids"]
    names = [shop.get(f"/v1/categories/{one}").json for one in shop.get(f"/v1/categories/{bread}").json["path"]]
    assert [one["translations"][0]["name"] for one in names] == ["Food", "Bread"]
    assert [one.type for one in left(postgres, shop.id, rye["id"])] == ["product.created"]


def test_the_same_file_again_changes_nothing(shop: Shop, postgres: psycopg.Connection) -> None:
    first = send(shop, FILE).json
    told = len(left(postgres, shop.id))

    again = send(shop, FILE).json

    assert (again["unchanged"], again["refused"], again["categories_created"]) == (2, 2, 0)
    assert [one.get("id") for one in again["products"]] == [one.get("id") for one in first["products"]]
    assert len(left(postgres, shop.id)) == told


def test_a_category_that_the_shop_renamed_keeps_its_name(shop: Shop) -> None:
    report = send(shop, FILE).json
    product = shop.get(f"/v1/products/{report['products'][0]['id']}").json
    path = f"/v1/categories/{product['category_ids'][0]}"
    shop.call("PATCH", path, {"translations": [{"locale": "en", "name": "Loaves"}]})

    send(shop, FILE.replace("2.50", "2.60"))

    assert shop.get(path).json["translations"][0]["name"] == "Loaves"


def test_currency_and_language_are_those_asked_for(shop: Shop) -> None:
    report = send(shop, "Type,Name,SKU,Regular price\nsimple,かばん,BAG,1200\n", "?currency=JPY&locale=ja").json

    product = shop.get(f"/v1/products/{report['products'][0]['id']}").json
    assert (report["system"], product["translations"][0]["locale"]) == ("woocommerce", "ja")
    assert product["variants"][0]["prices"] == [{"currency": "JPY", "amount_minor": 1200, "compare_at_minor": None}]


@pytest.mark.parametrize(
    ("content", "query", "mimetype", "status"),
    [
        ("", "", "text/csv", 422),
        ("a,b\n1,2\n", "", "text/csv", 422),
        (b"\x00\x01\x02", "", "text/csv", 422),
        (FILE, "?currency=XXX", "text/csv", 422),
        (FILE, "?locale=nonsense!", "text/csv", 422),
        (FILE, "", "application/json", 415),
        (b"Handle,Title\n" + b"x" * 8_400_000, "", "text/csv", 413),
    ],
)
def test_what_cannot_be_read_as_a_whole_is_refused_as_a_whole(
    shop: Shop, content: str | bytes, query: str, mimetype: str, status: int
) -> None:
    assert send(shop, content, query, mimetype).status_code == status


def test_more_products_than_one_unit_of_work_holds_are_all_taken_in(shop: Shop) -> None:
    rows = [f"h{number},Article {number},,true,,,{uuid4().hex},,1,active" for number in range(1201)]

    report = send(shop, "\n".join([HEAD, *rows])).json

    assert (report["created"], len(report["products"])) == (1201, 1201)


def test_who_may_not_import_is_not_read(shop: Shop) -> None:
    assert send(shop, FILE, role="manager").status_code == 403


def test_categories_are_made_by_who_may_import_them_whatever_the_conditions_are(app: APIFlask, shop: Shop) -> None:
    night = {"field": "time", "op": "between", "value": ["00:00", "23:59"]}
    grants = [
        {"resource": "products", "actions": ["import"]},
        {"resource": "categories", "actions": ["import"], "when": [night]},
    ]
    role = shop.post("/v1/roles", {"name": "importer", "grants": grants})
    assert role.status_code == 201, role.text
    (people,) = people_of(app, shop)
    invited = people.invite("staff", role_ids=[role.json["id"]])
    token = people.signed_in(invited["email"])["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}

    answers = [
        people.client.post("/v1/imports/products/csv", data=file.encode(), headers=headers)
        for file in (FILE, "Type,Name,SKU,Regular price\nsimple,Bag,BAG,12\n")
    ]

    assert [answer.status_code for answer in answers] == [403, 200]
    assert "categories:import" in answers[0].get_json(force=True)["detail"]
    assert shop.get("/v1/categories").json["items"] == []
    assert len(shop.get("/v1/products").json["items"]) == 1
