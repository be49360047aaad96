"""How good a ranking is, by numbers that can be worked out by hand."""

from math import log2

import pytest

from sinks.bench.rank_quality import ndcg, quality


def test_the_best_order_is_one_and_none_is_zero() -> None:
    grades = {"a": 3, "b": 1}

    assert ndcg(["a", "b", "x"], grades) == 1
    assert ndcg(["x", "y"], grades) == 0
    assert ndcg([], grades) == 0


def test_a_worse_order_is_discounted_by_the_rank() -> None:
    grades = {"a": 3, "b": 1}

    assert ndcg(["b", "a"], grades) == pytest.approx((1 + 7 / log2(3)) / (7 + 1 / log2(3)))


def test_what_stands_behind_the_tenth_does_not_count() -> None:
    assert ndcg([*"0123456789", "a"], {"a": 3}) == 0
    assert quality([([*"0123456789", "a"], {"a": 3})]).success_10 == 0


def test_the_means_are_over_the_queries() -> None:
    of_two = quality([(["a"], {"a": 3}), ([], {"a": 3})])

    assert (of_two.queries, of_two.ndcg_10, of_two.success_1, of_two.success_10, of_two.nothing) == (
        2,
        0.5,
        0.5,
        0.5,
        0.5,
    )
