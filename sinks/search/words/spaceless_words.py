"""Finds the words in scripts that put no spaces between them: Chinese, Japanese, Thai, Lao, Khmer and Burmese.

Words are those of ICU's dictionaries, whatever is around them; documents and queries are read alike.
"""

import unicodedata
from collections.abc import Iterator

from icu4py.breakers import WordBreaker


def words_in(run: str) -> Iterator[tuple[str, int, int]]:
    """Each word and where it is in the run: nothing but letters of such scripts, and their marks."""
    whole = unicodedata.normalize("NFKC", run)
    same = len(whole) == len(run)  # else kana of half width: the marks of two are one here
    start = 0
    for word in WordBreaker(whole, "ja"):
        end = start + len(word)
        yield word, *((start, end) if same else (0, len(run)))
        start = end


def characters_of(run: str) -> list[str]:
    """Each character, and each pair of neighbours: what is in the run, wherever its words begin and end."""
    whole = unicodedata.normalize("NFKC", run)
    return [*whole, *(whole[n : n + 2] for n in range(len(whole) - 1))]
