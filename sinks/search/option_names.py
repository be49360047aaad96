"""Says what options and their values are called, in products and in facets: in one field, to be counted with them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from schemas.events.product import Product
from sinks.search.search_languages import choose

#: Between locale, value and name; in none of them.
_SIGN: Final = "\x1f"
#: Of all values in all locales that somebody understands.
_MOST: Final = 2_000
_LETTERS: Final = re.compile(r"[^a-z0-9]")


def written(product: Product, code: str) -> Iterator[str]:
    """Of the option and of each of its values, where a locale has a name for it. That of the option has no value."""
    for option in product.option_texts:
        if option.code == code:
            yield from (_SIGN.join((locale, "", name)) for locale, name in option.names.items())
            for value in option.values:
                yield from (_SIGN.join((locale, value.code, name)) for locale, name in value.names.items())


def aggregation(locales: Sequence[str]) -> dict[str, Any]:
    """Inside that of an option: the names in the languages of these locales."""
    languages = dict.fromkeys(_LETTERS.sub("", locale.partition("-")[0].lower()) for locale in locales)
    include = f"({'|'.join(languages)})(-[^{_SIGN}]*)?{_SIGN}.*"
    return {"names": {"terms": {"field": "options.names", "size": _MOST, "include": include}}}


def read(answer: Mapping[str, Any], locales: Sequence[str]) -> dict[str, str]:
    """The label of each value, and of the option itself with no value; most products' name where they disagree."""
    known: dict[str, dict[str, str]] = {}
    for bucket in answer.get("names", {"buckets": ()})["buckets"]:
        locale, value, name = bucket["key"].split(_SIGN, 2)
        known.setdefault(value, {}).setdefault(locale, name)
    return {value: choose(names, locales)[1] for value, names in known.items()}
