"""Tells whoever called a command why the database for BI tools cannot be used, and what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from ops.failure import Failure
from ops.settings import Settings


@contextmanager
def told(settings: Settings) -> Iterator[None]:
    """Raises a `Failure` where there is no such database, there is nothing in it yet, or it does not answer."""
    if not settings.postgres_bi_url:
        raise Failure(
            "There is no database for BI tools.",
            "Name one in RUSTOK_POSTGRES_BI_URL; `rustok api migrate` makes it.",
        )
    try:
        yield
    except psycopg.errors.UndefinedTable as early:
        raise Failure("The database for BI tools has nothing in it yet.", "Run `rustok api migrate`.") from early
    except psycopg.OperationalError as down:
        raise Failure(
            f"The database for BI tools does not answer: {str(down).splitlines()[0]}",
            "`rustok api migrate` makes it; `rustok status` shows whether PostgreSQL runs.",
        ) from down
