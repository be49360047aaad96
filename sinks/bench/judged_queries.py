"""Reads the judged queries: what people type, and how well each article answers it.

Two catalogues: sixty articles told in eight languages, and the demo's grocer, whose articles are judged by the type
that the till knows them by. A grade is 1 (related) to 3 (what was meant). Half of the queries, chosen by their letters
alone, are held back: nobody looks at them while weights are tuned, so they tell whether a change helps anybody else.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pl", "ru", "ja")
#: Written without spaces, so that a word is not what stands between two.
_UNSPACED: Final = frozenset({"ja"})
_LONG: Final = 6
_FOLDER: Final = files("sinks.bench") / "judged"


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """`grades` by the key of an article; what is not there is no answer."""

    locale: str
    text: str
    grades: Mapping[str, int]

    @property
    def is_held_back(self) -> bool:
        return hashlib.sha256(f"{self.locale} {self.text}".encode()).digest()[0] % 2 == 0


@dataclass(frozen=True, slots=True)
class ToldArticle:
    """`titles` by language."""

    key: str
    titles: Mapping[str, str]


def told_articles() -> tuple[ToldArticle, ...]:
    return tuple(ToldArticle(row["key"], {one: row[one] for one in LANGUAGES}) for row in _rows("articles"))


def told_queries() -> tuple[JudgedQuery, ...]:
    """Those of the sixty articles: written by hand, and each article by its own title with a letter left out."""
    written = [JudgedQuery(row["locale"], row["query"], dict(_graded(row["articles"]))) for row in _rows("queries")]
    mistyped = [
        JudgedQuery(language, typed, {article.key: 3})
        for article in told_articles()
        for language, title in article.titles.items()
        if language not in _UNSPACED and (typed := _mistyped(title)) is not None
    ]
    return (*written, *mistyped)


def grocer_queries(types: Mapping[str, str]) -> tuple[JudgedQuery, ...]:
    """Those of the grocer's articles, `types` by their key: each graded as the first pattern that fits its type says.

    Raises `ValueError` when there is nothing that answers a query.
    """
    found = []
    for row in _rows("grocer"):
        patterns = [(_pattern(like), grade) for like, grade in _graded(row["types"], ";")]
        grades: dict[str, int] = {}
        for key, type_ in types.items():
            for pattern, grade in patterns:
                if pattern.fullmatch(type_):
                    grades[key] = grade
                    break
        if not grades:
            raise ValueError(f"no article of the grocer answers {row['query']!r}")
        found.append(JudgedQuery("en", row["query"], grades))
    return tuple(found)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / f"{name}.tsv").open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _graded(cell: str, between: str = " ") -> Sequence[tuple[str, int]]:
    pairs = (one.rpartition(":") for one in cell.split(between))
    return [(what, int(grade)) for what, _, grade in pairs]


def _pattern(like: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, like.split("%"))))


def _mistyped(title: str) -> str | None:
    """Without the letter in the middle of its longest word; None when no word is long enough to be known without."""
    longest = max(title.split(), key=len)
    if len(longest) < _LONG or not longest.isalpha():
        return None
    middle = len(longest) // 2
    return title.replace(longest, longest[:middle] + longest[middle + 1 :])
