"""Reads the words of a query, for products or pages, in each of its languages, with what the shop says of words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sinks.search.query_parts import all_parts, parts_of
from sinks.search.search_languages import languages_of
from sinks.search.search_settings import SearchSettings
from sinks.search.words.asked_words import AskedWord, asked_words
from sinks.search.words.marked_text import Marker
from sinks.search.words.own_words import OwnWords


class AskedText(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def locales(self) -> tuple[str, ...]: ...
    @property
    def settings(self) -> SearchSettings: ...


def own_words_of(query: AskedText) -> Callable[[str], OwnWords]:
    """By language, what the shop says of words."""
    return lambda language: query.settings.words(language, query.locales)


def asked_of(query: AskedText) -> Mapping[str, Sequence[AskedWord]]:
    """The words of the query as they are read in each of its languages, and their synonyms."""
    return {language: asked_in(query, language) for language in languages_of(query.locales)}


def asked_in(query: AskedText, language: str) -> tuple[AskedWord, ...]:
    own = query.settings.words(language, query.locales)
    asked = asked_words(query.text, language, own.stop_words)
    others = [one for part in all_parts(parts_of(asked, own)) for phrase in part.others for one in phrase]
    return (*asked, *others)


class Markers:
    """Mark the words of a query in what is shown: one for each language. `loosely`: give or take a typo."""

    def __init__(self, query: AskedText, *, loosely: bool = False) -> None:
        self._query, self._loosely = query, loosely
        self._of: dict[str, Marker] = {}

    def of(self, language: str) -> Marker:
        if language not in self._of:
            self._of[language] = Marker(asked_in(self._query, language), language, loosely=self._loosely)
        return self._of[language]
