"""Places an event in the log: at its commit, and there it has an ordinal: `0/1A2B3C8/1`, the header `lsn`."""

from typing import NamedTuple

from streams.capture.pgoutput import lsn_number


class LogPosition(NamedTuple):
    """Places are in the order in which events come out of the slot."""

    commit: int
    ordinal: int

    @classmethod
    def parse(cls, text: str) -> "LogPosition":
        lsn, _, ordinal = text.rpartition("/")
        return cls(lsn_number(lsn), int(ordinal))


#: Before every event.
NOWHERE = LogPosition(0, 0)

#: More than any transaction has.
ALL = 1 << 62
