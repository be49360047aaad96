"""What a command emits again, and where it is when it is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg

from api.reemit.write_model_tables import ACTOR
from schemas.aggregates import AGGREGATES
from streams.close_gap import DECISIONS
from tests.support.stack import Stack
from tests.support.waiting import wait_until

DEADLINE_S = 120
#: Everything that is emitted again when any topic may lack something: every state, and what was decided about letters.
ALL = {row.name for row in AGGREGATES if row.has_state} | {DECISIONS}

Postgres = psycopg.Connection[Any]


def kill_when(stack: Stack, is_so: Callable[[], bool], what: str, *arguments: str) -> None:
    """Runs `rustok` with these arguments, and kills it as soon as this is so."""
    command = [sys.executable, "-m", "ops.cli", *arguments]
    with subprocess.Popen(command, env=stack.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        wait_until(lambda: running.poll() is not None or is_so(), DEADLINE_S, what)
        running.kill()
        _, said = running.communicate()
    assert running.returncode == -signal.SIGKILL, said.decode()


def has_emitted_a_part(postgres: Postgres, since: datetime) -> bool:
    return any(emitted > 0 for _, emitted, _ in _runs(postgres, since)) and not has_emitted_all(postgres, since)


def has_emitted_all(postgres: Postgres, since: datetime) -> bool:
    """Of every aggregate, in runs that were begun after this moment."""
    return {aggregate for aggregate, _, finished in _runs(postgres, since) if finished} == ALL


def times_emitted(postgres: Postgres, since: datetime) -> tuple[int, int]:
    """How many aggregates were emitted in these runs, and how often the one that was emitted most often."""
    row = postgres.execute(
        """
        SELECT count(*), coalesce(max(times), 0) FROM (
            SELECT count(*) AS times FROM outbox
            WHERE actor_id = %s
              AND correlation_id IN (SELECT 're-emit-' || id FROM reemissions WHERE started_at > %s)
            GROUP BY aggregatetype, aggregateid
        ) emitted
        """,
        (ACTOR, since),
    ).fetchone()
    return row or (0, 0)


def _runs(postgres: Postgres, since: datetime) -> list[tuple[str, int, bool]]:
    return postgres.execute(
        "SELECT aggregate, emitted, finished_at IS NOT NULL FROM reemissions WHERE started_at > %s", (since,)
    ).fetchall()


@contextmanager
def asleep(stack: Stack, name: str) -> Iterator[None]:
    """The stack's own process of this name does nothing until the end of the block."""
    pid = stack.pid_of(name)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
