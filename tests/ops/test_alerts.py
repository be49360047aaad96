"""The alert rules, one by one: each fires for what it is there for, stays silent otherwise, and says what to do."""

import re
from collections.abc import Mapping

import pytest

from ops import metrics
from ops.processes import PROCESSES
from tests.docs.pages import ROOT
from tests.support.promql import Alerts, History, Rule, rules

RULES = rules(ROOT / "ops" / "alerts.yaml")
NOW = 2_000_000_000.0
STEP_S = 15.0
FEEDS = [process.read_model for process in PROCESSES if process.read_model]

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def sample(name: str, value: float, **labels: str) -> Samples:
    return {(name, frozenset(labels.items())): value}


def healthy(process: str, at: float) -> Samples:
    match process:
        case "capture":
            return (
                sample("rustok_capture_as_of_timestamp_seconds", at - 1)
                | sample("rustok_capture_progress_timestamp_seconds", at - 1)
                | sample("rustok_capture_active", 1)
                | sample("rustok_capture_publication_usable", 1)
                | sample("rustok_capture_topics_keep", 1)
                | sample("rustok_capture_retained_bytes", 1000)
                | sample("rustok_capture_safe_bytes", 4e9)
                | {key: 0.0 for state in metrics.SLOT_STATES for key in sample("rustok_capture_slot", 0, state=state)}
            )
        case "letters":
            return (
                sample("rustok_letters_measured_timestamp_seconds", at - 1)
                | sample("rustok_letters_active", 1)
                | {key: 0.0 for feed in FEEDS for key in sample("rustok_letters_open", 0, feed=feed)}
            )
        case "upkeep":
            return sample("rustok_outbox_oldest_timestamp_seconds", at - 100) | sample(
                "rustok_process_crashes", 0, program="feed-sales"
            )
        case "api":
            return sample("rustok_http_requests_total", at, method="GET", route="/", status="200")
    feed = process.removeprefix("feed-")
    return (
        sample("rustok_feed_as_of_timestamp_seconds", at - 2, feed=feed)
        | sample("rustok_feed_active", 1, feed=feed)
        | sample("rustok_feed_waiting", 0, feed=feed)
        | sample("rustok_feed_records_total", 0, feed=feed, outcome="refused")
    )


FROZEN = NOW - 1
#: For each rule: the process whose page says it, and what its page says then (None: it does not answer).
FAULTS: Mapping[str, tuple[str, Samples | None]] = {
    "CaptureIsBehind": ("capture", sample("rustok_capture_as_of_timestamp_seconds", FROZEN)),
    "CaptureMakesNoProgress": ("capture", sample("rustok_capture_progress_timestamp_seconds", FROZEN)),
    "NobodyReadsTheSlot": ("capture", sample("rustok_capture_active", 0)),
    "PublicationIsNotUsable": ("capture", sample("rustok_capture_publication_usable", 0)),
    "SlotIsInDanger": ("capture", sample("rustok_capture_safe_bytes", 3e8)),
    "LogHasAGap": ("capture", sample("rustok_log_gap_open", 1, kind=metrics.GAP_KINDS[0])),
    "TopicCouldForget": ("capture", sample("rustok_capture_topics_keep", 0)),
    "SlotIsLost": ("capture", sample("rustok_capture_slot", 1, state="missing")),
    "CaptureHoldsTheLog": ("capture", sample("rustok_capture_retained_bytes", 2e9)),
    "ReadModelIsStale": ("feed-sales", sample("rustok_feed_as_of_timestamp_seconds", FROZEN, feed="sales")),
    "NobodyFeeds": ("feed-sales", sample("rustok_feed_active", 0, feed="sales")),
    "FeedWaitsForItsStore": ("feed-sales", sample("rustok_feed_waiting", 1, feed="sales")),
    "RecordsAreRefused": ("feed-sales", sample("rustok_feed_records_total", 1, feed="sales", outcome="refused")),
    "ReadModelDiffers": ("upkeep", sample("rustok_verify_differences", 3, model="sales", kind="missing")),
    "OutboxIsNotPruned": ("upkeep", sample("rustok_outbox_oldest_timestamp_seconds", NOW - 6 * 86400)),
    "LettersWait": (
        "letters",
        sample("rustok_letters_open", 1, feed="sales-v1")
        | sample("rustok_letters_oldest_timestamp_seconds", NOW - 7200, feed="sales-v1"),
    ),
    "LettersPileUp": ("letters", sample("rustok_letters_open", 1001, feed="sales-v1")),
    "LettersAreNotCounted": ("letters", sample("rustok_letters_measured_timestamp_seconds", FROZEN)),
    "ProcessIsDown": ("letters", None),
    "ProcessCrashes": ("upkeep", sample("rustok_process_crashes", 3, program="feed-sales")),
    "RequestsFail": ("api", {}),  # see `page`
}
#: How long after the fault, beside its own `for`, a rule may take: until an age is reached, or a rate has risen.
SEEN_AFTER_S: Mapping[str, float] = {
    "CaptureIsBehind": 45,
    "CaptureMakesNoProgress": 30,
    "ReadModelIsStale": 75,
    "LettersAreNotCounted": 330,
    "RequestsFail": 60,
}


