"""`rustok api bi-readers`: who may read the tables for BI tools."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click

from ops.failure import Failure
from ops.settings import Settings


@click.group("bi-readers")
def bi_readers() -> None:
    """Who may read the tables for BI tools: a role of PostgreSQL for each, of one shop or of all."""


@bi_readers.command()
@click.argument("slug", metavar="[TENANT]", required=False)
@click.option("--all-shops", is_flag=True, help="It sees the rows of all shops: for the platform's own people.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def add(slug: str | None, *, all_shops: bool, as_json: bool) -> None:
    """Make a reader of the shop TENANT, and print how it connects, with its password: once."""
    from api.domain.audit import ADD_BI_READER
    from api.issue_tokens import tenant_ids
    from sinks.bi import bi_readers as readers

    if (slug is None) != all_shops:
        raise click.UsageError("Give a TENANT, or --all-shops.")
    settings = Settings()
    tenant_id = None if slug is None else tenant_ids(settings, (slug,))[slug]
    with _told(settings):
        made = readers.add(settings, tenant_id)
    _note(settings, ADD_BI_READER, made.role, tenant_id)
    _show(made.role, made.url, as_json=as_json)


@bi_readers.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_(*, as_json: bool) -> None:
    """Every reader, and whose rows it sees."""
    from schemas.write_model import Unreachable, open_write_model
    from sinks.bi import bi_readers as readers

    settings = Settings()
    with _told(settings):
        found = readers.every(settings)
    try:
        with open_write_model(settings.postgres_url) as tables:
            slugs = {owner.id: owner.slug for owner in tables.owners()}
    except Unreachable as away:
        raise Failure(f"{str(away)[:1].upper()}{str(away)[1:]}.", "`rustok status` shows what is down.") from away
    if as_json:
        told = [
            {
                "role": one.role,
                "tenant_id": None if one.tenant_id is None else str(one.tenant_id),
                "made_at": one.made_at.isoformat(),
            }
            for one in found
        ]
        click.echo(json.dumps(told, indent=2))
        return
    for one in found:
        whose = "all shops" if one.tenant_id is None else slugs.get(one.tenant_id, f"{one.tenant_id}, which is gone")
        click.echo(f"{one.role}  {whose}  since {one.made_at:%Y-%m-%d}")


@bi_readers.command()
@click.argument("role")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def renew(role: str, *, as_json: bool) -> None:
    """Give a reader another password, and print it: once. Who is connected with the old one is not any more."""
    from api.domain.audit import RENEW_BI_READER
    from sinks.bi import bi_readers as readers

    settings = Settings()
    with _told(settings):
        made = readers.renew(settings, role)
    _note(settings, RENEW_BI_READER, role, None)
    _show(made.role, made.url, as_json=as_json)


@bi_readers.command()
@click.argument("role")
def drop(role: str) -> None:
    """Remove a reader; who is connected as it is not any more."""
    from api.domain.audit import DROP_BI_READER
    from sinks.bi import bi_readers as readers

    settings = Settings()
    with _told(settings):
        gone = readers.drop(settings, role)
    _note(settings, DROP_BI_READER, role, gone.tenant_id)
    click.echo(f"{role} is gone")


def _show(role: str, url: str, *, as_json: bool) -> None:
    click.echo(json.dumps({"role": role, "url": url}) if as_json else url)
    if not as_json:
        click.echo("Keep it: the password is told once. `rustok sinks bi` fills the tables now.", err=True)


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    from sinks.bi import bi_failures
    from sinks.bi.bi_readers import NoSuchReader

    try:
        with bi_failures.told(settings):
            yield
    except NoSuchReader as unknown:
        raise Failure(f"{str(unknown).capitalize()}.", "`rustok api bi-readers list` shows all.") from unknown


def _note(settings: Settings, act: str, role: str, tenant_id: UUID | None) -> None:
    from api.store.audit import note_at_machine
    from ops.clients import postgres

    with postgres.connect(settings.postgres_url) as connection:
        note_at_machine(connection, act, role, tenant_id, sees="all shops" if tenant_id is None else "one shop")
