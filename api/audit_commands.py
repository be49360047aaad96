"""`rustok api audit`: who did what, and whether the trail of it is whole."""

import json
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from ops.failure import Failure
from ops.settings import Settings

if TYPE_CHECKING:
    import psycopg

    from api.store.audit import ShownEntry
    from api.use_cases.audit.verify_audit import Anchors, Verdict

OUTCOMES = ("done", "denied", "failed")
_TENANT = click.option("--tenant", "slug", help="Slug of a shop; `-` is the platform's own trail. Default: all.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def audit() -> None:
    """Who did what: list it, and verify that nothing of it was changed."""


@audit.command("list")
@_TENANT
@click.option("--actor", help="Who: a user's id, token:<id>, machine:<name>.")
@click.option("--act", help="What: a permission, as in users:update, or account:sign_in.")
@click.option("--object", "object_", help="The id of what it was done to.")
@click.option("--outcome", type=click.Choice(OUTCOMES))
@click.option("--since", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"]), help="At this time or later.")
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"]), help="Before this time.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@_JSON
def list_(
    slug: str | None,
    actor: str | None,
    act: str | None,
    object_: str | None,
    outcome: Any,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Print rows of the trail, the newest first. A day without a zone is one of UTC.

    Of all trails each row says whose it is in: a shop's slug, or `-`.
    """
    from api.domain.audit_words import ACTORS_IN_WORDS, require_act, require_actor
    from api.domain.errors import Invalid
    from api.http.bodies.audit import AuditAnswer
    from api.store.audit import AuditRows
    from api.store.list_pages import PageWanted

    try:
        if act is not None:
            require_act(act)
        if actor is not None:
            require_actor(actor)
    except Invalid as unknown:
        raise Failure(unknown.detail, "docs/audit.md has a table of acts.") from unknown
    with _connected(Settings()) as connection:
        asked = {
            "actor": actor,
            "act": act,
            "object": object_,
            "outcome": outcome,
            "since": None if since is None else _in_utc(since),
            "until": None if until is None else _in_utc(until),
        }
        filters = {name: value for name, value in asked.items() if value is not None}
        wanted = PageWanted(sort="newest", limit=limit, filters=filters)
        found = AuditRows(connection).page(_tenant(connection, slug), wanted)
        trails = {} if slug is not None else _trails(connection, {shown.entry.tenant_id for shown in found})
    if as_json:
        click.echo(json.dumps([AuditAnswer.of(shown).model_dump(mode="json") for shown in found], indent=2))
        return
    for shown in found:
        click.echo(_line(shown, trails.get(shown.entry.tenant_id, "")))
    if not found:
        click.echo("no rows" if actor is None else f"no rows of {actor}; an actor is {ACTORS_IN_WORDS}")


@audit.command()
@_TENANT
@click.option("--without-anchors", is_flag=True, help="Do not ask Kafka: a trail that was made anew passes.")
@_JSON
def verify(slug: str | None, without_anchors: bool, as_json: bool) -> None:
    """Compare the rows, their chains and the heads that were anchored in Kafka; exit code 1 when something is wrong."""
    from api.use_cases.audit import verify_audit

    settings = Settings()
    with _connected(settings) as connection:
        only = _tenant(connection, slug)
        anchors: Anchors = {} if without_anchors else _anchors(settings, connection)
        found = list(verify_audit.verify(connection, anchors, only))
    if as_json:
        click.echo(json.dumps([_as_json(verdict) for verdict in found], indent=2))
    else:
        for verdict in found:
            _say(verdict)
        if not found:
            click.echo("there are no rows yet")
    sys.exit(0 if all(verdict.is_whole for verdict in found) else 1)


@contextmanager
def _connected(settings: Settings) -> "Iterator[psycopg.Connection[Any]]":
    """In one transaction, as the owner of the tables, who sees the rows of all."""
    import psycopg

    from ops.clients import postgres

    try:
        with postgres.connect(settings.postgres_url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute("SELECT set_config('rustok.platform', 'on', true)")
            yield connection
    except psycopg.OperationalError as down:
        raise Failure(
            f"PostgreSQL does not answer: {str(down).splitlines()[0]}", "Start it with `rustok up`."
        ) from down
    except psycopg.errors.UndefinedTable as early:
        raise Failure("There is no audit trail yet.", "Run `rustok api migrate`.") from early


def _tenant(connection: "psycopg.Connection[Any]", slug: str | None) -> UUID | None:
    from api.domain.scope import NO_TENANT
    from api.store.tenants import TenantRows

    if slug is None or slug == "-":
        return None if slug is None else NO_TENANT
    held = TenantRows(connection).by_slug(slug)
    if held is None:
        raise Failure(f"There is no shop {slug}.", "`rustok api audit verify` without --tenant verifies all.")
    return held.value.id


def _anchors(settings: Settings, connection: "psycopg.Connection[Any]") -> "Anchors":
    from confluent_kafka import KafkaException

    from api.audit_anchors import TOPIC, read_anchors
    from api.store import schema_ids
    from api.use_cases.audit.verify_audit import anchors_of

    try:
        read = read_anchors(settings.kafka, lambda schema_id: schema_ids.content_of(connection, schema_id))
    except KafkaException as away:
        raise Failure(
            f"Kafka does not give the anchored heads: {away.args[0]}.",
            "Start it, or verify rows and chains alone with --without-anchors.",
        ) from away
    if read.foreign:
        click.echo(f"{read.foreign} records in {TOPIC.name} are nothing of ours; passed over", err=True)
    return anchors_of(read.heads)


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _trails(connection: "psycopg.Connection[Any]", ids: Collection[UUID]) -> dict[UUID, str]:
    """What `--tenant` calls each; its id where the shop is gone."""
    from api.domain.scope import NO_TENANT
    from api.store.tenants import TenantRows

    rows = TenantRows(connection)
    held = {id_: rows.get(id_) for id_ in ids}
    return {id_: "-" if id_ == NO_TENANT else shop.value.slug if shop else str(id_) for id_, shop in held.items()}


def _line(shown: "ShownEntry", trail: str) -> str:
    """`trail` is whose it is in, where more than one is listed."""
    one = shown.entry
    place = "–" if shown.seq is None else str(shown.seq)
    more = " ".join(f"{name}={value}" for name, value in sorted(one.detail.items()))
    reason = f" “{one.reason}”" if one.reason else ""
    about = f" in {one.about}" if one.about is not None else ""
    return (
        f"{one.at:%Y-%m-%dT%H:%M:%S}Z {f'{trail} ' if trail else ''}{place:>6}"
        f"  {one.outcome:<6} {one.actor_id} ({one.role or '–'})  {one.act} {one.object}{about}{reason}"
        f"  {one.address} {more}"
    )


def _say(verdict: "Verdict") -> None:
    sign = "✓" if verdict.is_whole else "✗"
    click.echo(
        f"{sign} {verdict.chain_id}  {verdict.chained} rows chained, {verdict.waiting} wait,"
        f" {verdict.anchored} heads anchored"
    )
    for broken in verdict.broken:
        click.echo(f"    seq {broken.seq}: {broken.what}")
    for id_ in verdict.outside:
        click.echo(f"    row {id_}: it is in no chain, and nobody wrote it as rows are written")


def _as_json(verdict: "Verdict") -> dict[str, Any]:
    return {
        "chain_id": str(verdict.chain_id),
        "whole": verdict.is_whole,
        "chained": verdict.chained,
        "waiting": verdict.waiting,
        "anchored": verdict.anchored,
        "broken": [{"seq": broken.seq, "what": broken.what} for broken in verdict.broken],
        "outside": [str(id_) for id_ in verdict.outside],
    }
