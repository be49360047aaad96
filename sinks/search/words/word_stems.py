"""Says what a word is compared by: as it is written, and by the stem that its forms share in its language.

Snowball has no stems of Ukrainian: there a dictionary says which word it is a form of.
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import simplemma
import Stemmer

from sinks.search.search_languages import STEMMERS
from sinks.search.words.folded_letters import folded, lowered

_KEPT: Final = 200_000
_IN_A_DICTIONARY: Final = frozenset({"uk"})
_own = threading.local()


@dataclass(frozen=True, slots=True)
class Word:
    """`exact`: letter by letter, but for case and accents."""

    exact: str
    stem: str


@lru_cache(maxsize=_KEPT)
def word(text: str, language: str) -> Word:
    """Of a language of `search_languages.LANGUAGES`. A word with a digit or a sign is its own stem."""
    small = lowered(text)
    exact = folded(small, language)
    if not small.isalpha():
        return Word(exact, exact)
    if language in _IN_A_DICTIONARY:
        return Word(exact, folded(lowered(simplemma.lemmatize(small, lang=language)), language) or exact)
    if language not in STEMMERS:
        return Word(exact, exact)
    return Word(exact, folded(_stemmer(language).stemWord(small), language) or exact)


def _stemmer(language: str) -> Stemmer.Stemmer:
    """One for each thread: they are not made for several at once."""
    known: dict[str, Stemmer.Stemmer] = _own.__dict__.setdefault("known", {})
    if language not in known:
        known[language] = Stemmer.Stemmer(STEMMERS[language], 0)
    return known[language]
