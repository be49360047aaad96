"""The pages of documentation, and what is written in them."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))

_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    """The contents of the page's fenced blocks of one language, in order."""
    return [text for kind, text in _BLOCK.findall(page.read_text()) if kind == language]


def first_cells(page: Path, heading: str) -> list[str]:
    """The first cell of each row of the first table under a heading, without backticks."""
    _, found, rest = page.read_text().partition(f"\n{heading}\n")
    assert found, f"{page.name} has no heading {heading}"
    section = re.split(r"^#+ ", rest, flags=re.MULTILINE)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [row.split("|")[1].strip().strip("`") for row in rows[2:]]
