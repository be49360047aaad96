"""Marks the words of a query in the text that is shown."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from sinks.search.search_languages import COMPOUNDED
from sinks.search.words.asked_words import AskedWord
from sinks.search.words.compound_parts import parts_of_compound
from sinks.search.words.folded_letters import in_latin
from sinks.search.words.near_words import edits_of, within
from sinks.search.words.split_text import LONGEST, Group, Piece, group_of, written_together
from sinks.search.words.word_stems import Word, word

#: Characters around the first found word.
_BEFORE: Final = 60
_SNIPPET: Final = 200
#: Questions whose marks are remembered, and texts of each.
_QUESTIONS_KEPT: Final = 128
_TEXTS_KEPT: Final = 100


class Marker:
    """Marks these words in texts of a language. `loosely`: give or take a typo.

    It remembers each word that it has seen: texts of one question share most of theirs. One for a question; what it
    has marked is remembered for the next one that asks the same.
    """

    def __init__(self, asked: Sequence[AskedWord], language: str, *, loosely: bool = False) -> None:
        self._wanted = [one for one in asked if not one.little]
        self._language, self._loosely = language, loosely
        self._compounded = language in COMPOUNDED
        self._keys = {one.exact for one in self._wanted} | {whole for one in self._wanted for whole in one.wholes}
        self._keys |= {one.stem for one in self._wanted} | {one.latin for one in self._wanted if one.latin}
        if loosely:
            self._keys |= {part.stem for one in self._wanted for halves in one.halves for part in halves}
        #: What a word may end with that was written apart.
        self._tails = {key[at:] for key in self._keys for at in range(1, len(key))}
        self._seen: dict[str, _Seen] = {}
        self._kept = _kept_marks(tuple(self._wanted), language, loosely)

    def html(self, text: str) -> str | None:
        """The text as HTML with the found words in `<em>`; None when there is none."""
        return self._kept.of("whole", text, self._html)

    def snippet(self, text: str) -> str | None:
        """The same of what stands around the first found word."""
        return self._kept.of("part", text, self._snippet)

    def _html(self, text: str) -> str | None:
        spans = self.spans(text)
        return as_html(text, spans) if spans else None

    def _snippet(self, text: str) -> str | None:
        spans = self.spans(text)
        if not spans:
            return None
        start = 0 if len(text) <= _SNIPPET else max(0, spans[0][0] - _BEFORE)
        start = text.find(" ", start, spans[0][0]) + 1 if start else 0
        end = len(text) if len(text) - start <= _SNIPPET else max(spans[0][1], text.rfind(" ", start, start + _SNIPPET))
        inside = [(first - start, last - start) for first, last in spans if last <= end]
        return ("… " if start else "") + as_html(text[start:end], inside) + (" …" if end < len(text) else "")

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the found words are, from the start to the end of the text, none of them twice."""
        return list(_merged(self._spans(text))) if self._wanted else []

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for one in self._wanted if self._loosely else ():
            if one.spaceless:
                yield from (found.span() for found in re.finditer(re.escape(one.exact), text))
        known = self._seen
        before: tuple[_Seen, re.Match[str]] | None = None
        for found in written_together(text):
            seen = known.get(found[0]) or self._look_at(found)
            if seen is _NOT_MEANT:
                continue
            for first, last in seen.spans:
                yield found.start() + first, found.start() + last
            if seen.may_join and before is not None and before[0].last + seen.first in self._keys:
                yield before[1].start() + before[0].last_start, found.start() + seen.first_end
            before = seen, found

    def _look_at(self, found: re.Match[str]) -> "_Seen":
        written = found[0]
        if written.isascii() and written.isalpha() and not self._compounded:  # most are, and are one word
            one, end = word(written[:LONGEST], self._language), min(len(written), LONGEST)
            hit = self._is_found(one)
            may_join = not hit and one.exact in self._tails
            seen = _Seen(((0, end),) if hit else (), may_join, one.exact, end, one.exact, 0)
        else:
            group = group_of(found)
            seen = _NOT_MEANT if group is None else self._seen_in(group, found.start())
        self._seen[written] = seen
        return seen

    def _seen_in(self, group: Group, at: int) -> "_Seen":
        spans: list[tuple[int, int]] = []
        if group.whole is not None and word(group.whole, self._language).exact in self._keys:
            spans.append((group.pieces[0].start - at, group.pieces[-1].end - at))
        words = [word(piece.text, self._language) for piece in group.pieces]
        are_found = [self._is_found(one) for one in words]
        for n, piece in enumerate(group.pieces):
            if are_found[n]:
                spans.append((piece.start - at, piece.end - at))
            elif n and words[n - 1].exact + words[n].exact in self._keys:
                spans.append((group.pieces[n - 1].start - at, piece.end - at))
            elif self._compounded:
                spans += ((first - at, last - at) for first, last in self._parts(piece))
        first, last = words[0].exact, words[-1].exact
        may_join = not are_found[0] and first in self._tails
        return _Seen(tuple(spans), may_join, first, group.pieces[0].end - at, last, group.pieces[-1].start - at)

    def _is_found(self, one: Word) -> bool:
        keys = self._keys
        if one.exact in keys or one.stem in keys or (not one.exact.isascii() and in_latin(one.exact) in keys):
            return True
        return self._loosely and any(_near(one, of) for of in self._wanted)

    def _parts(self, piece: Piece) -> Iterator[tuple[int, int]]:
        """Of a compound, those asked for; all of it where its letters are not one by one those of its parts."""
        for part in parts_of_compound(piece.text, self._language):
            here = word(part.text, self._language)
            near = self._loosely and any(_is_typo(here, of) for of in self._wanted)
            if near or here.exact in self._keys or here.stem in self._keys:
                whole = len(unicodedata.normalize("NFC", piece.text)) != len(piece.text)
                yield (piece.start, piece.end) if whole else (piece.start + part.start, piece.start + part.end)


class _KeptMarks:
    """What was marked for one question, the newest of it. May be asked by many threads at once."""

    def __init__(self) -> None:
        self._marked: dict[tuple[str, str], str | None] = {}

    def of(self, how: str, text: str, mark: Callable[[str], str | None]) -> str | None:
        key = how, text
        if key not in (marked := self._marked):
            if len(marked) >= _TEXTS_KEPT:
                self._marked = marked = {}
            marked[key] = mark(text)
        return marked[key]


@lru_cache(_QUESTIONS_KEPT)
def _kept_marks(wanted: tuple[AskedWord, ...], language: str, loosely: bool) -> _KeptMarks:
    return _KeptMarks()


class _Seen(NamedTuple):
    """Words that are written together. `spans`: what of it is found, from its beginning.

    What it may be one word with: its `last` word with the one behind it, its `first` with the one before it, if it
    `may_join`.
    """

    spans: tuple[tuple[int, int], ...]
    may_join: bool
    first: str
    first_end: int
    last: str
    last_start: int


_NOT_MEANT: Final = _Seen((), False, "", 0, "", 0)


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
