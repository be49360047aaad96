"""Folds letters that people take for the same: case, accents, width, ligatures, and ae for ä in German."""

import re
import unicodedata
from typing import Final

#: What Unicode does not take apart.
_LETTERS: Final = str.maketrans(
    {
        "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ŋ": "n", "ħ": "h",
        "ŧ": "t", "ĸ": "k", "ə": "a", "ς": "σ", "ґ": "г",
    }
)  # fmt: skip
#: Marks on Latin, Greek and Cyrillic letters. Those of other scripts are letters of a word.
_MARKS: Final = re.compile("[\u0300-\u036f]")
#: `ue` after another vowel or q is two letters: Neuer, Bauer, Quelle.
_GERMAN: Final = re.compile("ae|oe|(?<![aeiouq])ue")

_LATIN_OF: Final = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
        "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
        "я": "ya", "і": "i", "ї": "i", "є": "ie", "ў": "u",
    }
)  # fmt: skip
_CYRILLIC: Final = re.compile("[а-яёіїєў]")

#: Where Cyrillic is written, and so typed in Latin letters.
_OF_CYRILLIC: Final = frozenset({"ru", "uk", "be", "bg"})
#: Other ways to spell it in Latin letters, and ours: й is i and ё is e, as they are without their marks.
_OUR_SPELLING: Final = tuple(
    (re.compile(other), ours)
    for other, ours in (
        ("shh|sch", "shch"),
        ("(?<![sczk])h", "kh"),
        ("c(?!h)", "ts"),
        ("w", "v"),
        ("[yj][oe]", "e"),
        ("j(?=[au])", "y"),
        ("(?<=[aeiouy])[yj](?![aou])", "i"),
    )
)


def lowered(word: str) -> str:
    """In small letters and full width, with its accents."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())


def folded(lowered_word: str, language: str) -> str:
    """Without accents. `Éclair` is `eclair`, `Œufs` is `oeufs`; `Moebel` and `Möbel` are both `mobel` in German."""
    if lowered_word.isascii():
        plain = lowered_word
    else:
        parts = unicodedata.normalize("NFKD", lowered_word)
        plain = unicodedata.normalize("NFC", _MARKS.sub("", parts)).translate(_LETTERS)
    return _GERMAN.sub(lambda found: found[0][0], plain) if language == "de" else plain


def in_latin(folded_word: str) -> str | None:
    """A Cyrillic word as it is spelt in Latin letters; None for any other."""
    return folded_word.translate(_LATIN_OF) if _CYRILLIC.search(folded_word) else None


def as_we_spell(typed: str, language: str) -> str | None:
    """What may be Cyrillic in Latin letters, small ones without accents: as `in_latin` has it. `krasnyj` and `krasnyy`
    are `krasnyi`, `chay` is `chai`. None where it is spelt so already, or nobody would type so.
    """
    if language not in _OF_CYRILLIC or not (typed.isascii() and typed.isalpha()):
        return None
    ours = typed
    for other, spelt in _OUR_SPELLING:
        ours = other.sub(spelt, ours)
    return ours if ours != typed else None
