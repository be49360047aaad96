"""Makes the Kafka record of an outbox row: key, value and headers are the row's own bytes; only ids are put into text.

Headers, in this order: `id` as Debezium's outbox router sends it, those of `schemas.outbox_row.HEADERS`, and `lsn`. A
null column is a header with a null value. Columns the outbox has besides are ignored.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final

from schemas import outbox_row
from streams.capture.pgoutput import Relation

#: Type oids of Postgres whose binary form is the bytes themselves.
TEXT_OIDS: Final = frozenset({25, 1043})
BYTEA_OID: Final = 17
UUID_OID: Final = 2950

#: The column whose length differs from row to row.
VARYING: Final = "payload"

_NAMES: Final = ("id", *(name for name, _ in outbox_row.HEADERS), outbox_row.LSN_HEADER)

Headers = list[tuple[str, bytes | str | None]]


class UnusableOutbox(Exception):
    """The table does not have the columns, or the types, that become records."""


#: Aggregate type, key, value and headers.
Record = tuple[bytes, bytes, bytes | None, Headers]
RecordOf = Callable[[list[bytes | None], str], Record]


def maker(relation: Relation) -> RecordOf:
    """The function from a row's values and its `lsn` to its record, made for the columns of this table.

    It is run for each event, so all that can be decided once is decided here; and it uses up the values.
    """
    _refuse_unusable(relation)
    at = {column.name: index for index, column in enumerate(relation.columns)}
    id_at = at["id"]
    id_is_binary = dict(relation.columns)["id"] == UUID_OID
    at.setdefault("epoch", len(at) + 1)  # log of before the column was there is read, too
    width = len(relation.columns)
    pick_body = itemgetter(at["aggregatetype"], at["aggregateid"], at["payload"])
    pick_headers = itemgetter(id_at, *(at[column] for _, column in outbox_row.HEADERS), width)

    def record(values: list[Any], lsn: str) -> Record:
        values += (lsn, outbox_row.FIRST_EPOCH)
        if id_is_binary:
            values[id_at] = uuid_text(values[id_at])
        aggregate_type, key, value = pick_body(values)
        return aggregate_type, key, value, list(zip(_NAMES, pick_headers(values), strict=False))

    return record


def uuid_text(binary: bytes) -> str:
    return f"{binary[:4].hex()}-{binary[4:10].hex('-', 2)}-{binary[10:].hex()}"


def _refuse_unusable(relation: Relation) -> None:
    oids = dict(relation.columns)
    columns = ("id", "aggregatetype", "aggregateid", "payload", *(column for _, column in outbox_row.HEADERS))
    for column in dict.fromkeys(columns):
        if column not in oids and column == "epoch":
            continue
        if column not in oids:
            raise UnusableOutbox(f"table {relation.name} has no column {column}, and each event needs it")
        if oids[column] not in _allowed(column):
            raise UnusableOutbox(
                f"column {column} of table {relation.name} has type oid {oids[column]}; events need "
                "`id` as uuid or text, `payload` as bytea and everything else as text"
            )


def _allowed(column: str) -> frozenset[int]:
    match column:
        case "id":
            return TEXT_OIDS | {UUID_OID}
        case "payload":
            return frozenset({BYTEA_OID})
        case _:
            return TEXT_OIDS
