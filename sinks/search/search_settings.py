"""What a shop says of its search, as one query sees it: the settings that are in effect, read for its languages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final
from uuid import UUID

from schemas.events.search_setting import SearchSetting
from sinks.search.best_sellers import NOTHING_SOLD, BestSellers
from sinks.search.search_languages import language_of
from sinks.search.words.own_words import NO_WORDS, OwnWords, own_words

#: Languages and locales that are read for once.
_KEPT: Final = 64


class SearchSettings:
    """Those in effect, oldest first. May be asked by many threads at once."""

    def __init__(
        self, settings: Iterable[SearchSetting] = (), sold: Callable[[], BestSellers] = lambda: NOTHING_SOLD
    ) -> None:
        self._settings = tuple(settings)
        #: What sells best, looked up by who needs it.
        self.sold = sold
        self.rules = tuple(one for one in self._settings if one.rule is not None)
        #: By ranking signal, in percent: what was said last.
        self.weights: Mapping[str, int] = next((one.weights for one in reversed(self._settings) if one.weights), {})
        self._words = lru_cache(maxsize=_KEPT)(self._read)

    def words(self, language: str, locales: Sequence[str]) -> OwnWords:
        """Of a language that somebody is answered in who understands these locales."""
        return self._words(language, tuple(locales)) if self._settings else NO_WORDS

    def trying(self, setting: SearchSetting, instead_of: UUID | None) -> "SearchSettings":
        """These, and one that is not saved as yet, as if it were in effect."""
        others = (one for one in self._settings if one.id != instead_of)
        return SearchSettings((*others, setting), self.sold)

    def redirect(self, text: str, locales: Sequence[str]) -> str | None:
        """Where the query leads instead, read in the first of the locales."""
        language = language_of(locales[0])
        return self.words(language, locales).leads_to(text, language)

    def _read(self, language: str, locales: tuple[str, ...]) -> OwnWords:
        return own_words((one for one in self._settings if holds_in(one.locale, locales, language)), language)


NO_SETTINGS: Final = SearchSettings()


def holds_in(locale: str | None, locales: Sequence[str], language: str | None = None) -> bool:
    """One of `de-AT` holds for those who understand `de-AT`, one of `de` for all who understand German."""
    if locale is None:
        return True
    if language is not None and language_of(locale) != language:
        return False
    small = locale.lower()
    return any(one.lower() == small or one.lower().startswith(f"{small}-") for one in locales)