def page(process: str, at: float, rule: str | None) -> Samples | None:
    said = healthy(process, at)
    if rule is None or FAULTS[rule][0] != process:
        return said
    if rule == "RequestsFail":
        return said | sample("rustok_http_requests_total", 0.1 * (at - NOW), method="GET", route="/", status="503")
    wrong = FAULTS[rule][1]
    return None if wrong is None else said | wrong


def run(rule: str | None, *, seconds: float, instances: int = 1) -> dict[str, float]:
    """When each alert fired first, in seconds after the fault; all was well for twenty minutes before."""
    history, alerts, fired = History(), Alerts(RULES), dict[str, float]()
    at = NOW - 1200
    while at <= NOW + seconds:
        for process in PROCESSES:
            for number in range(instances):
                target = {"job": "rustok", "instance": f"{process.name}:{number}", "process": process.name}
                said = page(process.name, at, rule if at > NOW else None)
                if number and said is not None:
                    said = {key: 0.0 for key in said if process.active_when and key[0] == process.active_when}
                history.scraped(at, target, said)
        for name in alerts.firing(history, at):
            fired.setdefault(name, at - NOW)
        at += STEP_S
    return fired


def test_every_rule_has_its_fault() -> None:
    assert {rule.name for rule in RULES} == FAULTS.keys()


@pytest.mark.parametrize("instances", [1, 2, 3])
def test_while_all_is_well_nothing_fires_whatever_stands_by(instances: int) -> None:
    assert run(None, seconds=600, instances=instances) == {}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("instances", [1, 2])
def test_each_fires_for_its_fault_within_its_time(rule: Rule, instances: int) -> None:
    limit = rule.for_s + SEEN_AFTER_S.get(rule.name, 0) + 2 * STEP_S

    fired = run(rule.name, seconds=limit, instances=instances)

    assert rule.name in fired
    assert fired[rule.name] >= rule.for_s


def test_what_a_new_process_refuses_is_seen_though_nobody_saw_it_count_to_nought() -> None:
    history, alerts = History(), Alerts(RULES)
    target = {"job": "rustok", "instance": "feed-sales:0", "process": "feed-sales"}
    refused = sample("rustok_feed_records_total", 2, feed="sales", outcome="refused")

    history.scraped(NOW, target, healthy("feed-sales", NOW) | refused)

    assert "RecordsAreRefused" in alerts.firing(history, NOW)


def test_when_everything_is_gone_it_is_missed() -> None:
    history, alerts = History(), Alerts(RULES)
    alerts.firing(history, NOW)

    fired = alerts.firing(history, NOW + 300)

    assert {"NobodyReadsTheSlot", "NobodyFeeds", "LettersAreNotCounted"} <= fired


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_says_what_to_do_and_where_it_is_written_down(rule: Rule) -> None:
    file, _, anchor = rule.annotations["runbook"].partition("#")

    headings = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(), flags=re.MULTILINE)

    assert rule.annotations["action"]
    assert rule.severity in ("page", "ticket")
    assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_feed_is_missed_when_nobody_feeds_it() -> None:
    (rule,) = (rule for rule in RULES if rule.name == "NobodyFeeds")

    assert set(re.findall(r'feed="([a-z-]+)"', rule.query)) == set(FEEDS)
