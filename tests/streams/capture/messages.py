"""Messages of a replication stream as a server would send them, built by hand."""

import struct
from collections.abc import Sequence

POSTGRES_EPOCH_US = 946_684_800_000_000


def keepalive(end: int, *, reply_requested: bool = False, at: int = POSTGRES_EPOCH_US) -> bytes:
    return b"k" + struct.pack(">QqB", end, at - POSTGRES_EPOCH_US, reply_requested)


def begin(commit: int, committed_at: int = POSTGRES_EPOCH_US, xid: int = 7) -> bytes:
    return _log(b"B" + struct.pack(">QqI", commit, committed_at - POSTGRES_EPOCH_US, xid))


def commit(at: int, end: int, committed_at: int = POSTGRES_EPOCH_US) -> bytes:
    return _log(b"C" + struct.pack(">BQQq", 0, at, end, committed_at - POSTGRES_EPOCH_US))


def relation(id_: int, name: str, columns: Sequence[tuple[str, int]], schema: str = "public") -> bytes:
    head = struct.pack(">I", id_) + schema.encode() + b"\0" + name.encode() + b"\0" + b"d"
    parts = [b"\1" + column.encode() + b"\0" + struct.pack(">Ii", oid, -1) for column, oid in columns]
    return _log(b"R" + head + struct.pack(">H", len(columns)) + b"".join(parts))


def insert(relation_id: int, values: Sequence[bytes | None]) -> bytes:
    parts = [b"n" if value is None else b"b" + struct.pack(">I", len(value)) + value for value in values]
    return _log(b"I" + struct.pack(">I", relation_id) + b"N" + struct.pack(">H", len(values)) + b"".join(parts))


def other(kind: bytes) -> bytes:
    return _log(kind + b"\0" * 8)


def _log(body: bytes) -> bytes:
    return b"w" + struct.pack(">QQq", 1, 1, 0) + body
