"""Asks in SQL again and again at one snapshot, at a prompt with a history; `;` ends a statement."""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable

import click

from sinks import sql_command
from sinks.sql.snapshot_session import SnapshotSession

HELP = "A statement ends with ;   .tables  .describe TABLE  .quit"
_FIRST, _NEXT = "sql> ", "...> "


def open_harlequin(opened: SnapshotSession) -> None:
    """Becomes harlequin on the same file, read-only, where that is installed and somebody sits before it. It keeps to
    no shop, and knows no other sandbox than its own.
    """
    found = shutil.which("harlequin")
    if found is not None and sys.stdin.isatty():
        opened.close()
        os.execv(found, [found, "--adapter", "duckdb", "--read-only", str(opened.file.path)])  # noqa: S606  # no shell is meant


def run(opened: SnapshotSession, read: Callable[[str], str] = input) -> None:
    """Until `.quit` or the end of what comes in. ^C gives up what is typed, or what is being carried out."""
    with contextlib.suppress(ImportError):  # not everywhere is one
        import readline  # noqa: F401  # it gives `input` a history
    click.echo(HELP, err=True)
    typed: list[str] = []
    while True:
        try:
            line = read(_NEXT if typed else _FIRST)
        except EOFError:
            return
        except KeyboardInterrupt:
            click.echo(err=True)
            typed.clear()
            continue
        if not typed and line.strip() in (".quit", ".exit"):
            return
        typed.append(line)
        if typed[0].lstrip().startswith(".") or line.rstrip().endswith(";"):
            _carry_out(opened, "\n".join(typed).strip())
            typed.clear()
        elif not "".join(typed).strip():
            typed.clear()


def _carry_out(opened: SnapshotSession, text: str) -> None:
    try:
        match text.split():
            case [".tables"]:
                sql_command.describe(opened, None)
            case [".describe", table]:
                sql_command.describe(opened, table.rstrip(";"))
            case [word, *_] if word.startswith("."):
                click.echo(HELP, err=True)
            case _:
                sql_command.ask(opened, text, "table")
    except sql_command.Wrong as wrong:
        wrong.show()
    except KeyboardInterrupt:
        click.echo("Given up.", err=True)
