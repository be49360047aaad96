"""`rustok streams dead-letters`: what feeds could not use, why, and what to do about it."""

import json
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import click

from ops.failure import Failure
from ops.settings import Settings

if TYPE_CHECKING:
    from streams.dead_letters.dead_letters_client import DeadLettersClient

Command = TypeVar("Command", bound=Callable[..., Any])

STATES = ("open", "replayed", "applied", "discarded", "any")
_TENANT = click.option("--tenant", help="Slug of a shop: only its dead letters, as its admin sees them. Default: all.")
_REASON = click.option("--reason", help="Why; it is kept in the audit trail. Default: the command.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_FILTERS = (
    click.option("--feed", help="Of this read model: sales-v1, or sales for all its versions."),
    click.option("--cause", help="Of this group."),
    click.option("--event-type", help="About this event, e.g. order.paid."),
    click.option("--error", help="With this error, e.g. Undecodable."),
    click.option("--since", help="Failed at this time or later: ISO 8601 with a zone."),
    click.option("--until", help="Failed before this time."),
    click.option("--state", type=click.Choice(STATES), help="Default: open."),
)


def _filtered(command: Command) -> Command:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def _dead_letters(tenant: str | None, why: str | None = None) -> "DeadLettersClient":
    from streams.dead_letters.dead_letters_client import DeadLettersClient

    return DeadLettersClient(
        Settings(), tenant, why or f"rustok streams dead-letters {click.get_current_context().info_name}"
    )


def _given(filters: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in filters.items() if value is not None}


def _as_text(_: click.Context, __: click.Parameter, id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)


@click.group()
def dead_letters() -> None:
    """Records that feeds could not use: see why, edit, replay, discard."""


@dead_letters.command()
def collect() -> None:
    """Carry dead letters from Kafka into the table that all the others read, until SIGTERM."""
    from ops import telemetry
    from streams.dead_letters.collect_dead_letters import run

    settings = Settings()
    telemetry.configure(settings, process="dead-letters")
    run(settings)


@dead_letters.command("list")
@_filtered
@_TENANT
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@_JSON
def list_(tenant: str | None, limit: int, as_json: bool, **filters: str | None) -> None:
    """Dead letters, those that failed first first."""
    found = list(_dead_letters(tenant).all(_given(filters), limit))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        place = f"{one['topic']}/{one['partition']}/{one['offset']}"
        click.echo(f"{one['id']}  {one['state']:<9} {one['feed']:<15} {one['event_type'] or '—':<16} {place}")
        click.echo(f"    {one['last_failed_at'][:19]}  {one['attempts']} ×  {one['error']}: {one['reason'][:120]}")
    if not found:
        click.echo("no dead letters")


@dead_letters.command()
@_filtered
@_TENANT
@_JSON
def groups(tenant: str | None, as_json: bool, **filters: str | None) -> None:
    """Dead letters by what caused them, the largest group first."""
    found = _dead_letters(tenant).groups(_given(filters))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        click.echo(
            f"{one['cause']}  {one['count']:>6} ×  {one['feed']:<15} {one['event_type'] or '—':<16} {one['error']}"
        )
        click.echo(f"    {one['pattern'][:110]}")
        click.echo(f"    {one['first_failed_at'][:19]} … {one['last_failed_at'][:19]}, e.g. {one['example']}")
    if not found:
        click.echo("no dead letters")


@dead_letters.command()
@click.argument("dead_letter_id", metavar="ID", type=click.UUID, callback=_as_text)
@_TENANT
@_JSON
def show(dead_letter_id: str, tenant: str | None, as_json: bool) -> None:
    """One dead letter: where it was, why, its event as far as it decodes, and what was done about it."""
    found = _dead_letters(tenant).get(dead_letter_id)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(
        f"{found['feed']} could not use {found['topic']}/{found['partition']}/{found['offset']}: {found['state']}"
    )
    click.echo(f"{found['error']}: {found['reason']}")
    click.echo(f"tried {found['attempts']} ×, first {found['first_failed_at']}, last {found['last_failed_at']}")
    for name in ("original", "edited"):
        if found[name] is not None:
            _show_content(name, found[name])
    for done in found["done"]:
        click.echo(f"{done['at'][:19]}  {done['action']} by {done['actor_id']}  {json.dumps(done['detail'])}")


