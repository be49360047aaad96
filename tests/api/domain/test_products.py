from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from api.domain import products
from api.domain.changes import Decision, Versioned
from api.domain.errors import Conflict, IllegalTransition, Invalid
from schemas.events.product import Price, Product, ProductPublished, ProductUpdated
from tests.support.examples import MOMENT, product, text, variant

LATER = MOMENT + timedelta(hours=1)
Step = Callable[[Versioned[Product], object], Decision[Product]]
STEPS = {"publish": products.publish, "unpublish": products.unpublish, "archive": products.archive}


def at(status: str, version: int = 4) -> Versioned[Product]:
    return Versioned(product(status=status), version)


def test_only_legal_steps_are_taken() -> None:
    allowed = {
        name: [status for status in ("draft", "active", "archived") if may(step, status)]
        for name, step in {**STEPS, "delete": products.delete}.items()
    }

    assert allowed == {
        "publish": ["draft"],
        "unpublish": ["active"],
        "archive": ["draft", "active"],
        "delete": ["draft", "archived"],
    }


def test_a_change_names_what_is_different_and_nothing_else() -> None:
    held = at("active")

    change = products.change(held, replace(held.value, brand="Rosso", tags=("new",)), LATER)

    assert change is not None
    event = change.happened[0].event
    assert isinstance(event, ProductUpdated)
    assert event.changed == ("brand", "tags")
    assert (change.was_at, change.version, change.value.updated_at) == (4, 5, LATER)


def test_what_is_the_same_is_no_change() -> None:
    held = at("active")

    assert products.change(held, replace(held.value, updated_at=LATER, status="draft"), LATER) is None


def test_an_archived_product_keeps_as_it_is() -> None:
    with pytest.raises(Conflict):
        products.change(at("archived"), product(), LATER)


def test_a_change_and_a_step_are_two_versions() -> None:
    held = at("draft")
    changed = products.change(held, replace(held.value, brand="Rosso"), LATER)

    both = products.bring_to(changed, held, "active", LATER)

    assert both is not None
    assert [type(one.event) for one in both.happened] == [ProductUpdated, ProductPublished]
    assert (both.was_at, both.version, both.value.status, both.value.brand) == (4, 6, "active", "Rosso")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"translations": ()}, "translations"),
        ({"translations": (text("en", "A"), text("en", "B"))}, "translations"),
        ({"variants": ()}, "variants"),
        ({"variants": (variant(), variant())}, "variants"),
        ({"variants": (variant(), variant(sku="tom-400"))}, "variants"),
        ({"variants": (variant(currency="XXX"),)}, "variants.0.prices.0.currency"),
        ({"variants": (replace(variant(), option_values={"size": "L"}),)}, "variants.0.option_values"),
        (
            {"variants": (replace(variant(), prices=(Price(currency="EUR", amount_minor=5, compare_at_minor=4),)),)},
            "variants.0.prices.0.compare_at_minor",
        ),
    ],
)
def test_a_product_that_breaks_a_rule_is_refused_by_field(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        products.create(product(**wrong), LATER)

    assert [one.field for one in refused.value.errors] == [field]


def test_ancestors_come_once_and_in_order() -> None:
    root, left, right = uuid4(), uuid4(), uuid4()

    assert products.with_ancestors([(root, left), (root, right)]) == (root, left, right)


def may(step: Callable[..., Decision[Product]], status: str) -> bool:
    try:
        step(at(status), LATER)
    except IllegalTransition:
        return False
    return True
