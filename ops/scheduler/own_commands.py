"""Runs one of our commands in a process of its own, for a job: what it loads, and what it takes, ends with it."""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

_MOST_S: Final = 3600.0
_SAID: Final = 2000


class CommandFailed(Exception):
    """It ended as it should not, or did not print the document that it should have."""


@dataclass(frozen=True, slots=True)
class Ended:
    """`document` is what it printed, as JSON; None when it printed nothing. `said` is the end of its stderr."""

    command: str
    code: int
    document: Any
    said: str

    def expect(self, codes: Collection[int]) -> Any:
        """The document. Raises `CommandFailed` when it ended with another code, or without one."""
        if self.code not in codes or self.document is None:
            raise CommandFailed(f"`{self.command}` exited with {self.code}: {self.said}")
        return self.document


def run(*words: str, settings: Mapping[str, object], most_s: float | None = _MOST_S) -> Ended:
    """`rustok` with these words, and with these settings instead of those of this process.

    Raises `subprocess.TimeoutExpired` after `most_s` seconds, an hour if nothing else is said; None: it may last.
    """
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", *words],
        env={**os.environ, **{f"RUSTOK_{name.upper()}": str(value) for name, value in settings.items()}},
        capture_output=True,
        text=True,
        timeout=most_s,
        check=False,
    )
    return Ended(
        command=f"rustok {' '.join(word for word in words if not word.startswith('-'))}",
        code=done.returncode,
        document=json.loads(done.stdout) if done.stdout.strip() else None,
        said=done.stderr.strip()[-_SAID:],
    )
