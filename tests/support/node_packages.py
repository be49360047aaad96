"""Runs scripts with Node, beside packages as a lock file has them."""

from pathlib import Path

from ops.local import node_packages
from ops.local.node_packages import installed

__all__ = ["installed", "run"]


def run(script: Path, *arguments: str, folder: Path, told: str = "") -> str:
    """What it prints, with `told` on its stdin. It has to end well."""
    done = node_packages.run(script, *arguments, folder=folder, told=told)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
