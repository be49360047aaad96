"""Keeps what PostgreSQL remembers of capture, and opens gaps: two tables, in one transaction each time.

A gap is opened before what it is about is put in order: whoever dies in between finds it open. Until capture reads
again it says `infinity`: what is emitted again before that may be lost as well.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from psycopg import errors, sql

from ops.clients import postgres
from schemas import gaps, outbox_row
from streams.capture.pgoutput import lsn_number
from streams.capture.source_identity import Note, Now, Opening, Recorded, SourceIdentity, TopicState, topic_state

Connection = psycopg.Connection[Any]

#: Changes whenever the publication, or the table in it, is changed or made anew.
PUBLICATION_IDENTITY: Final = """
    (SELECT string_agg(concat_ws('/', p.oid, p.xmin, r.oid, r.xmin, c.oid), ' ' ORDER BY r.oid)
     FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid
     WHERE p.pubname = {publication})
"""
_NOW: Final = f"""
    SELECT system_identifier::text, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int,
        coalesce({PUBLICATION_IDENTITY}, ''), pg_current_wal_insert_lsn()::text,
        (SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = {{slot}})
    FROM pg_control_system()
"""  # noqa: S608  # constants
_SEES_ALL: Final = f"""
    EXISTS (
        SELECT FROM pg_policies, unnest(roles) AS role
        WHERE tablename = '{outbox_row.TABLE}' AND cmd IN ('SELECT', 'ALL') AND qual = 'true' AND role <> 'public'
          AND pg_has_role(role, 'USAGE')
    )
"""  # a name of ours
# Rows are removed in order of their ids, and those of deletions never: one that is gone while an older one is there was
# never in this database. Whoever may not see the rows cannot know.
_HAS_EVENT: Final = f"""
    SELECT CASE
        WHEN row_security_active('{outbox_row.TABLE}') AND NOT ({_SEES_ALL}) THEN NULL
        WHEN EXISTS (SELECT FROM {outbox_row.TABLE} WHERE id = %(event)s::uuid) THEN true
        WHEN EXISTS (
            SELECT FROM {outbox_row.TABLE} WHERE id < %(event)s::uuid AND type NOT LIKE '%%.deleted'
        ) THEN false
    END
"""  # noqa: S608  # a name of ours
_OPEN: Final = f"""
    INSERT INTO {gaps.TABLE} (kind, topics, detail) VALUES (%s, %s, %s)
    ON CONFLICT (kind, topics) WHERE closed_at IS NULL
    DO UPDATE SET since = 'infinity',
        detail = CASE WHEN {gaps.TABLE}.since = 'infinity' THEN {gaps.TABLE}.detail ELSE excluded.detail END,
        times = {gaps.TABLE}.times + ({gaps.TABLE}.since <> 'infinity')::int
"""  # noqa: S608
_KEEP: Final = f"""
    INSERT INTO {gaps.SOURCE_TABLE} (token, beat, slot, system_identifier, timeline, publication, topics)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (one) DO UPDATE SET (token, beat, slot, system_identifier, timeline, publication, topics)
        = (excluded.token, excluded.beat, excluded.slot, excluded.system_identifier, excluded.timeline,
           excluded.publication, excluded.topics)
