"""Asks ruff for what bandit looks for (its rules S): shells, weak hashes, SQL that is put together, open files.

`rustok test` does so too, with all other rules; this shows them alone, and how many exceptions the code has given
itself. Which rules hold where is in `pyproject.toml`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from ops.checks.finding import Finding
from ops.failure import Failure

_EXCEPTION: Final = re.compile(r"# noqa: [^#\n]*\bS\d{3}")


def find_careless(root: Path) -> list[Finding]:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format=json", "--no-cache", str(root)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        told = json.loads(done.stdout)
    except ValueError as silent:
        raise Failure(
            f"ruff did not run: {done.stderr.strip()}", "Install what pyproject.toml names for development."
        ) from silent
    return [
        Finding(
            f"{Path(one['filename']).relative_to(root)}:{one['location']['row']}", f"{one['code']} {one['message']}"
        )
        for one in told
        if str(one["code"]).startswith("S")
    ]


def count_exceptions(root: Path, rooms: tuple[str, ...]) -> int:
    """Places that say why such a rule does not hold there."""
    files = (file for room in rooms for file in sorted((root / room).rglob("*.py")))
    return sum(len(_EXCEPTION.findall(file.read_text())) for file in files)
