"""A subscription takes what it names, and nothing of the platform's can be named."""

import pytest

from schemas.subscribed_events import PATTERNS, aggregates_of, takes


@pytest.mark.parametrize("pattern", ["order.paid", "order.*", "*", "product.updated"])
def test_events_are_named_by_type_by_aggregate_or_all(pattern: str) -> None:
    assert aggregates_of(pattern)
    assert pattern in PATTERNS


@pytest.mark.parametrize("pattern", ["", "order", "order.", "order.pa*", "*.paid", "dead_letter.*", "audit.anchored"])
def test_nothing_else_is_a_pattern(pattern: str) -> None:
    assert not aggregates_of(pattern)


def test_a_pattern_takes_its_own_only() -> None:
    assert takes(["order.paid"], "order.paid")
    assert not takes(["order.paid"], "order.placed")
    assert takes(["order.*"], "order.placed")
    assert not takes(["order.*"], "orders.placed")
    assert takes(["*"], "anything.at_all")
    assert not takes([], "order.paid")
