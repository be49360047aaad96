"""The runbooks: each page is in the table, has its parts and its test, and is where its alerts lead."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from tests.docs.pages import ROOT, blocks
from tests.support.alert_cases import RULES
from tests.support.runbooks import FOLDER, OVER, pages

TESTS: Final = ROOT / "tests" / "end_to_end" / "test_runbooks.py"
WITH_A_STANDBY = TESTS.with_name("test_failing_over.py")
PARTS: Final = (
    "What you see",
    "What readers see meanwhile",
    "What to do",
    "How you know it is over",
    "Why",
)
LONGEST: Final = 70

each = pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)


def rows() -> list[str]:
    """Of the table of what is seen."""
    return [line for line in OVER.read_text().splitlines() if line.startswith("| ")][1:]


def test_the_table_has_every_page_and_no_other() -> None:
    named = {name for row in rows() for name in re.findall(r"\]\(([\w-]+\.md)\)", row)}

    assert named == {page.name for page in pages()}


@each
def test_a_page_has_its_parts_in_order_and_is_short(page: Path) -> None:
    text = page.read_text()

    assert tuple(re.findall(r"^## (.+)$", text, flags=re.MULTILINE)) == PARTS
    assert len(text.splitlines()) <= LONGEST
    assert blocks(page, "bash")


def test_every_page_is_followed_by_a_test() -> None:
    followed = {
        call.args[0].value
        for call in calls(TESTS, "follow")
        if isinstance(call.func, ast.Attribute) and isinstance(call.args[0], ast.Constant)
    }
    assert any(ast.unparse(call.args[1]) == "page" for call in calls(WITH_A_STANDBY, "follow"))
    (with_a_standby,) = re.findall(r'page = .*FOLDER / "([\w-]+\.md)"', WITH_A_STANDBY.read_text())

    assert followed | {with_a_standby} == {page.name for page in pages()}


def calls(file: Path, name: str) -> list[ast.Call]:
    found = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    return [call for call in found if ast.unparse(call.func).rpartition(".")[2] == name]


@each
def test_every_alert_that_a_page_names_there_is(page: Path) -> None:
    seen, _, _ = page.read_text().partition("## What readers see")
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]*)+)`", seen))

    assert named - {rule.name for rule in RULES} == set()


def test_every_alert_that_leads_to_a_page_is_in_its_row() -> None:
    led = {rule.name: ROOT / rule.annotations["runbook"].partition("#")[0] for rule in RULES}
    to_pages = {name: page for name, page in led.items() if page.parent == FOLDER and page != OVER}
    unseen = [
        name
        for name, page in to_pages.items()
        if not any(f"`{name}`" in row and f"({page.name})" in row for row in rows())
        or f"`{name}`" not in page.read_text()
    ]

    assert to_pages
    assert unseen == []
