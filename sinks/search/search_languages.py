"""Lists the languages that can be searched, and what a locale looks at: one sub-field per language."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

#: Language of a locale (`en` of `en-GB`) → the Snowball algorithm that knows the forms of its words.
STEMMERS: Final = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
#: Everything else is `other`: searched by words as they are written, as are these without a stemmer.
LANGUAGES: Final = (*STEMMERS, "uk", "ja", "zh", "ko", "th", "vi", "other")
#: Those whose compounds are taken apart.
COMPOUNDED: Final = ("de", "nl", "sv")
_SAME: Final = {"nb": "no", "nn": "no"}
_TRADITIONAL: Final = ("hant", "tw", "hk", "mo")


@lru_cache(maxsize=4096)
def language_of(locale: str) -> str:
    language = locale.replace("_", "-").partition("-")[0].lower()
    language = _SAME.get(language, language)
    return language if language in LANGUAGES else "other"


def languages_of(locales: Sequence[str]) -> tuple[str, ...]:
    """Each once, the first first."""
    return tuple(dict.fromkeys(map(language_of, locales)))


def in_any_of(languages: Sequence[str]) -> list[dict[str, Any]]:
    """A filter of documents that have one of these languages; no filter for none."""
    return [{"terms": {"languages": list(languages)}}] if languages else []


def choose(texts: Mapping[str, Any], locales: Sequence[str]) -> tuple[str, Any]:
    """The locale whose text to show to somebody who understands these, the first best, and that text.

    For `de-AT`: `de-AT`, `de`, any other German; then the next locale. `texts` is not empty; what is there in none of
    them is shown in the first it has. Chinese of the other script comes behind that of the same.
    """
    for locale in locales:
        if locale in texts:
            return locale, texts[locale]
        for key in _alike(locale, texts):
            return key, texts[key]
    key = next(iter(texts))
    return key, texts[key]


def _alike(locale: str, known: Iterable[str]) -> Iterable[str]:
    tag = locale
    while tag:
        if tag in known:
            yield tag
        tag = tag.rpartition("-")[0]
    same = [key for key in known if key.partition("-")[0].lower() == locale.partition("-")[0].lower()]
    yield from sorted(same, key=lambda key: _is_traditional(key) != _is_traditional(locale))


def _is_traditional(locale: str) -> bool:
    return any(part in _TRADITIONAL for part in locale.lower().split("-")[1:])


def words_field(*, positions: bool = True) -> dict[str, Any]:
    """An object with one sub-field per language, of words that were read already and are divided by spaces."""
    one = {"type": "text", "analyzer": "whitespace", "index_options": "positions" if positions else "freqs"}
    return {"properties": dict.fromkeys(LANGUAGES, one)}


def parts_field() -> dict[str, Any]:
    """The same of parts of compounds. How many a document has does not count: none comes before a whole word."""
    one = {"type": "text", "analyzer": "whitespace", "index_options": "docs", "norms": False}
    return {"properties": dict.fromkeys(COMPOUNDED, one)}
