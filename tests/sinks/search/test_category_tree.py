from sinks.search.category_tree import NO_TREE, counted, set_of, tree_of
from tests.support.examples import category


def document(id_: str, *above: str) -> dict[str, object]:
    named = {"names": {"en": id_.title()}, "slugs": {"en": id_}, "languages": ["en"], "name": {"en": id_}}
    return {"_id": id_, "_source": {"path": [*above, id_], "position": 0, **named}}


TREE = tree_of([document("bakery"), document("bread", "bakery"), document("rye", "bakery", "bread"), document("dairy")])


def test_what_is_in_a_category_is_all_below_it() -> None:
    assert set(TREE.below(["bakery"])) == {"bakery", "bread", "rye"}
    assert set(TREE.below(["rye", "bread", "dairy"])) == {"rye", "bread", "dairy"}
    assert NO_TREE.below(["unknown"]) == ("unknown",)


def test_what_is_above_a_category_ends_with_its_root() -> None:
    assert TREE.up_from("rye") == ("rye", "bread", "bakery")
    assert NO_TREE.up_from("unknown") == ("unknown",)


def test_of_a_moved_category_its_own_document_is_enough_also_for_what_is_below_it() -> None:
    moved = tree_of(
        [document("bakery"), document("dairy"), document("bread", "dairy"), document("rye", "bakery", "bread")]
    )

    assert moved.up_from("rye") == ("rye", "bread", "dairy")
    assert set(moved.below(["dairy"])) == {"dairy", "bread", "rye"}
    assert moved.below(["bakery"]) == ("bakery",)


def test_documents_that_make_a_circle_for_a_moment_are_gone_around_once() -> None:
    circle = tree_of([document("a", "b"), document("b", "a")])

    assert circle.up_from("a") == ("a", "b")
    assert circle.below(["a"]) == ("a", "b")


def test_a_product_in_two_categories_below_one_is_counted_once_there() -> None:
    assert counted({"bread rye": 2, "rye": 1, "dairy": 3}, TREE) == [
        ("bakery", 3),
        ("bread", 3),
        ("dairy", 3),
        ("rye", 3),
    ]


def test_a_set_of_categories_is_one_word_whatever_their_order() -> None:
    one, other = category("One").id, category("Other").id

    assert set_of((one, other)) == set_of((other, one))
    assert set_of(()) is None
