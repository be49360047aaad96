"""What `rustok schemas` answers at the shell: of our events, and of a sample of which the answers are known."""

import json

import pytest
from click.testing import CliRunner, Result

from ops.cli import rustok
from schemas.event_catalogue import HISTORIES
from schemas.evolving.class_rules import RULES
from tests.schemas.evolving.trees import Tree

CANCELLED = ("order.cancelled@1", "order.cancelled")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Nobody edits it."""
    return Tree.copied(tmp_path_factory.mktemp("sample"))


def schemas(*arguments: str) -> Result:
    return CliRunner().invoke(rustok, ["schemas", *arguments])


def test_every_event_is_listed_with_its_version_topic_and_owner(tree):
    rows = json.loads(schemas("list", "--json").stdout)

    assert [(row["event"], row["version"]) for row in rows] == [
        (history.event_type, history.newest_version) for history in HISTORIES
    ]
    known = {"event": "order.cancelled", "version": 2, "topic": "rustok.order", "owner": "sales"}
    assert known in json.loads(tree.rustok("list", "--json").said)


@pytest.mark.parametrize(("asked", "fields"), [(("--version", "1"), 2), ((), 3)])
def test_a_version_is_shown_in_avro(tree, asked, fields):
    shown = json.loads(tree.rustok("show", "order.cancelled", *asked).said)

    assert (shown["namespace"], shown["name"], len(shown["fields"])) == ("order", "cancelled", fields)


@pytest.mark.parametrize(
    "asked", [("order.eaten",), ("order.paid", "--version", "2"), ("order.paid", "--version", "0")]
)
def test_what_is_not_there_is_not_shown(tree, asked):
    assert tree.rustok("show", *asked).code == 2


def test_a_difference_is_told_for_each_kind_of_reader(tree):
    said = tree.rustok("diff", *CANCELLED).said.splitlines()

    assert said[0] == "order.cancelled@1 → order.cancelled@2"
    assert "  refund_minor                 added, long                          breaks new readers" in said
    assert "✓ readers with the old schema    read new events as before" in said
    assert "✗ readers with the new schema    cannot read old bytes without an upcast: refund_minor" in said
    assert "✓ stored events, by our upcasts  3 golden events of v1 are lifted in 1 step" in said


def test_a_difference_is_told_to_programs(tree):
    told = json.loads(tree.rustok("diff", "--json", *CANCELLED).said)

    assert (told["from"], told["to"]) == ("order.cancelled@1", "order.cancelled@2")
    assert [change["path"] for change in told["changes"]] == ["", "refund_minor"]
    assert [reader["is_fine"] for reader in told["readers"]] == [True, False, True]


def test_a_version_in_git_and_a_file_can_be_compared(tmp_path):
    tree = Tree.published(tmp_path)
    tree.edit(
        "schemas/avsc/order.cancelled.v2.avsc",
        '"refund_minor",\n      "type": "long"',
        '"refund_minor",\n      "type": "string"',
    )

    done = tree.rustok("diff", "git:main:order.cancelled@2", "schemas/avsc/order.cancelled.v2.avsc")

    assert done.said.splitlines()[:2] == [
        "git:main:order.cancelled@2 → schemas/avsc/order.cancelled.v2.avsc",
        "  refund_minor                 long became string                   breaks old and new readers",
    ]


def test_the_same_twice_differs_in_nothing(tree):
    assert tree.rustok("diff", "order.paid", "order.paid@1").said == "order.paid@1 → order.paid@1: no difference\n"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("order.eaten", "there is no event order.eaten"),
        ("order.paid@7", "order.paid has the versions 1 to 1"),
        ("order.paid@x", "x is no version"),
        ("lost.avsc", "there is no file lost.avsc"),
        ("git:main", "git:main names no event"),
    ],
)
def test_what_cannot_be_compared_is_said(tree, asked, reason):
    done = tree.rustok("diff", asked, "order.paid")

    assert done.code == 2
    assert reason in done.said


@pytest.mark.parametrize("text", ["", '{"type": "record"', "\udcff"])
def test_a_file_that_is_no_schema_is_said(tree, text):
    (tree.root / "bad.avsc").write_bytes(text.encode(errors="surrogateescape"))

    done = tree.rustok("diff", "bad.avsc", "order.paid")

    assert done.code == 2
    assert "bad.avsc is no Avro schema in JSON" in done.said


def test_every_rule_is_told():
    told = json.loads(schemas("lint", "--rules", "--json").stdout)

    assert [rule["rule"] for rule in told] == [rule.id for rule in RULES]
    assert schemas("lint").stdout == f"{len(RULES)} rules, 0 broken\n"
