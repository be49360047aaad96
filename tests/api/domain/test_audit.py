import re

import pytest

from api.domain.audit import (
    OF_MONEY,
    ORDINARY,
    WITHOUT_A_PERMISSION,
    is_act,
    is_in_a_shop,
    is_privileged,
    needs_reason,
)
from api.domain.audit_words import require_act, require_actor
from api.domain.errors import Invalid
from api.domain.permissions import ACTIONS, RESOURCES


def test_whatever_changes_something_leaves_a_row_unless_a_shop_does_it_all_day() -> None:
    for resource in RESOURCES - ORDINARY:
        for action in ACTIONS - {"explain", "list", "query", "read"}:
            assert is_privileged(f"{resource}:{action}")


def test_placing_orders_and_what_is_sold_leave_none_but_moving_an_order_on_does() -> None:
    ordinary = {f"{resource}:{action}" for resource in ORDINARY for action in ACTIONS - {"export"}}

    assert {one for one in ordinary if is_privileged(one)} == OF_MONEY == {"orders:cancel", "orders:update"}


def test_an_act_is_a_permission_or_one_of_those_without() -> None:
    assert is_act("users:update")
    assert is_act("keys:rotate")
    assert not is_act("users:fly")


def test_a_resource_that_nobody_has_thought_of_yet_is_privileged() -> None:
    assert is_privileged("robots:update")


def test_taking_out_is_privileged_whatever_it_is() -> None:
    assert is_privileged("orders:export")


@pytest.mark.parametrize(
    ("permission", "in_a_shop", "with_a_reason"),
    [
        ("dead_letters:read", True, False),
        ("dead_letters:update", True, True),
        ("audit:read", True, False),
        ("audit:export", True, True),
        ("tenants:create", False, False),
        ("tenants:list", False, False),
        ("tenants:update", True, True),
        ("users:update", False, False),
    ],
)
def test_the_platforms_people_say_why_they_change_what_is_a_shops(
    permission: str, in_a_shop: bool, with_a_reason: bool
) -> None:
    assert (is_in_a_shop(permission), needs_reason(permission)) == (in_a_shop, with_a_reason)


@pytest.mark.parametrize("word", ["users:fly", "users", "", "Users:update"])
def test_who_asks_about_an_act_that_there_is_not_is_told_which_there_are(word: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_act(word)

    (error,) = refused.value.errors
    assert (error.field, error.code) == ("act", "unknown_act")
    assert {*RESOURCES, *ACTIONS, *WITHOUT_A_PERMISSION} <= set(re.findall(r"[\w:]+", error.message))


@pytest.mark.parametrize("word", ["anna@shop.example", "token:anna", "token:", "machine:", " ", "", "an\nna"])
def test_who_asks_about_what_nobody_is_called_is_told_what_an_actor_looks_like(word: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_actor(word)

    assert refused.value.errors[0].field == "actor"


@pytest.mark.parametrize(
    "word",
    [
        "019ac5a1-0000-7000-8000-000000000000",
        "token:019ac5a1-0000-7000-8000-000000000000",
        "machine:root",
        "anonymous",
        "auth0|5f7c",
    ],
)
def test_whatever_somebody_can_be_called_may_be_asked_for(word: str) -> None:
    require_actor(word)
