"""A copy of what `rustok schemas` works on, in a git repository of its own: to be edited, checked and thrown away."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
_AUTHOR: Final = (
    "-c",
    "user.name=A maintainer",
    "-c",
    "user.email=maintainer@shop.example",
    "-c",
    "commit.gpgsign=false",
)


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
        shutil.copytree(ROOT / "schemas", root / "schemas")
        shutil.copytree(ROOT / "tests" / "golden", root / "tests" / "golden")
        shutil.copy(ROOT / "pyproject.toml", root)  # how source is formatted
        (root / ".gitignore").write_text("__pycache__/\n")
        return cls(root)

    @classmethod
    def published(cls, root: Path) -> "Tree":
        """Everything is committed to `main`."""
        tree = cls.copied(root)
        tree.git("init", "--quiet", "--initial-branch=main")
        tree.commit("what is published")
        return tree

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
