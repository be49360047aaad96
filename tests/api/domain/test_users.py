from dataclasses import fields
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from api.domain.changes import Versioned
from api.domain.errors import Invalid
from api.domain.permissions import Role
from api.domain.users import (
    MOST_ROLES,
    Account,
    Status,
    delete,
    give_roles,
    put_in_group,
    register,
    rename,
    set_status,
    state,
)
from schemas.events.user import AGGREGATE, User, UserDeactivated, UserRegistered, UserRoleChanged, UserUpdated

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def account(role: str = "manager", status: str = "active") -> Account:
    user = User(id=uuid4(), role=role, role_ids=(), status=status)
    return Account(user=user, email="anna@shop.example", name="Anna", verified=True)


def test_no_event_has_a_field_for_an_address_or_a_name() -> None:
    classes = [User, *(history.newest for history in AGGREGATE.histories)]

    assert {field.name for cls in classes for field in fields(cls)} == {
        "id",
        "user",
        "role",
        "role_ids",
        "status",
        "changed",
        "previous_role",
        "previous_role_ids",
    }


def test_an_event_tells_that_somebody_is_in_another_group_and_not_in_which() -> None:
    held = Versioned(account("customer"), 1)

    change = put_in_group(held, "trade", NOW)

    assert change is not None
    assert change.value.customer_group == "trade"
    (told,) = change.happened
    assert told.event == UserUpdated(user=held.value.user, changed=("customer_group",))
    assert put_in_group(change.now, "trade", NOW) is None


def test_what_is_printed_of_an_account_has_neither() -> None:
    assert "nna" not in repr(Versioned(account(), 1))


@pytest.mark.parametrize(("role", "platform"), [("super_admin", False), ("admin", True), ("service", True)])
def test_nobody_has_a_role_of_elsewhere(role: str, platform: bool) -> None:
    with pytest.raises(Invalid):
        register(account(role), platform=platform, now=NOW)


def test_other_roles_say_what_they_were_before() -> None:
    held, made = Versioned(account(), 3), uuid4()

    change = give_roles(held, Role.STAFF, [made, made], now=NOW)

    assert change is not None
    assert change.version == 4
    assert change.happened[0].event == UserRoleChanged(
        user=User(id=held.value.user.id, role="staff", role_ids=(made,), status="active"),
        previous_role="manager",
        previous_role_ids=(),
    )


def test_nobody_becomes_somebody_of_the_platform() -> None:
    with pytest.raises(Invalid):
        give_roles(Versioned(account(), 1), Role.SUPER_ADMIN, [], now=NOW)
    with pytest.raises(Invalid):
        give_roles(Versioned(account(), 1), Role.STAFF, [uuid4() for _ in range(MOST_ROLES + 1)], now=NOW)


def test_what_changes_nothing_is_no_change() -> None:
    held = Versioned(account(), 1)

    assert give_roles(held, Role.MANAGER, [], now=NOW) is None
    assert set_status(held, Status.ACTIVE, NOW) is None
    assert rename(held, "Anna", NOW) is None


@pytest.mark.parametrize(
    ("status", "version", "said"),
    [("active", 1, UserRegistered), ("active", 2, UserUpdated), ("inactive", 1, UserDeactivated)],
)
def test_the_event_of_a_state_is_true_under_its_version(status: str, version: int, said: type) -> None:
    told = state(Versioned(account(status=status), version), NOW)

    assert isinstance(told.happened[0].event, said)
    assert told.version == version


def test_who_is_deleted_was_what_they_were() -> None:
    held = Versioned(account(), 2)

    assert delete(held, NOW).version == 3
    assert delete(held, NOW).happened[0].event.user == held.value.user  # type: ignore[attr-defined]  # it is of a user
