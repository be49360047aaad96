"""Follows a runbook page as a newcomer does: sees what it shows, and copies what it says into one shell."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.docs.pages import ROOT, blocks
from tests.support.stack import Stack
from tests.support.waiting import wait_until

FOLDER: Final = ROOT / "docs" / "runbooks"
SEEN_WITHIN_S: Final = 90
#: At the end of every page.
OVER: Final = FOLDER / "README.md"


def pages() -> list[Path]:
    return sorted(page for page in FOLDER.glob("*.md") if page != OVER)


def shown(page: Path) -> dict[str, list[str]]:
    """What the page says that a command prints while it is so; `…` stands for anything."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in "\n".join(blocks(page, "console")).splitlines():
        if line.startswith("$ "):
            lines = found.setdefault(line.removeprefix("$ "), [])
        elif line.strip(" …"):
            lines.append(line)
    return found


def see(stack: Stack, page: Path) -> None:
    """Waits until each command that the page shows prints what the page says."""
    for command, lines in shown(page).items():
        said = [""]

        def is_said(command: str = command, lines: list[str] = lines, said: list[str] = said) -> bool:
            said[0] = _shell(stack, command)[1]
            return all(re.search(_pattern(line), said[0], re.MULTILINE) for line in lines)

        try:
            wait_until(is_said, SEEN_WITHIN_S, f"{page.name} has what `{command}` says")
        except AssertionError as error:
            raise AssertionError(f"{error}\nThe page: {lines}\nIt says:\n{said[0]}") from error


def follow(stack: Stack, page: Path, given: Mapping[str, str]) -> str:
    """Runs what the page says, in order, in one shell, and then what tells that it is over. Gives what was printed."""
    script = "\n".join((*blocks(page, "bash"), *blocks(OVER, "bash")))
    began = time.monotonic()
    code, said = _shell(stack, f"set -euxo pipefail\n{script}", given)
    assert code == 0, f"{page.name} could not be followed ({code}, {time.monotonic() - began:.0f} s):\n{said}"
    return said


def _pattern(line: str) -> str:
    """Blanks count once, for columns are as wide as what is in them."""
    parts = (re.escape(part).replace("\\ ", " ") for part in line.rstrip().split("…"))
    return "^" + re.sub(" +", r"\\s+", ".*".join(parts))


def _shell(stack: Stack, script: str, given: Mapping[str, str] = {}) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "-c", script],
        env={
            **stack.environment,
            **given,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "160",
            "NO_COLOR": "1",
            "PS4": "+ $SECONDS s: ",
        },
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout
