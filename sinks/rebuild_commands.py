"""`rustok sinks rebuild`: a read model is made again beside the live one."""

from typing import Final, Literal
from uuid import UUID

import click

from ops.settings import Settings

_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def rebuild() -> None:
    """Make a read model again beside the live one, and lead readers there when it is right.

    Readers see the one of before, kept fresh by its feed, until they see the whole new one.
    """


@rebuild.command()
@click.argument("model", metavar="MODEL")
@click.option("--hold", is_flag=True, help="Make and judge it, and lead nobody to it: `promote` does.")
@click.option("--if-newer", is_flag=True, help="Only when this code makes a newer version than readers are led to.")
@click.option(
    "--from",
    "source",
    type=click.Choice(["log", "tables"]),
    default="log",
    show_default=True,
    help="Read the whole log, or the tables and of the log only what comes meanwhile.",
)
@click.option("--tenant", "shops", multiple=True, help="This shop alone, in place; several times for several.")
@_JSON
@click.pass_context
def start(
    context: click.Context,
    model: str,
    *,
    hold: bool,
    if_newer: bool,
    source: Literal["log", "tables"],
    shops: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make MODEL again, judge it, and lead readers to it.

    One of a newer version is led to by its feed, when that is restarted with the new code: `rustok restart` does both.

    Ctrl-C pauses it, and so does `pause`, and whatever kills it: begun again, it goes on from where it was.

    With --tenant nothing is made beside: all that the tables say of the shop is told once more through
    the log, and compared.

    Exits with 1 when it is not right; then nobody is led to it.
    """
    from sinks.rebuild import rebuild_command

    if shops:
        if hold or if_newer or source != "log":
            raise click.UsageError("A shop alone is told again in place: --tenant goes with nothing but --json.")
        context.exit(0 if rebuild_command.retell(Settings(), model, shops, as_json=as_json) else 1)
    if if_newer and not rebuild_command.is_newer(Settings(), model):
        return
    context.exit(0 if rebuild_command.start(Settings(), model, source=source, hold=hold, as_json=as_json) else 1)


@rebuild.command()
@click.argument("model", metavar="MODEL")
@click.option("--hold", is_flag=True, help="Make and judge it, and lead nobody to it: `promote` does.")
@_JSON
@click.pass_context
def resume(context: click.Context, model: str, *, hold: bool, as_json: bool) -> None:
    """Go on with the build of MODEL that was paused or killed, from where it was; otherwise like `start`."""
    from sinks.rebuild import rebuild_command

    context.exit(0 if rebuild_command.start(Settings(), model, hold=hold, again=True, as_json=as_json) else 1)


@rebuild.command()
@click.argument("model", metavar="[MODEL]", required=False)
@_JSON
def status(model: str | None, *, as_json: bool) -> None:
    """Show which builds of MODEL, or of each model, there are, and what the last rebuild found."""
    from sinks.rebuild import rebuild_status

    rebuild_status.status(Settings(), model, as_json=as_json)


@rebuild.command()
@click.argument("model", metavar="MODEL")
@_JSON
@click.pass_context
def promote(context: click.Context, model: str, *, as_json: bool) -> None:
    """Bring the build of MODEL that waits up to date, judge it again, and lead readers to it."""
    from sinks.rebuild import rebuild_command

    context.exit(0 if rebuild_command.promote(Settings(), model, as_json=as_json) else 1)


@rebuild.command()
@click.argument("model", metavar="MODEL")
@_JSON
@click.pass_context
def rollback(context: click.Context, model: str, *, as_json: bool) -> None:
    """Bring the build that readers of MODEL were led to before up to date, and lead them back."""
    from sinks.rebuild import rebuild_command

    context.exit(0 if rebuild_command.rollback(Settings(), model, as_json=as_json) else 1)


@rebuild.command()
@click.argument("model", metavar="MODEL")
def pause(model: str) -> None:
    """End, wherever it runs, the command that makes MODEL again; `start` goes on from where it was."""
    from sinks.rebuild import rebuild_command

    rebuild_command.pause(Settings(), model)


@rebuild.command()
@click.argument("model", metavar="MODEL")
@_JSON
def cancel(model: str, *, as_json: bool) -> None:
    """The same, if it runs, and remove what was made: what readers see stays as it is."""
    from sinks.rebuild import rebuild_command

    rebuild_command.cancel(Settings(), model, as_json=as_json)


@rebuild.command()
@click.argument("model", metavar="MODEL")
@click.argument("build", metavar="[BUILD]", required=False)
@_JSON
def drop(model: str, build: str | None, *, as_json: bool) -> None:
    """Remove BUILD of MODEL, as v6, or all that readers are not led to: those of before, and those that wait."""
    from sinks.rebuild import rebuild_command

    rebuild_command.drop(Settings(), model, build, as_json=as_json)


@rebuild.command("carry-out", hidden=True)
@click.argument("request_id", metavar="REQUEST", type=click.UUID)
def carry_out(request_id: UUID) -> None:
    """Do what was asked for over the API, until whoever began this is gone: the scheduler runs it."""
    from ops import telemetry
    from ops.held_process import end_with_input
    from sinks.rebuild import carry_out_request

    settings = Settings()
    telemetry.configure(settings, process="rebuild")
    end_with_input()
    carry_out_request.carry_out(settings, request_id)
