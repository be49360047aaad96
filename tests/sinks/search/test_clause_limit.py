from typing import Any

import pytest

from schemas.events.search_setting import Synonyms
from sinks.search.clause_limit import MOST_CLAUSES, expansions
from sinks.search.word_clauses import Match, words_clause
from sinks.search.words.own_words import own_words
from tests.sinks.search.test_query_parts import setting

LANGUAGES = ("de", "en", "fr", "nl", "sv", "it")
LONG = {
    "short": "blue cheese",
    "words": " ".join(f"wordnumber{letter}ing" for letter in "abcdefghijklmnopqrstuvwxyz"),
    "joined": "-".join(f"wordy{letter}s" for letter in "abcdefghijklmnopqrstuvwxyz"),
    "letters": " ".join("abcdefghijklmnopqrstuvwxyz"),
}


def clauses(query: Any) -> int:
    """As OpenSearch counts them once it has looked up the words that a typo may mean."""
    if isinstance(query, list):
        return sum(map(clauses, query))
    if not isinstance(query, dict):
        return 0
    if "fuzzy" in query:
        return sum(asked["max_expansions"] for asked in query["fuzzy"].values())
    leaf = any(kind in query for kind in ("term", "terms", "prefix", "wildcard", "match_phrase", "match_all"))
    return leaf + sum(map(clauses, query.values()))


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
@pytest.mark.parametrize("match", Match)
def test_no_query_has_more_clauses_than_opensearch_takes(text: str, match: Match) -> None:
    assert clauses(words_clause(text, LANGUAGES, match)) <= MOST_CLAUSES


def test_what_is_short_is_searched_in_every_language_and_for_many_typos() -> None:
    clause = words_clause("cheese", LANGUAGES, Match.LOOSE)

    assert all(f"title.{language}" in str(clause) for language in LANGUAGES)
    assert expansions(words_clause("cheese", LANGUAGES[:2], Match.LOOSE)) == 50


def test_too_many_synonyms_leave_what_was_typed() -> None:
    many = Synonyms(typed="sofa", words=tuple(f"couch of kind {letter} so" for letter in "abcdefghijklmnopqrstuvwxyz"))
    own = own_words([setting(synonyms=many)], "en")

    clause = words_clause("sofa", ["en"], Match.ALL, own=lambda language: own)

    assert clauses(clause) <= MOST_CLAUSES
    assert "sofa" in str(clause)
