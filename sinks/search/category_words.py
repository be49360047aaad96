"""Finds the categories whose names have the words of a query: their products have these words, too.

A product has the words of its categories and of all their ancestors, in the language that is searched; of a category
without a name in it, those of the next language that the visitor understands. Names are looked up when somebody
searches and not written into products: a rename is one document, seen with it, in a shop of any size. Words of
categories are taken as they are, without forgiving typos: one letter off would bring a whole shelf of something else.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sinks.search.category_tree import CategoryNames, CategoryTree
from sinks.search.search_languages import languages_of
from sinks.search.words.asked_words import AskedWord, asked_words

#: Of a query; what is longer is no name of a shelf.
_MOST_WORDS: Final = 16
#: For each word; one that more categories have says little about any.
_MOST_CATEGORIES: Final = 200
#: What a whole word says of a category, and the beginning of one.
_WHOLE: Final = 2
_BEGUN: Final = 1
_NO_NAMES: Final = CategoryNames()


def named_in(text: str, locales: Sequence[str], tree: CategoryTree) -> tuple[tuple[str, ...], ...]:
    """By the place of a word in the query, the ids of the categories that have it in their names, in order of ids."""
    languages = languages_of(locales)
    read = {language: asked_words(text, language) for language in languages}
    count = len(read[languages[0]])
    if not 0 < count <= _MOST_WORDS:
        return ()
    found = [_named(n, read, tree) for n in range(count)]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _named(n: int, read: Mapping[str, Sequence[AskedWord]], tree: CategoryTree) -> tuple[str, ...]:
    found: set[str] = set()
    before: list[str] = []
    for language, asked in read.items():
        for one in asked[n : n + 1]:
            names = tree.words.get(language, _NO_NAMES)
            found |= {id_ for id_ in names.having(_forms(one)) if _is_first(id_, before, tree)}
        before.append(language)
    return tuple(sorted(found)[:_MOST_CATEGORIES])


def called(text: str, locales: Sequence[str], tree: CategoryTree) -> list[str]:
    """The ids of the categories with all words of the text in their names, the best first; the last may go on."""
    said: dict[str, int] = {}
    before: list[str] = []
    for language in languages_of(locales):
        every = [
            _said(one, tree.words.get(language, _NO_NAMES)) for one in asked_words(text, language) if not one.little
        ]
        for id_ in every[0].keys() if every else ():
            if all(id_ in one for one in every) and _is_first(id_, before, tree):
                said[id_] = sum(one[id_] for one in every)
        before.append(language)
    return sorted(said, key=lambda id_: (-said[id_], tree.positions[id_], id_))


def _said(one: AskedWord, names: CategoryNames) -> dict[str, int]:
    goes_on = (*one.tails, one.exact) if one.may_go_on else one.tails
    begun = [id_ for text in goes_on for id_ in names.beginning(text)]
    return dict.fromkeys(begun, _BEGUN) | dict.fromkeys(names.having(_forms(one)), _WHOLE)


def _forms(one: AskedWord) -> tuple[str, ...]:
    return (one.exact, one.stem, *one.wholes)


def _is_first(id_: str, before: Collection[str], tree: CategoryTree) -> bool:
    """A category that has a name in a language before has no other."""
    return not any(language in before for language in tree.languages[id_])
