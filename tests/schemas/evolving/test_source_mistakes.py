"""Whoever edits events makes mistakes in Python, and is told file, line and what: never a traceback."""

import json

import pytest

from tests.schemas.evolving.trees import Tree

ORDER = "schemas/events/order.py"
TWO_FIELDS = "    order: Order\n    reason: str\n    refund_minor: int\n"
MISTAKES = {
    "a colon forgotten": ("class OrderPlaced:", "class OrderPlaced", "SyntaxError: expected ':'"),
    "a name nobody knows": (
        TWO_FIELDS,
        TWO_FIELDS.replace("reason: str", "reason: Text"),
        "NameError: name 'Text' is not defined",
    ),
    "a name nobody knows, in a text": (
        TWO_FIELDS,
        TWO_FIELDS.replace("reason: str", 'reason: "Text"'),
        "NameError: name 'Text' is not defined",
    ),
    "a text that is no type": (
        TWO_FIELDS,
        TWO_FIELDS.replace("reason: str", 'reason: "a text"'),
        "SyntaxError: Forward reference must be an expression",
    ),
    "a wrong import": ("from uuid import UUID", "from uuid import UUIDs", "ImportError: cannot import name 'UUIDs'"),
    "a version deleted, and still spoken of": (
        "class OrderCancelledV1:",
        "class OrderCancelledOnce:",
        "NameError: name 'OrderCancelledV1' is not defined",
    ),
    "a row called otherwise": ("AGGREGATE = ", "ROW = ", "has no attribute 'AGGREGATE'"),
    "histories called otherwise": ("HISTORIES = (", "HISTORY = (", "name 'HISTORIES' is not defined"),
}


@pytest.fixture
def tree(tmp_path) -> Tree:
    return Tree.published(tmp_path)


@pytest.mark.parametrize(("old", "new", "what"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_a_broken_rule_with_its_place(tree, old, new, what):
    tree.edit(ORDER, old, new)

    done = tree.check()

    (told,) = json.loads(done.said)["violations"]
    file, _, line = told["where"].partition(":")
    wrong = (tree.root / file).read_text().splitlines()[int(line) - 1].strip()
    assert (done.code, told["rule"]) == (1, "not-python")
    assert what in told["what"]
    assert told["fix"] == f"mend it there: {wrong}"


def test_what_two_branches_changed_is_told_where_it_begins(tree):
    tree.edit(ORDER, TWO_FIELDS, f"<<<<<<< HEAD\n{TWO_FIELDS}=======\n{TWO_FIELDS}>>>>>>> feature\n")
    line = (tree.root / ORDER).read_text().splitlines().index("<<<<<<< HEAD") + 1

    (told,) = json.loads(tree.check().said)["violations"]

    assert (told["rule"], told["where"]) == ("merge-conflict", f"{ORDER}:{line}")
    assert "new-version" in told["fix"]


def test_a_file_of_events_that_is_gone_is_to_be_brought_back(tree):
    (tree.root / ORDER).unlink()

    (told,) = json.loads(tree.check().said)["violations"]

    assert (told["rule"], told["where"]) == ("event-removed", ORDER)
    assert told["fix"] == f"git checkout HEAD -- {ORDER}"


@pytest.mark.parametrize(
    "command", ["list", "show order.paid", "diff order.paid order.paid", "render", "lint", "new-version order.paid"]
)
def test_every_command_says_so_in_few_lines(tree, command):
    tree.edit(ORDER, "class OrderPlaced:", "class OrderPlaced")

    done = tree.rustok(*command.split())

    assert done.code == 1
    assert done.said.startswith(f"✗ {ORDER}:")
    assert "Traceback" not in done.said
    assert len(done.said.splitlines()) < 6


def test_help_is_given_all_the_same(tree):
    tree.edit(ORDER, "class OrderPlaced:", "class OrderPlaced")

    done = tree.rustok("--help")

    assert done.code == 0
    assert "Prepare the next version of EVENT" in done.said


def test_a_class_that_is_no_dataclass_is_told_by_the_rules(tree):
    tree.edit(
        ORDER,
        "@dataclass(frozen=True, slots=True, kw_only=True)\nclass OrderPaid:",
        "class OrderPaid:",
    )

    assert {"frozen", "agreed-types"} <= set(tree.check().violations)


def test_an_upcast_that_speaks_of_nothing_is_no_traceback(tree):
    tree.edit(ORDER, "refund = old.order.total_minor if", "refund = old.order.total_minor * rate if")

    told = tree.check().violations["golden-unreadable"]

    assert "OrderCancelled.from_previous: NameError: name 'rate' is not defined" in told["what"]


@pytest.mark.parametrize("text", ["{", "[]", '{"event": "order.paid", "version": 1, "examples": [{}]}', None])
def test_a_golden_file_that_is_none_any_more_is_told_by_the_check_and_put_back_by_nobody_else(tree, text):
    kept = tree.root / "tests/golden/order.paid.v1.json"
    if text is None:
        kept.unlink()
    else:
        kept.write_text(text)

    checked, rendered = tree.check(), tree.rustok("render")

    assert list(checked.violations) == ["golden-changed"]
    assert rendered.code == 1
    assert "fix   git checkout " in rendered.said
    assert (kept.read_text() if kept.exists() else None) == text


def test_a_golden_file_that_was_published_broken_is_told_apart(tree):
    (tree.root / "tests/golden/order.paid.v1.json").write_text("{")
    tree.commit("broken")

    told = tree.check("--against", "git:main").violations["golden-unreadable"]

    assert "it is no golden file: JSONDecodeError" in told["what"]
