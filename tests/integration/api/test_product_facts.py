from collections.abc import Callable
from typing import Any

import orjson
import psycopg
import pytest

from api.domain.product_limits import MOST_RELATED, MOST_SIDE_MM, MOST_WEIGHT_G
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, imported_product, product_body

pytestmark = pytest.mark.servers
IMAGE = "https://x.example/red.png"
SIZES = {
    "code": "size",
    "names": {"de": "Größe"},
    "values": [{"code": "L", "names": {"de": "Groß"}}, {"code": "S", "names": {"de": "Klein"}}],
}
ATTRIBUTES = {"origin": "Italy", "organic": True, "fat": {"number": "3.50"}, "allergens": ["milk", "nuts"]}


def full(**different: Any) -> dict[str, Any]:
    price = {"currency": "EUR", "amount_minor": 150}
    measured = {"weight_g": 250, "length_mm": 300, "width_mm": 200, "height_mm": 1}
    return product_body(
        translations=[
            {"locale": "en", "title": "Shirt", "handle": "shirt", "seo_title": "Best shirt", "seo_description": "Good"},
            {"locale": "de", "title": "Hemd", "handle": "hemd"},
        ],
        variants=[
            {"sku": "S", "option_values": {"size": "S"}, "prices": [price], **measured, "image_url": IMAGE},
            {"sku": "L", "option_values": {"size": "L"}, "prices": [price]},
        ],
        images=[{"url": IMAGE}],
        tags=["Linen", " summer ", "LINEN"],
        attributes=ATTRIBUTES,
        option_texts=[SIZES],
        **different,
    )


def test_all_that_is_said_of_a_product_is_read_and_told(shop: Shop, postgres: psycopg.Connection) -> None:
    other = shop.product()["id"]

    made = shop.post("/v1/products", full(related_ids=[other, other])).json

    small, large = made["variants"]
    assert {name: small[name] for name in ("weight_g", "length_mm", "width_mm", "height_mm", "image_url")} == {
        "weight_g": 250,
        "length_mm": 300,
        "width_mm": 200,
        "height_mm": 1,
        "image_url": IMAGE,
    }
    assert (large["weight_g"], large["image_url"]) == (None, None)
    assert (made["tags"], made["attributes"], made["related_ids"]) == (["Linen", "summer"], ATTRIBUTES, [other])
    assert made["option_texts"] == [SIZES]
    assert [text["seo_title"] for text in made["translations"]] == ["Best shirt", None]
    assert shop.get(f"/v1/products/{made['id']}").json | {"receipt": made["receipt"]} == made
    told = left(postgres, shop.id, made["id"])[0].event.product
    assert (told.variants[0].weight_g, told.typed_attributes["fat"].number) == (250, "3.50")
    assert told.attributes == {"origin": "Italy", "organic": "true", "fat": "3.50", "allergens": "milk, nuts"}
    assert [str(id_) for id_ in told.related_ids] == [other]


