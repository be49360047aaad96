"""Says which queries of a shop are asked often and find something, so that they can be suggested to everybody.

What one person typed is shown to nobody: a query counts when three different sessions asked it on one day, because the
same visit has another name the next day. Searches that name no session make nothing known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from uuid import UUID

import duckdb

from sinks.search.words.folded_letters import folded, lowered
from sinks.search.words.typed_values import begun_in, typed_words

LEAST_SESSIONS: Final = 3
_MOST: Final = 2000
_ASKED: Final = f"""
    WITH by_day AS (
        SELECT text, split_part(locale, '-', 1) AS language, (asked_at AT TIME ZONE 'UTC')::DATE AS day,
               count(*) AS times, count(DISTINCT session) AS sessions, arg_max(hits, asked_at) AS hits
        FROM searches WHERE tenant_id = $tenant GROUP BY ALL
    )
    SELECT text, language, sum(times)::BIGINT AS times FROM by_day
    GROUP BY ALL HAVING max(sessions) >= {LEAST_SESSIONS} AND arg_max(hits, day) > 0
    ORDER BY times DESC, text LIMIT {_MOST}
"""


@dataclass(frozen=True, slots=True)
class AskedOften:
    """`words`: the text without case and accents. `times`: how often it was asked in the time that is kept."""

    text: str
    words: str
    times: int


@dataclass(frozen=True, slots=True)
class OftenAsked:
    """Of each language what was asked, the most frequent first."""

    by_language: Mapping[str, tuple[AskedOften, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Iterable[tuple[str, str, int]]) -> Self:
        """`found`: text, language, and how often."""
        made: dict[str, list[AskedOften]] = {}
        for text, language, times in found:
            made.setdefault(language, []).append(AskedOften(text, _folded(text), times))
        return cls({language: tuple(asked) for language, asked in made.items()})

    def beginning(self, typed: str, locale: str, most: int) -> tuple[str, ...]:
        """Those that go on as it is typed, whatever its case and accents."""
        begun = _folded(typed.lstrip())
        if not begun.strip():
            return ()
        of_language = self.in_language(locale)
        return tuple(one.text for one in of_language if one.words.startswith(begun) and one.words != begun)[:most]

    def in_language(self, locale: str) -> tuple[AskedOften, ...]:
        return self.by_language.get(locale.partition("-")[0], ())

    def with_words(self, typed: str, locale: str) -> tuple[AskedOften, ...]:
        """Those with all typed words as beginnings of theirs; what goes on as it is typed comes first."""
        begun, words = _folded(typed.strip()), typed_words(typed)
        found = [one for one in self.in_language(locale) if begun_in(one.text, words) is not None]
        return tuple(sorted(found, key=lambda one: not one.words.startswith(begun)))


NOTHING_ASKED: Final = OftenAsked()


def often_asked(cursor: duckdb.DuckDBPyConnection, tenant_id: UUID) -> OftenAsked:
    rows = cursor.execute(_ASKED, {"tenant": tenant_id}).fetchall()
    return OftenAsked.of(rows)


def _folded(text: str) -> str:
    return folded(lowered(text), "")
