"""`rustok api registry recover`: the ids of our events' schemas, from the records that bear them.

With `--json` one document: {"records", "there", "recovered", "new", "differs": how many are so, "unknown": how many
versions with records are none of this code, "versions": [{"event", "version", "state", "id", "why"}, …]}.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence

import click

from api.registry.recover_ids import STATES, RecoveredVersion
from ops.failure import Failure
from ops.settings import Settings


@click.command()
@click.option("--dry-run", is_flag=True, help="Change nothing, and say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def recover(dry_run: bool, as_json: bool) -> None:
    """Give the schemas of our events their ids back, which are in each record: when the registry has lost them.

    Reads the outbox and every topic of events once. Writes nothing when an id could mean two things.
    """
    import psycopg
    from confluent_kafka import KafkaException

    from api.registry import ids_in_records, recover_ids
    from ops.clients import postgres

    settings, seen = Settings(), ids_in_records.IdsInRecords()
    try:
        records = ids_in_records.see_kafka(seen, settings.kafka)  # takes minutes, in which no transaction is open
        with postgres.connect(settings.postgres_url) as connection:
            ids_in_records.see_outbox(seen, connection)
            planned = recover_ids.plan(connection, seen)
            is_sound = all(one.state != "differs" for one in planned)
            if is_sound and not dry_run:
                recover_ids.carry_out(connection, planned, seen)
    except psycopg.OperationalError as down:
        raise Failure(
            f"PostgreSQL does not answer: {str(down).splitlines()[0]}", "Start it with `rustok up --servers-only`."
        ) from down
    except KafkaException as down:
        raise Failure(
            f"Kafka does not give all of its records: {down.args[0].str()}",
            "Start it with `rustok up --servers-only`; topics that are gone are made by `rustok streams topics`.",
        ) from down
    unknown = [(event, version, *sorted(ids)) for (event, version), ids in sorted(seen.unknown.items())]
    if as_json:
        click.echo(json.dumps(_document(planned, records, len(unknown))))
    else:
        _show(planned, records, dry_run=dry_run)
        for event, version, *ids in unknown:
            click.echo(f"{event} v{version} (id {ids[0]}) is none of this code: run this with the code that wrote it.")
    sys.exit(0 if is_sound and not unknown else 1)


def _document(planned: Sequence[RecoveredVersion], records: int, unknown: int) -> dict[str, object]:
    counts = Counter(one.state for one in planned)
    return {
        "records": records,
        **{state: counts[state] for state in STATES},
        "unknown": unknown,
        "versions": [
            {"event": one.event_type, "version": one.version, "state": one.state, "id": one.schema_id, "why": one.why}
            for one in planned
        ],
    }


def _show(planned: Sequence[RecoveredVersion], records: int, *, dry_run: bool) -> None:
    counts = Counter(one.state for one in planned)
    for one in planned:
        if one.state == "differs":
            click.echo(f"{one.event_type} v{one.version}: {one.why}")
    click.echo(
        f"{records:,} records read: {counts['recovered']} schemas {'would get' if dry_run else 'have'} the id of their"
        f" records again, {counts['there']} were there, {counts['new']} have no record and get a new id"
    )
    if counts["differs"]:
        click.echo("Nothing was written: an id of these would mean two things. Put the registry back from a backup.")
