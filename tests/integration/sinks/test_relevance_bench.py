"""Search answers judged queries better than a plain `multi_match`; whoever changes words or weights sees it here."""

import json

import pytest

from tests.support.stack import Stack

pytestmark = pytest.mark.servers

#: In all languages together, by what the bench says beside its baseline.
BETTER = 1.15
LANGUAGES = {"de", "en", "es", "fr", "it", "ja", "pl", "ru"}


def test_what_was_held_back_is_found_better_than_by_a_plain_search(servers: Stack) -> None:
    said = servers.rustok("bench", "relevance", "--catalogue", "told", "--half", "held-back", "--json").stdout

    figures = json.loads(said.splitlines()[-1])
    ours, plain = figures["told"]["ours"], figures["told"]["plain"]
    assert ours["ndcg_10"] >= BETTER * plain["ndcg_10"]
    assert ours["nothing"] <= plain["nothing"] / 2
    assert figures.keys() == {"told", *(f"told {language}" for language in LANGUAGES)}
    assert all(sides["ours"]["ndcg_10"] >= sides["plain"]["ndcg_10"] for sides in figures.values())
