"""Reads the bytes of a CSV file into rows that know their line: any of the encodings and delimiters of spreadsheets."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from api.domain.errors import Invalid

MOST_ROWS: Final = 50_000
_LONGEST_CELL: Final = 1024 * 1024
_DELIMITERS: Final = ",;\t"
csv.field_size_limit(_LONGEST_CELL)


@dataclass(frozen=True, slots=True)
class CsvRow:
    """`line` is where the row begins in the file, counted from 1. Columns are known in small letters."""

    line: int
    cells: Mapping[str, str]

    def get(self, *columns: str) -> str:
        """The first of these columns that holds something; an empty text when none does."""
        return next((cell for column in columns if (cell := self.cells.get(column, ""))), "")


@dataclass(frozen=True, slots=True)
class CsvFile:
    """`columns` are as they are written in the file."""

    columns: tuple[str, ...]
    rows: tuple[CsvRow, ...]


def read_csv(content: bytes) -> CsvFile:
    """Raises `Invalid` for what is no table of texts: no heading, a row with more cells than it, bytes of a picture."""
    text = _decoded(content)
    lines = _cells(text, _delimiter(text))
    heading = next((cells for _, cells in lines), [])
    columns = tuple(name.strip() for name in heading)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if not columns:
        raise Invalid.field("file", "too_short", "The file is empty; its first line is to name the columns.")
    named = tuple(name.lower() for name in columns)
    if len(set(named)) != len(named):
        twice = next(name for at, name in enumerate(columns) if named.index(name.lower()) != at)
        raise Invalid.field("file", "repeated", f"Two columns are named {twice[:100]!r}.")
    rows = []
    for line, cells in lines:
        if not any(cells):
            continue
        if any(cells[len(named) :]):
            raise Invalid.field(
                "file",
                "malformed",
                f"The row in line {line} has {len(cells)} cells; the first line names {len(named)}.",
            )
        rows.append(CsvRow(line, dict(zip(named, cells, strict=False))))
        if len(rows) > MOST_ROWS:
            raise Invalid.field("file", "too_long", f"A file has at most {MOST_ROWS} rows; send it in parts.")
    return CsvFile(columns, tuple(rows))


def _decoded(content: bytes) -> str:
    """UTF-8 or what begins with a mark; otherwise Windows-1252, as older spreadsheets write."""
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid.field("file", "malformed", "The file is not text: CSV in UTF-8, UTF-16 or Windows-1252 is read.")


def _delimiter(text: str) -> str:
    """The one that parts most columns in the first line."""
    heading = text[: text.find("\n")] if "\n" in text else text
    return max(_DELIMITERS, key=heading.count)


def _cells(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as why:
            raise Invalid.field("file", "malformed", f"The row in line {line} cannot be read: {why}.") from why
