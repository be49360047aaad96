"""How does a test try another version of the code? In a copy of the project, which it may edit, and whose command line
it runs.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.home import project_root
from schemas.event_catalogue import BY_TYPE

ROOMS = ("api", "ops", "schemas", "sinks", "streams", "tests/golden")
AUTHOR = {f"GIT_{who}_{what}": "test@example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass(frozen=True, slots=True)
class Copy:
    """The code in `folder`; its commands get `environment`."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def made(cls, folder: Path, environment: Mapping[str, str] = os.environ) -> "Copy":
        for room in ROOMS:
            shutil.copytree(project_root() / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(project_root() / "pyproject.toml", folder)
        return cls.of(folder, environment)

    @classmethod
    def whole(cls, folder: Path, environment: Mapping[str, str] = os.environ) -> "Copy":
        """Everything that is kept in git, as it is now."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=project_root(),
            check=True,
            capture_output=True,
            text=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (project_root() / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(project_root() / name, folder / name)
        return cls.of(folder, environment)

    @classmethod
    def of(cls, folder: Path, environment: Mapping[str, str] = os.environ) -> "Copy":
        """One that is there already."""
        return cls(folder, {**environment, "PYTHONPATH": str(folder)})

    def commit(self) -> None:
        """Everything as it is now becomes `main` of a repository of the copy's own."""
        for command in ("init -q -b main", "add -A", "commit -q --no-verify -m before"):
            subprocess.run(["git", *command.split()], cwd=self.folder, check=True, env={**self.environment, **AUTHOR})

    def touched(self) -> list[str]:
        """The files that are not as they were committed."""
        command = ["git", "status", "--porcelain", "--untracked-files=all", "--no-renames"]
        done = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True)
        return [line[3:] for line in done.stdout.splitlines()]

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text()
        assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
        file.write_text(text.replace(old, new))

    def new_version(self, event_type: str, field: str, value: str) -> None:
        """The next version of an event, as a maintainer makes it. Whatever version it has today."""
        self.rustok("schemas", "new-version", event_type, "--why", "somebody asked for it.")
        history = BY_TYPE[event_type]
        self.add_field(f"schemas/events/{history.aggregate}.py", history.newest.__name__, field, value)

    def add_field(self, path: str, cls: str, field: str, value: str) -> None:
        """The newest class gets `field` (`note: str`); its `from_previous` says `value` for all that was before."""
        before, start, rest = (self.folder / path).read_text().partition(f"\nclass {cls}:\n")
        newest, end, after = rest.partition("\n\n\n")
        for old, new in (
            ("\n\n    @classmethod\n", f"\n    {field}\n\n    @classmethod\n"),
            ("        return cls(", f"        return cls({field.partition(':')[0]}={value}, "),
        ):
            assert newest.count(old) == 1, f"{cls} has {old!r} {newest.count(old)} times"
            newest = newest.replace(old, new)
        (self.folder / path).write_text(before + start + newest + end + after)

    def rustok(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Runs the command line of the copy to its end: in its folder, which comes first when Python looks for code."""
        done = self.run("-m", "ops.cli", *arguments)
        assert not check or done.returncode == 0, f"{arguments} gave {done.returncode}:\n{done.stdout}{done.stderr}"
        return done

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs Python in the copy to its end."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def started(self, *arguments: str, log: Path) -> "subprocess.Popen[bytes]":
        """The command line of the copy, which goes on until it is ended."""
        with log.open("ab") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "ops.cli", *arguments],
                cwd=self.folder,
                env=dict(self.environment),
                stdout=said,
                stderr=said,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
