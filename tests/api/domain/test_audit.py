import pytest

from api.domain.audit import ORDINARY, is_in_a_shop, is_privileged, needs_reason
from api.domain.permissions import ACTIONS, RESOURCES


def test_whatever_changes_something_leaves_a_row_unless_a_shop_does_it_all_day() -> None:
    for resource in RESOURCES - ORDINARY:
        for action in ACTIONS - {"list", "read"}:
            assert is_privileged(f"{resource}:{action}")


def test_orders_and_what_is_sold_leave_none() -> None:
    for resource in ORDINARY:
        assert not any(is_privileged(f"{resource}:{action}") for action in ACTIONS - {"export"})


def test_a_resource_that_nobody_has_thought_of_yet_is_privileged() -> None:
    assert is_privileged("payments:update")


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
