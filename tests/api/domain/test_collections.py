from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.domain import collections as domain
from api.domain.changes import Versioned
from api.domain.collection_rules import (
    MOST_CONDITIONS,
    MOST_DAYS,
    MOST_VALUES,
    SAYS,
    ProductNow,
    meets,
)
from api.domain.errors import Conflict, IllegalTransition, Invalid
from schemas.events.collection import Collection, CollectionRule, CollectionText, RuleCondition
from tests.support.examples import MOMENT, product, variant

A, B, C, D = (UUID(int=number) for number in range(1, 5))
TEXT = CollectionText(
    locale="en", title="Breakfast", handle="breakfast", description=None, seo_title=None, seo_description=None
)


def condition(field: str, **says: Any) -> RuleCondition:
    nothing = dict.fromkeys(("currency", "least_minor", "most_minor", "since_at", "within_days"))
    return RuleCondition(**{"field": field, "values": (), **nothing, **says})


def rule(*conditions: RuleCondition, match: str = "all") -> CollectionRule:
    return CollectionRule(match=match, conditions=conditions)


def collection(*product_ids: UUID, **different: Any) -> Versioned[Collection]:
    made = Collection(
        id=uuid4(),
        external_id=None,
        status="draft",
        translations=(TEXT,),
        rule=None,
        product_ids=product_ids,
        created_at=MOMENT,
        updated_at=MOMENT,
    )
    return Versioned(replace(made, **different), 3)


def members(change: Any) -> tuple[UUID, ...]:
    return change.value.product_ids


def test_products_are_put_in_at_their_place_and_those_in_it_stay() -> None:
    held = collection(A, B)

    assert members(domain.put_in(held, [C, A, C], None, MOMENT)) == (A, B, C)
    assert members(domain.put_in(held, [C, D], 1, MOMENT)) == (A, C, D, B)
    assert members(domain.put_in(held, [C], 1_000_000, MOMENT)) == (A, B, C)
    assert domain.put_in(held, [B, A], 0, MOMENT) is None


def test_products_are_moved_among_the_others() -> None:
    held = collection(A, B, C, D)

    assert members(domain.move(held, [D], 0, MOMENT)) == (D, A, B, C)
    assert members(domain.move(held, [A, C], 1, MOMENT)) == (B, A, C, D)
    assert members(domain.move(held, [A], 99, MOMENT)) == (B, C, D, A)
    assert domain.move(held, [B, C], 1, MOMENT) is None
    with pytest.raises(Invalid) as refused:
        domain.move(held, [A, uuid4()], 0, MOMENT)
    assert [one.field for one in refused.value.errors] == ["product_ids.1"]


def test_what_is_taken_out_need_not_be_in_it() -> None:
    assert members(domain.take_out(collection(A, B, C), [B, D], MOMENT)) == (A, C)
    assert domain.take_out(collection(A), [B], MOMENT) is None


def test_an_event_tells_what_has_changed_and_what_it_has_become() -> None:
    change = domain.put_in(collection(A), [B], None, MOMENT + timedelta(hours=1))

    assert change is not None
    (happened,) = change.happened
    assert (happened.event.changed, happened.event.collection.product_ids) == (("product_ids",), (A, B))
    assert change.value.updated_at == happened.at == MOMENT + timedelta(hours=1)


def test_a_collection_is_shown_and_hidden_again() -> None:
    shown = domain.publish(collection(), MOMENT).now

    assert shown.value.status == "active"
    assert domain.unpublish(shown, MOMENT).value.status == "draft"
    with pytest.raises(IllegalTransition):
        domain.publish(shown, MOMENT)


def test_products_of_a_collection_with_a_rule_are_not_chosen() -> None:
    held = collection(rule=rule(condition("in_stock")))

    for choose in (lambda: domain.put_in(held, [A], None, MOMENT), lambda: domain.take_out(held, [A], MOMENT)):
        with pytest.raises(Conflict):
            choose()
    with pytest.raises(Invalid):
        domain.change(held, replace(held.value, rule=None, product_ids=(A,)), MOMENT)
    with pytest.raises(Invalid):
        domain.change(collection(A), replace(collection().value, rule=held.value.rule), MOMENT)


