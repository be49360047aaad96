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
class OftenAsked:
    """Of each language the folded words and what was asked, the most frequent first."""

    by_language: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Iterable[tuple[str, str]]) -> Self:
        """`found`: text and language."""
        made: dict[str, list[tuple[str, str]]] = {}
        for text, language in found:
            made.setdefault(language, []).append((_folded(text), text))
        return cls({language: tuple(asked) for language, asked in made.items()})

    def beginning(self, typed: str, locale: str, most: int) -> tuple[str, ...]:
        """Those that go on as it is typed, whatever its case and accents."""
        begun = _folded(typed.lstrip())
        if not begun.strip():
            return ()
        of_language = self.by_language.get(locale.partition("-")[0], ())
        return tuple(text for words, text in of_language if words.startswith(begun) and words != begun)[:most]


NOTHING_ASKED: Final = OftenAsked()


def often_asked(cursor: duckdb.DuckDBPyConnection, tenant_id: UUID) -> OftenAsked:
    rows = cursor.execute(_ASKED, {"tenant": tenant_id}).fetchall()
    return OftenAsked.of((text, language) for text, language, _ in rows)


def _folded(text: str) -> str:
    return folded(lowered(text), "")
