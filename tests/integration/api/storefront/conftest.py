"""A shop whose pages are looked at: in the database and in its search, with every awkward text; and another shop."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import pytest
from apiflask import APIFlask

from api.http.tokens import AccessTokens
from ops.settings import Settings
from schemas.events.category import Category, CategoryCreated, CategoryText
from schemas.events.page import PagePublished
from schemas.events.product import AttributeValue, Price, ProductPublished
from schemas.topics import CATEGORIES, PAGES, PRODUCT_PRICES, PRODUCTS, STOCK
from sinks.freshness import Freshness
from sinks.search import page_documents, product_documents
from tests.integration.api.shops import Shop, opened_shop
from tests.integration.api.storefront.browser import Browser
from tests.support.examples import MOMENT, envelope, page, product, text, variant

#: A script, quotes, a closing tag inside of one, and text from the right.
AWKWARD: Final = """</script><script>alert("1")</script> 'q' & מותג"""
DESCRIBED: Final = "<p>Made <b>of</b> milk &amp; salt</p><script>alert(1)</script><p>5 < 6</p>"
#: An option's value and an attribute's: signs that mean something in addresses and in HTML.
SIGNED: Final = "-5: 6\" & 'x'"
BY_WEIGHT = "Hard cheese 25"


@pytest.fixture(scope="session")
def shops(app: APIFlask, settings: Settings, tokens: AccessTokens) -> tuple[Shop, Shop]:
    made = [opened_shop(app.test_client(), tokens, locales=["en", "de", "he"], name="Corner <b>Shop") for _ in range(2)]
    for shop in made:
        _fill(shop, settings)
    return made[0], made[1]


@pytest.fixture
def browse(app: APIFlask, shops: tuple[Shop, Shop]) -> Callable[..., Browser]:
    """A browser of its own, at the host of the shop."""
    return lambda which=0: Browser(app.test_client(), str(shops[which].tenant["domains"][0]))


def _fill(shop: Shop, settings: Settings) -> None:
    names = [{"locale": "en", "name": "Cheese & more"}, {"locale": "de", "name": "Käse"}]
    category = shop.post("/v1/categories", {"translations": names}).json
    said: list[dict[str, Any]] = [
        {
            "translations": [
                {"locale": "en", "title": "Blue cheese", "handle": "blue", "description": DESCRIBED},
                {"locale": "de", "title": "Blauschimmelkäse", "handle": "blau", "seo_title": "Blau & fein"},
            ],
            "brand": "Verde",
            "attributes": {"kind": SIGNED},
        },
        {"translations": [{"locale": "en", "title": AWKWARD, "handle": "awkward"}], "brand": '"><i>brand'},
        *(
            {"translations": [{"locale": "en", "title": f"Hard cheese {n}", "handle": f"hard-{n}"}], "brand": "Rossi"}
            for n in range(26)
        ),
    ]
    made = [
        shop.product(
            **one,
            category_ids=[category["id"]],
            variants=[
                {
                    "sku": f"S-{at}",
                    "option_values": {"size": SIGNED} if "attributes" in one else {},
                    "unit": "100 g" if one["translations"][0]["title"] == BY_WEIGHT else "piece",
                    "prices": [{"currency": "EUR", "amount_minor": 1234}, {"currency": "USD", "amount_minor": 1500}],
                }
            ],
        )
        for at, one in enumerate(said)
    ]
    method = {"code": "post", "names": [{"locale": "en", "name": "By post"}]}
    shop.call(
        "PUT", "/v1/checkout/shipping", {"methods": [method | {"prices": [{"currency": "EUR", "amount_minor": 490}]}]}
    )
    taxes = {"prices_include_tax": False, "rates": [{"country": "AT", "rate": 1000}]}
    shop.call("PUT", "/v1/checkout/taxes", taxes)
    _write(shop, settings)
    with closing(product_documents.MODEL.sink(settings)) as sink:
        sink.open()
        sink.write([_category(shop, category), *(_product(shop, one) for one in made)], {})
        topics = (PRODUCTS, CATEGORIES, STOCK, PRODUCT_PRICES)
        sink.publish(Freshness({f"{topic.name}/{n}": MOMENT for topic in topics for n in range(topic.partitions)}))


def _write(shop: Shop, settings: Settings) -> None:
    """A page with another below it, one that is not shown, and posts."""
    body = "# Soon\n\nWithin *two* days. <script>alert(1)</script>\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |"
    english = {"locale": "en", "title": "Delivery & returns", "handle": "delivery"}
    english |= {"summary": "When it comes", "body": body}
    old = [english | {"handle": "shipping"}, {"locale": "de", "title": "Lieferung", "handle": "delivery"}]
    top = _written(shop, old)
    shop.call("PATCH", f"/v1/pages/{top}", {"translations": [english, old[1]]})
    _written(shop, [{"locale": "en", "title": "Abroad", "body": "Farther."}], parent_id=top)
    shop.post("/v1/pages", {"translations": [{"locale": "en", "title": "Unfinished", "handle": "unfinished"}]})
    for title in (*(f"News {n}" for n in range(10)), AWKWARD):
        _written(shop, [{"locale": "en", "title": title, "body": "Nothing happened."}], kind="post")
    about = envelope("page.published", tenant_id=shop.id, aggregate_id=UUID(top))
    said = page("Delivery & returns", "Within two days.", id=UUID(top))
    shown = replace(said, translations=(replace(said.translations[0], handle="delivery"),))
    with closing(page_documents.MODEL.sink(settings)) as sink:
        sink.open()
        sink.write([page_documents.page_document(about, PagePublished(page=shown))], {})
        sink.publish(Freshness({f"{PAGES.name}/{n}": MOMENT for n in range(PAGES.partitions)}))


def _written(shop: Shop, texts: list[dict[str, Any]], **more: Any) -> str:
    id_ = str(shop.post("/v1/pages", {"translations": texts, **more}).json["id"])
    assert shop.post(f"/v1/pages/{id_}/publish").status_code == 200
    return id_


def _category(shop: Shop, told: dict[str, Any]) -> Any:
    own = UUID(told["id"])
    names = tuple(CategoryText(**one) for one in told["translations"])
    made = Category(id=own, external_id=None, parent_id=None, path=(own,), position=0, translations=names)
    about = envelope("category.created", tenant_id=shop.id, aggregate_id=own)
    return product_documents.category_document(about, CategoryCreated(category=made))


def _product(shop: Shop, told: dict[str, Any]) -> Any:
    own, category = UUID(told["id"]), UUID(told["category_ids"][0])
    texts = [text(one["locale"], one["title"], handle=one["handle"]) for one in told["translations"]]
    made = product(
        id=own,
        brand=told["brand"],
        translations=tuple(texts),
        category_ids=(category,),
        category_path_ids=(category,),
        options=tuple(told["options"]),
        typed_attributes={
            name: AttributeValue(text=value, number=None, boolean=None, texts=None)
            for name, value in told["attributes"].items()
        },
        variants=tuple(
            variant(
                sku=one["sku"],
                option_values=one["option_values"],
                id=UUID(one["id"]),
                unit=one["unit"],
                prices=tuple(
                    Price(currency=price["currency"], amount_minor=price["amount_minor"], compare_at_minor=None)
                    for price in one["prices"]
                ),
            )
            for one in told["variants"]
        ),
    )
    about = envelope("product.published", tenant_id=shop.id, aggregate_id=own)
    return product_documents.product_document(about, ProductPublished(product=made))
