"""Has a statement answered over one shop's rows of the newest snapshot, by a process that lives as long as it does."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from schemas.row_conditions import EVERY_ROW, RowCondition
from schemas.row_conditions_sql import DUCKDB, WhereText
from sinks.analytics import event_archive, sales_facts, search_facts
from sinks.duckdb import snapshots
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import Unavailable
from sinks.sql.statement_process import Question
from sinks.sql.statement_tree import StatementRefused

Asked = Literal["sales", "searches", "event-archive"]
Kind = Literal["json", "csv"]
MODELS: Final[Mapping[str, ReadModel]] = {
    model.name: model for model in (sales_facts.MODEL, search_facts.MODEL, event_archive.MODEL)
}
#: Beyond its time, for a process to start and to end.
_START_S: Final = 10.0
_COMMAND: Final = (sys.executable, "-I", "-m", "sinks.sql.statement_process")
#: As Python and C++ say it.
_NO_MEMORY: Final = ("MemoryError", "bad_alloc", "Out of Memory")
_TOLD: Final = 2000
_GONE: Final = "no_snapshot"


class StatementFailed(Exception):
    """The process that was to answer broke, which is a fault of ours."""


class TooManyStatements(Unavailable):
    """So many are being carried out that there is no place for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlLimits:
    """Of one statement; `at_once`: so many at the same time in this process."""

    time_s: float = 10.0
    memory_mb: int = 512
    rows: int = 10_000
    bytes: int = 10_000_000
    at_once: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlQuery:
    """Only rows of orders that are `reached` are there."""

    tenant_id: UUID
    sql: str
    model: Asked = "sales"
    kind: Kind = "json"
    reached: RowCondition = EVERY_ROW


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlAnswer:
    """`columns` are names with DuckDB's types; `body` is a JSON array of rows, or CSV with a head."""

    columns: Sequence[tuple[str, str]]
    rows: int
    truncated: bool
    body: bytes
    snapshot: str
    freshness: Freshness


class SqlReader:
    """Safe to share between threads."""

    def __init__(self, folder: Path, limits: SqlLimits | None = None) -> None:
        self._folder = folder
        self._limits = limits or SqlLimits()
        self._places = threading.BoundedSemaphore(self._limits.at_once)

    def ask(self, query: SqlQuery) -> SqlAnswer:
        """Raises `StatementRefused`, `TooManyStatements`, and `Unavailable` when there is no snapshot."""
        if not self._places.acquire(blocking=False):
            raise TooManyStatements("so many statements are being carried out that there is no place for another", 2)
        try:
            return self._asked(query)
        finally:
            self._places.release()

    def _asked(self, query: SqlQuery) -> SqlAnswer:
        model = MODELS[query.model]
        snapshot = snapshots.current(snapshots.live_folder(self._folder, model.name).resolve())
        if snapshot is None:
            raise Unavailable(f"the {model.name} feed has not published a snapshot yet", retry_after_s=5)
        head, body = self._answered(self._question(query, snapshot))
        if head.get("refused") == _GONE:
            raise Unavailable(head["message"])
        if "refused" in head:
            raise StatementRefused(head["refused"], head["message"], head["position"])
        return SqlAnswer(
            columns=[(name, kind) for name, kind in head["columns"]],
            rows=head["rows"],
            truncated=head["truncated"],
            body=body,
            snapshot=snapshot.path.name,
            freshness=model.complete(snapshot.freshness),
        )

    def _question(self, query: SqlQuery, snapshot: snapshots.Snapshot) -> Question:
        reached = WhereText(query.reached, expression=str, placeholder=DUCKDB)
        return Question(
            sql=query.sql,
            kind=query.kind,
            path=str(snapshot.path),
            birth=snapshot.birth,
            tenant_id=str(query.tenant_id),
            reached="" if query.reached == EVERY_ROW else reached.text,
            values=reached.values,
            time_s=self._limits.time_s,
            memory_mb=self._limits.memory_mb,
            rows=self._limits.rows,
            bytes=self._limits.bytes,
        )

    def _answered(self, question: Question) -> tuple[dict[str, Any], bytes]:
        asked = json.dumps(asdict(question)).encode() + b"\n"
        try:
            done = subprocess.run(
                _COMMAND,
                input=asked,
                capture_output=True,
                env={},
                cwd="/",
                timeout=question.time_s + _START_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_long(question) from None
        if done.returncode == 0:
            head, _, body = done.stdout.partition(b"\n")
            return json.loads(head), body
        raise _ended(done.returncode, done.stderr.decode(errors="replace"), question)


def _too_long(question: Question) -> StatementRefused:
    return StatementRefused("query_too_long", f"It takes longer than {question.time_s:g} s.")


def _ended(code: int, said: str, question: Question) -> Exception:
    """Why a process has no answer: its time was over, memory was not to be had, or it is broken."""
    if code == -signal.SIGALRM:
        return _too_long(question)
    if code > 0 and not any(word in said for word in _NO_MEMORY):
        return StatementFailed(said[-_TOLD:])
    return StatementRefused("query_too_big", f"It could not be carried out with {question.memory_mb} MB of memory.")
