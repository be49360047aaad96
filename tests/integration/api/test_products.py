from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, product_body

pytestmark = pytest.mark.servers
PRICE = {"currency": "EUR", "amount_minor": 150}


def test_a_product_lives_from_draft_to_deleted(shop: Shop, postgres: psycopg.Connection) -> None:
    made = shop.product(published=False)
    here = f"/v1/products/{made['id']}"

    versions = [
        shop.post(f"{here}/publish").json["version"],
        shop.call("PATCH", here, {"brand": "Verde"}).json["version"],
        shop.post(f"{here}/unpublish").json["version"],
        shop.post(f"{here}/archive").json["version"],
        shop.call("DELETE", here).json["version"],
    ]

    assert versions == [2, 3, 4, 5, 6]
    assert shop.get(here).status_code == 404
    assert [(one.type, one.version) for one in left(postgres, shop.id, made["id"])] == [
        ("product.created", 1),
        ("product.published", 2),
        ("product.updated", 3),
        ("product.unpublished", 4),
        ("product.archived", 5),
        ("product.deleted", 6),
    ]


def test_what_was_written_is_read_and_told(shop: Shop, postgres: psycopg.Connection) -> None:
    root = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Dairy"}]}).json["id"]
    leaf = shop.post("/v1/categories", {"parent_id": root, "translations": [{"locale": "en", "name": "Cheese"}]}).json
    price = {"currency": "EUR", "amount_minor": 150, "compare_at_minor": 200}
    body = product_body(
        external_id="e1",
        brand='Ver"de\\',
        translations=[{"locale": "en", "title": "Blue"}, {"locale": "de", "title": "Blau", "handle": "blau"}],
        category_ids=[leaf["id"]],
        variants=[{"sku": "B-1", "barcode": "4001", "option_values": {"size": "L"}, "prices": [price]}],
        images=[{"url": "https://x.example/a.png", "alt": None}],
        tags=["new", "blue, veined"],
        attributes={"fat": "50 %"},
    )

    made = shop.post("/v1/products", body).json

    assert {name: made[name] for name in ("brand", "images", "tags", "attributes", "options")} == {
        "brand": 'Ver"de\\',
        "images": [{"url": "https://x.example/a.png", "alt": None}],
        "tags": ["new", "blue, veined"],
        "attributes": {"fat": "50 %"},
        "options": ["size"],
    }
    assert shop.get(f"/v1/products/{made['id']}").json | {"receipt": made["receipt"]} == made
    told = left(postgres, shop.id, made["id"])[0].event.product
    assert (told.external_id, told.tags, [text.handle for text in told.translations]) == (
        "e1",
        ("new", "blue, veined"),
        [made["translations"][0]["handle"], "blau"],
    )


def test_a_variant_keeps_its_id_by_its_sku(shop: Shop) -> None:
    made = shop.product(variants=[{"sku": "A"}, {"sku": "B"}])

    changed = shop.call("PATCH", f"/v1/products/{made['id']}", {"variants": [{"sku": "B"}, {"sku": "C"}]}).json

    before = {variant["sku"]: variant["id"] for variant in made["variants"]}
    after = {variant["sku"]: variant["id"] for variant in changed["variants"]}
    assert after["B"] == before["B"]
    assert after.keys() == {"B", "C"}


def test_two_variants_swap_their_skus_and_stay_who_they_are(shop: Shop) -> None:
    made = shop.product(variants=[{"sku": "A"}, {"sku": "B"}])
    first, second = (variant["id"] for variant in made["variants"])

    swapped = shop.call(
        "PATCH",
        f"/v1/products/{made['id']}",
        {"variants": [{"id": first, "sku": "B"}, {"id": second, "sku": "A"}]},
    )
    moved_on = shop.call(
        "PATCH",
        f"/v1/products/{made['id']}",
        {"variants": [{"id": second, "sku": "C", "prices": [PRICE]}, {"sku": "A"}, {"sku": "b"}]},
    )

    assert [(one["id"], one["sku"]) for one in swapped.json["variants"]] == [(first, "B"), (second, "A")]
    kept, new, known = moved_on.json["variants"]
    assert [(kept["id"], kept["sku"]), (known["id"], known["sku"])] == [(second, "C"), (first, "b")]
    assert new["id"] not in (first, second)
    assert shop.order("c")["lines"][0]["variant_id"] == second


def test_a_variant_that_is_not_different_is_not_written(shop: Shop, postgres: psycopg.Connection) -> None:
    made = shop.product(variants=[{"sku": "A"}, {"sku": "B"}])

    def written() -> dict[str, str]:
        rows = postgres.execute("SELECT sku, xmin::text FROM variants WHERE tenant_id = %s", (shop.id,))
        return dict(rows.fetchall())

    before = written()
    shop.call("PATCH", f"/v1/products/{made['id']}", {"variants": [{"sku": "A"}, {"sku": "B", "barcode": "4001"}]})

    after = written()
    assert (after["A"], after["B"] != before["B"]) == (before["A"], True)


