from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ops.settings import Settings
from schemas.events.search_log import LoggedAction, LoggedSearch
from sinks.analytics.search_facts import MODEL, search_facts
from sinks.analytics.search_questions import SearchesQuery, SearchesReader, SearchReport
from sinks.duckdb import snapshots
from sinks.freshness import Freshness
from tests.support.examples import envelope
from tests.support.search_logs import logged_action, logged_search, search_log

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = uuid4()
Note = LoggedSearch | LoggedAction
Reported = Callable[..., SearchReport]


@pytest.fixture
def reported(tmp_path: Path) -> Iterator[Reported]:
    """What is reported when these were noted, in one log each."""
    store = MODEL.sink(Settings(analytics_dir=tmp_path))
    store.open()

    def report(*notes: Note, at: datetime | None = None, tenant_id: UUID = TENANT, **asked: object) -> SearchReport:
        for note in notes:
            of = envelope(tenant_id=tenant_id, occurred_at=at or datetime.now(UTC))
            store.write([search_facts(of, search_log(note))], {})
        store.publish(Freshness({"rustok.search_log/0": NOON}))
        return SearchesReader(tmp_path).searches(SearchesQuery(tenant_id=TENANT, **asked))  # type: ignore[arg-type]

    yield report
    store.close()


def test_queries_are_listed_by_how_often_they_were_asked_and_without_hits_and_by_how_slow_they_are(
    reported: Reported,
) -> None:
    asked = [("cheese", 3, 5), ("cheese", 5, 7), ("bread", 0, 90), ("bread", 2, 9), ("bread", 0, 9), ("wine", 1, 40)]

    found = reported(*(logged_search(text, hits=hits, took_ms=took) for text, hits, took in asked))

    assert found.total is not None
    assert (found.total.searches, found.total.without_hits, found.total.took_ms_median) == (6, 2, 9)
    assert [(row.query, row.searches, row.hits_mean) for row in found.top[:2]] == [
        ("bread", 3, 2 / 3),
        ("cheese", 2, 4),
    ]
    assert [(row.query, row.without_hits) for row in found.without_hits] == [("bread", 2)]
    assert [(row.query, row.took_ms_p95) for row in found.slow] == [("bread", 90), ("wine", 40), ("cheese", 7)]


def test_nobody_told_of_clicks_is_another_thing_than_nobody_clicked(reported: Reported) -> None:
    told = [logged_search("cheese", counts_clicks=True) for _ in range(4)]
    clicks = [
        logged_action(told[0], position=2),
        logged_action(told[0], position=6),
        logged_action(told[1], position=1),
    ]
    bought = logged_action(told[1], "conversion", value_minor=450, currency="EUR")
    of_a_stranger = logged_action(logged_search("?"), position=900)

    found = reported(
        *told, logged_search("cheese"), *clicks, bought, of_a_stranger,
        logged_search("bread", counts_clicks=True), logged_search("wine"),
    )  # fmt: skip

    cheese, bread, wine = found.top
    assert (cheese.searches, cheese.tracked, cheese.clicked, cheese.click_through) == (5, 4, 2, 0.5)
    assert (cheese.click_position_mean, cheese.click_position_median) == (3, 2)
    assert (cheese.converted, cheese.conversion) == (1, 0.25)
    assert (bread.tracked, bread.clicked, bread.click_through, bread.click_position_mean) == (1, 0, 0, None)
    assert (wine.tracked, wine.clicked, wine.click_through, wine.converted) == (0, None, None, None)


def test_searches_by_v1_count_as_told_of_once_a_click_was_told_there(reported: Reported) -> None:
    first, second = logged_search("cheese", channel="v1"), logged_search("cheese", channel="v1")

    before = reported(first, second)
    after = reported(logged_action(first))

    assert before.top[0].tracked == 0
    assert (after.top[0].tracked, after.top[0].click_through) == (2, 0.5)


def test_what_a_session_types_on_within_three_seconds_is_one_search_and_so_are_its_pages(reported: Reported) -> None:
    def typed(text: str, second: float, session: str | None = "a", **more: object) -> LoggedSearch:
        return logged_search(text, session=session, asked_at=NOON + timedelta(seconds=second), **more)

    found = reported(
        typed("c", 0), typed("ch", 1), typed("cheese", 3.5), typed("cheese", 4, page=2),
        typed("cheese knife", 10), typed("cheese", 11),
        typed("bread", 12), typed("bread", 12.5, "b"),
        typed("w", 20, None), typed("wine", 21, None),
    )  # fmt: skip

    counted = {row.query: row.searches for row in found.top}
    assert counted == {"cheese": 2, "cheese knife": 1, "bread": 2, "w": 1, "wine": 1}


def test_only_the_shops_own_of_the_asked_days_language_and_channel_are_counted_and_as_many_listed(
    reported: Reported,
) -> None:
    reported(logged_search("theirs", asked_at=NOON), tenant_id=uuid4())
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)

    found = reported(
        logged_search("today", asked_at=NOON),
        logged_search("also today", asked_at=NOON),
        logged_search("tomorrow in Berlin", asked_at=late),
        logged_search("deutsch", asked_at=NOON, locale="de"),
        logged_search("elsewhere", asked_at=NOON, channel="v1"),
        first_day=date(2026, 3, 1),
        last_day=date(2026, 3, 1),
        timezone="Europe/Berlin",
        locale="en",
        channel="instantsearch",
        size=1,
    )

    assert found.total is not None
    assert found.total.searches == 2
    assert [row.query for row in found.top] == ["also today"]
    assert (found.without_hits, found.freshness.as_of) == ((), NOON)


def test_what_was_typed_goes_after_thirty_days(reported: Reported, tmp_path: Path) -> None:
    old = logged_search("secret", counts_clicks=True)

    report = reported(old, logged_action(old), at=datetime.now(UTC) - timedelta(days=31))
    reported(logged_search("new"))

    assert report.total is None
    newest = snapshots.current(tmp_path / MODEL.id)
    assert newest is not None
    with snapshots.opened(
        newest, threads=1, memory_limit="256MB"
    ) as connection:  # as its reader, which may be there yet
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchall()
            for table in ("search_logs", "recorded_searches", "search_actions")
        ]
    assert counts == [[(1,)], [(1,)], [(0,)]]
