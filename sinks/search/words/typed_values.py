"""Finds the typed words in a value of a facet, each as the beginning of a word, whatever its case and accents.

`c+` begins `c++` and no `c#`. Where nothing but signs is typed, each is looked for as it is: 🙂 finds no `Verde`.
"""

import re
from collections.abc import Sequence
from typing import Final

from sinks.search.words.folded_letters import folded, lowered

_WORD: Final = re.compile(r"[^\W_]+[+#]*")


def typed_words(text: str) -> list[str]:
    """Or signs, where there is no word."""
    return [_folded(word[0]) for word in _WORD.finditer(text)] or text.split()


def begun_in(value: str, typed: Sequence[str]) -> list[tuple[int, int]] | None:
    """Where the typed words are; None unless all of them are there."""
    spans: set[tuple[int, int]] = set()
    words = [(found.start(), found.end(), _folded(found[0])) for found in _WORD.finditer(value)]
    for one in typed:
        if not _WORD.match(one):
            if one not in value:
                return None
            spans |= {found.span() for found in re.finditer(re.escape(one), value)}
            continue
        places = [(start, end, word) for start, end, word in words if word.startswith(one)]
        if not places:
            return None
        for start, end, word in places:
            spans.add((start, start + len(one) if len(word) == end - start else end))
    return sorted(dict(sorted(spans)).items())  # of two that start there, the longer


def _folded(word: str) -> str:
    return folded(lowered(word), "other")
