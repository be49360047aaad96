"""A copy of PostgreSQL's files, taken while it stands still, and put back under everything else."""

import shutil
import subprocess
from pathlib import Path

from ops.local.supervisor import Supervisor
from ops.processes import all_processes
from tests.support.stack import Stack


def copy_of_postgres(stack: Stack, to: Path) -> None:
    """As a cold backup is taken."""
    with stack.without("postgres"):
        subprocess.run(["cp", "-a", str(_data(stack)), str(to)], check=True)


def put_back(stack: Stack, copy: Path) -> None:
    supervisor = Supervisor(stack.settings.folder)
    supervisor.stop_programs([*(process.name for process in all_processes()), "postgres"])
    shutil.rmtree(_data(stack))
    subprocess.run(["cp", "-a", str(copy), str(_data(stack))], check=True)
    supervisor.start_programs(["postgres"])
    stack.rustok("up")


def _data(stack: Stack) -> Path:
    return stack.settings.folder.data("postgres")
