"""The state of a stack: what pages of metrics say becomes positions, lags and instants."""

from ops.processes import PROCESSES
from ops.state import capture_from, read_model_from
from ops.watching import Page, page_shows_work


def page(*samples: tuple[str, dict[str, str], float]) -> Page:
    return Page({(name, frozenset(labels.items())): value for name, labels, value in samples})


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
            ("rustok_capture_slot", {"state": "reserved"}, 0.0),
            ("rustok_capture_slot", {"state": "unreserved"}, 1.0),
            ("rustok_capture_retained_bytes", {}, 4096.0),
            ("rustok_capture_safe_bytes", {}, float("inf")),
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


def test_letters_are_counted_by_their_collector() -> None:
    letters = page(("rustok_letters_open", {"feed": "sales"}, 3.0), ("rustok_letters_open", {"feed": "other"}, 9.0))

    assert read_model_from("sales", None, letters, now=0).open_letters == 3


def test_what_nobody_says_is_not_known() -> None:
    capture = capture_from(None, now=0)

    assert (capture.confirmed_lsn, capture.lag_bytes, capture.as_of_age_ms) == (None, None, None)


def test_an_instant_that_was_never_set_is_not_known() -> None:
    assert capture_from(page(("rustok_capture_as_of_timestamp_seconds", {}, 0.0)), now=5).as_of is None


def test_a_feed_works_when_it_has_said_how_fresh_its_read_model_is() -> None:
    sales = next(process for process in PROCESSES if process.read_model == "sales")
    silent = page(("rustok_feed_lag_records", {"feed": "sales"}, 7.0))
    fresh = page(("rustok_feed_as_of_timestamp_seconds", {"feed": "sales"}, 1000.0))

    assert not page_shows_work(sales, None)
    assert not page_shows_work(sales, silent)
    assert page_shows_work(sales, fresh)
