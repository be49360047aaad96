"""A neighbour that does not answer is told in two sentences by any command, and a mistake of ours stays one."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from confluent_kafka import KafkaError, KafkaException

from ops.neighbour_away import as_failure
from sinks.sink import Unavailable


@pytest.mark.parametrize(
    ("raised", "what"),
    [
        (
            psycopg.OperationalError("connection refused\nIs it running?"),
            "PostgreSQL does not answer: Connection refused.",
        ),
        (KafkaException(KafkaError(KafkaError._TRANSPORT)), "Kafka does not answer: "),  # noqa: SLF001  # its own names
        (Unavailable("the store is away"), "The store is away."),
    ],
    ids=["PostgreSQL", "Kafka", "a store"],
)
def test_it_is_named(raised: Exception, what: str) -> None:
    told = as_failure(raised)

    assert told is not None
    assert told.what.startswith(what)
    assert "`rustok status`" in told.remedy


@pytest.mark.parametrize(
    "raised",
    [
        KeyError("id"),
        psycopg.ProgrammingError("no such column"),
        KafkaException(KafkaError(KafkaError.TOPIC_EXCEPTION)),
    ],
    ids=["ours", "SQL", "a bad topic"],
)
def test_a_mistake_is_none(raised: Exception) -> None:
    assert as_failure(raised) is None


def test_a_command_that_did_not_expect_it_says_so(tmp_path: Path) -> None:
    nobody = {"RUSTOK_POSTGRES_URL": "postgresql://me@127.0.0.1:1/x", "RUSTOK_KAFKA_BOOTSTRAP": "127.0.0.1:1"}

    told = subprocess.run(
        [sys.executable, "-m", "ops.cli", "streams", "audit"],
        env={**os.environ, **nobody, "RUSTOK_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1
    assert "does not answer" in told.stderr
    assert "Traceback" not in told.stderr
