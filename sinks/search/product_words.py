"""Says which words find a product, by language and by where they stand."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from schemas.events.product import Product, ProductText
from sinks.search.search_languages import language_of, parts_field, words_field
from sinks.search.words.split_text import groups
from sinks.search.words.word_stems import word
from sinks.search.words.written_words import Written, plain_text, written

#: Of each language. `words` and `stems` are of what stands around the title; `also`: what is written apart in them.
#: `characters`: of what has no spaces between its words; `parts`: of compounds, but for those of a description.
FIELDS: Final = ("title_words", "title", "words", "stems", "description", "also", "characters", "parts")
#: Where it counts which word follows which.
IN_ORDER: Final = frozenset({"title_words"})
#: How OpenSearch keeps them.
MAPPING: Final[Mapping[str, Mapping[str, Any]]] = {
    name: parts_field() if name == "parts" else words_field(positions=name in IN_ORDER) for name in FIELDS
}


def fields_of(product: Product) -> dict[str, Any]:
    """Each of `FIELDS`, and the words of the codes."""
    by_language: dict[str, list[ProductText]] = {}
    for text in product.translations:
        by_language.setdefault(language_of(text.locale), []).append(text)
    fields: dict[str, dict[str, str]] = {name: {} for name in FIELDS}
    for language, texts in by_language.items():
        for name, words in _of_language(product, language, texts):
            if words:
                fields[name][language] = words
    return {**fields, "code_words": _codes(product)}


def _of_language(product: Product, language: str, texts: list[ProductText]) -> Iterator[tuple[str, str]]:
    title = written([text.title for text in texts], language)
    around = written(list(_around(product, texts)), language)
    description = written([plain_text(one.description) for one in texts if one.description], language, joined=False)
    yield "title_words", title.exact
    yield "title", title.stems
    yield "words", around.exact
    yield "stems", around.stems
    yield "description", once_each(description)
    yield "also", " ".join(filter(None, (title.also, around.also, description.also)))
    yield "characters", " ".join(filter(None, (title.characters, around.characters, description.characters)))
    yield "parts", " ".join(filter(None, (title.parts, around.parts)))


def once_each(description: Written) -> str:
    """As written and by its stems: somebody may ask for either."""
    return description.stems if description.stems == description.exact else f"{description.stems} {description.exact}"


def _around(product: Product, texts: list[ProductText]) -> Iterator[str]:
    """Subtitles, the brand, tags, values of options as they are called in these texts' locales, and attributes."""
    yield from (text.subtitle for text in texts if text.subtitle)
    if product.brand:
        yield product.brand
    yield from product.tags
    sold = {value for variant in product.variants for value in variant.option_values.items()}
    called = {(option.code, value.code): value.names for option in product.option_texts for value in option.values}
    for option_value in sorted(sold):
        names = called.get(option_value, {})
        yield from {names.get(text.locale, option_value[1]): None for text in texts}
    for _, attribute in sorted(product.typed_attributes.items()):
        yield from (attribute.texts or ()) if attribute.text is None else (attribute.text,)


def _codes(product: Product) -> str:
    """Of SKUs: their parts, the whole, and neighbours together."""
    found: dict[str, None] = {}
    for variant in product.variants:
        for group in groups(variant.sku):
            exacts = [word(piece.text, "other").exact for piece in group.pieces]
            found |= dict.fromkeys([*exacts, *map("".join, pairwise(exacts))])
            if group.whole is not None:
                found[word(group.whole, "other").exact] = None
    return " ".join(found)