def test_a_storefront_gets_its_choices_and_texts_in_one_locale(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(default_locale="en", locales=["en", "de"])
    shop.post(f"/v1/products/{shop.post('/v1/products', full()).json['id']}/publish")

    german = shop.get("/v1/products/by-handle/hemd?locale=de-AT", role="anonymous").json
    english = shop.get("/v1/products/by-sku/S?locale=en&fields=choices,seo_title,attributes", role="anonymous").json

    values = [{"code": "L", "name": "Groß"}, {"code": "S", "name": "Klein"}]
    assert german["choices"] == [{"code": "size", "name": "Größe", "values": values}]
    assert (german["seo_title"], german["seo_description"]) == (None, None)
    values = [{"code": "L", "name": "L"}, {"code": "S", "name": "S"}]
    assert english == {
        "choices": [{"code": "size", "name": "size", "values": values}],
        "seo_title": "Best shirt",
        "attributes": ATTRIBUTES,
    }


def test_a_change_leaves_what_it_does_not_name(shop: Shop, postgres: psycopg.Connection) -> None:
    made = shop.post("/v1/products", full()).json
    here = f"/v1/products/{made['id']}"

    named = [
        {"brand": "Verde"},
        {"tags": ["Linen", "summer", "linen"]},
        {"attributes": {"organic": False}},
        {"option_texts": []},
        {"option_texts": [SIZES]},
        {"variants": [{"sku": "S"}], "options": ["hue"]},
    ]
    last = [shop.call("PATCH", here, body).json for body in named][-1]

    changed = [one.event.changed for one in left(postgres, shop.id, made["id"])[1:]]
    assert changed == [
        ("brand",),
        ("attributes", "typed_attributes"),
        ("option_texts",),
        ("option_texts",),
        ("options", "variants", "option_texts"),
    ]
    assert (last["attributes"], last["option_texts"], last["tags"]) == ({"organic": False}, [], ["Linen", "summer"])
    assert (last["variants"][0]["id"], last["variants"][0]["weight_g"]) == (made["variants"][0]["id"], None)


def test_related_products_are_the_shops_own_and_those_that_are_gone_are_left_out(
    open_shop: Callable[..., Shop],
) -> None:
    shop, elsewhere = open_shop(), open_shop()
    shown, hidden, gone = shop.product(), shop.product(published=False), shop.product(published=False)
    foreign = elsewhere.product()["id"]
    ids = [gone["id"], shown["id"], hidden["id"]]
    here = f"/v1/products/{shop.product(related_ids=ids)['id']}"

    refused = shop.call("PATCH", here, {"related_ids": [shown["id"], foreign]})
    too_many = shop.call("PATCH", here, {"related_ids": [shown["id"]] * (MOST_RELATED + 1)})
    itself = shop.call("PATCH", here, {"related_ids": [here.rpartition("/")[2]]})
    shop.call("DELETE", f"/v1/products/{gone['id']}")

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "related_ids.1")
    assert (too_many.status_code, itself.status_code) == (422, 422)
    assert shop.get(here).json["related_ids"] == [shown["id"], hidden["id"]]
    assert shop.get(here, role="customer").json["related_ids"] == [shown["id"]]
    listed = {one["id"]: one["related_ids"] for one in shop.get("/v1/products").json["items"]}
    assert listed[here.rpartition("/")[2]] == [shown["id"], hidden["id"]]


def test_what_one_shop_exports_another_takes_in_with_everything(open_shop: Callable[..., Shop]) -> None:
    first, second = open_shop(), open_shop()
    bread = imported_product("bread", **{**full(), "related": ["jam", "nobody"]})
    jam = imported_product("jam", related=["bread"])
    lines = {"Content-Type": "application/x-ndjson"}

    made = first.post("/v1/imports/products", {"items": [bread, jam]}).json["items"]
    exported = first.get("/v1/products/export?form=import").data
    for _ in range(2):
        taken = second.client.post("/v1/imports/products/lines", data=exported, headers=second.headers("admin") | lines)
    again = second.get("/v1/products/export?form=import").data

    assert [one["outcome"] for one in made] == ["created", "created"]
    assert [orjson.loads(line)["outcome"] for line in taken.data.splitlines()] == ["unchanged", "unchanged"]
    assert again == exported
    assert [orjson.loads(line)["related"] for line in exported.splitlines()] == [["jam"], ["bread"]]
    assert orjson.loads(exported.splitlines()[0])["attributes"] == ATTRIBUTES


