"""The state of a stack: what pages of metrics say becomes positions, lags and instants."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from ops.process_health import Condition, MetricsPage, Watched, together
from ops.processes import CAPTURE, SCHEDULER, all_processes
from ops.stack_state import Running, StackState, capture_from, latest_of_slot, read_model_from, reader


def page(*samples: tuple[str, dict[str, str], float]) -> MetricsPage:
    return MetricsPage({(name, frozenset(labels.items())): value for name, labels, value in samples})


def test_a_position_in_the_log_is_shown_the_way_postgres_writes_it() -> None:
    capture = capture_from(page(("rustok_capture_confirmed_lsn", {}, float((0x16 << 32) + 0xB374D848))), now=0)

    assert capture.confirmed_lsn == "16/B374D848"


def test_freshness_is_the_age_of_as_of() -> None:
    feed = page(("rustok_feed_as_of_timestamp_seconds", {"feed": "sales"}, 1000.0))

    model = read_model_from("sales", feed, None, now=1000.25)

    assert model.lag_ms == 250


def test_a_read_model_that_nobody_vouches_for_says_why_and_has_no_age() -> None:
    feed = page(
        ("rustok_feed_as_of_timestamp_seconds", {"feed": "sales"}, 1000.0),
        ("rustok_feed_withheld", {"feed": "sales", "reason": "building"}, 0.0),
        ("rustok_feed_withheld", {"feed": "sales", "reason": "gap"}, 1.0),
    )

    model = read_model_from("sales", feed, None, now=1000.25)

    assert (model.withheld, model.as_of, model.lag_ms) == ("gap", None, None)


def test_a_slot_is_in_one_state_and_may_have_no_limit() -> None:
    capture = capture_from(
        page(
            ("rustok_slot_state", {"state": "reserved"}, 0.0),
            ("rustok_slot_state", {"state": "unreserved"}, 1.0),
            ("rustok_slot_retained_bytes", {}, 4096.0),
            ("rustok_slot_safe_bytes", {}, float("inf")),
            ("rustok_capture_publication_usable", {}, 0.0),
        ),
        now=0,
    )

    assert (capture.slot, capture.retained_bytes, capture.safe_bytes) == ("unreserved", 4096, None)
    assert (capture.publication_usable, capture.active) == (False, None)


def test_a_feed_answers_for_its_own_read_model_only() -> None:
    feed = page(("rustok_feed_lag_records", {"feed": "sales"}, 7.0))

    assert read_model_from("sales", feed, None, now=0).lag_records == 7
    assert read_model_from("product-search", feed, None, now=0).lag_records is None


def test_of_two_versions_the_newer_one_is_told_of() -> None:
    feeds = page(
        ("rustok_feed_lag_records", {"feed": "sales-v9"}, 1.0),
        ("rustok_feed_lag_records", {"feed": "sales-v10"}, 7.0),
        ("rustok_feed_lag_records", {"feed": "sales-more-v11"}, 9.0),
    )

    model = read_model_from("sales", feeds, None, now=0)

    assert (model.name, model.id, model.lag_records) == ("sales", "sales-v10", 7)


def test_a_feed_that_waits_says_for_what_and_since_when() -> None:
    waiting = page(
        ("rustok_feed_waits_on", {"feed": "sales", "on": "store"}, 0.0),
        ("rustok_feed_waits_on", {"feed": "sales", "on": "refusals"}, 1.0),
        ("rustok_feed_waits_since_timestamp_seconds", {"feed": "sales"}, 1000.0),
    )
    works = page(
        ("rustok_feed_waits_on", {"feed": "sales", "on": "refusals"}, 0.0),
        ("rustok_feed_waits_since_timestamp_seconds", {"feed": "sales"}, 0.0),
    )

    seen, well = (read_model_from("sales", told, None, now=1000.25) for told in (waiting, works))

    assert (seen.waits_on, seen.waits_since) == ("refusals", datetime.fromtimestamp(1000, UTC))
    assert (well.waits_on, well.waits_since) == (None, None)


def test_dead_letters_are_counted_by_their_collector() -> None:
    dead_letters = page(
        ("rustok_dead_letters_open", {"feed": "sales-v1"}, 3.0),
        ("rustok_dead_letters_open", {"feed": "sales-v2"}, 2.0),
        ("rustok_dead_letters_open", {"feed": "sales-more-v1"}, 9.0),
    )

    counted = {
        name: read_model_from(name, None, dead_letters, now=0).open_dead_letters
        for name in ("sales", "sales-v2", "more")
    }

    assert counted == {"sales": 5, "sales-v2": 2, "more": None}


def test_what_nobody_says_is_not_known() -> None:
    capture = capture_from(None, now=0)

    assert (capture.confirmed_lsn, capture.lag_bytes, capture.as_of_age_ms) == (None, None, None)


def test_an_instant_that_was_never_set_is_not_known() -> None:
    assert capture_from(page(("rustok_capture_as_of_timestamp_seconds", {}, 0.0)), now=5).as_of is None


def watched(process: str, page: MetricsPage | None, *, hangs: bool = False) -> Watched:
    declared = next(each for each in all_processes() if each.name == process)
    return Watched(process=declared, name="0", pid=1, address="127.0.0.1:1", page=page, hangs=hangs)


def test_a_feed_works_when_it_has_said_how_fresh_its_read_model_is() -> None:
    silent = page(("rustok_feed_lag_records", {"feed": "sales"}, 7.0))
    fresh = page(("rustok_feed_as_of_timestamp_seconds", {"feed": "sales"}, 1000.0))

    assert watched("feed-sales", None).condition == "starting"
    assert watched("feed-sales", silent).condition == "starting"
    assert watched("feed-sales", fresh).condition == "up"


def test_a_feed_that_is_building_its_store_works() -> None:
    building = page(("rustok_feed_withheld", {"feed": "sales", "reason": "building"}, 1.0))

    assert watched("feed-sales", building).condition == "up"


def test_an_instance_that_waits_for_its_turn_works_and_stands_by() -> None:
    feed = watched("feed-sales", page(("rustok_feed_active", {"feed": "sales"}, 0.0)))
    capture = watched("capture", page(("rustok_capture_active", {}, 0.0)))

    assert (feed.condition, capture.condition) == ("standby", "standby")
    assert feed.works
    assert capture.works


def test_a_process_that_runs_and_no_longer_answers_hangs() -> None:
    assert watched("dead-letters", None, hangs=True).condition == "hangs"


def test_instances_that_share_a_read_model_are_seen_as_one() -> None:
    one = page(
        ("rustok_feed_lag_records", {"feed": "sales"}, 7.0),
        ("rustok_feed_as_of_timestamp_seconds", {"feed": "sales"}, 999.0),
    )
    other = page(
        ("rustok_feed_lag_records", {"feed": "sales"}, 5.0),
        ("rustok_feed_as_of_timestamp_seconds", {"feed": "sales"}, 1000.0),
    )

    model = read_model_from("sales", together([one, None, other]), None, now=1000.25)

    assert (model.lag_records, model.lag_ms) == (12, 250)
    assert together([None]) is None


def test_of_several_captures_the_one_that_reads_is_asked() -> None:
    reads = watched("capture", page(("rustok_capture_active", {}, 1.0), ("rustok_slot_retained_bytes", {}, 5.0)))
    waits = watched("capture", page(("rustok_capture_active", {}, 0.0), ("rustok_slot_retained_bytes", {}, 9.0)))

    assert capture_from(reader([waits, reads]), now=0).retained_bytes == 5
    assert capture_from(reader([waits]), now=0).active is False


def test_of_the_slot_whoever_looked_last_is_believed() -> None:
    before, now = (
        page(("rustok_slot_measured_timestamp_seconds", {}, at), ("rustok_slot_retained_bytes", {}, kept))
        for at, kept in ((1000.0, 5.0), (1001.0, 9.0))
    )
    found = {CAPTURE: [watched("capture", before)], SCHEDULER: [watched("scheduler", now), watched("scheduler", None)]}

    assert capture_from(before, latest_of_slot(found), now=0).retained_bytes == 9
    assert latest_of_slot({CAPTURE: [watched("capture", page())]}) is None


def running(name: str, state: Condition) -> Running:
    return Running(
        name=name,
        instance=None,
        kind="process",
        state=state,
        supervised=None,
        address="",
        pid=None,
        uptime_s=None,
        restarts=0,
    )


@pytest.mark.parametrize(
    ("states", "well"),
    [
        (("up",), True),
        (("up", "up", "up"), True),
        (("standby", "up", "standby"), True),
        (("standby", "standby"), False),
        (("up", "hangs"), False),
        (("up", "down"), False),
        (("starting",), False),
    ],
)
def test_a_stack_is_well_when_each_works_and_one_of_each_has_the_work(states: Sequence[Condition], well: bool) -> None:
    rows = tuple(running("capture", state) for state in states)

    assert (
        StackState(stack="main", home="/", processes=rows, capture=capture_from(None, now=0), read_models=()).is_well
        is well
    )
