from uuid import uuid4

import pytest

from api.domain import categories
from api.domain.changes import Versioned
from api.domain.errors import Conflict, Invalid
from schemas.events.category import Category, CategoryDeleted, CategoryMoved, CategoryText, CategoryUpdated
from tests.support.examples import MOMENT, category


def name(text: str, locale: str = "en") -> CategoryText:
    return CategoryText(locale=locale, name=text, slug=text.lower(), description=None)


def test_a_category_is_below_its_parent() -> None:
    dairy, cheese = category("Dairy"), uuid4()

    change = categories.create(
        category_id=cheese, external_id=None, parent=dairy, position=0, translations=[name("Cheese")], now=MOMENT
    )

    assert change.value.path == (dairy.id, cheese)


def test_a_tree_has_a_bottom() -> None:
    deep = category("Dairy")
    for _ in range(categories.MOST_LEVELS - 1):
        deep = below(deep)

    with pytest.raises(Invalid):
        below(deep)


def test_the_same_again_is_no_change() -> None:
    held = Versioned(category("Dairy"), 1)

    assert categories.change(held, position=0, translations=held.value.translations, now=MOMENT) is None


def test_a_change_names_what_is_different() -> None:
    change = categories.change(Versioned(category("Dairy"), 1), position=7, now=MOMENT)

    assert change is not None
    assert isinstance(change.happened[0].event, CategoryUpdated)
    assert change.happened[0].event.changed == ("position",)


@pytest.mark.parametrize("texts", [[], [name("Dairy"), name("Milk")]])
def test_each_language_has_one_name(texts: list[CategoryText]) -> None:
    with pytest.raises(Invalid):
        categories.change(Versioned(category("Dairy"), 1), translations=texts, now=MOMENT)


def test_all_that_is_in_a_category_moves_with_it() -> None:
    dairy, shelf = category("Dairy"), category("Shelf")
    cheese = below(dairy)
    blue = below(cheese)

    changes = categories.move(Versioned(cheese, 3), parent=shelf, below=[Versioned(blue, 1)], position=4, now=MOMENT)

    assert [change.value.path for change in changes] == [(shelf.id, cheese.id), (shelf.id, cheese.id, blue.id)]
    assert [(change.value.parent_id, change.value.position) for change in changes] == [(shelf.id, 4), (cheese.id, 0)]
    assert [change.version for change in changes] == [4, 2]
    told = [change.happened[0].event for change in changes]
    assert [type(event) for event in told] == [CategoryMoved, CategoryMoved]
    assert [event.path_before for event in told] == [cheese.path, blue.path]


def test_a_category_that_becomes_a_root_has_a_path_of_its_own() -> None:
    cheese = below(category("Dairy"))

    (change,) = categories.move(Versioned(cheese, 1), parent=None, now=MOMENT)

    assert (change.value.parent_id, change.value.path) == (None, (cheese.id,))


def test_a_move_to_where_it_is_changes_nothing_but_its_position() -> None:
    dairy = category("Dairy")
    cheese = Versioned(below(dairy), 1)

    assert categories.move(cheese, parent=dairy, now=MOMENT) == []
    (change,) = categories.move(cheese, parent=dairy, position=2, now=MOMENT)
    assert isinstance(change.happened[0].event, CategoryUpdated)


def test_a_category_is_never_below_itself() -> None:
    dairy = category("Dairy")
    cheese = below(dairy)

    for parent in (dairy, cheese):
        with pytest.raises(Invalid):
            categories.move(Versioned(dairy, 1), parent=parent, below=[Versioned(cheese, 1)], now=MOMENT)


def test_a_move_that_would_push_anything_below_the_bottom_is_refused() -> None:
    deep = category("Deep")
    for _ in range(categories.MOST_LEVELS - 2):
        deep = below(deep)
    dairy = category("Dairy")
    cheese = below(dairy)

    categories.move(Versioned(cheese, 1), parent=deep, now=MOMENT)
    with pytest.raises(Invalid):
        categories.move(Versioned(dairy, 1), parent=deep, below=[Versioned(cheese, 1)], now=MOMENT)


def test_only_an_empty_category_is_deleted() -> None:
    held = Versioned(category("Dairy"), 2)

    for categories_in, products_in in ((1, 0), (0, 1)):
        with pytest.raises(Conflict):
            categories.delete(held, categories_in=categories_in, products_in=products_in, now=MOMENT)
    change = categories.delete(held, categories_in=0, products_in=0, now=MOMENT)
    assert (change.version, change.happened[0].event) == (3, CategoryDeleted(category=held.value))


def below(parent: Category) -> Category:
    return categories.create(
        category_id=uuid4(),
        external_id=None,
        parent=parent,
        position=0,
        translations=[name("Cheese")],
        now=MOMENT,
    ).value
