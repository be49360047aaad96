"""Makes a scratch world to try capture in: a database with an outbox, a publication, slots and topics of its own on
running servers, all removed at the end.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Final
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.clients import kafka as kafka_clients
from ops.clients import postgres
from ops.clients.client_credentials import Brokers
from schemas import gaps, outbox_row, topics
from schemas.topics import Topic
from streams import make_topics

DELETE_TIMEOUT_S: Final = 20.0
HOUR_MS: Final = 3_600_000
ERRORS: Final = 3

COLUMN_TYPES: Final = {UUID: "uuid", bytes: "bytea", str: "text", str | None: "text"}


@dataclass(frozen=True, slots=True)
class Scratch:
    """`aggregate_type`: rows of this type go to `topic`."""

    url: str
    bootstrap: Brokers
    name: str
    aggregate_type: str
    topic: str
    watermark_topic: str
    position_topic: str
    partitions: int

    @property
    def publication(self) -> str:
        return self.name

    @property
    def events(self) -> Topic:
        return Topic(name=self.topic, partitions=self.partitions)

    def connect(self) -> psycopg.Connection:
        return postgres.connect(self.url, autocommit=True)


def create_outbox() -> str:
    """The table the migrations make, as far as capture sees it: each column with its type."""
    columns = ", ".join(
        f"{field.name} {COLUMN_TYPES[field.type]}{_constraint(field.name, field.type)}"  # type: ignore[index]  # a class, not its name
        for field in fields(outbox_row.OutboxRow)
    )
    return f"CREATE TABLE {outbox_row.TABLE} ({columns}, PRIMARY KEY (id))"


def _constraint(name: str, kind: object) -> str:
    if name == "epoch":
        return f" NOT NULL DEFAULT '{outbox_row.FIRST_EPOCH}'"
    return "" if kind == str | None else " NOT NULL"


@contextmanager
def scratch(postgres_url: str, bootstrap: Brokers, *, partitions: int = 4) -> Iterator[Scratch]:
    mark = secrets.token_hex(4)
    name, aggregate_type = f"rustok_scratch_{mark}", f"scratch-{mark}"
    world = Scratch(
        url=make_conninfo(postgres_url, dbname=name),
        bootstrap=bootstrap,
        name=name,
        aggregate_type=aggregate_type,
        topic=topics.of_aggregate(aggregate_type),
        watermark_topic=topics.of_aggregate(f"{aggregate_type}.watermarks"),
        position_topic=topics.of_aggregate(f"{aggregate_type}.positions"),
        partitions=partitions,
    )
    made = (
        world.events,
        Topic(name=world.watermark_topic, partitions=1, compacted=False, retention_ms=HOUR_MS),
        Topic(name=world.position_topic, partitions=1),
    )
    try:
        with postgres.connect(postgres_url, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with world.connect() as database:
            for statement in (create_outbox(), *gaps.STATEMENTS):
                database.execute(statement.encode())
            database.execute(
                sql.SQL("CREATE PUBLICATION {} FOR TABLE {} WITH (publish = 'insert')").format(
                    sql.Identifier(world.publication), sql.Identifier(outbox_row.TABLE)
                )
            )
        make_topics.make(bootstrap, made)
        yield world
    finally:
        _drop_database(postgres_url, name)
        _delete_topics(bootstrap, [topic.name for topic in made])


def _drop_database(postgres_url: str, name: str) -> None:
    with postgres.connect(postgres_url, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE database = %s AND active",
            (name,),
        )
        server.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = %s", (name,)
        )
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _delete_topics(bootstrap: Brokers, names: list[str]) -> None:
    admin = kafka_clients.admin(bootstrap, {"log_level": ERRORS})
    present = admin.list_topics(timeout=DELETE_TIMEOUT_S).topics
    doomed = [name for name in names if name in present]
    if doomed:
        for future in admin.delete_topics(doomed, operation_timeout=DELETE_TIMEOUT_S).values():
            future.result()