@pytest.mark.parametrize(
    ("variants", "field"),
    [
        ([{"sku": "A", "id": "0197a000-0000-7000-8000-000000000000"}], "variants.0.id"),
        ([{"sku": "A"}, {"sku": " a "}], "variants"),
        ([{"sku": "A", "barcode": "4006381333932"}], "variants.0.barcode"),
        ([{"sku": "  "}], "variants.0.sku"),
    ],
)
def test_variants_that_cannot_be_are_refused(shop: Shop, variants: list[dict[str, str]], field: str) -> None:
    made = shop.product(variants=[{"sku": "A"}])

    answer = shop.call("PATCH", f"/v1/products/{made['id']}", {"variants": variants})

    assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (422, [field])


def test_codes_are_trimmed_and_compared_without_regard_to_case(shop: Shop) -> None:
    made = shop.product(variants=[{"sku": " Ab-1 ", "barcode": " 012345678905", "prices": [PRICE]}])

    taken = shop.post("/v1/products", product_body(variants=[{"sku": "aB-1"}]))

    assert [(one["sku"], one["barcode"]) for one in made["variants"]] == [("Ab-1", "0012345678905")]
    assert (taken.status_code, taken.json["errors"][0]["field"]) == (409, "variants.sku")
    assert shop.order("AB-1")["lines"][0]["sku"] == "Ab-1"


def test_the_same_again_is_no_new_version(shop: Shop) -> None:
    made = shop.product()

    again = shop.call(
        "PATCH", f"/v1/products/{made['id']}", {"translations": [{"locale": "en", "title": "Blue cheese"}]}
    )

    assert again.json["version"] == made["version"]


def test_only_the_version_the_client_saw_is_changed(shop: Shop) -> None:
    made = shop.product()
    here = f"/v1/products/{made['id']}"

    stale = shop.call("PATCH", here, {"brand": "X"}, If_Match='"1"')
    fresh = shop.call("PATCH", here, {"brand": "X"}, If_Match=shop.get(here).headers["ETag"])

    assert (stale.status_code, stale.get_json(force=True)["code"]) == (412, "version_mismatch")
    assert (fresh.status_code, fresh.headers["ETag"]) == (200, '"3"')


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"variants": [{"sku": "TAKEN"}]}, "variants.sku"),
        ({"translations": [{"locale": "en", "title": "T", "handle": "taken"}]}, "translations.handle"),
        ({"external_id": "taken"}, "external_id"),
    ],
)
def test_names_are_unique_in_a_shop_and_free_in_another(
    open_shop: Callable[..., Shop], body: dict[str, object], field: str
) -> None:
    taken = product_body(
        external_id="taken",
        variants=[{"sku": "TAKEN"}],
        translations=[{"locale": "en", "title": "T", "handle": "taken"}],
    )
    here, elsewhere = open_shop(), open_shop()
    here.product(**taken)

    answer = here.post("/v1/products", product_body(**body))

    assert (answer.status_code, answer.get_json(force=True)["errors"][0]["field"]) == (409, field)
    assert elsewhere.post("/v1/products", product_body(**body)).status_code == 201


def test_a_category_must_be_there(shop: Shop) -> None:
    answer = shop.post("/v1/products", product_body(category_ids=["0197a000-0000-7000-8000-000000000000"]))

    assert answer.get_json(force=True)["errors"][0]["field"] == "category_ids.0"


def test_what_is_not_published_is_not_there_for_visitors(shop: Shop) -> None:
    shown, hidden = shop.product(), shop.product(published=False)

    for role in ("anonymous", "customer"):
        assert shop.get(f"/v1/products/{shown['id']}", role=role).status_code == 200
        assert shop.get(f"/v1/products/{hidden['id']}", role=role).status_code == 404
        listed = shop.get("/v1/products", role=role).json["items"]
        assert [product["id"] for product in listed] == [shown["id"]]
        assert shop.get("/v1/products?status=draft", role=role).json["items"] == []


def test_products_are_listed_page_by_page(shop: Shop) -> None:
    made = [shop.product()["id"] for _ in range(3)]

    first = shop.get("/v1/products?limit=2").json
    second = shop.get(f"/v1/products?limit=2&cursor={first['next_cursor']}").json

    assert [product["id"] for product in first["items"] + second["items"]] == made
    assert second["next_cursor"] is None


def german_and_english(shop: Shop, **different: object) -> dict[str, Any]:
    texts = [{"locale": "en", "title": "Blue", "handle": "blue"}, {"locale": "de", "title": "Blau", "handle": "blau"}]
    return shop.product(translations=texts, **different)


