"""Tells whether schemas of our own events are gone that were here: their ids are in records, and mean nothing else."""

from collections.abc import Collection
from typing import Any

from psycopg import Connection

#: Of an event: its type, and which of its versions.
VersionName = tuple[str, int]


def are_lost(connection: Connection[Any]) -> bool:
    """Nobody deletes versions of ours, and the first deploy registers some: fewer than there were means a loss."""
    row = connection.execute(
        """
        SELECT count(*) = 0
            OR bool_or(s.last_version > (SELECT count(*) FROM schema_versions v WHERE v.subject = s.subject))
        FROM registry_subjects s WHERE s.deployed
        """
    ).fetchone()
    return row == (True,)


def written(connection: Connection[Any], missing: Collection[VersionName]) -> list[VersionName]:
    """Those of the missing that there have been: the outbox or their subject says so, or there are shops and nothing
    of ours is left at all.
    """
    if not missing:
        return []
    told = connection.execute(
        "SELECT DISTINCT type, schema_version FROM outbox WHERE type = ANY (%s)",
        (sorted({event_type for event_type, _ in missing}),),
    ).fetchall()
    in_outbox = {(event_type, version) for event_type, version in told}
    last = dict(connection.execute("SELECT subject, last_version FROM registry_subjects WHERE deployed").fetchall())
    shops = connection.execute("SELECT EXISTS (SELECT FROM tenants)").fetchone()
    all_of_them = not last and shops == (True,)
    return [
        (event_type, version)
        for event_type, version in missing
        if all_of_them or (event_type, str(version)) in in_outbox or version <= last.get(event_type, 0)
    ]
