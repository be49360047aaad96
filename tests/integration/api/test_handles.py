"""What nobody chose refuses nothing: products and categories of one name, one after another, at once and in imports."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.api.shops import Shop, imported_product, product_body

pytestmark = pytest.mark.servers


def titled(title: str, **different: Any) -> dict[str, Any]:
    return product_body(translations=[{"locale": "en", "title": title, **different}])


def named(name: str, **different: Any) -> dict[str, Any]:
    return {"translations": [{"locale": "en", "name": name, **different}]}


def address(answer: Any, field: str = "handle") -> str:
    return str(answer.json["translations"][0][field])


def test_titles_that_read_alike_refuse_nothing(shop: Shop) -> None:
    skus = [shop.post("/v1/products", product_body(variants=[{"sku": sku}])) for sku in ("10/20", "10-20")]
    titles = [shop.post("/v1/products", titled(title)) for title in ("gobjc++-11", "gobjc-11")]
    categories = [shop.post("/v1/categories", named(name)) for name in ("C++", "C", "🧀", "🧀")]

    assert [one.status_code for one in (*skus, *titles, *categories)] == [201] * 8
    assert len({address(one) for one in (*skus, *titles)}) == 4
    assert len({address(one, "slug") for one in categories}) == 4


@pytest.mark.parametrize("title", ["Чайник", "हिन्दी", "ガス", "ไทย"])
def test_letters_stay_as_they_are(shop: Shop, title: str) -> None:
    assert address(shop.post("/v1/products", titled(title))).rpartition("-")[0] == title.lower()
    assert address(shop.post("/v1/categories", named(title)), "slug").rpartition("-")[0] == title.lower()


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/products", titled("Blue cheese")), ("/v1/categories", named("Dairy"))], ids=["p", "c"]
)
def test_many_of_one_name_at_once_are_all_made(shop: Shop, path: str, body: dict[str, Any]) -> None:
    def make(number: int) -> int:
        own = {**body, **({"variants": [{"sku": f"s{number}"}]} if "variants" in body else {})}
        return shop.post(path, own).status_code

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(make, range(16))) == [201] * 16


def test_an_import_of_one_name_is_taken_in_whole(shop: Shop) -> None:
    products = [imported_product(f"p{number}", translations=[{"locale": "en", "title": "Tea"}]) for number in range(50)]
    categories = [{"external_id": f"c{number}", **named("Tea")} for number in range(50)]

    taken = [
        shop.post(f"/v1/imports/{kind}", {"items": items}).json
        for kind, items in (("products", products), ("categories", categories))
    ]

    assert [one["created"] for one in taken] == [50, 50]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/products", lambda: titled("A", handle="chosen"), "translations.handle"),
        ("/v1/categories", lambda: named("A", slug="chosen"), "translations.slug"),
    ],
    ids=["product", "category"],
)
def test_what_somebody_chose_and_is_taken_is_refused_by_field(
    shop: Shop, path: str, body: Callable[[], dict[str, Any]], field: str
) -> None:
    shop.post(path, body())

    answer = shop.post(path, body())

    assert (answer.status_code, answer.get_json(force=True)["errors"][0]["field"]) == (409, field)


def test_a_made_address_stays_when_the_name_changes(shop: Shop) -> None:
    category, product = shop.post("/v1/categories", named("Dairy")), shop.post("/v1/products", titled("Milk"))

    renamed = shop.call("PATCH", f"/v1/categories/{category.json['id']}", named("Cheese"))
    retitled = shop.call(
        "PATCH", f"/v1/products/{product.json['id']}", {"translations": titled("Kefir")["translations"]}
    )

    assert address(renamed, "slug") == address(category, "slug")
    assert renamed.json["translations"][0]["name"] == "Cheese"
    assert address(retitled) == address(product)


def test_an_imported_category_keeps_its_address_when_it_is_renamed(shop: Shop) -> None:
    made = shop.post("/v1/imports/categories", {"items": [{"external_id": "c1", **named("Dairy")}]}).json["items"][0]
    before = shop.get(f"/v1/categories/{made['id']}")

    shop.post("/v1/imports/categories", {"items": [{"external_id": "c1", **named("Cheese")}]})

    after = shop.get(f"/v1/categories/{made['id']}")
    assert address(after, "slug") == address(before, "slug")
    assert after.json["version"] == 2
