"""Splits a text into words.

Letters and digits are words of their own (`500ml` is `500 ml`), and so are the parts of what is written with hyphens,
dots or apostrophes; what was written as one is kept as one group. A number with a point or a comma in it is one word
(`0,5` is `0.5`, and no `5`). `c++` and `c#` are words. Where a script puts no
spaces between words, a dictionary has them; Korean, which puts them between more than words, is taken as pairs of
neighbouring characters.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from sinks.search.words.spaceless_words import words_in

_HANGUL: Final = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3\uffa0-\uffdc"
#: Han, kana, Thai, Lao, Khmer and Burmese, and kana of half width.
_SPACELESS: Final = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u3099\u309a"
    "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff"
)
_DENSE: Final = _HANGUL + _SPACELESS
_JOINS: Final = "-'’ʼ.,/&·:\u2010-\u2015\u00ad"
_NO_JOINS: Final = dict.fromkeys(map(ord, "-'’ʼ.,/&·:+\u2010\u2011\u2012\u2013\u2014\u2015\u00ad"))
#: Of two numbers, and no date, version or address of more.
_NUMBER: Final = r"(?<![0-9][.,])(?<![0-9])([0-9]+)[.,]([0-9]+)(?![.,]?[0-9])"
_DECIMAL: Final = re.compile(_NUMBER)
#: Stands for its point while signs that join are left out.
_POINT: Final = "\0"
_THOUSANDS: Final = 3
#: Characters of a word; what is behind them counts for nothing.
LONGEST: Final = 64
#: The same as the first of `_patterns`, of texts that have nothing else: a third of the time.
_ASCII: Final = re.compile(
    r"(?P<sign>[A-Za-z]{1,2}(?:\+\+?|\#)(?![A-Za-z]))"
    r"|[A-Za-z0-9]++(?:(?:[-'.,/&·:+](?=[A-Za-z0-9])|\+\+)[A-Za-z0-9]*+)*+"
)


class Piece(NamedTuple):
    """A word as it is written, from `start` to `end` of the text.

    `dense`: a pair of characters. `spaceless`: a word of a script without spaces.
    """

    text: str
    start: int
    end: int
    dense: bool = False
    spaceless: bool = False


class Group(NamedTuple):
    """Words that are written together. `whole`: all of it as one word, None where it is one or has no spaces.

    `runs`: what of it is of a script without spaces.
    """

    pieces: tuple[Piece, ...]
    whole: str | None = None
    runs: tuple[str, ...] = ()


def groups(text: str) -> Iterator[Group]:
    """The words of the text, together as they are written together."""
    for found in written_together(text):
        if (group := group_of(found)) is not None:
            yield group


def written_together(text: str) -> Iterator[re.Match[str]]:
    """What is written together; the same letters are always the same words."""
    return (_ASCII if text.isascii() else _patterns()[0]).finditer(text)


def group_of(found: re.Match[str]) -> Group | None:
    """The words of what is written together; None where nobody means any of them."""
    written = found[0]
    if (written.isascii() and written.isalpha()) or found["sign"]:
        return Group((Piece(written[:LONGEST], *found.span()),))
    part = _patterns()[1]
    if not (pieces := tuple(_pieces(found, part))):
        return None
    runs = () if written.isascii() else tuple(one[0] for one in part.finditer(written) if one["spaceless"])
    return Group(pieces, _whole(written, pieces), runs)


def _pieces(found: re.Match[str], part: re.Pattern[str]) -> Iterator[Piece]:
    for one in part.finditer(found[0]):
        start = found.start() + one.start()
        if one.lastgroup == "dense":
            yield from _pairs(one[0], start)
        elif one.lastgroup == "spaceless":
            for text, first, last in words_in(one[0]):
                yield Piece(text[:LONGEST], start + first, start + last, spaceless=True)
        elif not _is_elided(found[0], one):
            text = one[0].replace(",", ".") if one.lastgroup == "digits" else one[0]
            yield Piece(text[:LONGEST], start, start + len(one[0]))


def _whole(written: str, pieces: tuple[Piece, ...]) -> str | None:
    if any(piece.dense or piece.spaceless for piece in pieces):
        return None
    whole = _DECIMAL.sub(_together, written).translate(_NO_JOINS).replace(_POINT, ".")[:LONGEST]
    return None if whole == pieces[0].text else whole


def _together(number: re.Match[str]) -> str:
    """Three digits behind the sign may be thousands: `10,000` is `10000` as well."""
    before, behind = number.groups()
    return f"{before}{'' if len(behind) == _THOUSANDS else _POINT}{behind}"


def _pairs(run: str, start: int) -> Iterator[Piece]:
    whole = unicodedata.normalize("NFKC", run)
    same = len(whole) == len(run)
    for n in range(max(1, len(whole) - 1)):
        places = (start + n, start + min(n + 2, len(run))) if same else (start, start + len(run))
        yield Piece(whole[n : n + 2], *places, dense=True)


def _is_elided(whole: str, one: re.Match[str]) -> bool:
    """The s of *men's* and the l of *l'eau*: nobody means them."""
    before, behind = whole[one.start() - 1 : one.start()], whole[one.end() : one.end() + 1]
    return (before in _APOSTROPHES and one[0] in "sS") or (behind in _APOSTROPHES and len(one[0]) <= 2)


_APOSTROPHES: Final = ("'", "’", "ʼ")


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of what is written together, and of its parts. Marks belong to the letter before them."""
    dense = re.compile(f"[{_DENSE}]")
    points = [one for one in map(chr, range(0x80, 0x20000)) if not dense.match(one)]
    marks = [one for one in points if unicodedata.category(one) in ("Mn", "Mc")]
    # One set and no choice between two: it is looked into for every character.
    word = f"[A-Za-z0-9{_ranges([one for one in points if one.isalnum()])}{_ranges(marks)}{_DENSE}]"
    sign = r"[^\W\d_]{1,2}(?:\+\+?|\#)(?![^\W\d_])"
    whole = rf"(?P<sign>{sign})|{word}++(?:(?:[{_JOINS}+](?={word})|\+\+){word}*+)*+"
    letter = rf"(?:(?![{_DENSE}])(?:[^\W\d_]|[{''.join(marks)}]))"
    digits = rf"(?P<digits>{_NUMBER}|\d+)"
    part = rf"(?P<dense>[{_HANGUL}]+)|(?P<spaceless>[{_SPACELESS}]+)|{digits}|(?P<letters>{letter}+(?:\+\+)?)"
    return re.compile(whole), re.compile(part)


def _ranges(characters: Sequence[str]) -> str:
    """These, in order, as a set of a pattern."""
    firsts, lasts, codes = [], [], list(map(ord, characters))
    for code, before, behind in zip(codes, [-1, *codes], [*codes[1:], -1], strict=False):
        if code != before + 1:
            firsts.append(chr(code))
        if behind != code + 1:
            lasts.append(chr(code))
    return "".join(f"{first}-{last}" for first, last in zip(firsts, lasts, strict=True))
