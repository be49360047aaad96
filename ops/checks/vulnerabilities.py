"""Asks pip-audit whether anything in the lock of Python packages has a known hole."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ops.checks.finding import Finding
from ops.failure import Failure

_REMEDY: Final = (
    "It asks the index of Python packages: run it where that is reached, or see there what is known of the packages."
)
_OPTIONS: Final = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--timeout=10", "--format=json")


def find_vulnerabilities(lock: Path) -> list[Finding]:
    """Raises `Failure` when it was not told of every package."""
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", f"--requirement={lock}", *_OPTIONS],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError) as silent:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise Failure(f"pip-audit could not ask about the packages: {last}", _REMEDY) from silent
    return findings(told)


def findings(told: Sequence[Any]) -> list[Finding]:
    """pip-audit takes a package that it could not ask about for a good one; here that is none."""
    unknown = [one["name"] for one in told if "skip_reason" in one]
    if unknown:
        few = ", ".join(unknown[:3]) + (", …" if len(unknown) > len(unknown[:3]) else "")
        raise Failure(f"Of {len(unknown)} of {len(told)} packages nothing was told: {few}.", _REMEDY)
    return [
        Finding(f"{one['name']} {one['version']}", f"{hole['id']}, {_mended(hole['fix_versions'])}")
        for one in told
        for hole in one["vulns"]
    ]


def _mended(versions: Sequence[str]) -> str:
    return f"mended in {', '.join(versions)}" if versions else "not mended yet"
