"""Words of a query find the categories that are called so, each by the first language that it has a name in."""

from collections.abc import Mapping

from sinks.search.category_tree import CategoryTree, tree_of
from sinks.search.category_words import called, named_in
from sinks.search.words.written_words import written


def shop(categories: Mapping[str, Mapping[str, str]]) -> CategoryTree:
    """By id, the names by language, in this order."""
    return tree_of(_document(id_, n, names) for n, (id_, names) in enumerate(categories.items()))


def _document(id_: str, position: int, names: Mapping[str, str]) -> dict[str, object]:
    read = {language: written([name], language) for language, name in names.items()}
    words = {language: " ".join((one.exact, one.stems, one.also)) for language, one in read.items()}
    named = {"names": names, "slugs": {}, "languages": sorted(names), "name": words}
    return {"_id": id_, "_source": {"path": [id_], "position": position, **named}}


SHOP = shop(
    {
        "shoes": {"en": "Running shoes", "de": "Laufschuhe"},
        "bags": {"en": "Bags for running"},
        "hand": {"en": "Hand bags"},
        "bread": {"de": "Brot"},
    }
)


def test_each_word_of_a_query_has_the_categories_with_it() -> None:
    assert named_in("running bag", ["en"], SHOP) == (("bags", "shoes"), ("bags", "hand"))


def test_a_word_that_names_nothing_keeps_its_place() -> None:
    assert named_in("red shoe", ["en"], SHOP) == ((), ("shoes",))
    assert named_in("shoe red", ["en"], SHOP) == (("shoes",),)


def test_a_category_without_a_name_in_the_language_is_found_by_its_next() -> None:
    assert named_in("brot", ["en", "de"], SHOP) == (("bread",),)


def test_a_category_with_a_name_in_the_language_is_not_found_by_another() -> None:
    assert named_in("laufschuhe", ["en", "de"], SHOP) == ()


def test_two_words_are_found_where_they_are_written_as_one() -> None:
    assert named_in("handbags", ["en"], shop({"a": {"en": "Hand-bags"}})) == (("a",),)


def test_nothing_and_what_is_too_long_for_a_name_name_nothing() -> None:
    assert named_in(" ", ["en"], SHOP) == ()
    assert named_in("bags " * 17, ["en"], SHOP) == ()


def test_while_typing_all_words_must_be_there_and_the_last_may_go_on() -> None:
    assert called("run", ["en"], SHOP) == ["shoes", "bags"]
    assert called("running sh", ["en"], SHOP) == ["shoes"]
    assert called("sh running", ["en"], SHOP) == []


def test_a_whole_word_comes_before_the_beginning_of_one_then_the_shops_order_counts() -> None:
    tree = shop({"d": {"en": "Bagelries"}, "a": {"en": "Bagels"}, "b": {"en": "Bagel"}, "c": {"en": "Bagel cutters"}})

    assert called("bagel", ["en"], tree) == ["a", "b", "c", "d"]
    assert called("bage", ["en"], tree) == ["d", "a", "b", "c"]


def test_words_that_say_little_need_not_be_there() -> None:
    assert called("the running", ["en"], SHOP) == ["shoes", "bags"]
