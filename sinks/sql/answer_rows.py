"""Writes rows of DuckDB as JSON or CSV, without rounding anything.

In JSON a whole number is a number, but for one of 128 bits that a double cannot hold: that is a string, like every
decimal. UUIDs and moments are strings, moments in UTC where they have a zone.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sinks import spreadsheet_texts

#: Of a double: what JavaScript and many others read every number as.
_EXACT: Final = 2**53
_WIDE: Final = frozenset({"HUGEINT", "UHUGEINT", "BIGNUM"})


class NotWritable(ValueError):
    """What is so, and what to do."""


def require_writable(columns: Iterable[tuple[str, str]]) -> None:
    """Raises `NotWritable` for names with types of which something would be lost."""
    for name, kind in columns:
        if "INTERVAL" in kind:
            raise NotWritable(f"The column {name} has intervals: cast it to VARCHAR, or take epoch() of it.")


def as_json(columns: Sequence[tuple[str, str]]) -> Callable[[Sequence[Any]], bytes]:
    """A row as a JSON array. `columns` are names with DuckDB's types."""
    wide = tuple(kind in _WIDE for _, kind in columns)

    def written(row: Sequence[Any]) -> bytes:
        values = [_wide(value) if is_wide else _plain(value) for value, is_wide in zip(row, wide, strict=True)]
        return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    return written


def as_csv(columns: Sequence[tuple[str, str]]) -> Callable[[Sequence[Any]], bytes]:
    """A row as a line of CSV (RFC 4180). Texts that a spreadsheet would run get an apostrophe in front."""
    texts = tuple(spreadsheet_texts.is_text(kind) for _, kind in columns)

    def written(row: Sequence[Any]) -> bytes:
        plain = (_plain(value) for value in row)
        return csv_line([_safe(one) if is_text else _cell(one) for one, is_text in zip(plain, texts, strict=True)])

    return written


def csv_head(columns: Sequence[tuple[str, str]]) -> bytes:
    return csv_line([_safe(name) for name, _ in columns])


def csv_line(cells: Sequence[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _wide(value: Any) -> Any:
    return value if value is None or (isinstance(value, int) and abs(value) <= _EXACT) else str(value)


def _plain(value: Any) -> Any:
    """Of what JSON has."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime():
            return _moment(value)
        case date() | time():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case bytes():
            return value.hex()
        case list() | tuple():
            return [_plain(one) for one in value]
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case _:
            return str(value)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _safe(text: Any) -> Any:
    return spreadsheet_texts.harmless(text) if isinstance(text, str) else text


def _cell(value: Any) -> Any:
    """A list or a struct is JSON in its cell: it begins with a bracket."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    return str(value).lower() if isinstance(value, bool) else value
