"""Knows the words that compounds are made of in German, Dutch and Swedish: as simplemma's dictionaries have them.

What a dictionary has in one form only is mostly a name, and what is long is a compound itself. What is left of a
million forms is two megabytes; to make them takes seconds and a hundred megabytes once.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2s
from pathlib import Path
from typing import Final

import simplemma
from marisa_trie import Trie
from simplemma.strategies.dictionaries import DefaultDictionaryFactory

from ops.settings import Settings
from sinks.search.words.compound_exceptions import NEVER_FIRST, NEVER_LAST, SHORT
from sinks.search.words.kept_tries import kept_trie

_SHORTEST: Final = 3
_LONGEST: Final = 14
#: A word of one form that is as long as this is rarely a name: *Kakaos*.
_SELDOM_A_NAME: Final = 6
#: What may stand between two words.
_LINKS: Final[Mapping[str, tuple[str, ...]]] = {"de": ("s",), "nl": ("s", "e", "en", "n", "ne"), "sv": ("s",)}
#: What a first word may have lost at its end: *Schulheft*, *skolbok*.
_LOST: Final[Mapping[str, str]] = {"de": "e", "nl": "", "sv": "ae"}
_SHORTEST_LINKED: Final = 3
#: How a word is kept: in any form, as the base of several, as the stem of a verb or an adjective.
_WORD, _BASE, _STEM = "wbs"
_reading = threading.Lock()


@dataclass(frozen=True, slots=True)
class CompoundDictionary:
    language: str
    known: Trie

    def is_last(self, word: str) -> bool:
        return _WORD + word in self.known and word not in NEVER_LAST[self.language]

    def first(self, written: str) -> str | None:
        """The word that stands in front of others as it is `written`; None for none."""
        if written in SHORT[self.language]:
            return written
        if len(written) < _SHORTEST or written in NEVER_FIRST[self.language]:
            return None
        kind = _BASE if len(written) == _SHORTEST else _WORD
        if _STEM + written in self.known or kind + written in self.known:
            return written
        for word in self.unlinked(written):
            if (_BASE if len(word) == _SHORTEST else _WORD) + word in self.known:
                return word
        lost = (written + end for end in _LOST[self.language])
        return next((word for word in lost if _BASE + word in self.known), None)

    def unlinked(self, written: str) -> Iterator[str]:
        for link in _LINKS[self.language]:
            word = written.removesuffix(link)
            long = len(word) >= (_SHORTEST_LINKED if len(link) > 1 else _SHORTEST_LINKED + 1)
            if word != written and long and not word.endswith(link) and word not in NEVER_FIRST[self.language]:
                yield word


def compound_dictionary(language: str) -> CompoundDictionary:
    """Of a language of `search_languages.COMPOUNDED`. Whoever asks meanwhile waits until it is read."""
    with _reading:
        return _read(language)


def made_dictionary(language: str) -> Trie:
    """From simplemma's, anew."""
    forms = DefaultDictionaryFactory(cache_max_size=0).get_dictionary(language)
    bases = Counter(forms[form] for form in forms if _is_word(form, language))
    return Trie(_entries(forms, bases, language))


@cache
def _read(language: str) -> CompoundDictionary:
    """What is kept is known by all that it is made of."""
    made_by = blake2s(Path(__file__).read_bytes() + repr(sorted(SHORT[language])).encode(), digest_size=8).hexdigest()
    folder = Settings().folder.software / "words"
    name = f"compounds-{language}-{simplemma.__version__}-{made_by}"
    return CompoundDictionary(language, kept_trie(name, lambda: made_dictionary(language), folder))


def _entries(forms: Mapping[str, str], bases: Mapping[str, int], language: str) -> Iterator[str]:
    for form in forms:
        base = forms[form]
        if _is_word(form, language):
            if bases[base] > 1 or bases.get(form, 0) > 1 or (form == base and len(form) >= _SELDOM_A_NAME):
                yield _WORD + form.lower()
        elif language == "de" and form.islower():
            yield from (_STEM + stem for stem in _german_stems(form, base))
    yield from (_BASE + base.lower() for base, several in bases.items() if several > 1)


def _is_word(form: str, language: str) -> bool:
    """In German only nouns are the last word of a compound, and these have a capital."""
    if not _SHORTEST <= len(form) <= _LONGEST and form.lower() not in SHORT[language]:
        return False
    return form.isalpha() and (form[1:].islower() and form[0].isupper() if language == "de" else form.islower())


def _german_stems(form: str, base: str) -> Iterator[str]:
    """*rot* of *Rotwein*, *brat* of *Bratpfanne*, *räucher* of *Räucherlachs*."""
    if _SHORTEST <= len(form) <= _LONGEST and (form == base or base in (form + "n", form + "en")):
        yield form
    if base.endswith(("ern", "eln")):
        yield base[:-1]
