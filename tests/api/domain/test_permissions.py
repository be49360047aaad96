import pytest

from api.domain.permissions import ACTIONS, GRANTS, RESOURCES, Role, Scope, is_permission, scope_of


def test_every_role_has_its_line() -> None:
    assert GRANTS.keys() == set(Role)


def test_grants_name_only_what_there_is() -> None:
    for grants in GRANTS.values():
        for grant in grants:
            assert grant.resource in RESOURCES
            assert grant.actions <= ACTIONS


@pytest.mark.parametrize(
    ("role", "permission", "scope"),
    [
        (Role.ADMIN, "orders:import", Scope.ALL),
        (Role.ADMIN, "orders:cancel", Scope.ALL),
        (Role.ADMIN, "tenants:read", None),
        (Role.MANAGER, "products:delete", Scope.ALL),
        (Role.MANAGER, "orders:update", Scope.ALL),
        (Role.MANAGER, "orders:cancel", Scope.ALL),
        (Role.MANAGER, "orders:create", None),
        (Role.MANAGER, "products:import", None),
        (Role.CUSTOMER, "orders:read", Scope.OWN),
        (Role.CUSTOMER, "orders:update", None),
        (Role.CUSTOMER, "orders:cancel", None),
        (Role.CUSTOMER, "products:read", Scope.PUBLISHED),
        (Role.CUSTOMER, "analytics:read", None),
        (Role.MANAGER, "analytics:query", Scope.ALL),
        (Role.STAFF, "analytics:query", None),
        (Role.ANONYMOUS, "products:list", Scope.PUBLISHED),
        (Role.ANONYMOUS, "orders:create", None),
        (Role.OPERATOR, "products:read", None),
        (Role.SUPER_ADMIN, "tenants:create", Scope.ALL),
        (Role.SERVICE, "schemas:read", Scope.ALL),
        (Role.SERVICE, "schemas:create", None),
        (Role.SERVICE, "orders:read", None),
        (Role.SCHEMA, "schemas:delete", Scope.ALL),
        (Role.SCHEMA, "tenants:read", None),
        (Role.OPERATOR, "schemas:list", Scope.ALL),
        (Role.OPERATOR, "schemas:update", None),
        (Role.ADMIN, "schemas:create", Scope.OWN),
        (Role.MANAGER, "schemas:read", Scope.OWN),
        (Role.MANAGER, "schemas:create", None),
        (Role.CUSTOMER, "schemas:read", None),
        (Role.ANONYMOUS, "schemas:read", None),
        (Role.ADMIN, "service_tokens:create", Scope.ALL),
        (Role.ADMIN, "webhooks:create", Scope.ALL),
        (Role.MANAGER, "webhooks:list", None),
        (Role.MANAGER, "service_tokens:list", None),
        (Role.CUSTOMER, "search:read", Scope.PUBLISHED),
        (Role.ANONYMOUS, "search:read", Scope.PUBLISHED),
        (Role.OPERATOR, "search:read", None),
        (Role.INTEGRATION, "products:list", None),
    ],
)
def test_the_table_says_who_may_do_what(role: Role, permission: str, scope: Scope | None) -> None:
    assert scope_of(role, permission) == scope


@pytest.mark.parametrize("name", ["orders:fly", "moons:read", "orders", ""])
def test_what_nobody_can_be_granted_is_no_permission(name: str) -> None:
    assert not is_permission(name)
