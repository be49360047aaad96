"""Keeps a text a text where a spreadsheet reads it: one that begins as a formula does gets an apostrophe in front.

Only texts are asked about: in front of a whole number, an amount or a moment a minus is a minus.
"""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Kinds of DuckDB's.
_TEXTS: Final = ("VARCHAR", "ENUM", "JSON")


def is_text(kind: str) -> bool:
    """Whether a column of this type of DuckDB's has texts; a list of texts is none."""
    return kind.startswith(_TEXTS) and not kind.endswith("]")


def harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def harmless_in_sql(text: str) -> str:
    """The same of an expression of SQL."""
    signs = ", ".join(f"chr({ord(sign)})" for sign in _FORMULA)
    return f"CASE WHEN left({text}, 1) IN ({signs}) THEN chr(39) || {text} ELSE {text} END"
