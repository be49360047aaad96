import json
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner

from ops.failure import Failure
from sinks.analytics import sales_facts
from sinks.commands import sinks
from sinks.duckdb import certified_snapshots, pinned_snapshots, snapshots
from sinks.duckdb.certified_snapshots import Certified
from sinks.freshness import Freshness
from sinks.quality import check_history, check_snapshot
from sinks.quality.suites import suite_of
from sinks.sink import Unavailable
from tests.sinks.duckdb.test_publishing import AT_ONCE, opened, sold, total
from tests.support.sound_snapshots import published, sound_sales
from tests.support.whole import whole

SALES = suite_of("sales")
NOW = datetime.now(UTC)


def fresh(at: datetime = NOW) -> Freshness:
    return whole(sales_facts.MODEL, at)


def certified(folder):
    return certified_snapshots.newest(folder / sales_facts.MODEL.id)


def wrong(changes):
    """The same, with an order whose total is not its sum."""
    others = [one for one in changes if one.collection != "orders"]
    *orders, last = (one for one in changes if one.collection == "orders")
    others += orders
    return [*others, replace(last, version=last.version + 1, document={**(last.document or {}), "total_minor": 441})]


def run(folder, *words: str, code: int = 0) -> str:
    # Whoever runs this may have a stack, which is not to be told of it.
    env = {"RUSTOK_ANALYTICS_DIR": str(folder), "RUSTOK_POSTGRES_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    found = CliRunner().invoke(sinks, words, env=env, catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found.stdout


def test_a_sound_snapshot_is_certified(tmp_path):
    snapshot = published(tmp_path, sales_facts.MODEL, sound_sales(), NOW)

    result = check_snapshot.check_newest(tmp_path, SALES, NOW)

    assert (result.is_sound, result.of("failed"), result.of("warned")) == (True, 0, 0)
    found = certified(tmp_path)
    assert (found.path, found.as_of) == (snapshot.path, NOW)


def test_one_with_a_critical_failure_is_not_and_the_one_before_it_stays_certified(tmp_path):
    first = published(tmp_path, sales_facts.MODEL, sound_sales(), NOW)
    check_snapshot.check_newest(tmp_path, SALES, NOW)
    bad = wrong(sound_sales())
    published(tmp_path, sales_facts.MODEL, bad, NOW + timedelta(seconds=1))

    result = check_snapshot.check_newest(tmp_path, SALES, NOW)

    (failed,) = (one for one in result.results if one.outcome == "failed" and one.expectation.table == "orders")
    assert failed.expectation.name == "orders_are_the_sum_of_their_lines"
    assert (failed.broken, failed.examples[0]["id"]) == (1, str(bad[-1].id))
    assert certified(tmp_path).path == first.path


def test_a_warning_certifies_all_the_same(tmp_path):
    pending = sound_sales()[0]
    days = [60, *[1] * 10]
    placed = [
        replace(pending, id=uuid4(), document={**(pending.document or {}), "placed_at": NOW - timedelta(days=day)})
        for day in days
    ]
    published(tmp_path, sales_facts.MODEL, placed, NOW)

    result = check_snapshot.check_newest(tmp_path, SALES, NOW)

    assert [one.expectation.name for one in result.results if one.outcome != "passed"] == [
        "orders_of_a_day_are_as_many_as_usual"
    ]
    assert result.is_sound
    assert certified(tmp_path) is not None


@pytest.mark.parametrize("freshness", [fresh(NOW - timedelta(minutes=16)), Freshness(withheld="building"), Freshness()])
def test_what_is_stale_or_vouched_for_by_nobody_is_not_certified(tmp_path, freshness):
    with closing(opened(tmp_path)) as sink:
        sink.write(sound_sales(), {})
        sink.publish(fresh())
        sink.publish(freshness)

    result = check_snapshot.check_newest(tmp_path, SALES, NOW)

    assert [one.expectation.name for one in result.results if one.outcome == "failed"] == ["model_is_fresh"]
    assert certified(tmp_path) is None


def test_the_certified_snapshot_is_read_as_it_was_whatever_is_published_and_removed_after_it(tmp_path):
    with closing(opened(tmp_path, AT_ONCE)) as sink:
        sink.write(sold(7), {})
        sink.publish(fresh())
        check_snapshot.check_newest(tmp_path, SALES, NOW)
        before = certified(tmp_path)
        was = total(before.path)
        for number in range(6):
            sink.write(
                [*sold(3), *(replace(one, version=9, document=None) for one in list(sink.scan("orders"))[:3])], {}
            )
            sink.publish(fresh(NOW + timedelta(seconds=number)))
        left = snapshots.published(sink.folder)

    assert certified(tmp_path) == before
    assert total(before.path) == was
    assert len(left) == 2  # and the newest


def test_only_the_newest_certified_snapshot_stays(tmp_path):
    with closing(opened(tmp_path, AT_ONCE)) as sink:
        for number in range(3):
            sink.write(sold(1), {})
            sink.publish(fresh(NOW + timedelta(seconds=number)))
            check_snapshot.check_newest(tmp_path, SALES, NOW)
        last = certified(tmp_path)
        sink.write(sold(1), {})
        sink.publish(fresh())
        sink.write(sold(1), {})
        sink.publish(fresh())
        left = snapshots.published(sink.folder)

    assert left[0] == last.path
    assert len(left) == 2


def test_a_check_that_took_longer_does_not_take_an_older_one_back(tmp_path):
    snapshot = published(tmp_path, sales_facts.MODEL, sound_sales(), NOW)
    check_snapshot.check_newest(tmp_path, SALES, NOW)
    before = certified(tmp_path)

    certified_snapshots.certify(Certified(snapshot.path, NOW - timedelta(hours=1), NOW))

    assert certified(tmp_path) == before


@pytest.mark.parametrize("text", ["", "{", "{}", '{"snapshot": 7}', '{"snapshot": "gone.duckdb"}'])
def test_a_pointer_that_says_nothing_certifies_nothing(tmp_path, text):
    snapshot = published(tmp_path, sales_facts.MODEL, sound_sales(), NOW)
    (snapshot.path.parent / "CERTIFIED").write_text(text)

    assert certified(tmp_path) is None


def test_before_the_first_snapshot_there_is_nothing_to_check(tmp_path):
    with pytest.raises(Unavailable, match="has not published"):
        check_snapshot.check_newest(tmp_path, SALES, NOW)
    with pytest.raises(Failure, match="No snapshot is published yet"):
        run(tmp_path, "check")


def test_what_a_check_found_is_kept_and_of_older_ones_only_what_did_not_pass(tmp_path):
    published(tmp_path, sales_facts.MODEL, wrong(sound_sales()), NOW)
    result = check_snapshot.check_newest(tmp_path, SALES, NOW)

    for _ in range(3):
        check_history.keep(tmp_path, result)

    assert check_history.newest(tmp_path, "sales") == result.told()
    assert [len(one["results"]) for one in check_history.history(tmp_path, "sales")] == [result.of("failed")] * 3
    assert check_history.newest(tmp_path, "searches") is None


def test_no_more_checks_are_kept_than_are_said(tmp_path):
    published(tmp_path, sales_facts.MODEL, sound_sales(), NOW)
    result = check_snapshot.check_newest(tmp_path, SALES, NOW)
    lines = json.dumps({"old": True}) + "\n"
    (tmp_path / "quality").mkdir()
    (tmp_path / "quality" / "sales.history.jsonl").write_text(lines * check_history.MOST_KEPT)

    check_history.keep(tmp_path, result)

    found = check_history.history(tmp_path, "sales")
    assert (len(found), found[0], found[-1]["model"]) == (check_history.MOST_KEPT, {"old": True}, "sales")


def test_the_command_says_what_failed_of_which_row_and_what_to_do(tmp_path):
    bad = wrong(sound_sales())
    published(tmp_path, sales_facts.MODEL, bad)

    shown = run(tmp_path, "check", "sales", code=1)

    assert "FAILED orders_are_the_sum_of_their_lines (1 of orders)" in shown
    assert f"tenant_id {bad[-1].tenant_id}, id {bad[-1].id}" in shown
    assert "what to do: `rustok sinks verify sales --full`" in shown


def test_the_command_certifies_and_then_tells_the_path(tmp_path):
    snapshot = published(tmp_path, sales_facts.MODEL, sound_sales())
    before = CliRunner().invoke(sinks, ["snapshot", "--certified"], env={"RUSTOK_ANALYTICS_DIR": str(tmp_path)})

    (told,) = json.loads(run(tmp_path, "check", "--json"))

    assert before.exit_code == 1
    assert "no snapshot is certified yet" in before.output
    assert (told["model"], told["is_sound"], told["failed"]) == ("sales", True, 0)
    assert {one["outcome"] for one in told["results"]} == {"passed"}
    assert run(tmp_path, "snapshot", "sales", "--certified").strip() == str(snapshot.path)
    assert [one["model"] for one in check_history.history(tmp_path, "sales")] == ["sales"]


def test_a_pinned_snapshot_is_checked_without_being_certified_or_fresh(tmp_path):
    published(tmp_path, sales_facts.MODEL, sound_sales(), NOW - timedelta(days=400))
    pinned_snapshots.pin(tmp_path, "sales", "last-year")

    (told,) = json.loads(run(tmp_path, "check", "sales", "--pinned", "last-year", "--json"))

    assert (told["is_sound"], told["snapshot"]) == (True, "last-year.duckdb")
    assert certified(tmp_path) is None
    with pytest.raises(Failure, match="There is no pin other of sales"):
        run(tmp_path, "check", "sales", "--pinned", "other")


def test_the_pages_name_what_failed_and_need_nothing_from_the_network(tmp_path):
    bad = wrong(sound_sales())
    document = {**(bad[0].document or {}), "status": "<script>alert(1)</script>"}
    published(tmp_path, sales_facts.MODEL, [replace(bad[0], document=document), *bad[1:]])

    run(tmp_path, "check", "sales", "--docs", str(tmp_path / "docs"), code=1)

    pages = {page.name: page.read_text() for page in (tmp_path / "docs" / "sales").iterdir()}
    assert set(pages) == {f"{table}.html" for table in (
        "index", "freshness", "orders", "order_lines", "order_reversals", "sales", "reversals", "fct_sales",
        "fct_orders", "shops", "products", "product_variants", "categories"
    )}  # fmt: skip
    assert str(bad[-1].id) in pages["index.html"]
    for page in pages.values():
        assert not re.findall(r"https?://|<script|<link|<img|<iframe", page)
        assert set(re.findall(r'href="(?!#)([^"]*)"', page)) <= set(pages)


def test_nothing_else_loads_great_expectations():
    names = "streams.commands sinks.commands sinks.quality.check_command sinks.read_models api.http.commerce"
    code = f"import sys, {', '.join(names.split())}; sys.exit('great_expectations' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
