"""Measures how large each table, topic, index and kind of file of a local stack is by now."""

from collections import Counter
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from ops.clients import postgres
from ops.clients.client_credentials import opensearch_http_options
from ops.growth import stack_files
from ops.settings import Settings

#: What PostgreSQL has written to its log, which it recycles: it is written, and takes no more space.
LOG_WRITTEN: Final = "log of PostgreSQL"
_TABLES: Final = """
    SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, pg_total_relation_size(c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
#: What is in these is measured as tables, topics and indices.
_OF_SERVERS: Final = ("postgres/", "kafka/", "opensearch/")


def connected(settings: Settings) -> psycopg.Connection[Any]:
    """To the database, as the owner of the tables."""
    return postgres.connect(settings.postgres_url, autocommit=True)


def measure(settings: Settings, connection: psycopg.Connection[Any]) -> Counter[str]:
    """Bytes by name: `table orders`, `topic rustok.order`, `index …`, `file …`; indices count with their table."""
    folder = settings.folder
    files = stack_files.measured(folder.root).bytes
    return Counter(
        {
            **{f"table {name}": size for name, size in connection.execute(_TABLES).fetchall()},
            LOG_WRITTEN: _log_written(connection),
            **{f"topic {name}": size for name, size in _topics(folder.data("kafka") / "logs").items()},
            **{f"index {name}": size for name, size in _indices(settings).items()},
            **{f"file {name}": size for name, size in files.items() if not name.startswith(_OF_SERVERS)},
        }
    )


def _log_written(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT (pg_current_wal_lsn() - '0/0')::bigint").fetchone()
    return int(row[0]) if row else 0


def _topics(logs: Path) -> Counter[str]:
    """Of all partitions together, records only: what Kafka keeps beside them is sparse and little."""
    found = Counter[str]()
    for segment in logs.glob("*-*/*.log"):
        try:
            found[segment.parent.name.rpartition("-")[0]] += segment.stat().st_size
        except FileNotFoundError:  # compacted away just now
            continue
    return found


def _indices(settings: Settings) -> dict[str, int]:
    """After what is in memory and in the log of OpenSearch has come into the indices."""
    server = settings.opensearch
    with httpx.Client(base_url=server.urls[0], timeout=60, **opensearch_http_options(server)) as client:
        client.post("/rustok-*/_flush", params={"force": "true"}).raise_for_status()
        told = client.get("/rustok-*/_stats/store").raise_for_status().json()
    return {name: index["primaries"]["store"]["size_in_bytes"] for name, index in told["indices"].items()}
