from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from api.domain.conditions import Condition, Op
from api.domain.errors import Conflict, Invalid
from api.domain.permissions import ACTIONS, FOR_PEOPLE, RESOURCES, Grant, Role, Scope, scope_of
from api.domain.scope import Actor
from api.domain.service_tokens import LONGEST, ServiceToken, grants_for, require_end, require_room
from api.domain.token_text import TokenKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP = uuid4()
EVERY = [f"{resource}:{action}" for resource in sorted(RESOURCES) for action in sorted(ACTIONS)]


def maker(role: Role = Role.ADMIN, *grants: Grant) -> Actor:
    return Actor(tenant_id=SHOP, tenant_slug="cheese", actor_id="anna", role=role, grants=grants)


def token(**different: object) -> ServiceToken:
    made = ServiceToken(
        id=uuid4(),
        tenant_id=SHOP,
        kind=TokenKind.SERVICE,
        name="till",
        grants=grants_for(TokenKind.SERVICE, maker(), ["orders:read"]),
        ending="abcd",
        made_by="anna",
        made_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )
    return replace(made, **different)  # type: ignore[arg-type]  # the fields of the class


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER, Role.CUSTOMER, Role.ANONYMOUS])
def test_a_token_reaches_as_far_as_its_maker_and_no_permission_further(role: Role) -> None:
    for permission in EVERY:
        scope = scope_of(role, permission)
        if scope is None or permission.partition(":")[0] in FOR_PEOPLE:
            with pytest.raises(Invalid):
                grants_for(TokenKind.SERVICE, maker(role), [permission])
        else:
            made = replace(maker(Role.INTEGRATION), grants=grants_for(TokenKind.SERVICE, maker(role), [permission]))
            assert [one for one in EVERY if made.scope_of(one) is not None] == [permission]
            assert made.scope_of(permission) == scope


def test_what_somebody_has_besides_their_role_they_can_give() -> None:
    clerk = maker(Role.INTEGRATION, Grant("orders", frozenset({"read"}), Scope.OWN))

    assert grants_for(TokenKind.SERVICE, clerk, ["orders:read"]) == clerk.grants


def test_a_token_is_under_the_conditions_of_its_maker() -> None:
    paid = (Condition("status", Op.EQ, ("paid",)),)
    given = Grant("orders", frozenset({"read", "list"}), Scope.ALL, paid)
    taken = Grant("orders", frozenset({"list"}), None, (Condition("total", Op.GT, (100,), "EUR"),))

    made = grants_for(TokenKind.SERVICE, maker(Role.STAFF, given, taken), ["orders:list"])

    assert made == tuple(replace(one, actions=frozenset({"list"})) for one in (given, taken))
    assert token(grants=made).permissions == ["orders:list"]


def test_every_permission_that_cannot_be_given_is_named() -> None:
    wanted = ["orders:read", "tenants:create", "moons:read", "service_tokens:create"]

    with pytest.raises(Invalid) as refused:
        grants_for(TokenKind.SERVICE, maker(), wanted)

    assert [(one.field, one.code) for one in refused.value.errors] == [
        ("permissions.1", "exceeds_maker"),
        ("permissions.2", "unknown"),
        ("permissions.3", "not_for_tokens"),
    ]


def test_a_search_key_searches_and_opens_what_a_claim_token_opens_and_nothing_else() -> None:
    key = replace(maker(Role.INTEGRATION), grants=grants_for(TokenKind.SEARCH, maker(), []))

    assert [one for one in EVERY if key.scope_of(one) is not None] == [
        "guest_orders:read",
        "guest_payments:create",
        "search:read",
    ]
    with pytest.raises(Invalid):
        grants_for(TokenKind.SEARCH, maker(), ["search:read"])


def test_a_token_for_nothing_is_none() -> None:
    with pytest.raises(Invalid):
        grants_for(TokenKind.SERVICE, maker(), [])


@pytest.mark.parametrize(
    ("kind", "expires_at", "good"),
    [
        (TokenKind.SERVICE, None, False),
        (TokenKind.SERVICE, NOW, False),
        (TokenKind.SERVICE, NOW + timedelta(seconds=1), True),
        (TokenKind.SERVICE, NOW + LONGEST, True),
        (TokenKind.SERVICE, NOW + LONGEST + timedelta(seconds=1), False),
        (TokenKind.SEARCH, None, True),
        (TokenKind.SEARCH, NOW - timedelta(days=1), False),
    ],
)
def test_a_token_ends_within_a_year(kind: TokenKind, expires_at: datetime | None, good: bool) -> None:
    if good:
        require_end(kind, expires_at, NOW)
    else:
        with pytest.raises(Invalid):
            require_end(kind, expires_at, NOW)


def test_two_of_one_name_are_good_at_a_time() -> None:
    ended, revoked = token(expires_at=NOW), token(revoked_at=NOW)

    require_room("till", [token(), ended, revoked], NOW)
    with pytest.raises(Conflict, match="named till"):
        require_room("till", [token(), token(), ended], NOW)
