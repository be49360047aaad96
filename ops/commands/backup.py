"""Defines `rustok backup`: everything that nobody could make again, in a folder.

With `--json` one document: {"folder", "seconds", "archive_fails", "removed": […], "manifest": {…}}, whose manifest is
`backup.json` of the folder without its list of files.
"""

import json
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from ops.backup import backup_manifest
from ops.backup.take_backup import Made, take
from ops.progress_display import Steps
from ops.settings import Settings


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Remove the oldest, so that N are left.")
@click.option("--without-keys", is_flag=True, help="Leave out the stack's keys, which are kept elsewhere then.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
def backup(folder: Path, *, keep: int | None, without_keys: bool, as_json: bool) -> None:
    """Copy PostgreSQL, and what no table keeps, into a new folder in FOLDER, and read the copy again.

    Everything goes on meanwhile. The copy is whole or not there; with the stack's keys in it, it opens everything
    that they seal. `rustok restore` brings a stack back from it.
    """
    console = Console(stderr=True)
    made = take(Settings(), folder.resolve(), Steps(console), with_keys=not without_keys, keep=keep)
    if as_json:
        click.echo(document(made))
        return
    sizes = ", ".join(f"{part} {size / 1_000_000:,.1f} MB" for part, size in made.backup.manifest.bytes.items())
    click.echo(f"{made.backup.folder}\n{sizes}, in {made.seconds} s")
    if made.removed:
        click.echo(f"removed {', '.join(made.removed)}")
    if made.archive_fails:
        click.echo(
            f"The log is not archived: {made.archive_fails} failed last. PostgreSQL's own log says why.", err=True
        )


def document(made: Made) -> str:
    """As described above."""
    manifest = json.loads(backup_manifest.as_json(replace(made.backup.manifest, files=())))
    del manifest["files"]
    return json.dumps(
        {
            "folder": str(made.backup.folder),
            "seconds": made.seconds,
            "archive_fails": made.archive_fails,
            "removed": made.removed,
            "manifest": manifest,
        }
    )
