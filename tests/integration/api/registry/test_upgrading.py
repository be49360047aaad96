"""A database whose schemas were registered before there were contexts, deletes and levels goes on with its ids."""

import json
from hashlib import sha256

import psycopg
import pytest
from alembic import command

from api.migrations import migrate
from api.registry.deployed_schemas import register_known
from api.store.schema_ids import pins
from schemas import avro_schema

pytestmark = pytest.mark.servers


def test_ids_stay_and_what_was_registered_is_closed(empty_database: str) -> None:
    command.upgrade(migrate._config(empty_database), "0020")  # noqa: SLF001  # a revision in between is nobody's wish but ours
    with psycopg.connect(empty_database) as connection:
        for history, version in avro_schema.every_version():
            text = json.dumps(avro_schema.schema(history, version), separators=(",", ":"))
            connection.execute(
                "WITH made AS (INSERT INTO schemas (content, digest) VALUES (%s, %s) RETURNING id)"
                " INSERT INTO schema_versions (subject, version, schema_id) SELECT %s, %s, id FROM made",
                (text, sha256(text.encode()).digest(), history.event_type, version),
            )
        before = pins(connection)

    migrate.migrate(empty_database, "rustok_outbox")
    with psycopg.connect(empty_database) as connection:
        made = register_known(connection)
        again = register_known(connection)
        after = pins(connection)
        modes = connection.execute("SELECT DISTINCT mode, compatibility FROM registry_settings").fetchall()
        closed = connection.execute("SELECT bool_and(deployed), count(*) FROM registry_subjects").fetchone()

    assert (made, again, after) == (0, 0, before)
    assert modes == [("READONLY", "FORWARD_TRANSITIVE")]
    assert closed == (True, len({subject for subject, _ in before}))
