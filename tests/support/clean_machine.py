"""A machine on which nobody has installed anything but Python: what is on the PATH, and what a program may know."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# What every Linux has. No Java, Maven, Node, uv, compiler or Docker among it.
PROGRAMS = """
awk basename bash cat chmod chown cksum cp cut date dd df dirname du echo env expr false flock getent git grep head
hostname id kill ln locale ls mkdir mktemp mv nice nproc ps pwd readlink rm rmdir sed seq sh sleep sort stat tail tar
tee test touch tr true uname uniq wc xargs
"""
# How the machine reaches its registries.
PASSED_ON = re.compile(
    r"(https?|all|no|ftp)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|GIT_SSL_CAINFO"
    r"|PIP_(CERT|CLIENT_CERT|PROXY|INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|FIND_LINKS|TIMEOUT|DEFAULT_TIMEOUT|CONFIG_FILE)",
    re.IGNORECASE,
)
PIP_SETTINGS = ("cert", "client-cert", "proxy", "index-url", "extra-index-url", "trusted-host", "find-links", "timeout")


def base_python() -> Path:
    """The Python that this environment was made from."""
    return Path(sys._base_executable).resolve()  # noqa: SLF001  # nothing public names it


def path_with(folder: Path, *pythons: Path) -> Path:
    """The folder, filled with the programs and with these Pythons under their own names (python3.11)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PROGRAMS.split():
        found = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
        if found and not (folder / name).exists():
            (folder / name).symlink_to(found)
    for python in pythons:
        put(folder, python.name, f'exec "{python}" "$@"')
    return folder


def put(folder: Path, name: str, script: str) -> None:
    """A program of the test's own."""
    file = folder / name
    file.unlink(missing_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def environment(path: Path, home: Path, also: Mapping[str, str] | None = None) -> dict[str, str]:
    """A new home, this PATH, and the way to the registries; nothing else."""
    home.mkdir(exist_ok=True)
    ours = {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}
    return {**_pips_own(), **ours, "PATH": str(path), "HOME": str(home), "TERM": "dumb", **(also or {})}


def _pips_own() -> dict[str, str]:
    """What the user's own configuration of pip says about the registry; a new home would forget it."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    found = (re.fullmatch(r"(?:global|user|install)\.([\w-]+)='(.*)'", line) for line in lines)
    return {
        f"PIP_{match[1].upper().replace('-', '_')}": match[2] for match in found if match and match[1] in PIP_SETTINGS
    }


def without_ensurepip(folder: Path) -> Path:
    """This Python once more, as Debian has it before python3-venv is installed."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    there = folder / "lib" / name
    there.mkdir(parents=True)
    for part in Path(os.__file__).parent.iterdir():
        if part.name != "ensurepip":
            (there / part.name).symlink_to(part)
    (folder / "bin").mkdir()
    shutil.copy(base_python(), folder / "bin" / name)
    return folder / "bin" / name


def said(done: "subprocess.CompletedProcess[str]") -> str:
    return f"{done.stdout}{done.stderr}"


def run(
    command: Sequence[str | Path], environment: Mapping[str, str], **how: object
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [str(word) for word in command], env=environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, **how
    )  # fmt: skip