def test_a_related_product_that_comes_later_is_there_when_the_same_is_taken_in_again(shop: Shop) -> None:
    def take_in(*items: dict[str, Any]) -> list[str]:
        return [one["outcome"] for one in shop.post("/v1/imports/products", {"items": items}).json["items"]]

    bread = imported_product("bread", related=["jam"])

    outcomes = [take_in(bread), take_in(bread), take_in(imported_product("jam")), take_in(bread), take_in(bread)]

    assert outcomes == [["created"], ["unchanged"], ["created"], ["updated"], ["unchanged"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"variants": [{"sku": "A", "weight_g": 0}]}, "variants.0.weight_g"),
        ({"variants": [{"sku": "A", "width_mm": 1.5}]}, "variants.0.width_mm"),
        ({"variants": [{"sku": "A", "image_url": "red.png"}]}, "variants.0.image_url"),
        ({"option_texts": [{"code": "size"}]}, "option_texts.0.code"),
        ({"attributes": {"fat": 3.5}}, "attributes.fat"),
    ],
)
def test_what_is_wrong_is_named(shop: Shop, body: dict[str, Any], field: str) -> None:
    answer = shop.post("/v1/products", product_body(**body))

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_the_database_keeps_the_same_limits(shop: Shop, postgres: psycopg.Connection) -> None:
    made = shop.product()
    related = f"ARRAY(SELECT gen_random_uuid() FROM generate_series(1, {MOST_RELATED}))"
    kept = {
        "variants": (f"weight_g = {MOST_WEIGHT_G}", f"length_mm = {MOST_SIDE_MM}", "width_mm = 1"),
        "products": (
            f"related_ids = {related}",
            """typed_attributes = '{"a": true, "b": ["x"], "c": {"number": "-0.5"}}'""",
            "tags = '{Rye,dark}'",
        ),
        "product_translations": ("seo_title = repeat('x', 300)", "seo_description = repeat('x', 1000)"),
    }
    refused = {
        "variants": (
            f"weight_g = {MOST_WEIGHT_G + 1}",
            "weight_g = 0",
            f"height_mm = {MOST_SIDE_MM + 1}",
            "image_url = 'x'",
        ),
        "products": (
            f"related_ids = {related} || gen_random_uuid()",
            "related_ids = ARRAY[id]",
            f"related_ids = array_fill('{made['id']}'::uuid, '{{2}}')",
            """typed_attributes = '{"a": "text"}'""",
            """typed_attributes = '{"a": 1}'""",
            """typed_attributes = '{"a": []}'""",
            """typed_attributes = '{"a": ["x", 1]}'""",
            """typed_attributes = '{"a": {"number": 1}}'""",
            """typed_attributes = '{"a": {"number": "1e3"}}'""",
            """typed_attributes = '{"a": {"number": "1", "unit": "g"}}'""",
            """typed_attributes = '{"a": {}}'""",
            "tags = '{Rye,rye}'",
            "option_texts = '{}'",
        ),
        "product_translations": ("seo_title = repeat('x', 301)", "seo_description = ''"),
    }

    for table, changes in kept.items():
        for change in changes:
            postgres.execute(f"UPDATE {table} SET {change} WHERE tenant_id = %s", (shop.id,))  # type: ignore[arg-type]
    for table, changes in refused.items():
        for change in changes:
            with pytest.raises(psycopg.errors.CheckViolation):
                postgres.execute(f"UPDATE {table} SET {change} WHERE tenant_id = %s", (shop.id,))  # type: ignore[arg-type]


def test_tags_that_are_older_than_their_rule_are_each_once(shop: Shop, postgres: psycopg.Connection) -> None:
    made = shop.product(tags=["Rye"])
    with postgres.transaction():
        postgres.execute("ALTER TABLE products DROP CONSTRAINT each_tag_once")
        postgres.execute("UPDATE products SET tags = '{Rye,rye}' WHERE tenant_id = %s", (shop.id,))
        postgres.execute("SET CONSTRAINTS ALL IMMEDIATE")
        postgres.execute("ALTER TABLE products ADD CONSTRAINT each_tag_once CHECK (each_word_once(tags)) NOT VALID")

    read = shop.get(f"/v1/products/{made['id']}").json["tags"]
    changed = shop.call("PATCH", f"/v1/products/{made['id']}", {"brand": "Verde"})

    assert (read, changed.status_code, changed.json["tags"]) == (["Rye"], 200, ["Rye"])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"attributes": {"a:b": "c"}}, "attributes.a:b.[key]"),
        ({"options": ["a:b"]}, "options.0"),
        ({"option_texts": [{"code": "a:b"}]}, "option_texts.0.code"),
        ({"variants": [{"sku": "X", "option_values": {"a:b": "c"}}]}, "variants.0.option_values.a:b.[key]"),
    ],
)
def test_a_colon_in_the_name_of_an_option_or_an_attribute_is_refused(
    shop: Shop, said: dict[str, Any], field: str
) -> None:
    made = shop.post("/v1/products", product_body(**said))
    changed = shop.call("PATCH", f"/v1/products/{shop.product()['id']}", said)

    for refused in (made, changed):
        assert refused.status_code == 422
        assert [(one["field"], one["code"]) for one in refused.json["errors"]] == [(field, "colon_in_name")]


def test_an_import_refuses_the_product_with_a_colon_in_a_name_and_takes_the_others(shop: Shop) -> None:
    items = [imported_product("wrong", attributes={"a:b": "c"}), imported_product("right", attributes={"a": "b:c"})]

    done = shop.post("/v1/imports/products", {"items": items}).json

    assert [one["outcome"] for one in done["items"]] == ["refused", "created"]
    assert done["items"][0]["problem"]["errors"][0]["code"] == "colon_in_name"
