"""Runs `rustok schemas new-version|render`: an event's next version, and the files that follow from the classes."""

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from schemas.evolving.new_version import NotPossible, Prepared, prepare
from schemas.evolving.next_class import UNSAID
from schemas.evolving.published_schemas import ROOT, NoBase, PublishedState, published
from schemas.evolving.violations import merged, shown

STEPS = """
Now:
  1. Edit {classes} in {files}: its fields, and how `from_previous` makes them from an older event.{why}
  2. Say what each new field means: in schemas/field_meanings.py, or in `meanings` of its aggregate's row.
  3. rustok schemas render    writes the Avro schemas and the golden bytes
  4. rustok schemas doc       writes the catalogue of events
  5. rustok sinks golden      writes what read models make of it
  6. rustok schemas check     says whether anybody is broken
  7. rustok test --fast       the type checker names the places outside tests that make {these}
"""
ASKED = "\n     Say why the version came where a docstring asks WHY?"


@click.command("new-version")
@click.argument("events", nargs=-1, metavar="[EVENT]…")
@click.option("--changing", multiple=True, metavar="CLASS", help="A class inside events, e.g. Order. May be repeated.")
@click.option("--why", default=UNSAID, help="Why the version comes, for its docstring.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
def new_version(events: tuple[str, ...], changing: tuple[str, ...], why: str, dry_run: bool) -> None:
    """Prepare the next version of EVENT, e.g. `order.placed`.

    Today's class is kept under the name of its version, and a new one with the same fields takes its place, ready to be
    edited. With --changing, a class inside events is changed, and every event that holds it gets a new version. Whoever
    has edited the class already goes on from there: what is kept is taken from git:main. An event that has a version
    already which is not published takes the change in.
    """
    if not events and not changing:
        raise click.UsageError("Name an EVENT, or a class with --changing.")
    base = _base()
    _refuse_what_is_misplaced(base)
    try:
        prepared = prepare(events, changing, why.strip() or UNSAID, published=base.sources if base else None)
    except NotPossible as wrong:
        raise click.UsageError(str(wrong)) from wrong
    if base:
        _refuse_what_is_unpublished(prepared, base)
    for each in prepared:
        _say_what_is_done(each, dry_run=dry_run)
        if not dry_run:
            each.path.write_text(each.text)
            _format(each.path)
    if not dry_run:
        _say_what_is_next(prepared, changing, ASKED if why == UNSAID else "")


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when a committed file is not what the code says.")
def render(check: bool) -> None:
    """Write the Avro schema and the golden bytes of every version that is not published yet.

    What is published stays as it is: a schema that is gone or was edited is put back; golden bytes are never written
    again, and this says which command puts them back. When the classes say something else, it says what to do.
    """
    from schemas.evolving.derived_files import refresh

    base = _base()
    _refuse_what_is_misplaced(base)
    done = refresh(base, only_look=check)
    for path in done.written:
        name = path.relative_to(ROOT)
        gone = "removed" if not path.exists() else "wrote"
        click.echo(f"{name} is not what the classes say: run `rustok schemas render`" if check else f"{gone} {name}")
    for violation in merged(done.refused):
        click.echo(shown(violation))
    sys.exit(1 if done.refused or (check and done.written) else 0)


def _base() -> PublishedState | None:
    try:
        return published()
    except NoBase:
        return None


def _refuse_what_is_misplaced(base: PublishedState | None) -> None:
    """Whatever would be written for such an event would be wrong; and no file is edited that is no Python."""
    from schemas.evolving.misplaced_versions import misplaced

    found = misplaced(base).violations if base else ()
    for violation in found:
        click.echo(shown(violation))
    if found:
        sys.exit(1)


def _refuse_what_is_unpublished(prepared: list[Prepared], base: PublishedState) -> None:
    """A version nobody has seen is edited, not followed by another."""
    for event_type, version in (event for each in prepared for event in each.events):
        known = base.versions().get(event_type, (0,))[-1]
        if version - 1 > known:
            raise click.UsageError(
                f"{event_type} v{version - 1} is not published yet ({base.name} has v{known}): edit its class instead."
            )


def _format(path: Path) -> None:
    if importlib.util.find_spec("ruff"):
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=False, cwd=ROOT)


def _say_what_is_done(each: Prepared, *, dry_run: bool) -> None:
    for event_type, version in each.events:
        click.echo(f"{event_type:<22} v{version - 1} → v{version}")
    for event_type, version in each.taken_in:
        click.echo(f"{event_type:<22} v{version} is not published yet, and takes this in")
    for name, old in each.frozen.items():
        click.echo(f"{name} as it was {f'would be {old}' if dry_run else f'is {old} now'}")
    for name in each.beside:
        click.echo(f"{name} is not as it is published, too: rustok schemas new-version --changing {name}")


def _say_what_is_next(prepared: list[Prepared], changing: Sequence[str], why: str) -> None:
    names = [name for each in prepared for name in each.frozen]
    files = ", ".join(f"schemas/events/{each.path.name}" for each in prepared)
    these = " and ".join(names) if len(names) < 4 else f"{', '.join(names[:2])} and the others"
    click.echo(STEPS.format(classes=" and ".join(changing or names), files=files, these=these, why=why).rstrip())
