"""What a shop says of words, put to what somebody types."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from schemas.events.search_setting import Redirect, SearchSetting, Synonyms
from sinks.search.query_parts import all_parts, parts_of
from sinks.search.search_settings import SearchSettings
from sinks.search.words.asked_words import asked_words
from sinks.search.words.own_words import own_words

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def setting(**said: Any) -> SearchSetting:
    rest: dict[str, Any] = {"synonyms": None, "stop_words": (), "redirect": None, "rule": None, "weights": {}}
    where = {"name": None, "locale": None, "active": True, "starts_at": None, "ends_at": None}
    kind = next(iter(set(said) - where.keys()))
    facts = {"id": uuid4(), "kind": kind, "created_at": MOMENT, "updated_at": MOMENT}
    return SearchSetting(**{**facts, **where, **rest, **said})


def synonyms(*words: str, typed: str | None = None, **where: Any) -> SearchSetting:
    return setting(synonyms=Synonyms(typed=typed, words=words), **where)


SOFAS = synonyms("sofa", "couch", "day bed")
TELEVISION = synonyms("television set", typed="tv")
STAND = synonyms("media console", typed="tv stand")
SHIRT = synonyms("T-shirt", "tee")


def others(text: str, *settings: SearchSetting, language: str = "en") -> set[str]:
    """What else finds it, as it is written."""
    parts = parts_of(asked_words(text, language), own_words(settings, language))
    return {" ".join(one.exact for one in phrase) for part in all_parts(parts) for phrase in part.others}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("sofa", {"couch", "day bed"}),
        ("sofas", {"couch", "day bed"}),
        ("red COUCH cover", {"sofa", "day bed"}),
        ("day beds", {"sofa", "couch"}),
        ("daybed", {"sofa", "couch"}),
        ("bed day", set()),
        ("day and bed", set()),
        ("tv", {"television set"}),
        ("television set", set()),
        ("tv stand", {"media console", "television set"}),
        ("tshirt", {"tee"}),
        ("tee", {"t shirt"}),
        ("table", set()),
    ],
)
def test_words_that_mean_the_same_are_found_however_they_are_typed(typed: str, expected: set[str]) -> None:
    assert others(typed, SOFAS, TELEVISION, STAND, SHIRT) == expected


def test_of_a_word_in_two_settings_all_others_find_it() -> None:
    assert others("couch", SOFAS, synonyms("couch", "chesterfield")) == {"sofa", "day bed", "chesterfield"}


def test_parts_are_in_the_order_of_the_query_and_have_each_word_once() -> None:
    parts = parts_of(asked_words("red tv stand oak", "en"), own_words((TELEVISION, STAND), "en"))

    assert [(part.at, [one.exact for one in part.words]) for part in parts] == [
        (0, ["red"]),
        (1, ["tv", "stand"]),
        (3, ["oak"]),
    ]


def test_a_word_that_a_shop_says_to_be_little_need_not_be_there_beside_others() -> None:
    own = own_words([setting(stop_words=("Cheap", "günstig"))], "en")

    little = {one.exact: one.little for one in asked_words("cheap gunstig sofa", "en", own.stop_words)}

    assert little == {"cheap": True, "gunstig": True, "sofa": False}
    assert not any(one.little for one in asked_words("cheap", "en", own.stop_words))


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("returns", "/r"),
        ("  Returns ", "/r"),
        ("RETURN-POLICY", "/r"),
        ("retürns", "/r"),
        ("return", "/r"),
        ("return policies", "/r"),
        ("returnpolicy", "/r"),
        ("gift cards", "/gift"),
        ("saled", "/s"),
        ("sales", "/other"),
        ("returns sofa", None),
        ("", None),
    ],
)
def test_a_search_leads_elsewhere_when_it_is_all_that_was_said(typed: str, url: str | None) -> None:
    said = {("Returns", "return policy"): "/r", ("gift card",): "/gift", ("sales",): "/other", ("saled",): "/s"}
    settings = SearchSettings([setting(redirect=Redirect(queries=text, url=to)) for text, to in said.items()])

    assert settings.redirect(typed, ("en",)) == url


@pytest.mark.parametrize(
    ("locale", "understood", "holds"),
    [
        (None, ("de", "en"), True),
        ("de", ("de-AT", "en"), True),
        ("de-AT", ("de-AT", "en"), True),
        ("de-AT", ("de", "en"), False),
        ("de-A", ("de-AT",), False),
        ("fr", ("de", "en"), False),
    ],
)
def test_what_is_said_in_a_locale_holds_for_those_who_understand_it(
    locale: str | None, understood: tuple[str, ...], holds: bool
) -> None:
    settings = SearchSettings([synonyms("sofa", "couch", locale=locale)])

    assert (settings.words("de", understood).longest > 0) is holds
