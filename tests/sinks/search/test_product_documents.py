import pytest

from schemas.events.category import CategoryCreated, CategoryDeleted
from schemas.events.product import AttributeValue, ProductArchived, ProductDeleted, ProductPublished, ProductUpdated
from schemas.events.stock import StockAdjusted, StockDeleted
from sinks.search.product_documents import FIELDS, category_document, product_document, stock_part
from sinks.search.search_languages import choose, language_of
from sinks.sink import Part
from tests.support.examples import category, envelope, product, stock, text, variant


def test_an_active_product_is_shown():
    shown = product(variants=(variant(150), variant(120, sku="TOM-200")))

    change = product_document(envelope(aggregate_version=4), ProductPublished(product=shown))

    assert change.version == 4
    assert (change.document["price_min_minor"], change.document["price_max_minor"]) == (120, 150)
    assert change.document["skus"] == ["TOM-400", "TOM-200"]


@pytest.mark.parametrize(
    "event",
    [
        ProductArchived(product=product(status="archived")),
        ProductUpdated(product=product(status="draft"), changed=("brand",)),
        ProductDeleted(product=product(status="active")),
    ],
)
def test_anything_else_is_a_tombstone(event):
    assert product_document(envelope(), event).document is None


def test_each_text_goes_to_its_language():
    translated = product(translations=(text("en-GB", "Tomatoes"), text("de", "Tomaten"), text("xx", "Tomatl")))

    document = product_document(envelope(), ProductPublished(product=translated)).document

    assert document["title_words"] == {"en": "tomatoes", "de": "tomaten", "other": "tomatl"}
    assert document["title"] == {"en": "tomato", "de": "tomat", "other": "tomatl"}
    assert document["languages"] == ["en", "de", "other"]


def test_prices_of_another_currency_are_not_mixed_in():
    mixed = product(variants=(variant(150), variant(99999, sku="TOM-YEN", currency="JPY")))

    document = product_document(envelope(), ProductPublished(product=mixed)).document

    assert (document["currency"], document["price_max_minor"]) == ("EUR", 150)
    assert document["prices"] == {"EUR": [150], "JPY": [99999]}


def test_options_and_attributes_are_kept_as_what_they_are():
    none = {"text": None, "number": None, "boolean": None, "texts": None}
    told = product(
        options=("size",),
        variants=(
            variant(option_values={"size": "L"}),
            variant(sku="B", option_values={"size": "L"}),
            variant(sku="C"),
        ),
        typed_attributes={
            name: AttributeValue(**none | kind)
            for name, kind in (
                ("origin", {"text": "Italy"}),
                ("fat", {"number": "3.50"}),
                ("organic", {"boolean": False}),
                ("allergens", {"texts": ("milk", "nuts")}),
            )
        },
    )

    document = product_document(envelope(), ProductPublished(product=told)).document

    assert document["options"] == [{"code": "size", "values": ["L"], "names": []}]
    assert document["attributes"] == [
        {"name": "allergens", "values": ["milk", "nuts"]},
        {"name": "fat", "values": ["3.5"], "number": "3.5"},
        {"name": "organic", "values": ["false"]},
        {"name": "origin", "values": ["Italy"]},
    ]


def test_a_document_has_no_field_the_index_does_not_know():
    document = product_document(envelope(), ProductPublished(product=product())).document

    assert set(document) <= set(FIELDS["products"])


def test_a_category_is_known_by_its_names_until_it_is_deleted():
    fruit = category("Fruit")

    assert category_document(envelope(), CategoryCreated(category=fruit)).document["names"] == {"en": "Fruit"}
    assert category_document(envelope(), CategoryDeleted(category=fruit)).document is None


@pytest.mark.parametrize(
    ("locales", "shown"),
    [
        (["de-AT"], "de"),
        (["en"], "en-GB"),
        (["fr"], "en-GB"),
        (["en-US"], "en-GB"),
        (["fr", "de"], "de"),
        (["zh-Hant-TW"], "zh-Hant"),
        (["zh-HK"], "zh-Hant"),
        (["zh-CN"], "zh-Hans"),
    ],
)
def test_a_locale_falls_back_to_its_language_then_to_the_next_and_then_to_any(locales, shown):
    texts = {"en-GB": "Tomatoes", "de": "Tomaten", "zh-Hans": "番茄", "zh-Hant": "蕃茄"}

    assert choose(texts, locales)[0] == shown


@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("EN_us", "en"), ("nb", "no"), ("tlh", "other")])
def test_a_locale_is_searched_in_its_language(locale, language):
    assert language_of(locale) == language


@pytest.mark.parametrize(
    ("different", "in_stock"),
    [({}, True), ({"reserved": 10}, False), ({"on_hand": 0}, False), ({"on_hand": 0, "backorder": True}, True)],
)
def test_stock_is_a_part_of_its_product_that_says_whether_one_can_be_ordered(different, in_stock):
    here = stock(**different)

    change = stock_part(envelope(), StockAdjusted(stock=here, delta=0, reason="count", changed=(), transfer_id=None))

    assert (change.id, change.part) == (here.product_id, Part("stock", here.id))
    assert change.document == {"variant_id": str(here.variant_id), "in_stock": in_stock}
    assert stock_part(envelope(), StockDeleted(stock=here)).document is None
