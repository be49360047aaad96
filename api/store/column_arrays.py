"""Takes many rows to Postgres in one statement: one array literal for each column, unnested there.

psycopg turns a list into an array element by element in Python; for thousands of rows these few lines are many times
faster. (COPY would be faster still, but is refused on tables with row-level security.)
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson


def numbers(values: Iterable[int | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def ids(values: Iterable[Any]) -> str:
    """UUIDs, as `uuid[]`."""
    return "{" + ",".join(["NULL" if value is None else value.hex for value in values]) + "}"


def moments(values: Iterable[datetime | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else f'"{value.isoformat()}"' for value in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def blobs(values: Iterable[bytes | None]) -> str:
    """Small ones, as `bytea[]`."""
    return "{" + ",".join(["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values]) + "}"


def documents(values: Iterable[Any]) -> str:
    """Anything JSON can say, as `jsonb[]`."""
    return texts(orjson.dumps(value).decode() for value in values)


def documents_or_null(values: Iterable[Any]) -> str:
    """The same, where None is NULL."""
    return texts(None if value is None else orjson.dumps(value).decode() for value in values)


def lists(values: Iterable[Iterable[str]]) -> str:
    """Lists of different lengths, as `text[]`: each element is cast to `text[]` on the other side."""
    return texts(texts(value) for value in values)


def _quoted(value: str) -> str:
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
