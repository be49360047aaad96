"""All pages: links lead somewhere, commands exist, and nothing of one machine is in them."""

import re
import shlex
from pathlib import Path
from typing import Final

import click
import pytest

from ops.cli import rustok
from tests.docs.pages import PAGES, ROOT

LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BEFORE: Final = r"(?:`|^\$ |^|[;&|(] ?)(?:[A-Z_]+=\S+ )*"
COMMAND: Final = re.compile(BEFORE + r"((?:rustok|ops/run)(?: [^`\n|;&)#]*)?)", re.MULTILINE)
CODE: Final = re.compile(r"^```\w*\n(.*?)^```$|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
OURS: Final = re.compile(r"`((?:api|docs|notebooks|ops|schemas|sinks|streams|tests)/[\w./-]*)`")
OF_A_MACHINE: Final = re.compile(r"(?<![\w.<>$}-])/(?:home|root|work|Users|opt|mnt)/\w+")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text()) if not target.startswith(("http:", "https:"))]

    assert [target for target in targets if not leads_somewhere(page, target)] == []


@pages
def test_every_command_exists_with_its_options(page: Path) -> None:
    wrong = [command for command in commands(page.read_text()) if (problem_of(command))]

    assert wrong == []


@pages
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = OURS.findall(page.read_text())

    assert [path for path in named if not (ROOT / path).exists()] == []


@pages
def test_no_page_knows_a_machine(page: Path) -> None:
    assert OF_A_MACHINE.findall(page.read_text()) == []


def test_the_index_leads_to_every_page() -> None:
    index = "".join((ROOT / "docs" / folder / "README.md").read_text() for folder in ("", "decisions", "runbooks"))
    own = [page for page in PAGES if page.name != "README.md"]

    assert [page.name for page in own if f"{page.name})" not in index] == []


def test_a_command_that_is_not_there_is_found_out() -> None:
    assert problem_of("rustok streams topics --json") == ""
    assert problem_of("rustok streams rewind") != ""
    assert problem_of("rustok up --faster") != ""


def leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    if not there.exists():
        return False
    return not anchor or anchor in [anchor_of(heading) for heading in HEADING.findall(there.read_text())]


def anchor_of(heading: str) -> str:
    """The way code hosts name a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def commands(text: str) -> list[str]:
    """Every `rustok …` or `ops/run …` in code of the page, without its comment."""
    code = "\n".join(block or inline for block, inline in CODE.findall(text))
    return [found.strip() for found in COMMAND.findall(code)]


def problem_of(command: str) -> str:
    """What the command line would not understand; nothing when it would. Runs nothing."""
    _, *words = shlex.split(command.replace("…", " "))
    group: click.Command = rustok
    context = click.Context(group, info_name="rustok")
    while words and isinstance(group, click.Group) and not words[0].startswith("-"):
        found = group.get_command(context, words.pop(0))
        if found is None:
            return f"{command}: there is no such command"
        group, context = found, click.Context(found, parent=context)
    known = {name for parameter in group.params for name in parameter.opts} | {"--help", "-h"}
    options = [word.partition("=")[0] for word in words if word.startswith("-")]
    return ", ".join(option for option in options if option not in known)
