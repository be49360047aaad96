"""The alert rules, one by one: each fires for what it is there for, stays silent otherwise, and says what to do."""

import re

import pytest

from tests.docs.pages import ROOT
from tests.support.alert_cases import FAULTS, FEEDS, NOW, RULES, Samples, firing, healthy, sample, scrapes, within
from tests.support.promql import Alerts, History, Rule


def run(rule: str | None, *, seconds: float, instances: int = 1) -> dict[str, float]:
    """When each alert fired first, in seconds after the fault; all was well for twenty minutes before."""
    fired: dict[str, float] = {}
    for at, found in firing(scrapes(rule, seconds=seconds, instances=instances)):
        for name in found:
            fired.setdefault(name, at - NOW)
    return fired


def test_every_rule_has_its_fault() -> None:
    assert {rule.name for rule in RULES} == FAULTS.keys()


@pytest.mark.parametrize("instances", [1, 2, 3])
def test_while_all_is_well_nothing_fires_whatever_stands_by(instances: int) -> None:
    assert run(None, seconds=600, instances=instances) == {}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("instances", [1, 2])
def test_each_fires_for_its_fault_within_its_time(rule: Rule, instances: int) -> None:
    fired = run(rule.name, seconds=within(rule.name), instances=instances)

    assert rule.name in fired
    assert fired[rule.name] >= rule.for_s


def test_what_a_new_process_refuses_is_seen_though_nobody_saw_it_count_to_nought() -> None:
    history, alerts = History(), Alerts(RULES)
    target = {"job": "rustok", "instance": "feed-sales:0", "process": "feed-sales"}
    refused = sample("rustok_feed_records_total", 2, feed="sales-v1", outcome="refused")

    history.scraped(NOW, target, healthy("feed-sales", NOW) | refused)

    assert "RecordsAreRefused" in alerts.firing(history, NOW)


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        ("SlotIsInDanger", sample("rustok_slot_safe_bytes", 3e8)),
        ("SlotIsInDanger", sample("rustok_slot_state", 1, state="unreserved")),
        ("SlotIsLost", sample("rustok_slot_state", 1, state="lost")),
    ],
)
def test_the_slot_is_seen_while_no_capture_can_start(alert: str, said: Samples) -> None:
    history, alerts = History(), Alerts(RULES)
    pages = {"capture": None, "scheduler": healthy("scheduler", NOW) | said}

    for process, page_ in pages.items():
        history.scraped(NOW, {"job": "rustok", "instance": process, "process": process}, page_)

    assert alert in alerts.firing(history, NOW)


def test_a_worker_that_has_signed_nobody_in_yet_has_no_old_key() -> None:
    history, alerts = History(), Alerts(RULES)
    page = healthy("api", NOW) | sample("rustok_http_signing_key_timestamp_seconds", 0)

    history.scraped(NOW, {"job": "rustok", "instance": "api", "process": "api"}, page)

    assert "SigningKeyIsOld" not in alerts.firing(history, NOW)


def test_when_everything_is_gone_it_is_missed() -> None:
    history, alerts = History(), Alerts(RULES)
    alerts.firing(history, NOW)

    fired = alerts.firing(history, NOW + 300)

    assert {"NobodyReadsTheSlot", "NobodyFeeds", "DeadLettersAreNotCounted", "SlotIsNotMeasured"} <= fired


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_says_what_to_do_and_where_it_is_written_down(rule: Rule) -> None:
    file, _, anchor = rule.annotations["runbook"].partition("#")

    headings = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(), flags=re.MULTILINE)

    assert rule.annotations["action"]
    assert rule.severity in ("page", "ticket")
    assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_feed_is_missed_when_nobody_feeds_it() -> None:
    (rule,) = (rule for rule in RULES if rule.name == "NobodyFeeds")

    assert set(re.findall(r'feed=~"([a-z-]+)-v\.\*"', rule.query)) == set(FEEDS)
