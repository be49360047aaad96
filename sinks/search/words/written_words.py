"""Reads a text of a document into what is put into the index: its words, their stems, and other ways to write them."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sinks.search.words.compound_parts import parts_of_compound
from sinks.search.words.folded_letters import in_latin
from sinks.search.words.spaceless_words import characters_of
from sinks.search.words.split_text import Group, groups
from sinks.search.words.word_stems import Word, word

#: Of a text; what stands further behind is not searched.
_MOST_WORDS: Final = 4000
#: `notepad++` is found without its sign, `c++` is not.
_SIGNED: Final = 4
#: What documents have between spaces is kept as it was read: the same comes again and again. What is longer is not.
_KEPT: Final = 50_000
_LONGEST_KEPT: Final = 40
#: Words that are written together, each with whether it is a pair of characters; all of it as one word; the
#: characters of what has no spaces; and the parts of compounds.
_Read = tuple[tuple[tuple[tuple[Word, bool], ...], str | None, tuple[str, ...], tuple[str, ...]], ...]
_SILENT: Final = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Written:
    """Words divided by spaces. `also`: what stands together in the text as one word, and Cyrillic in Latin letters.

    `characters`: of scripts without spaces each one, and each pair of neighbours. `parts`: the words that compounds are
    made of, and their stems.
    """

    exact: str
    stems: str
    also: str
    characters: str
    parts: str


def written(texts: Iterable[str], language: str, *, joined: bool = True) -> Written:
    """Of several texts, one behind the other. Only where words are few are neighbours `joined`."""
    exact: list[str] = []
    stems: list[str] = []
    also: set[str] = set()
    characters: set[str] = set()
    parts: set[str] = set()
    for text in texts:
        before: str | None = None
        for chunk in text.split():
            for words, whole, signs, inside in (
                _kept(chunk, language) if len(chunk) <= _LONGEST_KEPT else _read(chunk, language)
            ):
                if len(exact) >= _MOST_WORDS:
                    break
                for one, dense in words:
                    exact.append(one.exact)
                    stems.append(one.stem)
                    if dense or not one.exact.isascii() or one.exact.endswith("++"):
                        also.update(_other_ways(one.exact, dense=dense))
                    if joined:
                        if before is not None and not dense:
                            also.add(before + one.exact)
                        before = None if dense else one.exact
                if whole is not None:
                    also.add(whole)
                characters.update(signs)
                parts.update(inside)
    several = (" ".join(sorted(one)) for one in (also, characters, parts))
    return Written(" ".join(exact), " ".join(stems), *several)


def plain_text(text: str) -> str:
    """What a browser would show of it: tags and entities are no words."""
    if "<" not in text and "&" not in text:
        return text
    return " ".join(html.unescape(_TAG.sub(" ", _SILENT.sub(" ", text))).split())


def _read(chunk: str, language: str) -> _Read:
    """Of what has no spaces: nothing in it hangs on what is around it."""
    return tuple(
        (
            tuple((word(piece.text, language), piece.dense) for piece in group.pieces),
            None if group.whole is None else word(group.whole, language).exact,
            tuple(word(one, language).exact for run in group.runs for one in characters_of(run)),
            tuple(_inside(group, language)),
        )
        for group in groups(chunk)
    )


def _inside(group: Group, language: str) -> Iterator[str]:
    for piece in group.pieces:
        for part in parts_of_compound(piece.text, language):
            one = word(part.text, language)
            yield from (one.exact, one.stem)


_kept: Final = lru_cache(maxsize=_KEPT)(_read)


def _other_ways(exact: str, *, dense: bool) -> Iterable[str]:
    if dense:
        return exact
    if exact.endswith("++"):
        return [exact.removesuffix("++")] if len(exact) > _SIGNED else []
    latin = in_latin(exact)
    return [] if latin is None else [latin]
