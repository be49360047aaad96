from uuid import uuid4

import pytest

from api.domain import categories
from api.domain.changes import Versioned
from api.domain.errors import Invalid
from schemas.events.category import CategoryText, CategoryUpdated
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


def below(parent: object) -> object:
    return categories.create(
        category_id=uuid4(),
        external_id=None,
        parent=parent,  # type: ignore[arg-type]  # a category, from here or from `category`
        position=0,
        translations=[name("Cheese")],
        now=MOMENT,
    ).value
