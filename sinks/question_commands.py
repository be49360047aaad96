"""`rustok sinks`: snapshots are asked in SQL, and metrics say what they mean."""

from typing import Final

import click

from ops.settings import Settings

#: Read models that are read as DuckDB files.
_IN_DUCKDB: Final = click.Choice(("sales", "searches", "event-archive"))


@click.command("sql")
@click.argument("statement", metavar="[SQL]", required=False)
@click.option(
    "--describe", "described", is_flag=True, help="List the tables and views, or the columns of the one named."
)
@click.option("--model", "name", type=_IN_DUCKDB, default="sales", show_default=True, help="Which read model to ask.")
@click.option("--tenant", metavar="SLUG_OR_ID", help="Only this shop's rows, without a condition.")
@click.option("--pinned", metavar="NAME", help="Of the snapshot that was pinned under this name.")
@click.option("--as", "kind", type=click.Choice(("table", "json", "csv")), default="table", show_default=True)
@click.option("--timezone", default="UTC", show_default=True, help="In which moments are shown and days are cut.")
def ask_sql(
    statement: str | None,
    *,
    described: bool,
    name: str,
    tenant: str | None,
    pinned: str | None,
    kind: str,
    timezone: str,
) -> None:
    """Ask the newest snapshot of a read model in SQL; - reads the statement from stdin.

    Exits with 1 when the statement cannot be carried out.
    """
    from sinks import sql_command

    if statement is None and not described:
        raise click.UsageError("Say what to ask, or --describe what there is.")
    with sql_command.session(Settings(), name, tenant=tenant, pinned=pinned, timezone=timezone) as opened:
        if described:
            sql_command.describe(opened, statement)
        else:
            sql_command.ask(opened, sql_command.text_of(statement or ""), kind)


@click.command()
@click.option("--model", "name", type=_IN_DUCKDB, default="sales", show_default=True, help="Which read model to ask.")
@click.option("--tenant", metavar="SLUG_OR_ID", help="Only this shop's rows, without a condition.")
@click.option("--pinned", metavar="NAME", help="Of the snapshot that was pinned under this name.")
@click.option("--timezone", default="UTC", show_default=True, help="In which moments are shown and days are cut.")
@click.option("--plain", is_flag=True, help="The prompt, also where harlequin is installed.")
def shell(*, name: str, tenant: str | None, pinned: str | None, timezone: str, plain: bool) -> None:
    """Ask one snapshot in SQL again and again: in harlequin where it is installed, or at a prompt.

    With --tenant it is always the prompt.
    """
    from sinks import sql_command, sql_shell

    with sql_command.session(Settings(), name, tenant=tenant, pinned=pinned, timezone=timezone) as opened:
        if tenant is None and not plain:
            sql_shell.open_harlequin(opened)
        sql_shell.run(opened)


@click.command()
@click.argument("name", metavar="[METRIC]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def metrics(name: str | None, *, as_json: bool) -> None:
    """Every metric, or METRIC: what it means, how it is worked out, and what it may be added up over."""
    from sinks import metrics_command

    metrics_command.show(name, as_json=as_json)
