"""What readers see, and what a rule keeps out, are together all that the tables have."""

from collections.abc import Sequence

import pytest

from sinks.analytics.order_rules import why_refused
from sinks.quality.check_results import Result
from sinks.quality.reconciled_tables import kept_out, reconciled
from tests.sinks.test_verify_model import World


@pytest.fixture
def world() -> World:
    return World()


def found_in(world: World) -> Sequence[Result]:
    differences = world.verifying().full().differences
    return reconciled("sales", "orders", differences, kept_out(differences, why_refused))


def told(world: World) -> list[tuple[str, int]]:
    found = found_in(world)
    assert [one.expectation.name for one in found] == ["orders_are_as_the_tables_have_them", "orders_are_not_refused"]
    return [(one.outcome, one.broken) for one in found]


def test_what_is_alike_holds(world):
    world.order()
    world.order()

    assert told(world) == [("passed", 0), ("passed", 0)]


def test_an_order_that_is_missing_extra_or_different_is_critical(world):
    missing, different, extra = (world.order() for _ in range(3))
    del world.readers.held[missing]
    world.damage(different, customer_ref="somebody else")
    del world.truth.told[extra]

    (differing, _) = found = found_in(world)

    assert (differing.outcome, differing.broken, found[1].outcome) == ("failed", 3, "passed")
    assert {one["id"]: one["is"] for one in differing.examples} == {
        str(missing): "missing",
        str(different): "different",
        str(extra): "extra",
    }


def test_what_a_rule_keeps_out_is_a_warning_and_counted_apart(world):
    world.order()
    refused = world.order(total_minor=281)
    del world.readers.held[refused]

    assert told(world) == [("passed", 0), ("warned", 1)]


def test_what_breaks_a_rule_in_the_tables_and_is_seen_in_another_version_is_kept_out_too(world):
    id_ = world.order()
    world.change(id_, total_minor=281)

    assert told(world) == [("passed", 0), ("warned", 1)]
