"""Parses the messages of a replication stream and of its plugin `pgoutput`, protocol version 1.

Bytes in, frozen data out. The stream carries two kinds of messages: keepalives, and log data, which hold one message of
the plugin each. A transaction arrives whole, after its commit: Begin, its rows, Commit; a Relation precedes the first
row of each table. Positions are 64-bit log sequence numbers (LSN), instants are microseconds since 1970, UTC.
"""

from struct import Struct
from typing import Final, NamedTuple

# First byte of a message of the stream.
LOG_DATA: Final = ord("w")
KEEPALIVE: Final = ord("k")

#: Log data: where the plugin's message begins, and so where its first byte is.
BODY: Final = 25

#: A row: where its first column is, and how many bytes, a kind and a length, are in front of each value.
ROW: Final = BODY + 8
MARK: Final = 5

# First byte of the plugin's message.
BEGIN: Final = ord("B")
COMMIT: Final = ord("C")
RELATION: Final = ord("R")
INSERT: Final = ord("I")

_NULL: Final = ord("n")
_UNCHANGED: Final = ord("u")
_POSTGRES_EPOCH_US: Final = 946_684_800_000_000

_keepalive = Struct(">QqB").unpack_from
_begin = Struct(">QqI").unpack_from
_commit = Struct(">QQq").unpack_from
_relation_id = Struct(">I").unpack_from
_columns = Struct(">H").unpack_from
_length = Struct(">I").unpack_from
_column_type = Struct(">Ii").unpack_from
_status = Struct(">cQQQqB").pack


class UnexpectedMessage(Exception):
    """The server sent what protocol version 1 does not have: another plugin or an unknown server version."""


class Keepalive(NamedTuple):
    """`end`: all that is to be sent of the log before it has been sent."""

    end: int
    reply_requested: bool


class Column(NamedTuple):
    name: str
    type_oid: int


class Relation(NamedTuple):
    id: int
    schema: str
    name: str
    columns: tuple[Column, ...]


def keepalive(message: bytes) -> Keepalive:
    end, _, reply = _keepalive(message, 1)
    return Keepalive(end, reply == 1)


def relation(message: bytes) -> Relation:
    (id_,) = _relation_id(message, BODY + 1)
    schema, at = _string(message, BODY + 5)
    name, at = _string(message, at)
    (count,) = _columns(message, at + 1)  # one byte of replica identity lies before
    at += 3
    columns = []
    for _ in range(count):
        column, at = _string(message, at + 1)
        type_oid, _ = _column_type(message, at)
        at += 8
        columns.append(Column(column, type_oid))
    return Relation(id_, schema, name, tuple(columns))


# What follows is run for each event, so it gives plain tuples: naming their fields would take a tenth of all the time.


def begin(message: bytes) -> tuple[int, int]:
    """The position of the commit record; and when that was, by the server's clock, in µs since 1970."""
    commit_at, microseconds, _ = _begin(message, BODY + 1)
    return commit_at, microseconds + _POSTGRES_EPOCH_US


def commit(message: bytes) -> tuple[int, int]:
    """The first position after the transaction: who confirms it does not get the transaction again; and when it was."""
    _, end, microseconds = _commit(message, BODY + 2)
    return end, microseconds + _POSTGRES_EPOCH_US


def relation_of(message: bytes) -> int:
    """The id of the relation that got a row."""
    return _relation_id(message, BODY + 1)[0]  # type: ignore[no-any-return]  # a Struct does not know what it holds


def columns(message: bytes, at: int, count: int) -> tuple[list[bytes | None], int]:
    """The values of the next columns of a row, None for null, and where the one behind them begins."""
    values: list[bytes | None] = []
    append = values.append
    for _ in range(count):
        kind = message[at]
        if kind == _NULL:
            append(None)
            at += 1
        elif kind == _UNCHANGED:
            raise UnexpectedMessage("an inserted row has a column that says unchanged")
        else:
            start = at + MARK
            at = start + _length(message, at + 1)[0]
            append(message[start:at])
    return values, at


def status_update(*, received: int, confirmed: int, now_us: int, reply_requested: bool = False) -> bytes:
    """What the client says: all before `received` has arrived, and all before `confirmed` need not be sent again."""
    return _status(b"r", received, confirmed, confirmed, now_us - _POSTGRES_EPOCH_US, reply_requested)


def lsn_text(lsn: int) -> str:
    """As Postgres writes it: `0/1A2B3C8`."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def lsn_number(text: str) -> int:
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) | int(low, 16)


def _string(message: bytes, at: int) -> tuple[str, int]:
    end = message.index(0, at)
    return message[at:end].decode(), end + 1
