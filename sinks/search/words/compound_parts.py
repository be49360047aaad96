"""Says which words a German, Dutch or Swedish word is put together of.

A *Ziegenfrischkäse* is a *Frischkäse*, and so a *Käse*: the last word is taken apart again, the one before it is not.
Where a word can be read in several ways (*Vollmilch-Schokolade*, *Voll-Milchschokolade*), all of them count.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from sinks.search.search_languages import COMPOUNDED
from sinks.search.words.compound_dictionary import CompoundDictionary, compound_dictionary

_SHORTEST: Final = 5
#: What is longer is hardly a word.
_LONGEST: Final = 40
_KEPT: Final = 100_000


class CompoundPart(NamedTuple):
    """`text`: as a word by itself, in small letters. It stands from `start` to `end` of the compound."""

    text: str
    start: int
    end: int


class Halves(NamedTuple):
    first: CompoundPart
    last: CompoundPart


@lru_cache(maxsize=_KEPT)
def parts_of_compound(text: str, language: str) -> tuple[CompoundPart, ...]:
    """Each once; none of what is no compound."""
    found: dict[CompoundPart, None] = {}
    for first, last in halves_of(text, language):
        within = (
            CompoundPart(one.text, last.start + one.start, last.start + one.end)
            for one in parts_of_compound(last.text, language)
        )
        found |= dict.fromkeys((first, last, *within))
    return tuple(found)


@lru_cache(maxsize=_KEPT)
def halves_of(text: str, language: str) -> tuple[Halves, ...]:
    """The ways to read it as a word before another one."""
    if language not in COMPOUNDED:
        return ()
    small = unicodedata.normalize("NFC", text).lower()
    if not (_SHORTEST <= len(small) <= _LONGEST and small.isalpha()):
        return ()
    known = compound_dictionary(language)
    return tuple(_of_known(small, known)) or tuple(_of_compounds(small, known))


def _of_known(small: str, known: CompoundDictionary) -> Iterator[Halves]:
    """Of two words that the dictionary has. Where an s may belong to either, it links what is a compound itself:
    *skrivbords-lampa*, *tuin-slang*.
    """
    found: dict[int, Halves] = {}
    for at in range(2, len(small) - 1):
        if known.is_last(small[at:]) and (first := known.first(small[:at])) is not None:
            found[at] = _halves(first, small, at)
    for at, halves in found.items():
        linked = at + 1 in found and small[at] == "s"
        links = at - 1 in found and small[at - 1] == "s"
        if linked and any(True for _ in _of_known(small[:at], known)):
            continue
        if links and not any(True for _ in _of_known(small[: at - 1], known)):
            continue
        yield halves


def _of_compounds(small: str, known: CompoundDictionary) -> Iterator[Halves]:
    """Where one of the two is put together itself: *Langkorn-Reis*."""
    for at in range(_SHORTEST, len(small) - 1):
        if known.is_last(small[at:]):
            for first in (small[:at], *known.unlinked(small[:at])):
                if any(True for _ in _of_known(first, known)):
                    yield _halves(first, small, at)
                    break


def _halves(first: str, small: str, at: int) -> Halves:
    return Halves(CompoundPart(first, 0, at), CompoundPart(small[at:], at, len(small)))
