"""Lists the languages that can be searched, and what a locale looks at: one sub-field per language we can analyse."""

from collections.abc import Mapping
from typing import Any, Final

#: Language of a locale (`en` of `en-GB`) → the analyzer of its text. Everything else is `other`.
ANALYZERS: Final = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "ru": "russian",
    "other": "standard",
}


def language_of(locale: str) -> str:
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in ANALYZERS else "other"


def fallbacks(locale: str) -> tuple[str, ...]:
    """`de-AT` → `de-AT`, `de`; a text in any other locale comes after these."""
    language = locale.partition("-")[0]
    return (locale,) if language == locale else (locale, language)


def choose(texts: Mapping[str, Any], locale: str) -> tuple[str, Any]:
    """The locale whose text to show somebody who asked for `locale`, and that text. `texts` is not empty."""
    for wanted in fallbacks(locale):
        if wanted in texts:
            return wanted, texts[wanted]
    same_language = (key for key in texts if language_of(key) == language_of(locale))
    key = next(same_language, None) or next(iter(texts))
    return key, texts[key]


def text_field() -> dict[str, Any]:
    """An object with one analysed sub-field per language."""
    return {"properties": {language: {"type": "text", "analyzer": name} for language, name in ANALYZERS.items()}}


def words_field() -> dict[str, Any]:
    """The same with words as they are written: a typo is near the word, but may be far from the word's stem."""
    return {"properties": {language: {"type": "text", "analyzer": "standard"} for language in ANALYZERS}}
