"""Marks the words of a query in the text that is shown."""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from typing import Final

from sinks.search.words.asked_words import AskedWord
from sinks.search.words.compound_parts import parts_of_compound
from sinks.search.words.folded_letters import in_latin
from sinks.search.words.near_words import edits_of, within
from sinks.search.words.split_text import Piece, groups
from sinks.search.words.word_stems import Word, word

#: Characters around the first found word.
_BEFORE: Final = 60
_SNIPPET: Final = 200


def marked(text: str, asked: Sequence[AskedWord], language: str, *, loosely: bool = False) -> str | None:
    """The text as HTML with the found words in `<em>`; None when there is none. `loosely`: give or take a typo."""
    spans = spans_of(text, asked, language, loosely=loosely)
    return as_html(text, spans) if spans else None


def snippet(text: str, asked: Sequence[AskedWord], language: str, *, loosely: bool = False) -> str | None:
    """The same of what stands around the first found word."""
    spans = spans_of(text, asked, language, loosely=loosely)
    if not spans:
        return None
    start = 0 if len(text) <= _SNIPPET else max(0, spans[0][0] - _BEFORE)
    start = text.find(" ", start, spans[0][0]) + 1 if start else 0
    end = len(text) if len(text) - start <= _SNIPPET else max(spans[0][1], text.rfind(" ", start, start + _SNIPPET))
    inside = [(first - start, last - start) for first, last in spans if last <= end]
    return ("… " if start else "") + as_html(text[start:end], inside) + (" …" if end < len(text) else "")


def spans_of(text: str, asked: Sequence[AskedWord], language: str, *, loosely: bool = False) -> list[tuple[int, int]]:
    """Where the found words are, from the start to the end of the text, none of them twice."""
    return list(_merged(_spans(text, asked, language, loosely=loosely)))


def _spans(text: str, asked: Sequence[AskedWord], language: str, *, loosely: bool) -> Iterator[tuple[int, int]]:
    wanted = [one for one in asked if not one.little]
    keys = {one.exact for one in wanted} | {whole for one in wanted for whole in one.wholes}
    keys |= {one.stem for one in wanted} | {one.latin for one in wanted if one.latin}
    if loosely:
        keys |= {part.stem for one in wanted for halves in one.halves for part in halves}
    before: tuple[Piece, Word] | None = None
    for one in wanted if loosely else ():
        if one.spaceless:
            yield from (found.span() for found in re.finditer(re.escape(one.exact), text))
    for group in groups(text):
        if group.whole is not None and word(group.whole, language).exact in keys:
            yield group.pieces[0].start, group.pieces[-1].end
        for piece in group.pieces:
            here = word(piece.text, language)
            near = loosely and any(_near(here, of) for of in wanted)
            if near or {here.exact, here.stem, in_latin(here.exact)} & keys:
                yield piece.start, piece.end
            elif before is not None and before[1].exact + here.exact in keys:
                yield before[0].start, piece.end
            else:
                yield from _parts(piece, language, wanted, keys, loosely=loosely)
            before = (piece, here)


def _parts(
    piece: Piece, language: str, wanted: Sequence[AskedWord], keys: Set[str], *, loosely: bool
) -> Iterator[tuple[int, int]]:
    """Of a compound, those that are asked for; all of it where its letters are not one by one those of its parts."""
    for part in parts_of_compound(piece.text, language):
        here = word(part.text, language)
        near = loosely and any(_is_typo(here, of) for of in wanted)
        if near or {here.exact, here.stem} & keys:
            whole = len(unicodedata.normalize("NFC", piece.text)) != len(piece.text)
            yield (piece.start, piece.end) if whole else (piece.start + part.start, piece.start + part.end)


def _is_typo(one: Word, asked: AskedWord) -> bool:
    return asked.is_plain and within(one.exact, asked.exact, edits_of(asked.exact))


def _near(one: Word, asked: AskedWord) -> bool:
    if asked.dense:
        return asked.exact[:1] in one.exact if len(asked.exact) == 1 else False
    if len(asked.exact) > 2 and one.exact.startswith(asked.exact):
        return True
    if len(asked.exact) > 3 and asked.is_plain and asked.exact in one.exact:
        return True
    return _is_typo(one, asked)


def _merged(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last is not None and start < last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


def as_html(text: str, spans: Sequence[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in spans:
        parts += [html.escape(text[at:start]), "<em>", html.escape(text[start:end]), "</em>"]
        at = end
    return "".join([*parts, html.escape(text[at:])])
