"""Defines `rustok dev`: what maintainers do again and again."""

import subprocess
import sys
import time

import click
from rich.console import Console

from ops.home import project_root
from ops.progress_display import Steps
from ops.settings import Settings


@click.group()
def dev() -> None:
    """What maintainers do: renew the locks, render what follows from the code."""


@dev.command()
def render() -> None:
    """Write the parts of files that follow from settings and read models: docs, compose file, alerts."""
    from ops.rendered_parts import write

    for file in write():
        click.echo(f"{file.relative_to(project_root())}: written")


@dev.command()
def lock() -> None:
    """Renew the locks of Python packages and jars, and try them.

    Takes the newest packages that pyproject.toml allows and what the jars' coordinates resolve to, runs the first-run
    test on the result, and says what changed. When it fails, the old locks are put back. Commits nothing.
    """
    from ops.locks.java_archives import jars_lock, newer
    from ops.locks.python_packages import python_lock
    from ops.locks.renew_locks import Lock, renew

    console = Console(stderr=True, highlight=False)
    began = time.monotonic()
    steps = Steps(console)

    def shown(name: str, one: Lock) -> Lock:
        def made_anew() -> str:
            with steps.together() as board, board.piece(name) as tell:
                tell("resolving")
                return one.made_anew()

        return Lock(one.file, made_anew, one.versions)

    def tell(words: str) -> None:
        console.print(words, markup=False, soft_wrap=True)

    locks = [shown("Python packages", python_lock(project_root())), shown("jars", jars_lock(lambda _: None))]
    renew(locks, _first_run_passes, Settings().home / "rejected-locks", tell)
    if waiting := list(newer()):
        tell("Newer releases, not decided on (ops/local/jar_lock.py names the versions):\n" + "\n".join(waiting))
    tell(
        f"The first run passes with these locks: {time.monotonic() - began:.0f} s. Run `rustok test`, then commit them."
    )


def _first_run_passes() -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-m", "first_run", "tests/first_run"]
    return subprocess.run(command, cwd=project_root(), stdin=subprocess.DEVNULL, check=False).returncode == 0
