"""A copy of what `rustok schemas` works on, in a git repository of its own: to be edited, checked and thrown away.

The tools are today's, and the events of three aggregates are a sample that stays as it is (tests/support/sample): what
the tools are tested with does not change when an event does.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[3]
SAMPLE: Final = ROOT / "tests" / "support" / "sample"
FILES: Final = ("schemas/avsc", "tests/golden")
_AUTHOR: Final = (
    "-c",
    "user.name=A maintainer",
    "-c",
    "user.email=maintainer@shop.example",
    "-c",
    "commit.gpgsign=false",
)


def explained(*names: str) -> tuple[str, str, str]:
    """The edit that says what these fields mean."""
    begin = "MEANINGS: Final[Mapping[str, str]] = {\n"
    return "schemas/field_meanings.py", begin, begin + "".join(f'    "{name}": "a test\'s",\n' for name in names)


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    said: str

    @property
    def violations(self) -> dict[str, dict[str, str]]:
        """Of `check --json`, by rule; the first of each."""
        found: list[dict[str, str]] = json.loads(self.said)["violations"]
        return {each["rule"]: each for each in reversed(found)}


@dataclass(frozen=True, slots=True)
class Tree:
    root: Path

    @classmethod
    def copied(cls, root: Path) -> "Tree":
        shutil.copytree(_sample(), root, dirs_exist_ok=True)
        return cls(root)

    @classmethod
    def published(cls, root: Path) -> "Tree":
        """Everything is committed to `main`."""
        tree = cls.copied(root)
        tree.git("init", "--quiet", "--initial-branch=main")
        tree.commit("what is published")
        return tree

    @property
    def versions(self) -> int:
        """How many there are, of all events."""
        return len(list((self.root / "schemas/avsc").iterdir()))

    def rustok(self, *arguments: str) -> Done:
        """`rustok schemas …` as it is run in this tree, with the tree's own classes."""
        done = subprocess.run(
            [sys.executable, "-m", "ops.cli", "schemas", *arguments],
            cwd=self.root,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Done(done.returncode, done.stdout if done.returncode == 0 or done.stdout else done.stderr)

    def python(self, program: str) -> Any:
        """What the program prints as JSON; it sees the tree's classes."""
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, cwd=self.root, env=self._environment(), capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def check(self, *arguments: str) -> Done:
        return self.rustok("check", "--json", *arguments)

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert text.count(old) == 1, f"{path} has {text.count(old)} × {old!r}"
        (self.root / path).write_text(text.replace(old, new))

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *_AUTHOR, *arguments],
            cwd=self.root,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def _environment(self) -> dict[str, str]:
        """Not this repository's, when git runs the tests; and no bytecode that is older than an edit."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}


@cache
def _sample() -> Path:
    """Made once in a run. An aggregate that is not in the sample is as it is today."""
    root = Path(tempfile.mkdtemp(prefix="sample-"))
    atexit.register(shutil.rmtree, root)
    for room in ("schemas", "tests/golden"):
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)  # how source is formatted
    (root / ".gitignore").write_text("__pycache__/\n")
    _lay_meanings(root / "schemas" / "field_meanings.py")
    for source in SAMPLE.glob("*.py"):
        shutil.copy(source, root / "schemas" / "events")
        for file in (each for folder in FILES for each in (root / folder).glob(f"{source.stem}.*")):
            file.unlink()
    done = Tree(root).rustok("render")
    assert done.code == 0, done.said
    return root


def _lay_meanings(file: Path) -> None:
    """What is said of the sample's fields, and behind it what is said today of others."""
    before, start, rest = file.read_text().partition("] = {\n")
    today, end, after = rest.partition("\n}\n")
    sample = (SAMPLE / "meanings.txt").read_text().splitlines()
    said = {line.partition(":")[0] for line in sample}
    others = [line for line in today.splitlines() if line.partition(":")[0] not in said]
    file.write_text(before + start + "\n".join([*sample, *others]) + end + after)
