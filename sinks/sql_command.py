"""`rustok sinks sql` and `rustok sinks shell`: what who runs the platform sees of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import click
import duckdb

from ops.failure import Failure
from ops.settings import Settings
from schemas.write_model import NoSuchTenant, Unreachable, open_write_model
from sinks import read_models
from sinks.duckdb.pinned_snapshots import PinRefused
from sinks.sink import Unavailable
from sinks.sql import printed_rows, snapshot_session
from sinks.sql.answer_rows import NotWritable
from sinks.sql.given_up import unless_given_up
from sinks.sql.snapshot_session import ReadsOnly, SnapshotSession, UnknownTimeZone


class Wrong(click.ClickException):
    """A statement that cannot be carried out, in DuckDB's words: exit code 1."""

    def show(self, file: object = None) -> None:
        click.echo(self.message, err=True)


@contextmanager
def session(
    settings: Settings, model_name: str, *, tenant: str | None, pinned: str | None, timezone: str
) -> Iterator[SnapshotSession]:
    """Says on stderr what it is of."""
    opened = _opened(settings, model_name, tenant, pinned, timezone)
    moment = opened.file.as_of
    as_of = f"as of {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "nobody vouches for a moment"
    click.echo(f"{as_of}, {opened.file.path.name}", err=True)
    try:
        yield opened
    finally:
        opened.close()


def ask(opened: SnapshotSession, sql: str, kind: str) -> None:
    """Prints what it finds. Raises `Wrong`, and `KeyboardInterrupt` when it was given up."""

    def work() -> None:
        if kind != "table" and (several := opened.answers(sql)) > 1:
            raise NotWritable(f"These are {several} answers, and JSON and CSV are of one: ask one after the other.")
        for number, found in enumerate(opened.ask(sql)):
            if number:
                click.echo()
            for line in printed_rows.printed(found, kind):
                click.echo(line)

    try:
        unless_given_up(work, opened.interrupt)
    except (duckdb.Error, NotWritable, ReadsOnly) as wrong:
        raise Wrong(str(wrong)) from None


def describe(opened: SnapshotSession, table: str | None) -> None:
    """Raises `Wrong` when there is no such table."""
    found = opened.described(table)
    if not found:
        raise Wrong(f"There is no table {table}. Without a name, all are listed.")
    names = [one.column or one.table for one in found]
    width, kinds = max(map(len, names)), max(len(one.type) for one in found)
    for name, one in zip(names, found, strict=True):
        click.echo(f"{name:<{width}}  {one.type:<{kinds}}  {one.comment}".rstrip())


def text_of(sql: str) -> str:
    """`-` is what comes in."""
    return sys.stdin.read() if sql == "-" else sql


def _opened(
    settings: Settings, model_name: str, tenant: str | None, pinned: str | None, timezone: str
) -> SnapshotSession:
    model = read_models.named(model_name)
    assert model is not None  # noqa: S101  # it is one of the choices
    analytics: Path = settings.analytics_dir
    try:
        if pinned is None:
            file = snapshot_session.newest(analytics, model)
        else:
            file = snapshot_session.pinned(analytics, model, pinned)
        return SnapshotSession(file, tenant_id=_tenant_id(settings, tenant), timezone=timezone)
    except PinRefused as refused:
        raise Failure(f"{_capital(refused)}.", "`rustok sinks pins` lists what is pinned.") from None
    except UnknownTimeZone as unknown:
        raise Failure(f"{_capital(unknown)}.", "Give an IANA name, such as Europe/Berlin.") from None
    except NoSuchTenant as unknown:
        raise Failure(f"{_capital(unknown)}.", "GET /v1/tenants lists them.") from None
    except (Unavailable, Unreachable) as away:
        raise Failure(f"{_capital(away)}.", "`rustok status` shows what is down.") from away


def _tenant_id(settings: Settings, tenant: str | None) -> UUID | None:
    """By its id without asking anybody: also of a shop that is gone."""
    if tenant is None:
        return None
    try:
        return UUID(tenant)
    except ValueError:
        with open_write_model(settings.postgres_url) as tables:
            (owner,) = tables.owners([tenant])
        return owner.id


def _capital(what: Exception) -> str:
    return f"{str(what)[:1].upper()}{str(what)[1:]}"
