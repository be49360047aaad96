"""Reads a text of a document into what is put into the index: its words, their stems, and other ways to write them."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sinks.search.words.folded_letters import in_latin
from sinks.search.words.split_text import groups
from sinks.search.words.word_stems import word

#: Of a text; what stands further behind is not searched.
_MOST_WORDS: Final = 4000
#: `notepad++` is found without its sign, `c++` is not.
_SIGNED: Final = 4
_SILENT: Final = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Written:
    """Words divided by spaces. `also`: what stands together in the text as one word, and Cyrillic in Latin letters."""

    exact: str
    stems: str
    also: str


def written(texts: Iterable[str], language: str, *, joined: bool = True) -> Written:
    """Of several texts, one behind the other. Only where words are few are neighbours `joined`."""
    exact: list[str] = []
    stems: list[str] = []
    also: set[str] = set()
    for text in texts:
        before: str | None = None
        for group in groups(text):
            if len(exact) >= _MOST_WORDS:
                break
            for piece in group.pieces:
                one = word(piece.text, language)
                exact.append(one.exact)
                stems.append(one.stem)
                if piece.dense or not one.exact.isascii() or one.exact.endswith("++"):
                    also.update(_other_ways(one.exact, dense=piece.dense))
                if joined:
                    if before is not None and not piece.dense:
                        also.add(before + one.exact)
                    before = None if piece.dense else one.exact
            if group.whole is not None:
                also.add(word(group.whole, language).exact)
    return Written(" ".join(exact), " ".join(stems), " ".join(sorted(also)))


def plain_text(text: str) -> str:
    """What a browser would show of it: tags and entities are no words."""
    if "<" not in text and "&" not in text:
        return text
    return " ".join(html.unescape(_TAG.sub(" ", _SILENT.sub(" ", text))).split())


def _other_ways(exact: str, *, dense: bool) -> Iterable[str]:
    if dense:
        return exact
    if exact.endswith("++"):
        return [exact.removesuffix("++")] if len(exact) > _SIGNED else []
    latin = in_latin(exact)
    return [] if latin is None else [latin]
