"""Writes the views of a snapshot as sheets of an Excel workbook: money as decimals of its currency, times in UTC.

What people typed is text and never a formula. The first sheet says of which moment the figures are.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from schemas.currencies import EXPONENTS
from sinks.duckdb.exported_snapshots import Source, arriving

#: Excel's, of a sheet, with the line of names.
MOST_ROWS: Final = 1_048_576
_LONGEST_TEXT: Final = 32_767
#: Excel keeps so many of a number.
_DIGITS: Final = 15
_MOST_DIGITS: Final = 10**_DIGITS
_MINOR: Final = "_minor"
_AT_ONCE: Final = 10_000


class TooManyRows(ValueError):
    """What is so."""


def to_workbook(source: Source, target: Path) -> Mapping[str, int]:
    """Returns how many rows each sheet has. Raises `TooManyRows` when one cannot hold them."""
    with source.opened() as connection, arriving(target) as path:
        counts = {}
        for view in source.views:
            ((counts[view],),) = connection.execute(f"SELECT count(*) FROM ({source.rows(view)})").fetchall()
            if counts[view] >= MOST_ROWS:
                raise TooManyRows(f"{view} has {counts[view]:,} rows, and a sheet of Excel holds {MOST_ROWS - 1:,}")
        path.touch()  # what cannot be written is said before it is made
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            about = book.add_worksheet("about")
            for line, (name, value) in enumerate({**source.told(), "times are in": "UTC", **counts}.items()):
                about.write_string(line, 0, name)
                about.write_string(line, 1, "" if value is None else str(value))
            for view in source.views:
                _Sheet(book, view).write(connection.execute(source.rows(view)))
    return counts


class _Sheet:
    def __init__(self, book: Any, view: str) -> None:
        self._sheet: Worksheet = book.add_worksheet(view)
        self._heading = book.add_format({"bold": True})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._amounts = {
            exponent: book.add_format({"num_format": f"0.{'0' * exponent}" if exponent else "0"})
            for exponent in {*EXPONENTS.values()}
        }

    def write(self, rows: Any) -> None:
        names = [name for name, *_ in rows.description]
        currency = names.index("currency") if "currency" in names else None
        for column, name in enumerate(names):
            is_money = name.endswith(_MINOR) and currency is not None
            self._sheet.write_string(0, column, name.removesuffix(_MINOR) if is_money else name, self._heading)
        number = 0
        while page := rows.fetchmany(_AT_ONCE):
            for row in page:
                number += 1
                for column, (name, value) in enumerate(zip(names, row, strict=True)):
                    exponent = None
                    if name.endswith(_MINOR) and currency is not None:
                        exponent = EXPONENTS.get(row[currency], 0)
                    self._cell(number, column, _number(value), exponent)

    def _cell(self, row: int, column: int, value: Any, exponent: int | None) -> None:
        """`exponent` of a value that is money."""
        if value is None:
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(row, column, value)
        elif isinstance(value, int) and abs(value) < _MOST_DIGITS:
            if exponent is None:
                self._sheet.write_number(row, column, value)
            else:
                self._sheet.write_number(row, column, Decimal(value).scaleb(-exponent), self._amounts[exponent])
        elif isinstance(value, int):
            self._sheet.write_string(row, column, str(Decimal(value).scaleb(-(exponent or 0))))
        elif isinstance(value, datetime):
            self._sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None), self._moment)
        elif isinstance(value, date):
            self._sheet.write_datetime(row, column, value, self._day)
        elif isinstance(value, float):
            self._sheet.write_number(row, column, value)
        elif isinstance(value, list):
            self._sheet.write_string(row, column, " / ".join(map(str, value))[:_LONGEST_TEXT])
        else:
            self._sheet.write_string(row, column, str(value)[:_LONGEST_TEXT])


def _number(value: Any) -> Any:
    """A decimal as a float where Excel keeps all of it; anything else as it is."""
    if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) <= _DIGITS:
        return float(value)
    return value
