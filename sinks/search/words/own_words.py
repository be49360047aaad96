"""Reads what a shop says of words in one language: its synonyms, its stop words, and where a search leads instead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas.events.search_setting import SearchSetting, Synonyms
from sinks.search.words.asked_words import AskedWord, asked_words

#: Several words, as one means them.
Phrase = tuple[AskedWord, ...]


@dataclass(frozen=True, slots=True)
class OwnWords:
    """`synonyms`: by a key of what is typed, what else finds it. `longest`: so many words at most are typed for one.

    `redirects`: by a key of all words of a query, the URL.
    """

    stop_words: frozenset[str] = frozenset()
    synonyms: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    longest: int = 0
    redirects: Mapping[str, str] = field(default_factory=dict)

    def others_of(self, phrase: Sequence[AskedWord]) -> tuple[Phrase, ...]:
        """What finds the same as these words together, each once."""
        if not 0 < len(phrase) <= self.longest:
            return ()
        return tuple(dict.fromkeys(one for key in keys_of(phrase) for one in self.synonyms.get(key, ())))

    def leads_to(self, text: str, language: str) -> str | None:
        if not self.redirects:
            return None
        return next((self.redirects[key] for key in keys_of(_read(text, language)) if key in self.redirects), None)


NO_WORDS: Final = OwnWords()


def keys_of(phrase: Sequence[AskedWord]) -> tuple[str, ...]:
    """Written together, letter by letter and by stems: `t-shirts` is `tshirt`."""
    return tuple(dict.fromkeys(("".join(one.exact for one in phrase), "".join(one.stem for one in phrase))))


def own_words(settings: Iterable[SearchSetting], language: str) -> OwnWords:
    """Of settings that hold in this language, oldest first."""
    stop_words: set[str] = set()
    synonyms: dict[str, tuple[Phrase, ...]] = {}
    redirects: dict[str, str] = {}
    of_forms: dict[str, str] = {}
    longest = 0
    for one in settings:
        stop_words |= {word.exact for text in one.stop_words for word in asked_words(text, language)}
        if one.redirect is not None:
            for phrase in (_read(text, language) for text in one.redirect.queries):
                as_said, *forms = keys_of(phrase)
                redirects[as_said] = one.redirect.url
                of_forms |= dict.fromkeys(forms, one.redirect.url)
        if one.synonyms is not None:
            for typed, others in _pairs(one.synonyms, language):
                longest = max(longest, len(typed))
                for key in keys_of(typed):
                    synonyms[key] = (*synonyms.get(key, ()), *others)
    # What is said letter by letter goes before a form of something else.
    return OwnWords(frozenset(stop_words), synonyms, longest, of_forms | redirects)


def _pairs(said: Synonyms, language: str) -> Iterable[tuple[Phrase, tuple[Phrase, ...]]]:
    """What is typed, and what else that finds."""
    phrases = [phrase for phrase in (_read(words, language) for words in said.words) if phrase]
    if said.typed is not None:
        typed = _read(said.typed, language)
        return [(typed, tuple(phrases))] if typed else []
    return [(typed, tuple(one for one in phrases if one is not typed)) for typed in phrases]


def _read(text: str, language: str) -> Phrase:
    """Never `begun`: nobody is typing it."""
    return asked_words(f"{text} ", language)
