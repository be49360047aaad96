"""Names what is locked in an older version than `pyproject.toml` would let in today."""

from pathlib import Path

from ops.checks.finding import Finding
from ops.locks.python_packages import python_lock


def find_outdated(root: Path) -> list[Finding]:
    """Raises `Failure` when the registry does not answer."""
    lock = python_lock(root)
    return compared(lock.versions(lock.file.read_text()), lock.versions(lock.made_anew()))


def compared(locked: dict[str, str], newest: dict[str, str]) -> list[Finding]:
    return [
        Finding(name, f"{locked[name]}, there is {newest[name]}")
        for name in sorted(locked.keys() & newest.keys())
        if locked[name] != newest[name]
    ]
