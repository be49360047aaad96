"""`rustok schemas check` names what would break somebody, with what to do, and lets everything else pass."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.commands.test import steps
from tests.schemas.evolving.trees import ROOT, Tree, explained

ORDER = "schemas/events/order.py"
CATEGORY = "schemas/events/category.py"
PRODUCT = "schemas/events/product.py"
#: As the next version of an image is made of the one before.
LIFTED = "cls(url=old.url, alt=old.alt)"


@pytest.fixture
def tree(tmp_path) -> Tree:
    return Tree.published(tmp_path)


def a_field_removed(tree: Tree) -> None:
    tree.edit(
        ORDER, "    order: Order\n    reason: str\n    refund_minor: int\n", "    order: Order\n    reason: str\n"
    )
    tree.edit(ORDER, "reason=old.reason, refund_minor=refund)", "reason=old.reason)")


def an_old_version_mended(tree: Tree) -> None:
    tree.edit(ORDER, "    order: Order\n    reason: str\n\n\n", "    order: Order\n    reason: str\n    by: str\n\n\n")


def a_docstring_improved(tree: Tree) -> None:
    tree.edit(CATEGORY, "A category came into the tree.", "There is a new category.")


def a_version_dropped(tree: Tree) -> None:
    tree.edit(ORDER, "(OrderCancelledV1, OrderCancelled)", "(OrderCancelledV1,)")


def an_event_renamed(tree: Tree) -> None:
    tree.edit(CATEGORY, '"category.deleted", (CategoryDeleted,)', '"category.removed", (CategoryDeleted,)')


def two_versions_at_once(tree: Tree) -> None:
    tree.edit(CATEGORY, "(CategoryDeleted,)", "(CategoryDeleted, CategoryDeleted, CategoryDeleted)")


def nothing_but_a_number(tree: Tree) -> None:
    tree.rustok("new-version", "order.paid", "--why", "just so")


def a_field_renamed_in_a_new_version(tree: Tree) -> None:
    tree.rustok("new-version", "category.updated", "--why", "words")
    tree.edit(CATEGORY, "    changed: tuple[str, ...]\n\n    @class", "    fields: tuple[str, ...]\n\n    @class")
    tree.edit(CATEGORY, "changed=old.changed)", "fields=old.changed)")


def a_new_version_without_an_upcast(tree: Tree) -> None:
    tree.rustok("new-version", "category.deleted", "--why", "somebody asked who")
    tree.edit(
        CATEGORY,
        "    category: Category\n\n    @classmethod\n    def from_previous(",
        "    category: Category\n    by: str\n\n    @classmethod\n    def from_the_one_before(",
    )


def a_golden_file_edited(tree: Tree) -> None:
    tree.edit("tests/golden/order.paid.v1.json", '"version": 1', '"version":  1')


def a_golden_file_deleted(tree: Tree) -> None:
    (tree.root / "tests/golden/order.paid.v1.json").unlink()


def a_schema_edited_by_hand(tree: Tree) -> None:
    tree.edit("schemas/avsc/order.paid.v1.avsc", '"name": "paid"', '"name": "payed"')


def a_topic_renamed(tree: Tree) -> None:
    tree.edit(ORDER, 'name="order"', 'name="orders"')
    tree.git("mv", ORDER, "schemas/events/orders.py")
    tree.edit("schemas/topics.py", "dead_letter, order, page, product", "dead_letter, orders as order, page, product")


def partitions_added(tree: Tree) -> None:
    tree.edit(ORDER, "    partitions=4,\n", "    partitions=8,\n")


def a_topic_that_forgets(tree: Tree) -> None:
    tree.edit("schemas/aggregate.py", "    kept_days: int | None = None\n", "    kept_days: int | None = 30\n")


def a_float(tree: Tree) -> None:
    tree.edit(CATEGORY, "    position: int\n", "    position: float\n")


def an_upcast_that_takes_no_null(tree: Tree) -> None:
    """No golden file has an image without a text in it."""
    tree.rustok("new-version", "--changing", "Image", "--why", "somebody asked how large")
    tree.edit(PRODUCT, f"return {LIFTED}", f"assert old.alt is not None\n        return {LIFTED}")


def an_upcast_of_nothing_inside(tree: Tree) -> None:
    tree.rustok("new-version", "--changing", "Image", "--why", "somebody asked how large")
    tree.edit(PRODUCT, f"return {LIFTED}", "return None")


def an_event_left_out_of_the_union(tree: Tree) -> None:
    tree.edit(CATEGORY, " | CategoryDeleted\n", "\n")


def a_record_renamed(tree: Tree) -> None:
    text = (tree.root / CATEGORY).read_text()
    (tree.root / CATEGORY).write_text(text.replace("CategoryText", "CategoryWords"))


def a_field_added(tree: Tree, field: str) -> None:
    """In a new version, which breaks nobody once it is rendered."""
    tree.rustok("new-version", "category.deleted", "--why", "somebody asked")
    tree.edit(
        CATEGORY,
        "    category: Category\n\n    @classmethod",
        f"    category: Category\n    {field}: str\n\n    @classmethod",
    )
    tree.edit(CATEGORY, "category=old.category)", f'category=old.category, {field}="unknown")')
    tree.edit(*explained(f"CategoryDeleted.{field}"))


BREAKING: list[tuple[Callable[[Tree], None], str, str, str]] = [
    (a_field_removed, "published-changed", "refund_minor: removed", "rustok schemas new-version order.cancelled"),
    (an_old_version_mended, "published-changed", "by: added, string", "put OrderCancelledV1 in"),
    (
        a_docstring_improved,
        "published-changed",
        "its docstring says something else",
        "put the first line of the docstring of CategoryCreated in",
    ),
    (a_version_dropped, "version-removed", "has no class any more", "HISTORIES"),
    (an_event_renamed, "event-removed", "category.removed looks like it", "a better name is a new event"),
    (two_versions_at_once, "several-versions", "2 versions are new at once", "fold them into one: v2"),
    (nothing_but_a_number, "nothing-new", "the same fields as v1", "make the change in its class"),
    (a_field_renamed_in_a_new_version, "not-forward", "changed: removed", "add beside it"),
    (a_new_version_without_an_upcast, "lifts", "has no classmethod from_previous", "from_previous(cls, old"),
    (a_golden_file_edited, "golden-changed", "it is not what was published", "git checkout"),
    (a_golden_file_deleted, "golden-changed", "it is gone", "git checkout"),
    (a_schema_edited_by_hand, "stale-file", "not what the classes say", "rustok schemas render"),
    (a_topic_renamed, "topic-changed", "rustok.order is gone", 'Aggregate(name="order"'),
    (partitions_added, "topic-changed", "4 partitions became 8", "leave it at 4"),
    (a_topic_that_forgets, "topic-changed", "what it keeps is another", "as they were"),
    (a_float, "agreed-types", "no Avro form", "whole minor units"),
    (an_upcast_that_takes_no_null, "not-lifted", "Image.from_previous: AssertionError", "mend Image.from_previous"),
    (an_upcast_of_nothing_inside, "golden-unreadable", "it cannot be read or lifted any more", "never the file"),
    (an_event_left_out_of_the_union, "told", "is not in CategoryEvent", "add the class to it"),
    (a_record_renamed, "published-changed", "CategoryText", "call CategoryText so again"),
]


@pytest.mark.parametrize(("change", "rule", "what", "fix"), BREAKING, ids=[case[0].__name__ for case in BREAKING])
def test_what_breaks_somebody_is_named_with_a_way_out(tree, change, rule, what, fix):
    change(tree)

    done = tree.check()

    told = done.violations[rule]
    assert done.code == 1
    assert what in told["what"]
    assert fix in told["fix"]
    assert told["where"]
    assert told["why"]


def test_the_command_that_is_proposed_for_golden_bytes_puts_them_right(tree):
    a_golden_file_edited(tree)
    fix = tree.check().violations["golden-changed"]["fix"]

    tree.git(*shlex.split(fix)[1:])

    assert tree.check().code == 0


def test_a_new_event_and_a_new_version_break_nobody(tree):
    a_field_added(tree, "by")
    published = tree.versions
    tree.rustok("render")

    done = tree.rustok("check")

    assert done.code == 0
    assert f"✓ {published} published versions beside git:main (" in done.said
    assert "new: category.deleted@2; nothing broken" in done.said


def test_a_build_of_main_checks_its_last_commit(tree):
    a_docstring_improved(tree)
    tree.edit("schemas/avsc/category.created.v1.avsc", "A category came into the tree.", "There is a new category.")
    tree.commit("the file is changed to fit the class")

    done = tree.check()

    assert done.code == 1
    assert "published-changed" in done.violations


def test_a_clone_of_one_commit_is_compared_with_itself_and_says_so(tree, tmp_path_factory):
    clone = tmp_path_factory.mktemp("build") / "clone"
    tree.git("checkout", "--quiet", "-b", "feature")
    tree.git("clone", "--quiet", "--depth", "1", "--branch", "feature", f"file://{tree.root}", str(clone))

    done = Tree(clone).rustok("check")

    alone = Tree(clone).rustok("check", "--alone")

    assert (done.code, alone.code) == (2, 0)
    assert "There is no main in this clone" in done.said
    assert "what is checked out is compared with itself" in done.said
    assert "? " in done.said.splitlines()[-1]
    assert "beside git:HEAD (" in done.said


def test_a_clone_without_a_branch_of_its_own_knows_main_from_where_it_came(tree, tmp_path_factory):
    clone = tmp_path_factory.mktemp("build") / "clone"
    tree.git("clone", "--quiet", f"file://{tree.root}", str(clone))
    cloned = Tree(clone)
    cloned.git("checkout", "--quiet", "-b", "feature")
    cloned.git("branch", "--quiet", "--delete", "main")
    a_topic_renamed(cloned)

    assert "beside git:origin/main (" in cloned.rustok("check").said
    assert "beside git:origin/main (" in cloned.rustok("check", "--against", "git:main").said


def a_clone_of(tree: Tree, folder: Path) -> Tree:
    tree.git("clone", "--quiet", f"file://{tree.root}", str(folder))
    return Tree(folder)


def test_what_main_lost_and_has_not_sent_yet_is_known_from_where_it_came(tree, tmp_path_factory):
    cloned = a_clone_of(tree, tmp_path_factory.mktemp("build") / "clone")
    a_version_dropped(cloned)
    cloned.commit("one")
    (cloned.root / "README.md").write_text("a shop")
    cloned.commit("two")

    on_main = cloned.check()
    cloned.git("checkout", "--quiet", "-b", "feature")
    (cloned.root / "README.md").write_text("another")
    on_a_branch = cloned.check()

    assert (on_main.code, on_a_branch.code) == (1, 1)
    assert "version-removed" in on_main.violations
    assert "version-removed" in on_a_branch.violations


def test_a_number_that_somebody_else_took_meanwhile_is_known_from_where_main_came(tree, tmp_path_factory):
    cloned = a_clone_of(tree, tmp_path_factory.mktemp("build") / "clone")
    for each, field in ((tree, "by"), (cloned, "why")):
        a_field_added(each, field)
        each.rustok("render")
    tree.commit("theirs")
    cloned.git("fetch", "--quiet")

    done = cloned.rustok("check")

    assert done.code == 1
    assert "beside git:main (" in done.said
    assert "and git:origin/main (" in done.said
    assert "category.deleted@2: published-changed" in done.said


def test_files_that_git_does_not_know_are_named(tree):
    a_field_added(tree, "by")
    tree.rustok("render")

    done = tree.rustok("check")

    assert done.code == 0
    assert "? schemas/avsc/category.deleted.v2.avsc, tests/golden/category.deleted.v2.json" in done.said
    assert "git add" in done.said


def test_where_nothing_was_published_before_everything_passes(tmp_path):
    (tmp_path / "README.md").write_text("a shop")
    tree = Tree(tmp_path)
    tree.git("init", "--quiet", "--initial-branch=main")
    tree.commit("nothing yet")
    Tree.copied(tmp_path)

    done = tree.rustok("check")

    assert done.code == 0
    assert done.said.splitlines()[0] == "Nothing is published in git:main."


def test_without_git_the_tree_itself_is_checked(tmp_path):
    tree = Tree.copied(tmp_path)
    a_schema_edited_by_hand(tree)

    done = tree.rustok("check")

    assert done.code == 1
    assert "Only the tree itself is checked." in done.said
    assert "published-changed" in done.said or "stale-file" in done.said


def test_a_tree_that_is_a_folder_of_a_larger_repository_is_compared_with_its_own_folder(tmp_path):
    (tmp_path / "shop").mkdir()
    tree = Tree.copied(tmp_path / "shop")
    whole = Tree(tmp_path)
    whole.git("init", "--quiet", "--initial-branch=main")
    whole.commit("everything in one repository")
    a_topic_renamed(tree)

    assert "topic-changed" in tree.check().violations


def test_a_reference_that_is_not_there_is_an_error_and_no_verdict(tree):
    done = tree.rustok("check", "--against", "git:v9")

    assert done.code == 2
    assert "There is no v9 in this clone" in done.said


def test_nothing_is_tested_or_committed_without_the_check():
    named = [step.name for step in steps("", ())]
    (step,) = [step for step in steps("", ()) if step.name == "contracts"]

    assert step.command[-3:] == ("schemas", "check", "--alone")
    assert not step.needs_servers
    assert named.index("contracts") < named.index("unit tests")
    assert "entry: .venv/bin/rustok schemas check\n" in (ROOT / ".pre-commit-config.yaml").read_text()