@dead_letters.command()
@click.argument("dead_letter_id", metavar="ID", type=click.UUID, callback=_as_text)
@click.option("--file", type=click.File(), help="The whole event as JSON; - is standard input. Default: your editor.")
@click.option("--event-type", help="When the dead letter's own is wrong.")
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="A header to set; several times.")
@_REASON
@_TENANT
@_JSON
def edit(
    dead_letter_id: str,
    file: IO[str] | None,
    event_type: str | None,
    headers: tuple[str, ...],
    reason: str | None,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Write what the feed is to try instead. The original stays, and it is kept who changed which fields."""
    asked = _dead_letters(tenant, reason)
    text = file.read() if file is not None else _written(asked.get(dead_letter_id))
    try:
        event = json.loads(text)
    except ValueError as wrong:
        raise Failure(f"This is no JSON: {wrong}.", "Nothing was changed.") from wrong
    change: dict[str, Any] = {"event": event, "headers": dict(_pair(header) for header in headers)}
    if event_type is not None:
        change["event_type"] = event_type
    edited = asked.edit(dead_letter_id, change)
    click.echo(
        json.dumps(edited, indent=2)
        if as_json
        else f"edited; `rustok streams dead-letters replay {dead_letter_id}` next"
    )


@dead_letters.command()
@click.argument("dead_letter_id", metavar="[ID]", required=False, type=click.UUID, callback=_as_text)
@_filtered
@click.option("--all", "everything", is_flag=True, help="Every open dead letter.")
@_REASON
@_TENANT
@_JSON
def replay(
    dead_letter_id: str | None,
    everything: bool,
    reason: str | None,
    tenant: str | None,
    as_json: bool,
    **filters: str | None,
) -> None:
    """Let the feed that refused it try it again: one dead letter, or all that match.

    Only that feed reads it again. Doing it twice changes nothing.
    """
    chosen = _chosen(dead_letter_id, everything, filters)
    asked = _dead_letters(tenant, reason)
    _say(asked.replay_all(chosen) if dead_letter_id is None else asked.replay(dead_letter_id), "replayed", as_json)


@dead_letters.command()
@click.argument("dead_letter_id", metavar="[ID]", required=False, type=click.UUID, callback=_as_text)
@click.option("--reason", required=True, help="Why nobody needs it; it is kept.")
@_filtered
@click.option("--all", "everything", is_flag=True, help="Every open dead letter.")
@_TENANT
@_JSON
def discard(
    dead_letter_id: str | None, reason: str, everything: bool, tenant: str | None, as_json: bool, **filters: str | None
) -> None:
    """Give up one dead letter, or all that match, with a reason."""
    chosen = _chosen(dead_letter_id, everything, filters)
    asked = _dead_letters(tenant, reason)
    done = asked.discard_all(chosen, reason) if dead_letter_id is None else asked.discard(dead_letter_id, reason)
    _say(done, "discarded", as_json)


@dead_letters.command()
@_filtered
@_REASON
@_TENANT
@click.option("--output", type=click.File("w"), default="-", help="A file. Default: standard output.")
def export(reason: str | None, tenant: str | None, output: IO[str], **filters: str | None) -> None:
    """Dead letters as JSON lines, with the record's own bytes in base64."""
    for line in _dead_letters(tenant, reason).export(_given(filters)):
        output.write(f"{line}\n")


def _show_content(name: str, content: Mapping[str, Any]) -> None:
    click.echo(f"\n{name}")
    for header in content["headers"]:
        click.echo(f"  {header['name']}: {header['value']}")
    if content["event"] is None:
        click.echo(f"  {content['undecodable']}\n  {(content['value'] or '')[:200]}\n")
    else:
        click.echo(f"{json.dumps(content['event'], indent=2, ensure_ascii=False)}\n")


def _written(dead_letter: Mapping[str, Any]) -> str:
    """What somebody makes of the event in their editor."""
    content = dead_letter["edited"] or dead_letter["original"]
    written = click.edit(json.dumps(content["event"] or {}, indent=2, ensure_ascii=False), extension=".json")
    if written is None:
        raise Failure("Nothing was written.", "Save the file in the editor, or give --file.")
    return written


def _pair(header: str) -> tuple[str, str]:
    name, equals, value = header.partition("=")
    if not equals:
        raise click.BadParameter(f"{header} is to be NAME=VALUE")
    return name, value


def _chosen(dead_letter_id: str | None, everything: bool, filters: Mapping[str, str | None]) -> dict[str, str]:
    given = _given(filters)
    if [dead_letter_id is not None, everything, bool(given)].count(True) != 1:
        raise click.UsageError("Name one dead letter, or say which (--cause, --feed, --since …), or --all.")
    return given


def _say(done: Mapping[str, Any], what: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(done, indent=2))
        return
    click.echo(f"{what}: {done['dead_letters']} dead letters" if "dead_letters" in done else f"{what}: {done['id']}")
    for one in done.get("refused", ()):
        click.echo(f"  not {one['id']}: {one['detail']}")
    if done.get("dead_letters") == 0 and not done["refused"]:
        click.echo("  none matches: `rustok streams dead-letters groups` lists the causes of those that are open")
