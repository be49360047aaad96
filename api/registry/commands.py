"""`rustok api registry`: the schema registry alone on its own port, and who changed what in it."""

import json
from dataclasses import asdict

import click

from api.registry.recover_command import recover
from ops.failure import Failure
from ops.settings import Settings


@click.group(invoke_without_command=True)
@click.pass_context
def registry(context: click.Context) -> None:
    """Serve the schema registry without the rest of the API, until SIGTERM; or see who changed it."""
    if context.invoked_subcommand is None:
        _serve()


def _serve() -> None:
    from api.http.make_tokens import make_tokens
    from api.http.server import become_server

    settings = Settings()
    make_tokens(settings, list)
    become_server.become(settings, "api.wsgi:make_registry", name="registry", port_setting="registry_port")


@registry.command()
@click.option("--subject", help="Of this subject only, as it is answered (`:.context:name`).")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def changes(subject: str | None, limit: int, as_json: bool) -> None:
    """Who changed what in the registry, the newest first."""
    import psycopg

    from api.registry.audit_trail import newest
    from ops.clients import postgres

    try:
        with postgres.connect(Settings().postgres_url) as connection:
            connection.execute("SELECT set_config('rustok.platform', 'on', true)")
            found = newest(connection, subject, limit)
    except psycopg.OperationalError as down:
        raise Failure(
            f"PostgreSQL does not answer: {str(down).splitlines()[0]}", "Start it with `rustok up`."
        ) from down
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], default=str))
        return
    if not found:
        click.echo("Nothing was ever changed." if subject is None else f"Nothing was ever changed in {subject}.")
    for one in found:
        version = "" if one.version is None else f" v{one.version} (id {one.schema_id})"
        detail = f": {one.detail}" if one.detail else ""
        click.echo(
            f"{one.at:%Y-%m-%d %H:%M:%S}  {one.actor_id} ({one.role})  {one.action}  {one.subject}{version}{detail}"
        )


registry.add_command(recover)
