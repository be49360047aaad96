"""Brings the name of a host to one form, however it is written: no port, no last dot, in the letters of the DNS."""

import re
from functools import lru_cache
from typing import Final

import idna

_LABELS: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_PORT: Final = re.compile(r":[0-9]*$")
_LONGEST: Final = 253
#: Of a header, in characters: no name that is longer gets shorter than 253 octets.
_LONGEST_GIVEN: Final = 300


@lru_cache(maxsize=1000)
def host_name(given: str) -> str | None:
    """`given` as in the header `Host`, or as somebody typed it. None: it is no name, or an address in brackets."""
    if len(given) > _LONGEST_GIVEN:
        return None
    name = _in_ascii(_PORT.sub("", given.strip().lower()).removesuffix("."))
    return name if len(name) <= _LONGEST and _LABELS.fullmatch(name) else None


def _in_ascii(name: str) -> str:
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return ""
