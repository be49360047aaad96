"""Groups dead letters by their cause: those whose reasons differ only in ids, numbers and quoted values."""

import re
from hashlib import sha256
from typing import Final

_PARTS: Final = (
    (re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"), "‹id›"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "‹time›"),
    # An apostrophe in a word, as in aggregate's, begins no text; of bytes the b is a part of it.
    (re.compile(r"(?<!\w)b?'(?:[^'\\]|\\.)*'|(?<!\w)b?\"(?:[^\"\\]|\\.)*\""), "‹text›"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "‹number›"),
    (re.compile(r"(?<![\w.])-?\d[\d,.]*(?<![,.])"), "‹number›"),
)
_LONGEST: Final = 300


def pattern(reason: str) -> str:
    """The reason without what is different from dead letter to dead letter."""
    for what, instead in _PARTS:
        reason = what.sub(instead, reason)
    return reason[:_LONGEST]


def cause(feed: str, event_type: str, error: str, reason: str) -> str:
    """The short name of a group of dead letters; nobody else's cause has the same."""
    return sha256("\0".join((feed, event_type, error, pattern(reason))).encode()).hexdigest()[:12]
