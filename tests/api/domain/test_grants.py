from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.conditions import Condition, Op
from api.domain.errors import Forbidden, Invalid
from api.domain.grants import (
    OWNED,
    PERMISSIONS,
    checked,
    exceeding,
    require_change_within,
    require_within,
    weigh,
    widening,
)
from api.domain.permissions import ACTIONS, GRANTS, RESOURCES, Grant, Role, Scope, scope_of
from api.domain.scope import Access, Actor
from schemas.row_conditions import matches
from tests.support.grant_samples import BY_DAY, MOMENTS, PAID, READS, ROWS, SMALL


def grant(resource: str, actions: str, scope: Scope | None = Scope.ALL) -> Grant:
    return Grant(resource, frozenset(actions.split()), scope)


GRANT = st.builds(
    Grant,
    st.sampled_from(sorted(OWNED)),
    st.frozensets(st.sampled_from(sorted(ACTIONS)), min_size=1),
    st.sampled_from([Scope.ALL, Scope.OWN, None]),
)
SEVERAL = st.lists(GRANT, max_size=5)


def reach(grants: list[Grant], name: str) -> Scope | None:
    return weigh(grants, name).scope


def seen(grants: list[Grant]) -> set[tuple[int, int]]:
    """The rows that somebody called anna may read, at each moment."""
    actor = Actor(tenant_id=uuid4(), tenant_slug="a", actor_id="anna", role=Role.INTEGRATION, grants=tuple(grants))
    found = set()
    for when, around in enumerate(MOMENTS):
        held = actor.reach("orders:read", around)
        if held is not None:
            let_in = Access(actor=actor, resource="orders", scope=held.scope, tenant=None, rows=held.rows)
            found |= {(when, at) for at, row in enumerate(ROWS) if matches(let_in.reached("orders"), row)}
    return found


@pytest.mark.parametrize("role", list(Role))
def test_the_grants_of_a_built_in_role_reach_as_far_as_the_table_says(role: Role) -> None:
    assert [reach(list(GRANTS[role]), name) for name in PERMISSIONS] == [scope_of(role, name) for name in PERMISSIONS]


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
        checked([wrong])

    assert refused.value.errors[0].field == field


def test_every_resource_may_be_granted_in_full() -> None:
    checked([Grant(resource, ACTIONS) for resource in sorted(RESOURCES)])


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


@given(READS, READS)
def test_nobody_hands_on_under_conditions_what_they_do_not_reach(maker: list[Grant], wanted: list[Grant]) -> None:
    if not exceeding(maker, wanted):
        assert seen(wanted) <= seen(maker)


@given(READS, READS, READS, READS)
def test_no_allowed_change_of_conditions_shows_holders_what_the_maker_does_not_reach(
    maker: list[Grant], before: list[Grant], after: list[Grant], besides: list[Grant]
) -> None:
    if not widening(maker, before, after):
        assert seen([*after, *besides]) <= seen([*before, *besides]) | seen(maker)


@given(READS)
def test_everybody_may_hand_on_what_they_have(grants: list[Grant]) -> None:
    assert exceeding(grants, grants) == []


def test_a_grant_under_conditions_is_handed_on_with_the_same_or_more() -> None:
    maker = [Grant("orders", frozenset({"read"}), Scope.ALL, (SMALL,))]

    require_within(maker, [Grant("orders", frozenset({"read"}), Scope.ALL, (SMALL, PAID))])
    require_within(maker, [Grant("orders", frozenset({"read"}), Scope.OWN, (SMALL,))])
    for wider in ((), (PAID,), (Condition("total", Op.LTE, (101,), "EUR"),)):
        with pytest.raises(Forbidden, match="orders:read"):
            require_within(maker, [Grant("orders", frozenset({"read"}), Scope.ALL, wider)])


def test_what_is_taken_from_a_maker_under_conditions_is_taken_from_what_they_hand_on() -> None:
    taken = Grant("orders", frozenset({"read"}), None, (SMALL,))
    maker = [*GRANTS[Role.MANAGER], taken]

    require_within(maker, [grant("orders", "read"), taken])
    require_within(maker, [grant("orders", "list")])
    with pytest.raises(Forbidden, match="orders:read"):
        require_within(maker, [grant("orders", "read")])


def test_a_role_has_a_bounded_number_of_conditions() -> None:
    many = [Grant("orders", frozenset({"read"}), Scope.ALL, (SMALL, PAID, BY_DAY)) for _ in range(7)]

    with pytest.raises(Invalid, match="at most 20 conditions"):
        checked(many)
