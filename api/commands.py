"""`rustok api`: serve it, prepare its database, issue tokens, print its document."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from api.audit_commands import audit
from api.bi_reader_commands import bi_readers
from api.explain_command import explain
from api.http.server import become_server
from api.key_commands import keys
from api.registry.commands import registry
from api.route_command import routes
from ops.checks.commands import check
from ops.failure import Failure
from ops.settings import Settings

if TYPE_CHECKING:
    import psycopg

    from api.domain.scope import Actor

INVITED = ("admin", "manager", "staff", "customer", "super_admin", "operator")
RECOVER = "Run `rustok api registry recover`: it takes the ids from the records that were written."
ROLES = ("admin", "manager", "customer", "super_admin", "operator", "service", "schema")


@click.group()
def api() -> None:
    """The HTTP API: serve it, migrate its tables, issue tokens."""


api.add_command(registry)
api.add_command(keys)
api.add_command(audit)
api.add_command(bi_readers)
api.add_command(check)
api.add_command(routes)
api.add_command(explain)


@api.command()
def serve() -> None:
    """Serve the API until SIGTERM."""
    from api.http.make_tokens import make_tokens
    from api.http.server.route_classes import postgres_connections
    from api.store.connection_budget import require_room
    from ops.clients import database_roles

    settings = Settings()
    make_tokens(settings, list)
    database_roles.require_at_start(settings, "api")
    require_room(settings, postgres_connections(settings.api_threads))
    become_server.become(settings, "api.wsgi:make", name="api", port_setting="api_port")


@api.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when the page is not what the code says.")
def doc(check: bool) -> None:
    """Write the table of calls in docs/http-api.md from the code."""
    from api.app import list_routes
    from api.http.calls_page import PAGE, rendered
    from api.wsgi import unconnected

    page = PAGE.read_text()
    wanted = rendered(page, list_routes(unconnected()))
    if page != wanted and not check:
        PAGE.write_text(wanted)
        click.echo(f"wrote docs/{PAGE.name}")
    sys.exit(1 if page != wanted and check else 0)


@api.command()
def migrate() -> None:
    """Bring the tables, the publication and the pinned event schemas to what this code needs."""
    import psycopg

    from api.migrations.migrate import migrate as bring_up
    from api.registry import deployed_schemas
    from ops.clients import database_roles, postgres
    from schemas import avro_schema
    from sinks.bi import bi_database

    settings = Settings()
    try:
        bring_up(settings.postgres_url, settings.capture_publication)
        with postgres.connect(settings.postgres_url) as connection:
            database_roles.make_login_roles(connection, settings)
            groups = sorted({group for some in database_roles.GROUPS.values() for group in some})
            bi_database.make(settings, connection, tuple(groups))
            made = deployed_schemas.register_known(connection)
            _ensure_key(settings, connection)
    except psycopg.OperationalError as down:
        raise Failure(
            f"PostgreSQL does not answer: {str(down).splitlines()[0]}",
            "Start it with `rustok up`, or set RUSTOK_POSTGRES_URL.",
        ) from down
    except deployed_schemas.IdsAreLost as lost:
        raise Failure(f"{lost}: a new id would mean something else in them.", RECOVER) from lost
    except deployed_schemas.SchemasDiffer as differ:
        raise Failure(str(differ), "Restore the published schema, and add the change as a new version.") from differ
    known = len(avro_schema.every_version())
    click.echo(f"tables are up to date; {known} event schemas pinned, {made} of them new")


@api.command()
@click.option("--hours", type=click.FloatRange(min=0), default=None, help="Keep so many. Default: the setting's.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def prune(hours: float | None, as_json: bool) -> None:
    """Remove outbox rows that are old and in Kafka, once; `rustok scheduler` does it again and again."""
    import psycopg

    from api.jobs import prune_outbox
    from ops.clients import postgres

    settings = Settings()
    before = datetime.now(UTC) - timedelta(hours=settings.outbox_keep_h if hours is None else hours)
    try:
        with postgres.connect(settings.postgres_url, autocommit=True) as connection:
            done = prune_outbox.prune(connection, settings.capture_slot, before)
    except psycopg.OperationalError as down:
        raise Failure(
            f"PostgreSQL does not answer: {str(down).splitlines()[0]}", "Start it with `rustok up`."
        ) from down
    if as_json:
        click.echo(
            json.dumps({"removed": done.rows, "before": before.isoformat(), "kept_back": done.kept_back or None})
        )
    else:
        click.echo(f"{done.rows} rows removed" + (f"; the rest is kept: {done.kept_back}" if done.kept_back else ""))
    if done.kept_back:
        sys.exit(1)


@api.command()
@click.option("--tenant", "slugs", multiple=True, help="Slug of the shop; several times for several tokens.")
@click.option("--role", type=click.Choice(ROLES), default="admin", show_default=True)
@click.option("--actor", default="developer", show_default=True, help="Who the token is for.")
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), default=12.0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print {slug: token}.")
def token(slugs: tuple[str, ...], role: str, actor: str, hours: float, as_json: bool) -> None:
    """Issue tokens for development. Roles of the platform (super_admin, operator, service, schema) have no tenant.

    In production people's tokens come from an identity provider (RUSTOK_OIDC_ISSUER), and programs have tokens that a
    shop's admin makes (POST /v1/service-tokens). This is for whoever has the database and its keys, to begin with; with
    published keys a token is good for 24 hours at most.
    """
    from api.domain.permissions import PLATFORM_ROLES, Role
    from api.issue_tokens import actors_named, issue_tokens

    settings = Settings()
    if (Role(role) in PLATFORM_ROLES) == bool(slugs):
        raise click.UsageError(f"The role {role} has {'no tenant' if slugs else 'a tenant: give --tenant SLUG'}.")
    actors = actors_named(settings, slugs, actor, Role(role))
    try:
        issued = issue_tokens(settings, actors, timedelta(hours=hours))
    except ValueError as long:
        raise click.UsageError(f"{str(long).capitalize()}.") from long
    _note_issued(settings, actors)
    click.echo(json.dumps(issued) if as_json else "\n".join(issued.values()))


@api.command()
@click.argument("email")
@click.option("--tenant", "slug", default=None, help="Slug of the shop. None: one of the platform's own people.")
@click.option("--role", type=click.Choice(INVITED), default="admin", show_default=True)
@click.option("--name", default="", help="How they are called. Default: what comes before the @.")
def invite(email: str, slug: str | None, role: str, name: str) -> None:
    """Invite the first people of a shop, or of the platform; they invite the others over HTTP.

    What sets their password is mailed, or printed where no mail server is set.
    """
    from pydantic import ValidationError

    from api.domain.errors import Refused
    from api.issue_tokens import tenant_ids
    from api.store.audit import machine_user
    from api.store.errors import StoreDown
    from api.store.store import Store
    from api.use_cases.users.commands import Invitation
    from api.use_cases.users.invite_first import invite_first
    from api.wsgi import desk_of, now
    from ops.mailers import LogMailer, Mail, NoMailer

    class Printed:
        def send(self, mail: Mail) -> None:
            click.echo(mail.text)

        def close(self) -> None:
            return None

    settings = Settings()
    tenant_id = None if slug is None else tenant_ids(settings, (slug,))[slug]
    store = Store(settings.postgres_api_url, connections=1, clock=now)
    store.open()
    try:
        command = Invitation.model_validate({"email": email, "name": name or email.partition("@")[0], "role": role})
        desk = desk_of(settings, store)
        is_mailed = not isinstance(desk.mailer, LogMailer | NoMailer)
        printing = desk if is_mailed else replace(desk, mailer=Printed())
        invite_first(printing, tenant_id, command, by=machine_user())
        if is_mailed:
            desk.close()
            click.echo("The invitation was mailed.")
    except ValidationError as wrong:
        raise click.BadParameter("this is no e-mail address", param_hint="EMAIL") from wrong
    except Refused as refused:
        raise Failure(refused.detail, "Choose another address, or a role that people there have.") from refused
    except StoreDown as down:
        raise Failure("PostgreSQL does not answer.", "Run `rustok up`.") from down
    finally:
        store.close()


@api.command("export")
@click.argument("slug")
@click.option("--output", type=click.File("wb"), default="-", help="Where to. Default: the standard output.")
def export_shop(slug: str, output: "BinaryIO") -> None:
    """Take out everything of a shop as of one moment, a JSON document a line; the last one says how many rows."""
    from api.issue_tokens import tenant_ids
    from api.store.errors import StoreDown
    from api.store.store import Store
    from api.use_cases.tenants.export_tenant import export_tenant
    from api.wsgi import now

    settings = Settings()
    tenant_id = tenant_ids(settings, (slug,))[slug]
    store = Store(settings.postgres_api_url, connections=1, clock=now)
    store.open()
    try:
        for line in export_tenant(store, tenant_id, now()):
            output.write(line)
    except StoreDown as down:
        raise Failure(
            "PostgreSQL does not answer, so this is not whole.", "Run `rustok up`, and do it again."
        ) from down
    finally:
        store.close()


@api.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from api.app import create_app
    from api.wsgi import unconnected

    click.echo(json.dumps(create_app(unconnected()).spec, indent=2))


def _note_issued(settings: Settings, actors: "Sequence[Actor]") -> None:
    """In the audit trail. Where the database is away only a token of development can be there, made without it."""
    import psycopg

    from api.domain.audit import ISSUE_TOKEN
    from api.store.audit import note_at_machine
    from ops.clients import postgres

    try:
        with postgres.connect(settings.postgres_url) as connection:
            for one in actors:
                note_at_machine(connection, ISSUE_TOKEN, one.actor_id, one.tenant_id, gives=one.role.value)
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable) as away:
        click.echo(f"not in the audit trail: {str(away).splitlines()[0]}", err=True)


def _ensure_key(settings: Settings, connection: "psycopg.Connection[Any]") -> None:
    """The first key, where keys sign and this host may seal one."""
    from api.domain.audit import ROTATE_KEY
    from api.http.own_keys import ALGORITHM
    from api.store.audit import note_at_machine
    from api.store.signing_keys import SigningKeyRows
    from api.use_cases.signing_keys.rotate_signing_key import ensure_signing_key
    from ops.sealed_secrets import Seal

    secret = settings.token_key.get_secret_value()
    if settings.token_algorithm == ALGORITHM and secret:
        made = ensure_signing_key(SigningKeyRows(connection), Seal(secret), datetime.now(UTC))
        if made is not None:
            note_at_machine(connection, ROTATE_KEY, made.kid)
