"""`rustok sinks pin`, `unpin`, `pins`: what the analyst sees of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ops.failure import Failure
from sinks.duckdb import pinned_snapshots
from sinks.duckdb.pinned_snapshots import Pin, PinRefused
from sinks.sink import Unavailable


def pin(analytics: Path, model: str, name: str) -> None:
    with _told():
        click.echo(pinned_snapshots.pin(analytics, model, name).path)


def unpin(analytics: Path, model: str, name: str) -> None:
    with _told():
        pinned_snapshots.unpin(analytics, model, name)


def path_of(analytics: Path, model: str, name: str) -> Path:
    with _told():
        return pinned_snapshots.find(analytics, model, name).path


def show(analytics: Path, *, as_json: bool) -> None:
    found = list(pinned_snapshots.pins(analytics))
    if as_json:
        click.echo(json.dumps([_document(one) for one in found], indent=2))
        return
    for one in found:
        as_of = f"{one.as_of:%Y-%m-%d %H:%M:%S} UTC" if one.as_of else "nobody vouches for a moment"
        click.echo(f"{one.model:<16} {one.name:<24} as of {as_of}  {one.bytes / 1e6:,.1f} MB\n    {one.path}")


def _document(one: Pin) -> dict[str, object]:
    return {
        "model": one.model,
        "name": one.name,
        "path": str(one.path),
        "pinned_at": one.pinned_at.isoformat(),
        "as_of": one.as_of.isoformat() if one.as_of else None,
        "bytes": one.bytes,
    }


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except PinRefused as refused:
        raise Failure(f"{_capital(refused)}.", "`rustok sinks pins` lists what is pinned.") from refused
    except Unavailable as away:
        raise Failure(f"{_capital(away)}.", "`rustok status` shows whether its feed runs.") from away
    except OSError as disk:
        raise Failure(f"The folder {pinned_snapshots.FOLDER} cannot be written: {disk}.", "See who owns it.") from disk


def _capital(what: Exception) -> str:
    return f"{str(what)[:1].upper()}{str(what)[1:]}"
