"""Answers one statement in a process of its own, over one shop's rows, and ends.

The question comes as one JSON line, the answer is a JSON line and what it heads. The process has no environment, no
settings and nothing to connect to. By when the statement is carried out the snapshot is detached and DuckDB opens no
file any more: all that there is to be read is the shop's. DuckDB counts not all memory (that of one long text it does
not), and is in no hurry to be interrupted, so the bounds are the kernel's, too.
"""

import json
import resource
import signal
import sys
import threading
from dataclasses import dataclass
from typing import Any, BinaryIO, Final
from uuid import UUID

import duckdb

from sinks.sql import answer_rows, table_macros, tenant_tables
from sinks.sql.allowed_statements import allowed
from sinks.sql.statement_tree import StatementRefused

#: What the process takes before it has read anything, and for threads that wait.
_OWN_MB: Final = 192
#: After DuckDB was interrupted.
_GRACE_S: Final = 1.0
_FETCHED: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`path` and `birth` are of the snapshot. `reached` is SQL about the columns of orders with its values; empty: all.

    `rows` and `bytes` are the most of the answer.
    """

    sql: str
    kind: str
    path: str
    birth: str
    tenant_id: str
    reached: str
    values: dict[str, Any]
    time_s: float
    memory_mb: int
    rows: int
    bytes: int


def main() -> None:
    question = Question(**json.loads(sys.stdin.buffer.readline()))
    _bound(question)
    try:
        head, body = _answered(question)
    except StatementRefused as refused:
        position = None if refused.position is None else _characters(question.sql, refused.position)
        head, body = {"refused": refused.code, "message": refused.message, "position": position}, b""
    _send(sys.stdout.buffer, head, body)


def _bound(question: Question) -> None:
    """By the kernel: no file is written, no memory taken beyond its own, and in time it ends, whatever it does."""
    most = (question.memory_mb + _OWN_MB) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, question.time_s + _GRACE_S)


def _answered(question: Question) -> tuple[dict[str, Any], bytes]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": f"{question.memory_mb}MB",
        "temp_directory": "",
        "errors_as_json": True,
    }
    connection = duckdb.connect(":memory:", config=config)
    late = threading.Timer(question.time_s, connection.interrupt)
    late.daemon = True
    late.start()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET python_enable_replacements = false")
        columns_there = _prepare(connection, question)
        return _carried_out(connection, question, columns_there)
    except duckdb.InterruptException:
        raise StatementRefused("query_too_long", f"It takes longer than {question.time_s:g} s.") from None
    except (duckdb.OutOfMemoryException, MemoryError):
        raise StatementRefused("query_too_big", f"It needs more than {question.memory_mb} MB of memory.") from None
    except answer_rows.NotWritable as lossy:
        raise StatementRefused("not_writable", str(lossy)) from None


def _prepare(connection: duckdb.DuckDBPyConnection, question: Question) -> str:
    """Has what the statement needs of the shop's rows, and nothing else. Returns which columns there are."""
    source, given = tenant_tables.SOURCE, question.path.replace("'", "''")
    try:
        connection.execute(f"ATTACH '{given}' AS {source} (READ_ONLY)")
        births = connection.execute(f"SELECT birth FROM {source}.store").fetchall()
        if births != [(question.birth,)]:
            raise StatementRefused("no_snapshot", "The snapshot is not of the file that its feed writes.")
        there = tenant_tables.tables_of(connection, of_orders_only=bool(question.reached))
        names = {name.lower() for name in there}
        macros = table_macros.macros_of(connection, source, names)
        statement = allowed(connection, question.sql, names, macros)
        reads = [statement.reads, *(macro.reads for macro in statement.calls)]
        tenant_tables.copy_rows(
            connection, there, reads, str(UUID(question.tenant_id)), question.reached, question.values
        )
        connection.execute(f"DETACH {source}")
    except duckdb.IOException as gone:  # its text has paths
        raise StatementRefused("no_snapshot", "The snapshot cannot be read.") from gone
    for macro in statement.calls:
        table_macros.make(connection, macro)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    read = {name: columns for name, columns in there.items() if name.lower() in statement.reads.tables}
    return " ".join(f"{name} has {', '.join(columns)}." for name, columns in read.items())


def _carried_out(
    connection: duckdb.DuckDBPyConnection, question: Question, columns_there: str
) -> tuple[dict[str, Any], bytes]:
    try:
        found = connection.execute(question.sql)
        columns = [(column[0], str(column[1])) for column in found.description or ()]
        answer_rows.require_writable(columns)
        return _written(found, columns, question)
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as wrong:
        raise _told(wrong, columns_there) from None


def _written(
    found: duckdb.DuckDBPyConnection, columns: list[tuple[str, str]], question: Question
) -> tuple[dict[str, Any], bytes]:
    is_csv = question.kind == "csv"
    write = answer_rows.as_csv(columns) if is_csv else answer_rows.as_json(columns)
    lines, size, is_truncated = [answer_rows.csv_head(columns)] if is_csv else [], 0, False
    count = 0
    while not is_truncated and (rows := found.fetchmany(_FETCHED)):
        for row in rows:
            line = write(row)
            size += len(line) + 1
            is_truncated = count == question.rows or size > question.bytes
            if is_truncated:
                break
            lines.append(line)
            count += 1
    if is_truncated and not count:
        raise StatementRefused("query_too_big", f"One row alone has more than {question.bytes:,} bytes.")
    head = {"columns": columns, "rows": count, "truncated": is_truncated}
    return head, b"".join(lines) if is_csv else b"[" + b",".join(lines) + b"]"


def _told(wrong: duckdb.Error, columns: str) -> StatementRefused:
    """In DuckDB's words, and where in the statement. `columns` says which there are."""
    kind, _, told = str(wrong).partition(": ")
    said = _said(told)
    if said is None:
        return StatementRefused("query_error", str(wrong))
    message, at = said["exception_message"].strip(), str(said.get("position", ""))
    if said.get("error_subtype") == "COLUMN_NOT_FOUND":
        # DuckDB would name those that were copied, which are those that the statement names.
        message = f"{message.partition('!')[0]}. {columns}".rstrip()
    return StatementRefused("query_error", f"{kind}: {message}", int(at) if at.isdecimal() else None)


def _said(told: str) -> dict[str, Any] | None:
    """What it says as JSON; None for what a statement's own `error()` says, which may be JSON, too."""
    try:
        said = json.loads(told)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and isinstance(said.get("exception_message"), str) else None


def _characters(sql: str, position: int) -> int:
    """DuckDB counts bytes."""
    return len(sql.encode()[:position].decode(errors="ignore"))


def _send(out: BinaryIO, head: dict[str, Any], body: bytes) -> None:
    out.write(json.dumps(head).encode() + b"\n")
    out.write(body)
    out.flush()


if __name__ == "__main__":
    main()