"""  # noqa: S608


class NotMigrated(Exception):
    """The tables of capture are not there."""

    def __init__(self) -> None:
        super().__init__(f"table {gaps.SOURCE_TABLE} is not there: `rustok api migrate` makes it")


def recorded(connection: Connection) -> Recorded | None:
    try:
        row = connection.execute(
            "SELECT token, beat, slot, system_identifier, timeline, publication, topics"  # noqa: S608  # a name of ours
            f" FROM {gaps.SOURCE_TABLE}"
        ).fetchone()
    except errors.UndefinedTable as missing:
        raise NotMigrated from missing
    if row is None:
        return None
    token, beat, slot, system, timeline, publication, topics = row
    states = {name: topic_state(state) for name, state in topics.items()}
    source = SourceIdentity(slot=slot, system=system, timeline=timeline, publication=publication, topics=states)
    return Recorded(token=token, beat=beat, source=source)


def now(connection: Connection, url: str, slot: str, publication: str, note: Note | None) -> Now:
    """The source as it is, without its topics."""
    query = sql.SQL(_NOW).format(publication=sql.Literal(publication), slot=sql.Literal(slot))
    row = connection.execute(query).fetchone()
    system, timeline, identity, log_end, confirmed = row or ("", 0, "", "0/0", None)
    return Now(
        source=SourceIdentity(slot=slot, system=system, timeline=timeline, publication=identity, topics={}),
        log_end=lsn_number(log_end),
        confirmed=lsn_number(confirmed or "0/0"),
        forks=_forks(url, timeline) if note is not None and timeline > note.timeline else {},
        has_event=_has_event(connection, note),
    )


def open_gaps(connection: Connection, found: Sequence[Opening], topics: Sequence[str]) -> None:
    """`topics` are all there are: of what says none, each may lack something."""
    for one in found:
        connection.execute(_OPEN, (one.kind, sorted(one.topics or topics), one.detail))


def note_gaps(connection: Connection, found: Sequence[Opening]) -> None:
    """Of what goes on while it is read: a gap that is open already is left as it is."""
    for one in found:
        connection.execute(
            f"INSERT INTO {gaps.TABLE} (kind, topics, detail) VALUES (%s, %s, %s)"  # noqa: S608  # a name of ours
            " ON CONFLICT (kind, topics) WHERE closed_at IS NULL DO NOTHING",
            (one.kind, sorted(one.topics), one.detail),
        )


def opened(connection: Connection) -> list[gaps.Gap]:
    """The gaps that are open."""
    rows = connection.execute(
        f"SELECT kind, topics, detail, opened_at FROM {gaps.TABLE} WHERE closed_at IS NULL ORDER BY id"  # noqa: S608
    ).fetchall()
    return [gaps.Gap(kind=kind, topics=tuple(topics), detail=detail, opened_at=at) for kind, topics, detail, at in rows]


def begin(
    connection: Connection,
    before: Recorded | None,
    note: Note | None,
    found: Sequence[Opening],
    source: SourceIdentity,
    topics: Sequence[str],
) -> Recorded:
    """Opens what was found, and remembers what is there now; from here on what is emitted again counts."""
    another = any(one.kind == "database" for one in found)
    token: UUID = before.token if before is not None and not another else uuid4()
    beat = max(before.beat if before else 0, note.beat if note else 0) + 1
    now_recorded = Recorded(token=token, beat=beat, source=source)
    with connection.transaction():
        connection.execute("SET LOCAL synchronous_commit = on")
        open_gaps(connection, found, topics)
        connection.execute(f"UPDATE {gaps.TABLE} SET since = clock_timestamp() WHERE since = 'infinity'")  # noqa: S608
        keep(connection, now_recorded)
    return now_recorded


def keep(connection: Connection, one: Recorded) -> None:
    source = one.source
    values = (one.token, one.beat, source.slot, source.system, source.timeline, source.publication)
    connection.execute(_KEEP, (*values, topics_text(source.topics)))


def topics_text(topics: Mapping[str, TopicState]) -> str:
    return json.dumps({name: state.as_record() for name, state in topics.items()})


def _has_event(connection: Connection, note: Note | None) -> bool | None:
    if note is None or not note.event:
        return None
    row = connection.execute(_HAS_EVENT, {"event": note.event}).fetchone()
    return row[0] if row else None


def _forks(url: str, timeline: int) -> dict[int, int]:
    """Timeline → where it was left, from the server's own history of the present one."""
    with postgres.replication(url) as stream:
        row = stream.execute(f"TIMELINE_HISTORY {timeline:d}".encode()).fetchone()
    content = row[1] if row else b""
    text = content.decode() if isinstance(content, bytes) else str(content)
    lines = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {int(of): lsn_number(at) for of, at, *_ in lines}
