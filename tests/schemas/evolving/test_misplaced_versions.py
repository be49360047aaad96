"""What is out of its place is told by its cause, and by nothing that only follows from it."""

import json

import pytest

from tests.schemas.evolving.trees import Tree

ORDER = "schemas/events/order.py"
BOTH = "(OrderCancelledV1, OrderCancelled)"


@pytest.fixture
def tree(tmp_path) -> Tree:
    return Tree.published(tmp_path)


def violations(tree: Tree) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(tree.check().said)["violations"]
    return found


@pytest.mark.parametrize(
    ("left", "where", "name"),
    [
        ("(OrderCancelled,)", "order.cancelled@1", "OrderCancelledV1"),
        ("(OrderCancelledV1,)", "order.cancelled@2", "OrderCancelled"),
    ],
)
def test_an_entry_that_a_history_lost_is_the_one_that_is_named(tree, left, where, name):
    tree.edit(ORDER, BOTH, left)

    (told,) = violations(tree)

    assert (told["rule"], told["where"]) == ("version-removed", where)
    assert told["what"].endswith(f"{name} is not in its History")
    assert told["fix"].startswith(f"put {name} back in its place in HISTORIES of {ORDER}")


@pytest.mark.parametrize("command", ["render", "new-version order.cancelled"])
def test_nothing_is_written_for_what_is_out_of_its_place(tree, command):
    tree.edit(ORDER, BOTH, "(OrderCancelled,)")

    done = tree.rustok(*command.split())

    assert done.code == 1
    assert done.said.startswith("✗ order.cancelled@1: version-removed\n")
    assert tree.git("status", "--porcelain") == f"M {ORDER}"


def test_two_entries_in_each_others_place_are_in_another_order_and_nothing_else(tree):
    tree.edit(ORDER, BOTH, "(OrderCancelled, OrderCancelledV1)")

    told = violations(tree)

    assert [(each["rule"], each["where"]) for each in told] == [
        ("named", f"{ORDER} order.cancelled@1"),
        ("named", f"{ORDER} order.cancelled@2"),
    ]
    assert "put its History in order" in told[0]["fix"]


def test_an_event_under_another_name_is_gone_and_nothing_else(tree):
    tree.edit(ORDER, '"order.cancelled"', '"order.annulled"')

    (told,) = violations(tree)

    assert (told["rule"], told["where"]) == ("event-removed", "order.cancelled")
    assert "order.annulled looks like it" in told["what"]


def test_what_is_wrong_with_other_events_is_told_beside_it(tree):
    tree.edit(ORDER, BOTH, "(OrderCancelled,)")
    tree.edit("schemas/events/category.py", "    position: int\n", "    position: int\n    hue: str\n")

    told = {each["rule"] for each in violations(tree)}

    assert told == {"version-removed", "published-changed", "unexplained"}


def test_how_many_versions_are_published_is_told_whatever_is_wrong(tree):
    tree.edit("schemas/events/category.py", "    position: int\n", "    position: float\n")

    said = tree.rustok("check").said.splitlines()[-1]

    assert said.startswith(f"✗ {tree.versions} published versions beside git:main")
