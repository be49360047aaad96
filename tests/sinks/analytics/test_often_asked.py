from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from ops.settings import Settings
from sinks.analytics.often_asked import LEAST_SESSIONS, OftenAsked
from sinks.analytics.search_facts import MODEL, search_facts
from sinks.analytics.search_questions import SearchesReader
from sinks.freshness import Freshness
from tests.support.examples import envelope
from tests.support.search_logs import logged_search, search_log

NOW = datetime.now(UTC)
TENANT = uuid4()


def test_only_what_several_sessions_asked_on_one_day_and_found_is_known_and_only_in_its_shop(tmp_path: Path) -> None:
    store = MODEL.sink(Settings(analytics_dir=tmp_path))
    store.open()
    sessions = range(LEAST_SESSIONS)
    days = [NOW - timedelta(days=n) for n in sessions]
    notes = [
        *(logged_search("often", session=f"{n}") for n in sessions),
        *(logged_search("one person", session=f"{day}", asked_at=day) for day in days),
        *(logged_search("too few", session=f"{n}") for n in sessions[1:]),
        *(logged_search("nobody named", session=None) for _ in range(50)),
        *(logged_search("found nothing", session=f"{n}", hits=0) for n in sessions),
        *(logged_search("oft", session=f"{n}", locale="de-AT") for n in sessions),
    ]
    of = envelope("search_log.recorded", tenant_id=TENANT, occurred_at=NOW)
    store.write([search_facts(of, search_log(*notes))], {})
    store.publish(Freshness({"rustok.search_log/0": NOW}))
    store.close()
    reader = SearchesReader(tmp_path)

    known, theirs = reader.often_asked(TENANT), reader.often_asked(uuid4())

    assert {language: [one.text for one in asked] for language, asked in known.by_language.items()} == {
        "en": ["often"],
        "de": ["oft"],
    }
    assert theirs.by_language == {}


def test_what_goes_on_as_it_is_typed_is_suggested_the_most_frequent_first() -> None:
    known = OftenAsked.of([("éclair", "en", 9), ("ecru shirt", "en", 8), ("echo", "en", 7), ("ecke", "de", 9)])

    assert known.beginning(" EC", "en-GB", 2) == ("éclair", "ecru shirt")
    assert known.beginning("éch", "en", 6) == ("echo",)
    assert known.beginning("ec", "de", 6) == ("ecke",)
    assert known.beginning("echo", "en", 6) == ()
    assert known.beginning("  ", "en", 6) == ()
    assert known.beginning("ec", "fr", 6) == ()


def test_all_typed_words_are_in_it_as_beginnings_and_what_goes_on_as_it_is_typed_comes_first() -> None:
    known = OftenAsked.of([("blue cheese", "en", 9), ("cheese knife", "en", 8), ("Käse", "de", 9)])

    assert [one.text for one in known.with_words("CHEE", "en")] == ["cheese knife", "blue cheese"]
    assert [one.text for one in known.with_words("cheese bl", "en-GB")] == ["blue cheese"]
    assert [(one.text, one.times) for one in known.with_words("kase", "de")] == [("Käse", 9)]
    assert len(known.with_words(" ", "en")) == 2
    assert known.with_words("cheese", "fr") == known.with_words("!?", "en") == ()
