"""What stands in an address is asked, and nothing else; one thing less is the same without it."""

from werkzeug.datastructures import MultiDict

from api.storefront.asked_search import AskedSearch
from api.storefront.shown_search import marked
from api.storefront.words import _TABLE, LANGUAGES, Words

GIVEN = [("q", " cheese "), ("brand", "A"), ("brand", "B"), ("brand", "A"), ("price_from", "2,50"), ("sort", "newest")]


def asked(*given: tuple[str, str]) -> AskedSearch:
    return AskedSearch.read(MultiDict(given), "EUR")


def test_the_address_says_what_is_asked_and_is_found_again() -> None:
    read = asked(*GIVEN, ("page", "3"), ("in_stock", "true"), ("other", "x"))

    question = read.question("EUR")

    assert (question["q"], question["brand"], question["price_min"]) == ("cheese", ["A", "B"], 250)
    assert (question["page"], question["sort"], question["in_stock"]) == (3, "newest", "true")
    again = [(name, str(one)) for name, value in read.parameters().items() for one in _listed(value) if one]
    assert asked(*again) == read


def test_what_can_be_stored_can_be_chosen() -> None:
    long = {"brand": "B" * 300, "tag": "T" * 300, "option": f"{'o' * 300}:{'v' * 300}", "attribute": f"a:{'v' * 300}"}

    question = asked(*long.items()).question("EUR")

    assert {name: question[name] for name in long} == {name: [value] for name, value in long.items()}


def test_one_thing_less_begins_at_the_first_page() -> None:
    read = asked(*GIVEN, ("page", "3"))

    less = read.without("brand", "A")

    assert (less.several, less.page) == ({"brand": ("B",)}, 1)
    assert less.without("brand", "B").several == {}
    assert less.without("price_from").price_from == ""


def test_what_makes_no_sense_is_left_out_and_said() -> None:
    read = asked(("page", "-1"), ("sort", "no"), ("price_from", "x"), ("q", "y" * 500))

    assert (read.page, read.sort, len(read.q)) == (1, "relevance", 200)
    assert (read.wrong, read.question("EUR")["price_min"]) == ({"price_from": "no_amount"}, None)
    assert asked(("price_from", "3"), ("price_to", "2")).wrong == {"price_to": "price_order"}


def test_a_highlight_is_text_with_marks_and_nothing_else() -> None:
    assert marked("<em>a &lt;b&gt;</em> &amp; <script>c") == "<mark>a &lt;b&gt;</mark> &amp; &lt;script&gt;c"


def test_every_word_is_there_in_every_language() -> None:
    assert {name for name, said in _TABLE.items() if len(said) != len(LANGUAGES) or not all(said)} == set()
    assert (Words("de-AT").cart, Words("fr").cart, Words("he").direction) == ("Warenkorb", "Cart", "rtl")
    assert Words("en").of("status", "half_done") == "half done"


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
