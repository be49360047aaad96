"""Makes the readable part of an address when nobody chose one: from a title, and what makes it unique from an id.

A made handle never refuses anything: two products of one title, or of titles that read alike in an address, differ in
the eight characters at the end, which come from their ids. The same title and id always give the same handle.

Letters stay the letters of their script. Only Latin ones lose their accents (`Crème` → `creme`): й is no и, ガ no カ,
and vowel signs of Devanagari, Thai or Arabic are no decoration. (Slug libraries know two ways: everything becomes
ASCII, or marks are dropped from every script.)
"""

import unicodedata
from collections.abc import Iterator
from typing import Final
from uuid import UUID

LONGEST: Final = 120
LONGEST_BYTES: Final = 200
_SUFFIX: Final = 8
#: Crockford's: nothing that looks like something else.
_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_JOINERS: Final = "\u200c\u200d"


def made_handle(id_: UUID, *texts: str) -> str:
    """From the first text that has something to read in it. `made_handle(id, "Чайник")` is `чайник-7k2m9x0q`."""
    readable = next((slug for text in texts if (slug := slug_of(text))), None)
    if readable is None:
        readable = next((slug for text in texts if (slug := _pictured(text))), "")
    room, bytes_left = LONGEST - _SUFFIX - 1, LONGEST_BYTES - _SUFFIX - 1
    return "-".join(filter(None, (_cut(readable, room, bytes_left), _suffix(id_))))


def slug_of(text: str) -> str:
    """Letters and digits of any script in lower case, with `-` where there was anything else."""
    words: list[str] = []
    word = ""
    for piece in _pieces(text):
        if piece:
            word += piece
        elif word:
            words.append(word)
            word = ""
    return unicodedata.normalize("NFC", "-".join(filter(None, [*words, word])).lower())


def _pieces(text: str) -> Iterator[str]:
    """What is kept, letter by letter; empty where something is left out."""
    characters = unicodedata.normalize("NFD", "".join(map(_plain, unicodedata.normalize("NFC", text))))
    inside = latin = False
    for at, character in enumerate(characters):
        kind = unicodedata.category(character)
        if kind[0] in "LN":
            inside, latin = True, _is_latin(character)
            yield character
        elif kind in ("Mn", "Mc") and not _is_variation(character):
            if inside and not latin:
                yield character
            elif not inside:
                yield ""
        elif character in _JOINERS and inside and not latin and _goes_on(characters, at + 1):
            yield character
        elif not _is_ignorable(character, kind):
            inside = False
            yield ""


def _plain(character: str) -> str:
    """`Ａ` is A and `ﬁ` is fi; signs such as ™ are left as they are."""
    return unicodedata.normalize("NFKC", character) if unicodedata.category(character)[0] in "LN" else character


def _is_latin(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN ")


def _is_variation(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _is_ignorable(character: str, kind: str) -> bool:
    """Nobody sees it: a soft hyphen, a zero-width joiner where it joins nothing, a variation selector."""
    return kind == "Cf" or _is_variation(character)


def _goes_on(characters: str, at: int) -> bool:
    return at < len(characters) and unicodedata.category(characters[at])[0] in "LM"


def _pictured(text: str) -> str:
    """The names of pictures: `🧀🍷` is `cheese-wedge-wine-glass`."""
    names = [unicodedata.name(sign, "") for sign in text if unicodedata.category(sign) == "So"]
    return "-".join(slug for name in names if (slug := slug_of(name)))


def _cut(slug: str, characters: int, size: int) -> str:
    """Not inside of a letter: neither its bytes nor its marks are torn from it."""
    end = min(len(slug), characters)
    while end and (len(slug[:end].encode()) > size or _is_inside(slug, end)):
        end -= 1
    return slug[:end].rstrip("-")


def _is_inside(slug: str, at: int) -> bool:
    """Whether what is before and what is behind belong together."""
    if at == len(slug):
        return False
    return slug[at - 1] in _JOINERS or slug[at] in _JOINERS or unicodedata.category(slug[at])[0] == "M"


def _suffix(id_: UUID) -> str:
    """Of the last 40 bits, which are random in every id."""
    return "".join(_DIGITS[id_.int >> 5 * at & 31] for at in reversed(range(_SUFFIX)))
