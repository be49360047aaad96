"""Makes of a title what it is sorted by: its letters in the order of its language's alphabet, then their accents.

An alphabet is written as what it has besides letters without accents: `n < ñ` puts ñ behind n and before o, however
either goes on; of `y ü` both are one letter. The order is that of CLDR. Case does not count, and signs are spaces.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from sinks.search.words.folded_letters import folded, lowered

_SOUTH_SLAVIC: Final = ("c < č < ć", "d < dž < đ", "l < lj", "n < nj", "s < š", "z < ž")
_NORDIC: Final = ("y ü", "z < æ ä < ø ö < å aa")
_SWEDISH: Final = ("y ü", "z < å < ä æ < ö ø")
#: By language of a locale. What is not here has no letters of its own.
ALPHABETS: Final[Mapping[str, tuple[str, ...]]] = {
    "be": ("е < ё", "з < і < й", "у < ў"),
    "bg": ("и < й",),
    "bs": _SOUTH_SLAVIC,
    "cs": ("c < č", "h < ch", "r < ř", "s < š", "z < ž"),
    "da": _NORDIC,
    "es": ("n < ñ",),
    "et": ("s < š < z < ž", "w < õ < ä < ö < ü"),
    "fi": _SWEDISH,
    "gl": ("n < ñ",),
    "hr": _SOUTH_SLAVIC,
    "hu": ("c < cs", "d < dz < dzs", "g < gy", "l < ly", "n < ny", "o < ö ő", "s < sz", "t < ty", "u < ü ű", "z < zs"),
    "is": ("a < á", "d < ð", "e < é", "i < í", "o < ó", "u < ú", "y < ý", "z < þ < æ ä < ö ø < å"),
    "lt": ("c < č", "i y", "s < š", "z < ž"),
    "lv": ("c < č", "g < ģ", "i y", "k < ķ", "l < ļ", "n < ņ", "r < ŗ", "s < š", "z < ž"),
    "nb": _NORDIC,
    "nn": _NORDIC,
    "no": _NORDIC,
    "pl": ("a < ą", "c < ć", "e < ę", "l < ł", "n < ń", "o < ó", "s < ś", "z < ź < ż"),
    "ro": ("a < ă < â", "i < î", "s < ș ş", "t < ț ţ"),
    "ru": ("и < й",),
    "sk": ("a < ä", "c < č", "h < ch", "o < ô", "s < š", "z < ž"),
    "sl": ("c < č < ć", "d < đ", "s < š", "z < ž"),
    "sv": _SWEDISH,
    "tr": ("c < ç", "g < ğ", "h < ı", "o < ö", "s < ş", "u < ü"),
    "uk": ("г < ґ", "е < є", "и < і < ї < й"),
    "vi": ("a < ă < â", "d < đ", "e < ê", "o < ô < ơ", "u < ư"),
}
#: Their own letters come first.
_LATIN_LAST: Final = frozenset({"ar", "be", "bg", "el", "fa", "he", "ko", "ru", "th", "uk", "zh"})
#: Titles that begin with so many same letters are sorted by their accents, and these as far.
_LONGEST: Final = 200
_LONGEST_TIE: Final = 60
#: Before every letter, so that what ends comes before what goes on.
_END: Final = "\x01"
#: Behind every letter: with a rank, it makes a letter of its own of the one before it.
_OWN: Final = 0x10FF00
_LAST: Final = "\ue000"
_ASCII_LETTER: Final = re.compile("[a-z]")
_MARKS: Final = range(0x300, 0x370)
#: Behind every letter, too: one without comes first.
_MARKS_LAST: Final = {mark: 0x10F000 + mark for mark in _MARKS}
#: Nobody but Turkish has a capital of each.
_TURKISH_CAPITALS: Final = str.maketrans({"I": "ı", "İ": "i"})


def title_key(title: str, locale: str) -> str:
    """Compared byte by byte as UTF-8."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    small = (title.translate(_TURKISH_CAPITALS) if language == "tr" else title).lower()
    letters = _alphabet(ALPHABETS.get(language, ())).letters(lowered(_words(small)))
    if language in _LATIN_LAST:
        letters = _ASCII_LETTER.sub(lambda found: _LAST + found[0], letters)
    accents = unicodedata.normalize("NFD", _words(small)).translate(_MARKS_LAST)
    return f"{letters[:_LONGEST]}{_END}{accents[:_LONGEST_TIE]}"


def _words(text: str) -> str:
    return " ".join(text.translate(_SPACES).split())


@dataclass(frozen=True, slots=True)
class _Alphabet:
    places: Mapping[str, str]
    known: re.Pattern[str] | None

    def letters(self, words: str) -> str:
        placed = self.known.sub(lambda found: self.places[found[0]], words) if self.known else words
        return folded(placed, "other")


@cache
def _alphabet(rows: tuple[str, ...]) -> _Alphabet:
    places: dict[str, str] = {}
    for row in rows:
        (base, *alike), *behind = (group.split() for group in row.split("<"))
        places |= dict.fromkeys(alike, base)
        for rank, letters in enumerate(behind):
            places |= dict.fromkeys(letters, base + chr(_OWN + rank))
    places = _with_marks(places) | places
    longest_first = sorted(places, key=lambda one: -len(one))
    return _Alphabet(places, re.compile("|".join(map(re.escape, longest_first))) if places else None)


def _with_marks(places: Mapping[str, str]) -> dict[str, str]:
    """Each letter with another mark on it, such as ấ of â, where that is one character."""
    marks = list(map(chr, _MARKS))
    marked = {unicodedata.normalize("NFC", letter + mark): place for letter, place in places.items() for mark in marks}
    return {letter: place for letter, place in marked.items() if len(letter) == 1}


class _Spaces(dict[int, str]):
    """What is between words: signs of every kind. Marks belong to their letters."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        self[code] = " " if unicodedata.category(letter)[0] in "PSZC" else letter
        return self[code]


_SPACES: Final = _Spaces()