@pytest.mark.parametrize(
    ("field", "different"),
    [
        ("translations", {"translations": ()}),
        ("translations", {"translations": (TEXT, TEXT)}),
        ("status", {"status": "archived"}),
        ("product_ids", {"product_ids": (A, A)}),
        ("product_ids", {"product_ids": tuple(UUID(int=number) for number in range(domain.MOST_MEMBERS + 1))}),
        ("product_ids", {"product_ids": (A,), "rule": rule(condition("in_stock"))}),
    ],
)
def test_what_no_collection_may_be(field: str, different: dict[str, Any]) -> None:
    assert domain.wrong(collection().value) == []
    assert [one.field for one in domain.wrong(collection(**different).value)] == [field]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("rule.conditions", rule()),
        ("rule.conditions", rule(*[condition("in_stock")] * (MOST_CONDITIONS + 1))),
        ("rule.match", rule(condition("in_stock"), match="none")),
        ("rule.conditions.0.field", rule(condition("colour", values=("red",)))),
        ("rule.conditions.0.values", rule(condition("tag"))),
        ("rule.conditions.0.values", rule(condition("tag", values=tuple(map(str, range(MOST_VALUES + 1)))))),
        ("rule.conditions.1.currency", rule(condition("in_stock"), condition("tag", values=("a",), currency="EUR"))),
        ("rule.conditions.0.values.1", rule(condition("status", values=("draft", "gone")))),
        ("rule.conditions.0.values.0", rule(condition("category", values=("Cheese",)))),
        ("rule.conditions.0.currency", rule(condition("price", currency="EUX", least_minor=1))),
        ("rule.conditions.0.least_minor", rule(condition("price", currency="EUR"))),
        ("rule.conditions.0.least_minor", rule(condition("price", currency="EUR", least_minor=-1))),
        ("rule.conditions.0.most_minor", rule(condition("price", currency="EUR", least_minor=2, most_minor=1))),
        ("rule.conditions.0.since_at", rule(condition("created"))),
        ("rule.conditions.0.since_at", rule(condition("created", since_at=MOMENT, within_days=1))),
        ("rule.conditions.0.within_days", rule(condition("created", within_days=MOST_DAYS + 1))),
        ("rule.conditions.0.within_days", rule(condition("in_stock", within_days=1))),
    ],
)
def test_what_no_rule_may_be(field: str, wrong: CollectionRule) -> None:
    assert [one.field for one in domain.wrong(collection(rule=wrong).value)] == [field]


def test_a_rule_means_the_products_that_meet_all_or_any_of_its_conditions() -> None:
    found = ProductNow(
        product=product(tags=("vegan", "new"), brand="Verde", category_path_ids=(A, B), variants=(variant(150),)),
        in_stock=True,
    )
    holding = (
        condition("tag", values=("bio", "new")),
        condition("brand", values=("Verde",)),
        condition("category", values=(str(A),)),
        condition("status", values=("active",)),
        condition("price", currency="EUR", least_minor=150, most_minor=150),
        condition("created", since_at=MOMENT),
        condition("in_stock"),
    )
    failing = (
        condition("tag", values=("New",)),
        condition("brand", values=("verde",)),
        condition("category", values=(str(C),)),
        condition("status", values=("draft",)),
        condition("price", currency="USD", least_minor=0),
        condition("created", within_days=1),
    )
    later = MOMENT + timedelta(days=1, seconds=1)

    assert {one.field for one in holding} == SAYS.keys()
    assert meets(rule(*holding), found, later)
    assert not any(meets(rule(*holding, one), found, later) for one in failing)
    assert all(meets(rule(*failing, one, match="any"), found, later) for one in holding)
    assert not meets(rule(*failing, match="any"), found, later)
