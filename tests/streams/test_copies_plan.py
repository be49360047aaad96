"""Where copies of topics are to be, planned."""

from dataclasses import replace

from schemas import topics
from streams.copies_plan import plan

ORDERS = replace(topics.ORDERS, copies=3)
NAME = topics.ORDERS.name


def test_copies_are_added_on_other_brokers_and_the_first_stays() -> None:
    planned = plan([ORDERS], {NAME: {0: [1], 1: [2]}}, [1, 2, 3])

    assert planned["version"] == 1
    assert [(one["partition"], one["replicas"][0], sorted(one["replicas"])) for one in planned["partitions"]] == [
        (0, 1, [1, 2, 3]),
        (1, 2, [1, 2, 3]),
    ]


def test_new_copies_come_to_who_has_the_fewest() -> None:
    twice = replace(ORDERS, copies=2)

    planned = plan([twice], {NAME: {0: [1], 1: [1], 2: [1]}}, [1, 2, 3, 4])

    assert sorted(one["replicas"][1] for one in planned["partitions"]) == [2, 3, 4]


def test_too_many_copies_go_from_the_end() -> None:
    planned = plan([replace(ORDERS, copies=1)], {NAME: {0: [2, 1, 3]}}, [1, 2, 3])

    assert [one["replicas"] for one in planned["partitions"]] == [[2]]


def test_what_is_as_declared_is_left_alone() -> None:
    there = {NAME: {0: [1, 2, 3]}, topics.PRODUCTS.name: {0: [1]}}

    assert plan([ORDERS, topics.PRODUCTS], there, [1, 2, 3])["partitions"] == []
