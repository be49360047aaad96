from datetime import UTC, datetime
from uuid import uuid4

import pytest

from api.domain.conditions import Condition, Op, Surroundings
from api.domain.errors import Forbidden
from api.domain.permissions import PLATFORM_ROLES, Grant, Role, Scope, scope_of
from api.domain.scope import Access, Actor
from schemas.events.tenant import Tenant
from schemas.row_conditions import EVERY_ROW, OneOf, matches

SHOP = Tenant(
    id=uuid4(),
    slug="cheese",
    name="Cheese",
    domains=(),
    default_locale="en",
    locales=("en",),
    currency="EUR",
    time_zone="UTC",
    modules=("analytics", "imports", "registry", "search"),
    active=True,
)


def access(role: Role, permission: str) -> Access:
    """As the table of permissions gives it."""
    of_platform = role in PLATFORM_ROLES
    actor = Actor(
        tenant_id=None if of_platform else SHOP.id,
        tenant_slug=None if of_platform else SHOP.slug,
        actor_id="anna",
        role=role,
    )
    scope = scope_of(role, permission)
    assert scope is not None
    return Access(actor=actor, resource=permission.partition(":")[0], scope=scope, tenant=None if of_platform else SHOP)


def test_a_customer_reaches_their_own_orders() -> None:
    assert access(Role.CUSTOMER, "orders:list").reached("orders") == OneOf("customer_ref", ("anna",))


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.ANONYMOUS])
def test_a_storefront_reaches_what_is_published(role: Role) -> None:
    assert access(role, "products:read").reached("products") == OneOf("status", ("active",))
    assert access(role, "categories:read").reached("categories") == EVERY_ROW


def test_staff_reaches_everything() -> None:
    assert access(Role.MANAGER, "orders:list").reached("orders") == EVERY_ROW


def test_what_a_scope_is_not_about_is_not_narrowed_by_it() -> None:
    assert access(Role.CUSTOMER, "orders:create").reached("products") == EVERY_ROW


def test_an_order_of_a_customer_is_theirs_whatever_they_say() -> None:
    customer = access(Role.CUSTOMER, "orders:create")

    assert [customer.owner(None), customer.owner("anna")] == ["anna", "anna"]
    with pytest.raises(Forbidden):
        customer.owner("bert")


def test_staff_says_whose_an_order_is() -> None:
    manager = access(Role.ADMIN, "orders:create")

    assert [manager.owner(None), manager.owner("bert")] == [None, "bert"]


def test_the_platforms_own_people_have_no_shop() -> None:
    with pytest.raises(Forbidden):
        _ = access(Role.SUPER_ADMIN, "orders:list").shop


@pytest.mark.parametrize("scope", [Scope.OWN, Scope.PUBLISHED])
@pytest.mark.parametrize("role", list(Role))
def test_every_narrower_grant_says_what_it_narrows_to(role: Role, scope: Scope) -> None:
    """A grant that narrows nothing would be one for everything."""
    for resource in ("orders", "products"):  # every category is published; schemas are narrowed by their contexts
        for action in ("read", "list", "create"):
            if scope_of(role, f"{resource}:{action}") == scope:
                assert access(role, f"{resource}:{action}").reached(resource) != EVERY_ROW


NOON = Surroundings(at=datetime(2026, 3, 1, 12, tzinfo=UTC))
NIGHT = Surroundings(at=datetime(2026, 3, 1, 2, tzinfo=UTC))
PAID = Condition("status", Op.EQ, ("paid",))
LARGE = Condition("total", Op.GT, (10_000,), "EUR")
BY_DAY = Condition("time", Op.BETWEEN, ("08:00", "18:00"))


def reads(*grants: tuple[Scope | None, tuple[Condition, ...]], role: Role = Role.STAFF) -> Actor:
    """Somebody with these grants to read orders, beside those of a role."""
    made = tuple(Grant("orders", frozenset({"read"}), scope, when) for scope, when in grants)
    return Actor(tenant_id=SHOP.id, tenant_slug=SHOP.slug, actor_id="anna", role=role, grants=made)


def reached(actor: Actor, around: Surroundings = NOON, **order: str | int) -> bool:
    found = actor.reach("orders:read", around)
    row = {"status": "paid", "currency": "EUR", "total_minor": 5_000, **order}
    if found is None:
        return False
    held = Access(actor=actor, resource="orders", scope=found.scope, tenant=SHOP, rows=found.rows)
    return matches(held.reached("orders"), row)


def test_a_grant_under_conditions_reaches_what_meets_them() -> None:
    clerk = reads((Scope.ALL, (PAID,)))

    assert [reached(clerk), reached(clerk, status="pending")] == [True, False]


def test_what_is_taken_away_under_conditions_is_only_what_they_match() -> None:
    clerk = reads((None, (LARGE,)), role=Role.MANAGER)

    assert [reached(clerk), reached(clerk, total_minor=10_001)] == [True, False]
    assert reached(clerk, total_minor=10_001, currency="USD")


def test_several_grants_reach_what_any_of_them_does() -> None:
    clerk = reads((Scope.OWN, ()), (Scope.ALL, (PAID,)), (None, (LARGE,)))

    assert reached(clerk, status="pending", customer_ref="anna")
    assert reached(clerk, status="paid", customer_ref="bert")
    assert not reached(clerk, status="pending", customer_ref="bert")
    assert not reached(clerk, status="pending", customer_ref="anna", total_minor=20_000)


def test_at_night_a_grant_for_the_day_is_none() -> None:
    clerk = reads((Scope.ALL, (BY_DAY,)))

    assert clerk.reach("orders:read", NIGHT) is None
    assert clerk.reach("orders:read", NOON) is not None


def test_what_is_taken_away_by_day_is_there_at_night() -> None:
    clerk = reads((None, (BY_DAY,)), role=Role.MANAGER)

    assert [reached(clerk, NOON), reached(clerk, NIGHT)] == [False, True]


def test_their_own_under_a_condition_is_both() -> None:
    clerk = reads((Scope.OWN, (PAID,)))

    assert reached(clerk, customer_ref="anna")
    assert not reached(clerk, customer_ref="anna", status="pending")
    assert not reached(clerk, customer_ref="bert")


def test_who_is_let_in_for_a_moment_is_not_let_in_for_longer() -> None:
    passing = [reads((Scope.ALL, (BY_DAY,))), reads((Scope.ALL, (PAID,))), reads((Scope.ALL, ()))]

    assert [actor.reach("orders:read", NOON).passing for actor in passing] == [True, False, False]  # type: ignore[union-attr]
