"""Runs `rustok bench restore`: a stack brought back from its backup, beside its read models made again in place.

The running stack is backed up and restored into one beside it, whose data is deleted at the end. What is measured
begins when that stack has started, which takes as long however much there is, and ends when every read model is as the
tables are and vouches for it. Beside it: the same read models of the running stack made again and compared.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click

from ops.bench.figures import Figure, show, tell
from ops.failure import Failure
from ops.local.supervisor import Supervisor
from ops.scheduler import own_commands
from ops.settings import Settings

#: What is put back before everything starts: files, not documents.
_BEFORE: Final = ("backup", "keys", "postgres", "read models", "log", "start")
_MODELS: Final = ("product-search", "sales")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def restore(as_json: bool) -> None:
    """A backup of the running stack restored beside it, and its read models made again. Needs a stack that is up.

    The copy is the stack of the same name with `-restored`. Webhooks, mail and payments go out of it as of any other
    restore: measure on a machine where the settings let none out.
    """
    settings = Settings()
    if not Supervisor(settings.folder).is_running():
        raise Failure(f"The stack {settings.stack} does not run.", "Start it with `rustok up`.")
    with TemporaryDirectory() as folder:
        tell("backup")
        _rustok(settings.stack, "backup", folder, "--json")
        restored = _restored(f"{settings.stack}-restored", Path(folder))
    rebuilt = [_rebuilt(settings.stack, model) for model in _MODELS]
    seconds = sum(taken for step, taken in restored["steps"].items() if step not in _BEFORE)
    show(
        {
            "restored_documents_per_s": Figure.of(
                restored["documents"] / seconds,
                sum(one["documents"] for one in rebuilt) / sum(one["seconds"] for one in rebuilt),
                "documents/s until they are as the tables are, beside a rebuild",
            ),
            "restored_s": Figure.of(
                restored["seconds"], sum(one["seconds"] for one in rebuilt), "s in all, beside a rebuild"
            ),
        },
        as_json=as_json,
    )


def _restored(stack: str, folder: Path) -> Any:
    tell(f"restore into {stack}")
    try:
        return _rustok(stack, "restore", str(folder), "--free-ports", "--json")
    finally:
        _rustok(stack, "down", "--delete-data", prints=False)


def _rebuilt(stack: str, model: str) -> Any:
    tell(f"rebuild of {model}")
    done = _rustok(stack, "sinks", "rebuild", "start", model, "--json")
    _rustok(stack, "sinks", "rebuild", "drop", model, "--json")
    return done


def _rustok(stack: str, *words: str, prints: bool = True) -> Any:
    ended = own_commands.run(*words, settings={"stack": stack}, most_s=None)
    if ended.code != 0 or (prints and ended.document is None):
        raise Failure(
            f"`{ended.command}` exited with {ended.code}: {ended.said}", "Put that right, and run this again."
        )
    return ended.document
