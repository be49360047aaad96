from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from api.domain.conditions import Surroundings
from api.domain.explain_decision import SourcedGrant, Verdict, explain
from api.domain.permissions import GRANTS, Grant, Role, Scope
from api.domain.scope import Access, Actor
from schemas.row_conditions import Row, matches
from tests.support.grant_samples import BY_DAY, MOMENTS, PAID, READS, ROWS, SMALL

NOON = Surroundings(at=datetime(2026, 3, 1, 12, tzinfo=UTC))
NIGHT = Surroundings(at=datetime(2026, 3, 1, 2, tzinfo=UTC))
CLERK = Grant("orders", frozenset({"read"}), Scope.ALL, (PAID, SMALL, BY_DAY))
PAID_ROW: Row = {"status": "paid", "currency": "EUR", "total_minor": 50, "customer_ref": "anna"}


def sourced(*grants: Grant) -> list[SourcedGrant]:
    return [SourcedGrant("clerk", grant) for grant in grants]


@given(READS, st.sampled_from(ROWS), st.sampled_from(MOMENTS))
def test_what_is_explained_is_what_is_decided(grants: list[Grant], row: Row, around: Surroundings) -> None:
    actor = Actor(tenant_id=uuid4(), tenant_slug="a", actor_id="anna", role=Role.INTEGRATION, grants=tuple(grants))
    reach = actor.reach("orders:read", around)
    decided = False
    if reach is not None:
        access = Access(actor=actor, resource="orders", scope=reach.scope, tenant=None, rows=reach.rows)
        decided = matches(access.reached("orders"), row)

    found = explain(sourced(*grants), "orders:read", "anna", around, row)

    assert found.verdict == (Verdict.ALLOWED if decided else Verdict.DENIED)


@given(READS, st.sampled_from(MOMENTS))
def test_without_a_thing_it_is_what_the_door_says(grants: list[Grant], around: Surroundings) -> None:
    actor = Actor(tenant_id=uuid4(), tenant_slug="a", actor_id="anna", role=Role.INTEGRATION, grants=tuple(grants))

    found = explain(sourced(*grants), "orders:read", "anna", around)

    assert (found.verdict is Verdict.DENIED) == (actor.reach("orders:read", around) is None)


def test_the_condition_that_fails_is_named() -> None:
    found = explain(sourced(CLERK), "orders:read", "anna", NIGHT, {**PAID_ROW, "total_minor": 20_000})

    assert (found.verdict, found.deciding) == (Verdict.DENIED, ())
    assert found.others[0].failing == ("time between 08:00, 18:00 (it is 02:00:00 in UTC)", "total lte 1.00 EUR")


def test_the_grant_that_decides_is_named() -> None:
    taken = Grant("orders", frozenset({"read"}), None, (PAID,))
    grants = [*sourced(CLERK), SourcedGrant("blind", taken)]

    given_ = explain(sourced(CLERK), "orders:read", "anna", NOON, PAID_ROW)
    gone = explain(grants, "orders:read", "anna", NOON, PAID_ROW)

    assert [str(one) for one in given_.deciding] == [
        "clerk gives all when status eq paid; total lte 1.00 EUR; time between 08:00, 18:00 (it is 12:00:00 in UTC)"
    ]
    assert (gone.verdict, gone.deciding[0].source) == (Verdict.DENIED, "blind")


def test_what_depends_on_the_thing_is_left_open_without_one() -> None:
    found = explain(sourced(CLERK), "orders:read", "anna", NOON)

    assert (found.verdict, found.deciding[0].open) == (Verdict.FOR_SOME, ("status eq paid", "total lte 1.00 EUR"))


def test_of_a_role_alone_nobody_knows_what_is_their_own() -> None:
    grants = [SourcedGrant("customer", grant) for grant in GRANTS[Role.CUSTOMER]]

    assert explain(grants, "orders:read", "", NOON, PAID_ROW).verdict is Verdict.FOR_SOME
    assert explain(grants, "orders:read", "anna", NOON, PAID_ROW).verdict is Verdict.ALLOWED
    assert explain(grants, "orders:read", "bert", NOON, PAID_ROW).verdict is Verdict.DENIED


def test_what_nothing_gives_is_denied() -> None:
    found = explain(sourced(CLERK), "orders:delete", "anna", NOON)

    assert (found.verdict, found.deciding, found.others) == (Verdict.DENIED, (), ())
