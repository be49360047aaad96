"""Runs a server's own tool once, as the servers' user, to its end."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ops.failure import Failure
from ops.home import ServiceUser


def run(
    command: Sequence[str | Path], *, user: ServiceUser, folder: Path, what: str, remedy: str, said_to_it: str = ""
) -> None:
    """Runs it in the folder; `what` could not be done, and the `remedy`, are told when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        input=said_to_it,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        user=None if user.is_caller else user.uid,
        group=None if user.is_caller else user.gid,
        extra_groups=None if user.is_caller else [user.gid],
    )
    if done.returncode != 0:
        said = (done.stderr + done.stdout).strip().splitlines()
        raise Failure(f"{what}: {said[-1] if said else f'exit code {done.returncode}'}", remedy)
