"""People find an article by what they type, however the shop wrote it; each row is a sentence about that."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to
from ops.clients.client_credentials import opensearch_access
from ops.settings import Settings
from schemas.events.product import AttributeValue, OptionTexts, Price, Product, ProductPublished, ValueTexts
from schemas.topics import of_aggregate
from sinks.analytics.sales_questions import SalesReader
from sinks.freshness import Freshness
from sinks.search import product_documents
from sinks.search.product_questions import ProductSearch
from tests.integration.api.shops import Shop, opened_shop
from tests.support.examples import MOMENT, envelope, product, text, variant
from tests.support.opensearch_proxy import Asked, standing_before

pytestmark = pytest.mark.servers

SEARCH = "/v1/search/products"
#: Of codes that say nothing.
NUMBERS = count(900_000)


def article(title: str, locale: str = "en", *, sku: str | None = None, **more: Any) -> Product:
    """Found by nothing but its title, and by what is said besides."""
    description, others = more.pop("description", None), more.pop("others", {})
    texts = [text(locale, title, description=description), *(text(key, its) for key, its in others.items())]
    sold = more.pop("variants", (variant(sku=sku or f"{next(NUMBERS)}"),))
    return product(id=uuid4(), translations=tuple(texts), variants=sold, **{"brand": None} | more)


def attribute(**kind: Any) -> AttributeValue:
    return AttributeValue(**{"text": None, "number": None, "boolean": None, "texts": None} | kind)


def prices(**amounts: int) -> tuple[Price, ...]:
    return tuple(Price(currency=key, amount_minor=its, compare_at_minor=None) for key, its in amounts.items())


CATALOGUE = (
    article("Cat toy"),
    article("Programming in C++"),
    article("Programming in C#"),
    article("Programming in C"),
    article("GIMP manual"),
    article("gcc-12 compiler"),
    article("Handbrake video"),
    article("Tire pump hand brake cable"),
    article("Tabellenkalkulation", "de"),
    article("Schneidebrett aus Holz", "de"),
    article("Brett", "de"),
    article("Ziegenfrischkäse", "de"),
    article("Snijplank", "nl"),
    article("Trädgårdsslang", "sv"),
    article("Möbel aus Holz", "de"),
    article("ウェブ入門", "ja"),
    article("東京都の地図", "ja"),
    article("京都の手帳", "ja"),
    article("抹茶チーズケーキ", "ja"),
    article("まな板", "ja"),
    article("牛奶巧克力", "zh"),
    article("น้ำตาลทราย", "th"),
    article("김치 냉장고", "ko"),
    article("ครีมกันแดด", "th"),
    article("Éclair au chocolat", "fr"),
    article("Œufs de ferme", "fr"),
    article("Książki dla dzieci", "pl"),
    article("Бавовняна сорочка", "uk"),
    article("Ořechy", "cs"),
    article("Smörgåsbord", "sv"),
    article("Çikolatalı kurabiye", "tr"),
    article("Cà phê sữa", "vi"),
    article("Молоко топлёное", "ru"),
    article("Чёрный чай", "ru"),
    article("Açaí bowl"),
    article("Field shirt", variants=(variant(sku="S-XL", option_values={"colour": "red"}),), options=("colour",)),
    article("Steel bracket", sku="QX-7731-RED"),
    article("Scanned soap", variants=(variant(sku="soap-1", barcode="0012345678905"),)),
    article("Calendar 2021"),
    article("Calendar 2022"),
    article("Memory card 128"),
    article("Memory card 125"),
    article("Plain towel", description="<p>Soft&nbsp;<a href='x'>cotton</a> weave</p>"),
    article("T-Shirt basic"),
    article("Wi-Fi router"),
    article("Cable 3m"),
    article("Milk 500 ml"),
    article("Olive oil, 0.5 l"),
    article("Olive oil, 5 l"),
    article("Power bank 10,000 mAh"),
    article("Power bank 10 mAh"),
    article("Mouse trap"),
    article("Mice figurines"),
    article("Astronomy atlas planetarium"),
    article("Sun star", others={"de": "Sonnenstern"}),
    article("黒い箱", "ja", others={"en": "Black box"}),
    article("Tagged thing", tags=("clearance",)),
    article("Known thing", typed_attributes={"origin": attribute(text="Sicily")}),
)  # fmt: skip


@pytest.fixture(scope="module")
def put_into_search(settings: Settings) -> Iterator[Callable[..., None]]:
    sink = product_documents.MODEL.sink(settings)
    sink.open()

    def put(shop: Shop, *products: Product) -> None:
        of = {one.id: envelope("product.published", tenant_id=shop.id, aggregate_id=one.id) for one in products}
        sink.write(
            [product_documents.product_document(of[one.id], ProductPublished(product=one)) for one in products], {}
        )
        sink.publish(Freshness({f"{of_aggregate('product')}/{number}": MOMENT for number in range(4)}))

    yield put
    sink.close()


@pytest.fixture(scope="module")
def made(app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]) -> Shop:
    shop = opened_shop(app.test_client(), tokens, locales=["en", "de", "ja", "fr"])
    put_into_search(shop, *CATALOGUE)
    return shop


def ask(shop: Shop, **asked: Any) -> TestResponse:
    return shop.client.get(SEARCH, query_string=asked, headers=shop.headers("customer"))


def find(shop: Shop, q: str = "", **asked: Any) -> Any:
    answer = ask(shop, q=q, per_page=100, **asked)
    assert answer.status_code == 200, answer.text
    return answer.json


def titles(shop: Shop, q: str = "", **asked: Any) -> list[str]:
    return [hit["title"] for hit in find(shop, q, **asked)["hits"]]


def test_a_hit_says_each_unit_that_its_variants_are_sold_by_once(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop = opened_shop(app.test_client(), tokens)
    sold = tuple(variant(sku=f"{next(NUMBERS)}", unit=unit) for unit in ("100 g", "kg", "100 g"))
    put_into_search(shop, article("Measured cheese", variants=sold), article("Whole cheese"))

    found = find(shop, "cheese")["hits"]

    assert {hit["title"]: hit["units"] for hit in found} == {
        "Measured cheese": ["100 g", "kg"],
        "Whole cheese": ["piece"],
    }


@pytest.mark.parametrize(
    ("q", "locale", "first"),
    [
        ("toy", "de", "Cat toy"),
        ("c++", "en", "Programming in C++"),
        ("c#", "en", "Programming in C#"),
        ("programming c", "en", "Programming in C"),
        ("ＧＩＭＰ", "en", "GIMP manual"),
        ("ｳｪﾌﾞ", "ja", "ウェブ入門"),
        ("gcc12", "en", "gcc-12 compiler"),
        ("gcc 12", "en", "gcc-12 compiler"),
        ("hand brake video", "en", "Handbrake video"),
        ("handbrake cable", "en", "Tire pump hand brake cable"),
        ("Tabellen Kalkulation", "de", "Tabellenkalkulation"),
        ("kalkulation", "de", "Tabellenkalkulation"),
        ("Kalkulatoin", "de", "Tabellenkalkulation"),
        ("Tabelle", "de", "Tabellenkalkulation"),
        ("Bretter", "de", "Brett"),
        ("Holz Brett", "de", "Schneidebrett aus Holz"),
        ("Holzbrett", "de", "Schneidebrett aus Holz"),
        ("Schneidbret", "de", "Schneidebrett aus Holz"),
        ("schneiden", "de", "Schneidebrett aus Holz"),
        ("Käse", "de", "Ziegenfrischkäse"),
        ("plank", "nl", "Snijplank"),
        ("planken", "nl", "Snijplank"),
        ("slang", "sv", "Trädgårdsslang"),
        ("moebel", "de", "Möbel aus Holz"),
        ("mobel", "de", "Möbel aus Holz"),
        ("東京", "ja", "東京都の地図"),
        ("京都", "ja", "京都の手帳"),
        ("ケーキ", "ja", "抹茶チーズケーキ"),
        ("チーズケ", "ja", "抹茶チーズケーキ"),
        ("茶チ", "ja", "抹茶チーズケーキ"),
        ("巧克力", "zh", "牛奶巧克力"),
        ("น้ำตาล", "th", "น้ำตาลทราย"),
        ("地図", "ja", "東京都の地図"),
        ("냉장", "ko", "김치 냉장고"),
        ("김치를", "ko", "김치 냉장고"),
        ("กันแดด", "th", "ครีมกันแดด"),
        ("eclair", "fr", "Éclair au chocolat"),
        ("oeufs", "fr", "Œufs de ferme"),
        ("oeuf", "fr", "Œufs de ferme"),
        ("ksiazki", "pl", "Książki dla dzieci"),
        ("książka", "pl", "Książki dla dzieci"),
        ("бавовняні сорочки", "uk", "Бавовняна сорочка"),
        ("orechy", "cs", "Ořechy"),
        ("smorgasbord", "sv", "Smörgåsbord"),
        ("cikolatali", "tr", "Çikolatalı kurabiye"),
        ("ca phe sua", "vi", "Cà phê sữa"),
        ("топленое молоко", "ru", "Молоко топлёное"),
        ("moloko", "ru", "Молоко топлёное"),
        ("chernyj chaj", "ru", "Чёрный чай"),
        ("chyornyy chay", "ru", "Чёрный чай"),
        ("acai", "en", "Açaí bowl"),
        ("s-xl", "en", "Field shirt"),
        ("shirt XL", "en", "Field shirt"),
        ("red shirt", "en", "Field shirt"),
        ("QX-7731", "en", "Steel bracket"),
        ("qx7731 bracket", "en", "Steel bracket"),
        ("012345678905", "en", "Scanned soap"),
        ("soap 0012345678905", "en", "Scanned soap"),
        ("tshirt", "en", "T-Shirt basic"),
        ("t shirt basic", "en", "T-Shirt basic"),
        ("wifi", "en", "Wi-Fi router"),
        ("wi fi", "en", "Wi-Fi router"),
        ("3 m", "en", "Cable 3m"),
        ("500ml", "en", "Milk 500 ml"),
        ("0,5 l", "en", "Olive oil, 0.5 l"),
        ("0.5l", "en", "Olive oil, 0.5 l"),
        ("10000mah", "en", "Power bank 10,000 mAh"),
        ("10,000 mah", "en", "Power bank 10,000 mAh"),
        ("the cotton", "en", "Plain towel"),
        ("astronomy planetarium software", "en", "Astronomy atlas planetarium"),
        ("clearance", "en", "Tagged thing"),
        ("sicily", "en", "Known thing"),
        ("planetarum", "en", "Astronomy atlas planetarium"),
        ("astro", "en", "Astronomy atlas planetarium"),
    ],
)
def test_it_comes_first(made: Shop, q: str, locale: str, first: str) -> None:
    assert titles(made, q, locale=locale)[:1] == [first]


@pytest.mark.parametrize(
    ("q", "only"),
    [
        ("c++", ["Programming in C++"]),
        ("c#", ["Programming in C#"]),
        ("calendar 2021", ["Calendar 2021"]),
        ("memory card 128", ["Memory card 128"]),
        ("olive oil 5 l", ["Olive oil, 5 l"]),
        ("oil 5l", ["Olive oil, 5 l"]),
        ("olive 0,5", ["Olive oil, 0.5 l"]),
        ("power bank 10 mah", ["Power bank 10 mAh"]),
        ("power bank 10000", ["Power bank 10,000 mAh"]),
        ("mice", ["Mice figurines"]),
        ("href", []),
        ("nbsp", []),
        ("...", []),
        ("* OR a:b", []),
    ],
)
def test_nothing_else_is_found(made: Shop, q: str, only: list[str]) -> None:
    assert titles(made, q) == only


def test_where_no_spaces_are_between_words_neither_the_end_of_one_and_the_beginning_of_the_next_is_one(
    made: Shop,
) -> None:
    assert titles(made, "京都", locale="ja") == ["京都の手帳"]
    assert find(made, "茶チ", locale="ja")["match"] == "loose"


@pytest.mark.parametrize(
    ("q", "match"),
    [("toy", "all"), ("", "all"), ("planetarum", "loose"), ("astronomy planetarium software", "some")],
)
def test_an_answer_says_how_much_of_the_query_its_hits_have(made: Shop, q: str, match: str) -> None:
    assert find(made, q)["match"] == match


def test_a_typo_is_forgiven_only_where_nothing_has_the_word_whatever_was_chosen(made: Shop) -> None:
    found = find(made, "mice", in_stock="false")

    assert (found["match"], found["total"]) == ("all", 0)


@pytest.mark.parametrize(
    ("q", "locale", "title", "shown_in"),
    [
        ("star", "pl", "Sun star", "en"),
        ("sonnenstern", "de-AT", "Sonnenstern", "de"),
        ("box", "de", "Black box", "en"),
        ("box", "pl", "Black box", "en"),
        ("黒い", "ja", "黒い箱", "ja"),
    ],
)
def test_texts_and_what_is_marked_in_them_are_of_one_language_that_the_shop_chose(
    made: Shop, q: str, locale: str, title: str, shown_in: str
) -> None:
    (hit,) = find(made, q, locale=locale)["hits"]

    assert (hit["title"], hit["locale"]) == (title, shown_in)
    assert hit["highlight"].replace("<em>", "").replace("</em>", "") == title


def test_what_has_the_asked_language_is_not_found_by_another(made: Shop) -> None:
    assert titles(made, "star", locale="de") == []


def test_a_found_word_is_marked_where_it_stands(made: Shop) -> None:
    (towel,) = find(made, "cottons")["hits"]
    (shirt,) = find(made, "tshirt")["hits"]

    assert (towel["highlight"], towel["snippet"]) == (None, "Soft\xa0 <em>cotton</em> weave".replace("\xa0 ", " "))
    assert shirt["highlight"] == "<em>T-Shirt</em> basic"


def test_a_part_of_a_compound_is_found_strictly_and_behind_the_word_itself(made: Shop) -> None:
    found = find(made, "Brett", locale="de")

    assert (found["match"], [hit["title"] for hit in found["hits"]]) == ("all", ["Brett", "Schneidebrett aus Holz"])
    assert [hit["highlight"] for hit in found["hits"]] == [
        "<em>Brett</em>",
        "Schneide<em>brett</em> aus Holz",
    ]


def test_a_whole_word_comes_before_many_compounds_however_long_its_title(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop = opened_shop(app.test_client(), tokens, locales=["en", "de"])
    put_into_search(
        shop,
        article("Waschbrett", "de"),
        *(article(f"Brett Nummer {n} aus sehr gutem und lange gelagertem Holz der Eiche", "de") for n in range(30)),
        article("Kräuter", "de", description="Auf einem Brett zu schneiden"),
    )

    found = titles(shop, "Brett", locale="de")

    assert (len(found), {*found[30:]}) == (32, {"Waschbrett", "Kräuter"})


def test_a_typo_in_a_part_of_a_compound_says_what_was_meant(made: Shop) -> None:
    found = find(made, "Zigenkäse kalkulatoin", locale="de")
    one = find(made, "kalkulatoin", locale="de")

    assert (one["match"], one["did_you_mean"]["q"]) == ("loose", "kalkulation")
    assert one["hits"][0]["highlight"] == "Tabellen<em>kalkulation</em>"
    assert find(made, "kalkulation", locale="de")["match"] == "all"
    assert found["match"] == "some"


def test_a_compound_is_found_where_its_parts_stand_apart_only_where_nothing_has_it_whole(made: Shop) -> None:
    found = find(made, "Holzbrett", locale="de")

    assert (found["match"], [hit["highlight"] for hit in found["hits"]], found["did_you_mean"]) == (
        "loose", ["Schneide<em>brett</em> aus <em>Holz</em>"], None,
    )  # fmt: skip


def test_what_only_looks_like_a_part_finds_nothing(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop = opened_shop(app.test_client(), tokens, locales=["en", "de"])
    put_into_search(shop, article("Federkernmatratze", "de"), article("Vorstand", "de"), article("Mate", "de"))

    assert titles(shop, "Mate", locale="de") == ["Mate"]
    assert find(shop, "Stand", locale="de")["match"] == "loose"


def test_a_brand_a_tag_and_a_subtitle_have_compounds_and_a_description_has_none(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop = opened_shop(app.test_client(), tokens, locales=["en", "de"])
    put_into_search(
        shop,
        article("Erstes", "de", tags=("Winterjacke",)),
        article("Zweites", "de", description="Nicht zur Regenjacke"),
    )

    assert titles(shop, "Jacke", locale="de") == ["Erstes"]


@pytest.fixture(scope="module")
def priced(app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]) -> Shop:
    """Two currencies; two variants far apart; titles of any letter and length; many brands."""
    shop = opened_shop(app.test_client(), tokens, currency="EUR")
    put_into_search(
        shop,
        article("both", variants=(variant(sku="both", prices=prices(USD=90000, EUR=10000)),)),
        article("far apart", variants=(variant(100, "low"), variant(900, "high"))),
        article("dollars", variants=(variant(sku="usd", prices=prices(USD=50)),)),
        article("Éclair"),
        article("Zebra"),
        article("Oil", others={"sv": "Öl"}),
        article("Eel", others={"sv": "Ål"}),
        article("a" * 300 + "x"),
        *(article(f"Branded {n:02}", brand=f"Brand {n:02}") for n in range(60)),
        article("More", brand="Brand 01", tags=("new", "eco"), typed_attributes={"fat": attribute(number="3.5")}),
        article("Flagged", typed_attributes={"fat": attribute(number="10"), "organic": attribute(boolean=True)}),
        article(
            "Optional",
            options=("size",),
            variants=(variant(sku="O-1", option_values={"size": "L"}), variant(sku="O-2", option_values={"size": "M"})),
            option_texts=(
                OptionTexts(
                    code="size",
                    names={"en": "Size", "de": "Größe"},
                    values=(ValueTexts(code="L", names={"en": "Large", "de": "Groß"}),),
                ),
            ),
        ),
        article("Small", options=("size",), variants=(variant(sku="P-1", option_values={"size": "S"}),)),
    )
    return shop


def test_a_price_is_in_the_asked_currency_and_no_other_is_compared_with_it(priced: Shop) -> None:
    (both,) = find(priced, "both")["hits"]
    (dollars,) = find(priced, "dollars")["hits"]

    assert (both["currency"], both["price_min_minor"]) == ("EUR", 10000)
    assert (dollars["currency"], dollars["price_min_minor"]) == (None, None)
    assert titles(priced, price_min=5000, price_max=15000) == ["both"]
    assert titles(priced, price_min=5000, price_max=95000, currency="USD") == ["both"]
    assert titles(priced, "both dollars", sort="price_asc", currency="USD") == ["dollars", "both"]
    assert find(priced, "both", currency="USD")["facets"]["price"] == {"min_minor": 90000, "max_minor": 90000}


def test_a_price_range_finds_what_has_a_variant_in_it(priced: Shop) -> None:
    assert titles(priced, "far", price_min=400, price_max=500) == []
    assert titles(priced, "far", price_min=50, price_max=100) == ["far apart"]
    answer = ask(priced, price_min=500, price_max=400)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "price_max")


def test_titles_are_sorted_without_regard_to_case_accents_and_length(priced: Shop) -> None:
    found = titles(priced, sort="title")

    assert found[0] == "a" * 300 + "x"
    assert found.index("Éclair") < found.index("far apart") < found.index("Zebra")


def test_titles_are_sorted_by_the_alphabet_of_the_language_that_they_are_shown_in(priced: Shop) -> None:
    swedish, english = titles(priced, sort="title", locale="sv"), titles(priced, sort="title")

    assert swedish[-3:] == ["Zebra", "Ål", "Öl"]
    assert english.index("Eel") < english.index("far apart") < english.index("Oil") < english.index("Zebra")


def test_a_chosen_brand_stays_in_its_facet_and_a_cut_one_says_so(priced: Shop) -> None:
    facets = find(priced, brand="Brand 59", facet_size=5)["facets"]
    counts = {one["value"]: one["count"] for one in facets["brands"]}

    assert len(counts) == 6
    assert (counts["Brand 01"], counts["Brand 59"]) == (2, 1)
    assert facets["incomplete"] == ["brand"]
    assert find(priced, facet_size=100)["facets"]["incomplete"] == []


def test_tags_options_and_attributes_are_counted_and_chosen(priced: Shop) -> None:
    facets = find(priced, facets=["tag", "option", "attribute"], option="size:L")["facets"]

    assert titles(priced, option="size:L") == ["Optional"]
    assert [(one["name"], {each["value"] for each in one["values"]}) for one in facets["options"]] == [
        ("size", {"L", "M", "S"})
    ]
    assert titles(priced, tag="eco") == ["More"]
    assert titles(priced, attribute="fat:3.50") == ["More"]
    assert titles(priced, attribute="organic:true") == ["Flagged"]
    assert titles(priced, attribute=["fat:10", "organic:false"]) == []
    assert titles(priced, "large") == ["Optional"]
    fat = {one["name"]: one for one in find(priced, facets="attribute")["facets"]["attributes"]}["fat"]
    assert fat["range"] == {"min": "3.5", "max": "10"}
    assert {one["value"]: one["count"] for one in fat["values"]} == {"3.5": 1, "10": 1}


def test_each_choice_is_true_of_some_variant_and_not_all_of_the_same(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop = opened_shop(app.test_client(), tokens)
    small = variant(2000, "SH-S", option_values={"size": "S", "color": "red"})
    large = variant(2200, "SH-L", option_values={"size": "L", "color": "blue"})
    put_into_search(shop, article("Shirt", options=("size", "color"), variants=(small, large)))

    assert titles(shop, option=["size:S", "color:blue"]) == ["Shirt"]
    assert titles(shop, option="size:S", price_min=2100) == ["Shirt"]
    assert titles(shop, price_min=2050, price_max=2150) == []


def test_words_of_attributes_are_those_of_texts_and_signs_alone_are_none(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop = opened_shop(app.test_client(), tokens)
    said = {"weight": attribute(number="30.5"), "origin": attribute(text="Sicily")}
    put_into_search(shop, article("Drill \U0001f525", typed_attributes=said), article("Other"))

    assert titles(shop, "sicily") == titles(shop, "\U0001f525 drill") == ["Drill \U0001f525"]
    assert titles(shop, "30.5") == titles(shop, "\U0001f525") == []


def test_what_has_none_of_the_searched_languages_is_found_by_no_words(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop = opened_shop(app.test_client(), tokens, locales=["en", "de", "fr", "es", "it", "nl", "pl", "sv", "tr"])
    put_into_search(shop, article("Defter", "tr", brand="Nokta"))

    assert titles(shop, "nokta", locale="de") == titles(shop, "defter", locale="de") == []
    assert titles(shop, brand="Nokta", locale="de") == ["Defter"]
    assert titles(shop, "nokta", locale="tr") == ["Defter"]


def test_a_tag_is_found_as_it_is_written(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop = opened_shop(app.test_client(), tokens)
    put_into_search(shop, article("One", tags=("Linen",)), article("Two", tags=("linen",)))

    assert titles(shop, tag="Linen") == ["One"]
    assert {one["value"] for one in find(shop, facets="tag")["facets"]["tags"]} == {"Linen", "linen"}


@pytest.mark.parametrize("value", ["a:b", "::", 'say "x"', "it's", "-5", "-", "a, b", "back\\slash", "*"])
def test_a_value_of_any_signs_is_chosen_as_it_is_counted(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None], value: str
) -> None:
    shop = opened_shop(app.test_client(), tokens)
    signed = article(
        "Signed",
        brand=value,
        tags=(value,),
        typed_attributes={"kind": attribute(text=value)},
        options=("size",),
        variants=(variant(sku="SIGN", option_values={"size": value}),),
    )
    put_into_search(shop, signed, article("Other"))
    counted = find(shop, facets=["brand", "tag", "option", "attribute"])["facets"]

    assert [[one["value"] for one in counted[name]] for name in ("brands", "tags")] == [[value], [value]]
    assert [one["values"][0]["value"] for name in ("options", "attributes") for one in counted[name]] == [value, value]
    for chosen in ({"brand": value}, {"tag": value}, {"option": f"size:{value}"}, {"attribute": f"kind:{value}"}):
        assert titles(shop, **chosen) == ["Signed"]


@pytest.mark.parametrize(
    ("locale", "size", "large"), [("de-AT", "Größe", "Groß"), ("en", "Size", "Large"), ("pl", "Size", "Large")]
)
def test_an_option_and_its_values_are_called_in_the_visitors_language(
    priced: Shop, locale: str, size: str, large: str
) -> None:
    (option,) = find(priced, facets="option", locale=locale)["facets"]["options"]

    assert (option["name"], option["label"]) == ("size", size)
    assert {one["value"]: one["label"] for one in option["values"]} == {"L": large, "M": "M", "S": "S"}


@pytest.mark.parametrize(
    "asked",
    [
        {"option": "a[b>c]:d"},
        {"attribute": "x:1e999"},
        {"attribute": "x:nan"},
        {"tag": "\0"},
        {"option": "::"},
        {"q": "\\"},
    ],
)
def test_a_choice_of_any_letters_is_no_fault_of_the_server(priced: Shop, asked: Any) -> None:
    status = ask(priced, facets=["option", "attribute", "tag"], **asked).status_code

    assert status in (200, 422)


def test_facets_are_counted_only_where_somebody_asks(priced: Shop) -> None:
    none = find(priced, facets="none")["facets"]

    assert {name: its for name, its in none.items() if its} == {}
    assert ask(priced, facets="colour").status_code == 422
    assert ask(priced, option="size").status_code == 422


def suggested(shop: Shop, q: str, **asked: Any) -> Any:
    answer = shop.client.get("/v1/search/suggestions", query_string={"q": q, **asked}, headers=shop.headers("customer"))
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.mark.parametrize(
    ("typed", "locale", "first"),
    [
        ("cat t", "en", "Cat toy"),
        ("astronomy atl", "en", "Astronomy atlas planetarium"),
        ("handb", "en", "Handbrake video"),
        ("t-sh", "en", "T-Shirt basic"),
        ("tabellenk", "de", "Tabellenkalkulation"),
        ("kalku", "de", "Tabellenkalkulation"),
        ("东", "zh", None),
        ("まな", "ja", "まな板"),
        ("台所まな", "ja", None),
        ("抹茶チー", "ja", "抹茶チーズケーキ"),
        ("巧克", "zh", "牛奶巧克力"),
        ("牛奶巧", "zh", "牛奶巧克力"),
        ("น้ำตา", "th", "น้ำตาลทราย"),
        ("ครีมกันแ", "th", "ครีมกันแดด"),
        ("김", "ko", "김치 냉장고"),
        ("mobe", "de", "Möbel aus Holz"),
        ("QX-77", "en", "Steel bracket"),
    ],
)
def test_what_is_typed_so_far_is_enough(made: Shop, typed: str, locale: str, first: str | None) -> None:
    found = [hit["title"] for hit in suggested(made, typed, locale=locale)["products"]]

    assert found[:1] == ([first] if first else [])


def test_what_is_typed_is_marked_in_suggestions(made: Shop) -> None:
    (shown,) = suggested(made, "astronomy atl")["products"]

    assert shown["highlight"] == "<em>Astronomy</em> <em>atlas</em> planetarium"


def test_nothing_is_suggested_for_no_word(made: Shop) -> None:
    found = suggested(made, " ?! ")

    assert (found["products"], found["categories"]) == ([], [])
    assert made.client.get("/v1/search/suggestions", headers=made.headers("customer")).status_code == 422


@pytest.mark.parametrize(
    "said", [b"{}", b"[]", b"null", b'{"error":{"type":"x"},"status":400}', b'{"hits":{"hits":[]}}']
)
def test_a_neighbour_that_answers_nonsense_is_one_that_does_not_answer(
    made: Shop, settings: Settings, store: Store, tokens: AccessTokens, said: bytes, tmp_path: Path
) -> None:
    asked: list[str] = []

    def look(one: Asked) -> bytes | None:
        asked.append(one.path)
        return said if one.when == "after" and "search" in one.path else None

    with standing_before(opensearch_access(settings.opensearch_url).url, look) as url:
        app = create_app(connect_to(store, tokens, ProductSearch(url), SalesReader(tmp_path)))
        client, headers = app.test_client(), made.headers("customer")
        answers = [
            client.get(f"{SEARCH}?q=toy", headers=headers),
            client.get("/v1/search/suggestions?q=toy", headers=headers),
            client.post("/search/1/indexes/products/query", data=b"{}", headers=headers),
        ]

    assert [(one.status_code, int(one.headers["Retry-After"]) >= 1) for one in answers] == [(503, True)] * 3
    assert any("search" in path for path in asked)


def test_what_was_meant_is_said_in_words_that_find_something_and_that_the_asker_may_know(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop, other = (opened_shop(app.test_client(), tokens, locales=["en", "fr"]) for _ in range(2))
    put_into_search(shop, article("Blue cheese"), article("Crème brûlée", "fr"), article("Zanzibarium", status="draft"))
    put_into_search(other, article("Mandrakora"))

    def meant(q: str, **asked: Any) -> Any:
        return find(shop, q, **asked)["did_you_mean"]

    assert meant("blue <chesse>") == {"q": "blue <cheese>", "highlight": "blue &lt;<em>cheese</em>&gt;"}
    assert meant("Blue chesse", page=2, brand="Nobody") == {"q": "Blue cheese", "highlight": "Blue <em>cheese</em>"}
    assert meant("crame brulee", locale="fr")["q"] == "crème brulee"
    assert meant("blue chee")["q"] == "blue cheese"
    assert find(shop, "blue cheese")["match"] == "all"
    assert [meant(q) for q in ("", "cheese", "xyzzy", "cheese xyzzy", "zanzibarum", "mandrakorra", "!?")] == [None] * 7
    assert find(other, "mandrakorra")["did_you_mean"]["q"] == "mandrakora"
    assert (find(shop, "xyzzy")["match"], find(shop, "xyzzy")["total"]) == ("some", 0)


def test_values_of_a_facet_are_found_as_they_are_typed_with_counts_under_what_else_is_chosen(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop, other = (opened_shop(app.test_client(), tokens) for _ in range(2))
    rows = (
        ("Éclair & Co", "Large", "Sicily", "red"),
        ("Verde Vivo", "Small", "Sardinia", "red"),
        ("Éclair & Co", "Large", "Sicily", "green"),
    )
    articles = [
        article(
            f"Cheese {n}",
            brand=brand,
            variants=(variant(sku=f"v{n}", option_values={"size": size}),),
            options=("size",),
            typed_attributes={"origin": attribute(text=origin)},
            tags=(tag,),
        )
        for n, (brand, size, origin, tag) in enumerate(rows)
    ]
    put_into_search(shop, *articles, article("Draft", brand="Éclat", status="draft"))
    put_into_search(other, article("Cheese", brand="Éclipse"))

    def values(facet: str, typed: str, **asked: Any) -> dict[str, int]:
        query = {"facet": facet, "typed": typed, **asked}
        answer = shop.client.get("/v1/search/facet-values", query_string=query, headers=shop.headers("customer"))
        assert answer.status_code == 200, answer.text
        assert answer.json["complete"]
        return {one["highlight"]: one["count"] for one in answer.json["values"]}

    assert values("brand", "ecl") == {"<em>Écl</em>air &amp; Co": 2}
    assert values("brand", "viv ver") == {"<em>Ver</em>de <em>Viv</em>o": 1}
    assert values("brand", "ecl", tag="green", brand="Verde Vivo") == {"<em>Écl</em>air &amp; Co": 1}
    assert values("brand", "ecl", q="verde") == {}
    assert values("tag", "r") == {"<em>r</em>ed": 2}
    assert values("option:size", "l", option="size:Small") == {"<em>L</em>arge": 2}
    assert values("attribute:origin", "s", attribute="origin:Sicily", size=1) == {"<em>S</em>icily": 2}
    assert values("category", "") == {}
    wrong = shop.client.get("/v1/search/facet-values?facet=colour", headers=shop.headers("customer"))
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "facet")


@pytest.mark.parametrize(
    ("typed", "locale", "found"),
    [
        ("gro", "de", [("L", "Groß", "<em>Groß</em>")]),
        ("lar", "en", [("L", "Large", "<em>Lar</em>ge")]),
        ("L", "de", [("L", "Groß", "Groß")]),
        ("m", "de", [("M", "M", "<em>M</em>")]),
        ("gro", "en", []),
    ],
)
def test_an_options_value_is_typed_as_it_is_shown(
    priced: Shop, typed: str, locale: str, found: list[tuple[str, str, str]]
) -> None:
    query = {"facet": "option:size", "typed": typed, "locale": locale}
    answer = priced.client.get("/v1/search/facet-values", query_string=query, headers=priced.headers("customer"))

    assert [(one["value"], one["label"], one["highlight"]) for one in answer.json["values"]] == found


def test_who_has_the_same_hits_is_told_the_new_moment_without_a_body(
    app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]
) -> None:
    shop = opened_shop(app.test_client(), tokens)
    put_into_search(shop, article("Cheese"))
    first = ask(shop, q="cheese")

    def again() -> TestResponse:
        headers = {**shop.headers("customer"), "If-None-Match": first.headers["ETag"]}
        return shop.client.get(SEARCH, query_string={"q": "cheese"}, headers=headers)

    same = again()
    put_into_search(shop, article("Cheese knife"))
    other = again()

    assert (same.status_code, same.data, same.headers["Cache-Control"]) == (304, b"", "private, no-cache")
    assert same.headers.get("Rustok-As-Of") == first.headers.get("Rustok-As-Of")
    assert "Authorization" in same.headers["Vary"]
    assert (other.status_code, other.json["total"]) == (200, 2)
    assert ask(shop, q="cheese", sort="title").headers["ETag"] != other.headers["ETag"]
    assert shop.post(SEARCH, {"q": "cheese"}).headers["Cache-Control"] == "no-store"
