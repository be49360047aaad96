"""Packs many lines into one answer with gzip, which has an end: an answer is held in memory until it is taken."""

import io
from collections.abc import Iterable
from gzip import GzipFile
from typing import Final

from api.domain.errors import Conflict

MOST_BYTES: Final = 64 * 1024 * 1024
_LEVEL: Final = 5


class TooMuchToAnswer(Conflict):
    """It is more than an answer holds."""

    code = "too_much_to_answer"


def pack(lines: Iterable[bytes], most_bytes: int = MOST_BYTES) -> bytes:
    """Raises `TooMuchToAnswer`."""
    packed = io.BytesIO()
    with GzipFile(fileobj=packed, mode="wb", compresslevel=_LEVEL, mtime=0) as file:
        for line in lines:
            file.write(line)
            if packed.tell() > most_bytes:
                raise TooMuchToAnswer("This is too much for one answer; whoever runs the platform takes it out.")
    return packed.getvalue()
