"""Reads a row that looks like the one before: column by column up to the payload, and the rest in one go.

What follows the payload are ids, times and names: two rows whose rests have the same length nearly always have the same
length in each column. So the layout of a rest is remembered by its length and tried first; that it fits is seen by the
marks in front of the columns, each a kind and a length. Where it does not, the rest is read column by column, too.
"""

from collections.abc import Callable
from struct import Struct
from typing import Final

from streams.capture import pgoutput
from streams.capture.pgoutput import Relation

#: Layouts that are remembered; real ones are few.
LAYOUTS: Final = 256

Values = list[bytes | None]
Reader = Callable[[bytes], Values]
Layout = tuple[Callable[[bytes, int], tuple[bytes, ...]], tuple[bytes, ...]]


def reader(relation: Relation, after: str) -> Reader:
    """The function from the message of an inserted row to its values; layouts are those of the columns behind `after`.

    It is run for each event.
    """
    names = [column.name for column in relation.columns]
    own = names.index(after) + 1
    rest = len(names) - own
    layouts: dict[int, Layout] = {}

    def read(message: bytes) -> Values:
        values, at = pgoutput.columns(message, pgoutput.ROW, own)
        length = len(message) - at
        unpack, marks = layouts.get(length, _UNKNOWN)
        found = unpack(message, at)
        if found[::2] == marks:
            values.extend(found[1::2])
            return values
        others, end = pgoutput.columns(message, at, rest)
        if None not in others and len(layouts) < LAYOUTS:
            layouts[length] = _layout(message[at:end], others)
        return values + others

    return read


def _layout(rest: bytes, values: Values) -> Layout:
    unpack = Struct("".join(f"{pgoutput.MARK}s{len(value or b'')}s" for value in values)).unpack_from
    return unpack, unpack(rest, 0)[::2]


#: Fits no row.
_UNKNOWN: Final[Layout] = (lambda _message, _at: (), (b"",))
