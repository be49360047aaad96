"""A database of a test's own, beside that of the stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from ops.settings import Settings


@contextmanager
def database_of_its_own(settings: Settings) -> Iterator[str]:
    """The URL of a new one, with nothing in it."""
    name = f"upgraded_{uuid4().hex[:12]}"
    with psycopg.connect(settings.postgres_url, autocommit=True) as postgres:
        postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_url(settings.postgres_url).set(database=name).render_as_string(hide_password=False)
        postgres.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
