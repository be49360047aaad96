"""Defines `rustok schemas doc|impact|matrix|register`: what can be said of events with their consumers in sight."""

import sys

import click

from ops.settings import Settings

LEVELS = ("NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE")


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when the page is not what the code says.")
def doc(check: bool) -> None:
    """Write the catalogue of events, docs/event-catalogue.md, from the code.

    Exits with 1 when nobody says what some field means.
    """
    from ops.home import project_root
    from schemas.evolving.explained_fields import unexplained
    from schemas.evolving.violations import shown
    from streams.contracts.catalogue_page import page
    from streams.contracts.event_facts import aggregates

    file, written = project_root() / "docs" / "event-catalogue.md", page(aggregates())
    is_fresh = file.exists() and file.read_text() == written
    if not check and not is_fresh:
        file.write_text(written)
        click.echo(f"wrote docs/{file.name}")
    elif not is_fresh:
        click.echo(f"docs/{file.name} is not what the code says: run `rustok schemas doc` and commit the result")
    silent = unexplained()
    for violation in silent:
        click.echo(shown(violation))
    sys.exit(1 if silent or (check and not is_fresh) else 0)


@click.command()
@click.argument("event")
@click.option("--against", default="git:main", show_default=True, metavar="git:REF", help="The code that runs now.")
@click.option("--recorded", type=click.IntRange(min=1), help="Play the last so many events that Kafka has.")
@click.option("--generated", type=click.IntRange(min=1), help="Play so many made events.  [default: 200]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def impact(event: str, against: str, recorded: int | None, generated: int | None, as_json: bool) -> None:
    """Show how documents and rows would change if this tree were deployed, for EVENT, e.g. `order.placed`.

    The same events go through the read models of the running code and of this tree. Made events need no servers.
    """
    from streams.contracts.impact_command import run

    if recorded is not None and generated is not None:
        raise click.UsageError("Give --recorded or --generated, not both.")
    run(Settings(), event, against, recorded, generated or 200, as_json=as_json)


@click.command()
@click.option(
    "--from",
    "source",
    type=click.Choice(["kafka", "code"]),
    default="kafka",
    show_default=True,
    help="Where the versions come from; code: what could be stored, without any server.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def matrix(source: str, as_json: bool) -> None:
    """Every stored version of every event beside what each consumer knows; exits with 1 when one is parked.

    A running feed says itself what it knows; of one that is down the code is asked.
    """
    from streams.contracts.matrix_command import run

    sys.exit(0 if run(Settings(), from_code=source == "code", as_json=as_json) else 1)


@click.command()
@click.option(
    "--registry", "url", metavar="URL", help="Any Confluent-compatible one. Default: the one in the settings."
)
@click.option("--token", help="Sent as a bearer token. Name and password can be in the URL instead.")
@click.option("--dry-run", is_flag=True, help="Say what is there and what is missing; write nothing.")
@click.option(
    "--keep-ids", is_flag=True, help="Under the ids of our own registry, so that others can read our records."
)
@click.option("--compatibility", type=click.Choice(LEVELS), help="Set as the level of each event that is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def register(
    url: str | None, token: str | None, dry_run: bool, keep_ids: bool, compatibility: str | None, as_json: bool
) -> None:
    """Register every version of every event, oldest first; what is there already is left alone.

    Exits with 1, and writes nothing, when the registry has something else under one of our numbers, or takes none.
    """
    from streams.contracts.register_command import run

    is_well = run(
        Settings(),
        url,
        token,
        dry_run=dry_run,
        keep_ids=keep_ids,
        compatibility=compatibility,
        as_json=as_json,
    )
    sys.exit(0 if is_well else 1)
