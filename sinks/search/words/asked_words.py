"""Reads a query into the words that it asks for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from schemas.article_codes import normal_barcode
from sinks.search.words.compound_parts import halves_of
from sinks.search.words.folded_letters import as_we_spell, in_latin, lowered
from sinks.search.words.split_text import Group, Piece, groups
from sinks.search.words.stop_words import says_little
from sinks.search.words.word_stems import Word, word

#: Of a query; what stands behind is not asked for.
MOST_WORDS: Final = 24
_SHORTEST_BARCODE: Final = 8
#: Words that one may be taken for that has begun.
_MOST_IN_TAIL: Final = 4
#: Texts whose words are remembered: each is asked for several times in a search, and many are again and again.
_KEPT: Final = 2048


@dataclass(frozen=True, slots=True)
class AskedWord:
    """`wholes`: what says it together with its neighbours. `begun`: perhaps not typed to its end. `latin`: how text has
    it that is in Latin letters, where either of them is Cyrillic. `little`: need not be there. `barcode`: that which it
    is written in. `dense`: a pair of characters of a longer one. `spaceless`: of a script without spaces. `halves`: the
    two words that it is put together of, in each way to read it. `tails`: where no spaces are, what stands from it or
    from a word before it to the end of what is typed: perhaps one word has begun with that, and is taken for several
    until it is there.
    """

    exact: str
    stem: str
    wholes: tuple[str, ...] = ()
    latin: str | None = None
    barcode: str | None = None
    dense: bool = False
    begun: bool = False
    little: bool = False
    spaceless: bool = False
    halves: tuple[tuple[Word, Word], ...] = ()
    tails: tuple[str, ...] = ()

    @property
    def may_go_on(self) -> bool:
        """A pair of characters is whole; one alone may become a pair."""
        return self.begun and (not self.dense or len(self.exact) == 1)

    @property
    def is_plain(self) -> bool:
        """Nobody makes a typo in a number that another number forgives."""
        return not self.dense and self.exact.isalpha()


@lru_cache(_KEPT)
def asked_words(text: str, language: str, stop_words: frozenset[str] = frozenset()) -> tuple[AskedWord, ...]:
    """In the order of the query. When all of them say little, all are asked for. `stop_words`: what else says little,
    letter by letter."""
    found = list(_read(text, language, stop_words))[:MOST_WORDS]
    if found and all(one.little for one in found):
        return tuple(_as_said(one) for one in found)
    return tuple(found)


def _read(text: str, language: str, stop_words: Collection[str]) -> Iterable[AskedWord]:
    flat = [(piece, group) for group in groups(text) for piece in group.pieces]
    exacts = [None if piece.dense else word(piece.text, language).exact for piece, _ in flat]
    goes_on = not text[-1:].isspace()
    for n, (piece, group) in enumerate(flat):
        one = word(piece.text, language)
        wholes = [*_pair(exacts, n - 1), *_pair(exacts, n)]
        if group.whole is not None:
            wholes.append(word(group.whole, language).exact)
        yield AskedWord(
            exact=one.exact,
            stem=one.stem,
            wholes=tuple(dict.fromkeys(wholes)),
            latin=in_latin(one.exact) or as_we_spell(one.exact, language),
            barcode=_barcode(group),
            dense=piece.dense,
            spaceless=piece.spaceless,
            halves=tuple(
                (word(first.text, language), word(last.text, language))
                for first, last in halves_of(piece.text, language)
            ),
            tails=_tails(flat, exacts, n) if goes_on else (),
            begun=n == len(flat) - 1 and goes_on,
            little=(len(group.pieces) == 1 or piece.spaceless)
            and (one.exact in stop_words or says_little(lowered(piece.text), language)),
        )


def _barcode(group: Group) -> str | None:
    digits = group.whole or group.pieces[0].text
    return normal_barcode(digits) if digits.isdecimal() and len(digits) >= _SHORTEST_BARCODE else None


def _pair(exacts: list[str | None], n: int) -> Iterable[str]:
    """The words at n and behind it as one."""
    first, second = (exacts[at] if 0 <= at < len(exacts) else None for at in (n, n + 1))
    if first is not None and second is not None:
        yield first + second


def _tails(flat: list[tuple[Piece, Group]], exacts: list[str | None], n: int) -> tuple[str, ...]:
    """The longest first; none of one word alone."""
    behind = first = len(flat)
    while first and flat[first - 1][0].spaceless and flat[first - 1][1] is flat[-1][1]:
        first -= 1
    begins = range(max(first, behind - _MOST_IN_TAIL), min(n, behind - 2) + 1)
    return tuple("".join(filter(None, exacts[at:])) for at in begins)


def _as_said(one: AskedWord) -> AskedWord:
    return replace(one, little=False)
