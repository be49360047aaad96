"""The page of a schema maintainer's afternoon: its commands are run in a copy of the tree, with the output it tells.

The page tells of the events of a sample (tests/support/sample): it stays true when the events themselves change.
"""

import re
import shlex
from typing import Final

from schemas.evolving import (
    compatibility_check,
    derived_files,
    explained_fields,
    lifted_examples,
    misplaced_versions,
    source_mistakes,
    topic_changes,
    violations,
)
from schemas.evolving.class_rules import RULES
from tests.docs.pages import ROOT
from tests.schemas.evolving.trees import Tree

PAGE: Final = ROOT / "docs" / "changing-events.md"
BLOCK: Final = re.compile(r"^```(console|diff)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMIT: Final = re.compile(r"\([0-9a-f]{7}\)")
RULE: Final = re.compile(r"rule=\"([a-z-]+)\"")


def test_the_afternoon_goes_as_it_is_told(tmp_path) -> None:
    tree = Tree.published(tmp_path)

    for kind, block in BLOCK.findall(PAGE.read_text()):
        if kind == "diff":
            (tmp_path / "change.diff").write_text(block)
            tree.git("apply", "change.diff")
            continue
        for command, expected in told(block):
            said = tree.rustok(*shlex.split(command)[2:]).said
            assert matches(expected, said), f"$ {command}\n{said}"


def test_every_rule_is_there() -> None:
    sources = [
        compatibility_check,
        explained_fields,
        lifted_examples,
        misplaced_versions,
        source_mistakes,
        derived_files,
        topic_changes,
        violations,
    ]
    rules = {
        rule
        for source in sources
        for rule in RULE.findall((ROOT / f"{source.__name__.replace('.', '/')}.py").read_text())
    }

    table = PAGE.read_text().partition("\n## What is checked\n")[2].partition("and the rules about")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == rules
    page = PAGE.read_text()
    assert [rule.id for rule in RULES if f"| `{rule.id}` | {rule.says} |" not in page] == []


def told(block: str) -> list[tuple[str, str]]:
    """Each command of a block with the output beneath it."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


def matches(expected: str, said: str) -> bool:
    """`…` alone on a line stands for any lines. Which commit it is, and how many versions there are, may differ."""
    lines = [r"(?:.*\n)*" if line == "…" else re.escape(f"{line}\n") for line in same(expected)]
    return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in same(said))) is not None


def same(output: str) -> list[str]:
    return re.sub(r"\d+ published versions", "all versions", COMMIT.sub("(commit)", output)).strip("\n").splitlines()
