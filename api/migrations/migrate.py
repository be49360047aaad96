"""Brings the tables to what this code needs: Alembic, run from here, without an ini file, one caller at a time."""

from functools import partial
from pathlib import Path
from typing import Final

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql

from ops.clients import postgres
from schemas import outbox_publication, outbox_row

FOLDER: Final = Path(__file__).parent

#: Two that migrate at once take turns; the second finds nothing to do. The number is arbitrary and ours.
LOCK: Final = 7_305_041


def migrate(postgres_url: str, publication: str) -> None:
    """Every revision that is missing, then the publication the capture reads. Does nothing when all is there."""
    with postgres.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        command.upgrade(_config(postgres_url), "head")
        _publish(connection, publication)


def _config(postgres_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    # libpq reads the URL, as everywhere else: it may name several hosts.
    config.attributes["connect"] = partial(postgres.connect, postgres_url)
    return config


def _publish(connection: psycopg.Connection, publication: str) -> None:
    """Named by the settings, so it is no part of a revision. It must be there before the slot that reads it.

    One that somebody changed is made anew; capture sees that, and opens a gap for what was committed meanwhile.
    """
    name = sql.Identifier(publication)
    is_right = sql.SQL(outbox_publication.IS_RIGHT).format(
        publication=sql.Literal(publication), table=sql.Literal(outbox_row.TABLE)
    )
    if connection.execute(sql.SQL("SELECT {}").format(is_right)).fetchone() == (True,):
        return
    with connection.transaction():
        connection.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(name))
        make = sql.SQL("CREATE PUBLICATION {} FOR TABLE {} WITH (publish = 'insert')")
        connection.execute(make.format(name, sql.Identifier(outbox_row.TABLE)))