def test_a_product_is_found_by_any_handle_of_its_in_any_locale(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(default_locale="en", locales=["en", "de", "fr"])
    made = german_and_english(shop)

    shown = {
        (handle, locale): shop.get(f"/v1/products/by-handle/{handle}{locale}", role="anonymous")
        for handle in ("blue", "blau")
        for locale in ("", "?locale=de-AT", "?locale=de", "?locale=fr")
    }

    titles = {"": "Blue", "?locale=de-AT": "Blau", "?locale=de": "Blau", "?locale=fr": "Blue"}
    assert {key: answer.json["title"] for key, answer in shown.items()} == {
        (handle, locale): title for handle in ("blue", "blau") for locale, title in titles.items()
    }
    german = shown["blau", "?locale=de-AT"].json
    assert (german["id"], german["locale"], german["handle"]) == (made["id"], "de", "blau")
    assert german["variants"] == made["variants"]


def test_a_handle_in_the_locale_asked_for_comes_before_one_in_another(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(default_locale="de", locales=["de", "en"])
    english = shop.product(translations=[{"locale": "en", "title": "Gift", "handle": "gift"}])

    alone = {locale: shop.get(f"/v1/products/by-handle/gift{locale}").json for locale in ("", "?locale=fr")}
    german = shop.product(translations=[{"locale": "de", "title": "Gift", "handle": "gift"}])
    beside = {locale: shop.get(f"/v1/products/by-handle/gift?locale={locale}").json["id"] for locale in ("de", "en")}

    assert {(one["id"], one["locale"]) for one in alone.values()} == {(english["id"], "en")}
    assert beside == {"de": german["id"], "en": english["id"]}


def test_a_product_is_found_by_a_sku_of_its(shop: Shop) -> None:
    made = german_and_english(shop, variants=[{"sku": "A"}, {"sku": "B/2 é"}])

    found = shop.get("/v1/products/by-sku/b%2F2%20%C3%A9?locale=de&fields=title,variant_id").json

    assert found == {"title": "Blau", "variant_id": made["variants"][1]["id"]}
    assert shop.get("/v1/products/by-sku/C").status_code == 404


def test_who_has_the_newest_of_it_is_sent_nothing(shop: Shop) -> None:
    made = german_and_english(shop)
    here = "/v1/products/by-handle/blau?locale=de"

    first = shop.get(here)
    again = shop.get(here, If_None_Match=first.headers["ETag"])
    shop.call("PATCH", f"/v1/products/{made['id']}", {"brand": "Verde"})
    changed = shop.get(here, If_None_Match=first.headers["ETag"])

    assert (again.status_code, again.data, changed.status_code) == (304, b"", 200)
    assert (first.headers["ETag"], changed.headers["ETag"]) == ('"2-de"', '"3-de"')


def test_fields_that_are_not_there_are_named(shop: Shop) -> None:
    german_and_english(shop)

    answer = shop.get("/v1/products/by-handle/blue?fields=title,prize")

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "fields")


def test_a_handle_that_was_changed_leads_to_its_product_until_another_takes_it(shop: Shop) -> None:
    first = german_and_english(shop)

    def rename(made: dict[str, Any], handle: str) -> None:
        texts = [{"locale": "en", "title": "Blue", "handle": handle}]
        assert shop.call("PATCH", f"/v1/products/{made['id']}", {"translations": texts}).status_code == 200

    def asked(handle: str, more: str = "") -> tuple[int, str | None]:
        answer = shop.get(f"/v1/products/by-handle/{handle}{more}", role="anonymous")
        return answer.status_code, answer.headers.get("Location")

    rename(first, "navy")
    rename(first, "azure")
    assert asked("blue", "?locale=en&fields=title") == (301, "/v1/products/by-handle/azure?locale=en&fields=title")
    assert asked("navy") == (301, "/v1/products/by-handle/azure")
    assert asked("blau", "?locale=de") == (301, "/v1/products/by-handle/azure?locale=de")  # it has no German text now
    second = shop.product(translations=[{"locale": "en", "title": "Blue", "handle": "blue"}])
    assert asked("blue") == (200, None)
    rename(second, "sky")
    assert asked("blue") == (301, "/v1/products/by-handle/sky")
    rename(first, "navy")
    assert (asked("navy"), asked("azure")) == ((200, None), (301, "/v1/products/by-handle/navy"))
    shop.post(f"/v1/products/{first['id']}/unpublish")
    assert (asked("navy"), asked("azure")) == ((404, None), (404, None))
    assert shop.call("DELETE", f"/v1/products/{first['id']}").status_code == 200
    assert shop.get("/v1/products/by-handle/azure").status_code == 404


def test_a_handle_of_a_product_that_is_not_shown_is_looked_for_in_the_next_locale(shop: Shop) -> None:
    texts = [{"locale": "de", "title": "Rot", "handle": "red"}]
    shop.product(published=False, translations=texts)
    shown = shop.product(translations=[{"locale": "en", "title": "Red", "handle": "red"}])

    assert shop.get("/v1/products/by-handle/red?locale=de", role="customer").json["id"] == shown["id"]
    assert shop.get("/v1/products/by-handle/red?locale=de").json["title"] == "Rot"


def test_a_barcode_that_is_older_than_its_check_is_exported_as_it_is(shop: Shop, postgres: psycopg.Connection) -> None:
    shop.product(variants=[{"sku": "A"}])
    postgres.execute("UPDATE variants SET barcode = '4006381333930' WHERE tenant_id = %s", (shop.id,))

    exported = shop.get("/v1/products/export")

    assert exported.status_code == 200
    assert '"barcode":"4006381333930"' in exported.text
