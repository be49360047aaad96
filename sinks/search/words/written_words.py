"""Reads a text of a document into what is put into the index: its words, their stems, and other ways to write them."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from sinks.search.words.compound_parts import parts_of_compound
from sinks.search.words.folded_letters import in_latin
from sinks.search.words.spaceless_words import characters_of
from sinks.search.words.split_text import Group, groups
from sinks.search.words.word_stems import word

#: Of a text; what stands further behind is not searched.
_MOST_WORDS: Final = 4000
#: `notepad++` is found without its sign, `c++` is not.
_SIGNED: Final = 4
#: What documents have between spaces is kept as it was read: the same comes again and again. What is longer is not.
_KEPT: Final = 50_000
_LONGEST_KEPT: Final = 40
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


class _ReadGroup(NamedTuple):
    """Of words that are written together. `neighbours` are each two of them as one word, `first` and `last` what may
    be joined with what is around; a pair of characters is not. `is_plain`: nothing is in the last three.
    """

    exact: Sequence[str]
    stems: Sequence[str]
    first: str | None
    last: str | None
    neighbours: Sequence[str]
    is_plain: bool
    also: Sequence[str]
    characters: Sequence[str]
    parts: Sequence[str]


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
            for group in _kept(chunk, language) if len(chunk) <= _LONGEST_KEPT else _read(chunk, language):
                if len(exact) >= _MOST_WORDS:
                    break
                exact += group.exact
                stems += group.stems
                if joined:
                    also.update(group.neighbours)
                    if before is not None and group.first is not None:
                        also.add(before + group.first)
                    before = group.last
                if group.is_plain:
                    continue
                also.update(group.also)
                characters.update(group.characters)
                parts.update(group.parts)
    several = (" ".join(sorted(one)) if one else "" for one in (also, characters, parts))
    return Written(" ".join(exact), " ".join(stems), *several)


def plain_text(text: str) -> str:
    """What a browser would show of it: tags and entities are no words."""
    if "<" not in text and "&" not in text:
        return text
    return " ".join(html.unescape(_TAG.sub(" ", _SILENT.sub(" ", text))).split())


def _read(chunk: str, language: str) -> tuple[_ReadGroup, ...]:
    """Of what has no spaces: nothing in it hangs on what is around it."""
    return tuple(_read_group(group, language) for group in groups(chunk))


def _read_group(group: Group, language: str) -> _ReadGroup:
    words = [word(piece.text, language) for piece in group.pieces]
    joining = [None if piece.dense else one.exact for piece, one in zip(group.pieces, words, strict=True)]
    also = [] if group.whole is None else [word(group.whole, language).exact]
    for piece, one in zip(group.pieces, words, strict=True):
        also += _other_ways(one.exact, dense=piece.dense)
    characters = tuple(word(one, language).exact for run in group.runs for one in characters_of(run))
    parts = tuple(_inside(group, language))
    return _ReadGroup(
        exact=[one.exact for one in words],
        stems=[one.stem for one in words],
        first=joining[0],
        last=joining[-1],
        neighbours=[one + other for one, other in pairwise(joining) if one is not None and other is not None],
        is_plain=not (also or characters or parts),
        also=also,
        characters=characters,
        parts=parts,
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
    latin = None if exact.isascii() else in_latin(exact)
    return [] if latin is None else [latin]
