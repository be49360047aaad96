from uuid import uuid4

import pytest

from api.domain.errors import Forbidden
from api.domain.permissions import PLATFORM_ROLES, Role, Scope, scope_of
from api.domain.scope import Access, Actor, Condition
from schemas.events.tenant import Tenant

SHOP = Tenant(
    id=uuid4(),
    slug="cheese",
    name="Cheese",
    domains=(),
    default_locale="en",
    locales=("en",),
    currency="EUR",
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
    assert access(Role.CUSTOMER, "orders:list").conditions("orders") == (Condition("customer_ref", "anna"),)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.ANONYMOUS])
def test_a_storefront_reaches_what_is_published(role: Role) -> None:
    assert access(role, "products:read").conditions("products") == (Condition("status", "active"),)
    assert access(role, "categories:read").conditions("categories") == ()


def test_staff_reaches_everything() -> None:
    assert access(Role.MANAGER, "orders:list").conditions("orders") == ()


def test_what_a_scope_is_not_about_is_not_narrowed_by_it() -> None:
    assert access(Role.CUSTOMER, "orders:create").conditions("products") == ()


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
                assert access(role, f"{resource}:{action}").conditions(resource)
