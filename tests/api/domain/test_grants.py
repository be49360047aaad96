import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import Forbidden, Invalid
from api.domain.grants import (
    OWNED,
    PERMISSIONS,
    exceeding,
    reach,
    require_change_within,
    require_meaning,
    require_within,
    widening,
)
from api.domain.permissions import ACTIONS, GRANTS, RESOURCES, Grant, Role, Scope, scope_of


def grant(resource: str, actions: str, scope: Scope | None = Scope.ALL) -> Grant:
    return Grant(resource, frozenset(actions.split()), scope)


GRANT = st.builds(
    Grant,
    st.sampled_from(sorted(OWNED)),
    st.frozensets(st.sampled_from(sorted(ACTIONS)), min_size=1),
    st.sampled_from([Scope.ALL, Scope.OWN, None]),
)
SEVERAL = st.lists(GRANT, max_size=5)


@pytest.mark.parametrize("role", list(Role))
def test_the_grants_of_a_built_in_role_reach_as_far_as_the_table_says(role: Role) -> None:
    assert [reach(GRANTS[role], name) for name in PERMISSIONS] == [scope_of(role, name) for name in PERMISSIONS]


def test_the_widest_of_several_grants_counts() -> None:
    assert reach([grant("orders", "read", Scope.OWN), grant("orders", "read list")], "orders:read") == Scope.ALL


def test_what_takes_away_wins_over_what_gives() -> None:
    assert reach([grant("orders", "read list"), grant("orders", "read", None)], "orders:read") is None
    assert reach([grant("orders", "read list"), grant("orders", "read", None)], "orders:list") == Scope.ALL


def test_a_manager_hands_on_what_a_manager_has_and_no_more() -> None:
    require_within(GRANTS[Role.MANAGER], [grant("orders", "read list", Scope.OWN)])

    with pytest.raises(Forbidden, match="orders:create, orders:delete"):
        require_within(GRANTS[Role.MANAGER], [grant("orders", "read create delete")])
    with pytest.raises(Forbidden):
        require_within(GRANTS[Role.MANAGER], GRANTS[Role.ADMIN])


def test_their_own_is_less_than_all() -> None:
    assert exceeding([grant("orders", "read", Scope.OWN)], [grant("orders", "read")]) == ["orders:read"]


def test_a_role_that_takes_away_is_loosened_only_by_who_has_what_it_took() -> None:
    denying = [grant("analytics", "read", None)]

    require_change_within(GRANTS[Role.MANAGER], denying, [])
    with pytest.raises(Forbidden, match="analytics:read"):
        require_change_within(GRANTS[Role.CUSTOMER], denying, [])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (grant("unicorns", "read"), "grants.0.resource"),
        (grant("orders", "read ride"), "grants.0.actions"),
        (grant("products", "read", Scope.OWN), "grants.0.scope"),
        (grant("products", "read", Scope.PUBLISHED), "grants.0.scope"),
    ],
)
def test_a_grant_that_means_nothing_or_reaches_further_than_it_says_is_refused(wrong: Grant, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_meaning([wrong])

    assert refused.value.errors[0].field == field


def test_every_resource_may_be_granted_in_full() -> None:
    require_meaning([Grant(resource, ACTIONS) for resource in sorted(RESOURCES)])


@given(SEVERAL, SEVERAL, SEVERAL)
def test_no_union_of_what_was_handed_on_reaches_further_than_its_makers(
    maker: list[Grant], one: list[Grant], other: list[Grant]
) -> None:
    if not exceeding(maker, one) and not exceeding(maker, other):
        assert exceeding(maker, [*one, *other]) == []


@given(SEVERAL, SEVERAL, SEVERAL, SEVERAL)
def test_no_allowed_change_of_a_role_gives_its_holders_what_the_maker_has_not(
    maker: list[Grant], before: list[Grant], after: list[Grant], besides: list[Grant]
) -> None:
    if not widening(maker, before, after):
        for name in PERMISSIONS:
            was, now = reach([*before, *besides], name), reach([*after, *besides], name)
            if now is not None and now != was and was != Scope.ALL:
                assert reach(maker, name) in (now, Scope.ALL)
