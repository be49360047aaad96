"""What processes say while all is well, and for each alert rule a fault: what they say then.

The same scrapes are given to our own evaluator and to Prometheus' own tool.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ops import metrics
from ops.processes import all_processes
from tests.docs.pages import ROOT
from tests.support.promql import Alerts, History, rules

RULES_FILE = ROOT / "ops" / "alerts.yaml"
RULES = rules(RULES_FILE)
NOW = 2_000_000_000.0
STEP_S = 15.0
DAY_S = 86400.0
FEEDS = [process.read_model for process in all_processes() if process.read_model]

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
                | slot(at)
            )
        case "dead-letters":
            return (
                sample("rustok_dead_letters_measured_timestamp_seconds", at - 1)
                | sample("rustok_dead_letters_active", 1)
                | {key: 0.0 for feed in FEEDS for key in sample("rustok_dead_letters_open", 0, feed=feed)}
            )
        case "webhooks":
            return (
                sample("rustok_webhooks_measured_timestamp_seconds", at - 1)
                | sample("rustok_webhooks_oldest_due_timestamp_seconds", 0)
                | sample("rustok_webhooks_switched_off_total", 0)
            )
        case "scheduler":
            return (
                sample("rustok_outbox_oldest_timestamp_seconds", at - 100)
                | sample("rustok_process_crashes", 0, program="feed-sales")
                | sample("rustok_job_done_timestamp_seconds", at - 30, task="prune")
                | sample("rustok_job_runs_total", at // 60, task="prune", outcome="done")
                | sample("rustok_job_runs_total", 0, task="prune", outcome="failed")
                | sample("rustok_audit_waits_since_timestamp_seconds", at - 90)
                | sample("rustok_payments_oldest_waiting_timestamp_seconds", at - 600)
                | sample("rustok_payments_oldest_refund_due_timestamp_seconds", 0)
                | sample("rustok_payments_refunds_refused_total", 0)
                | sample("rustok_log_archive_failing", 0)
                | slot(at)
            )
        case "api":
            return (
                sample("rustok_http_requests_total", at, method="GET", route="/", status="200")
                | sample("rustok_http_signing_key_timestamp_seconds", at - 60 * DAY_S)
                | sample("rustok_http_source_away", 0, what="issuer_keys")
            )
    feed = f"{process.removeprefix('feed-')}-v1"
    archive = (
        sample("rustok_feed_archive_missing_events", 0, feed=feed, kind="missed")
        | sample("rustok_feed_archive_missing_events", 7, feed=feed, kind="before")
        | sample("rustok_feed_archive_uncompacted_seconds", 3 * DAY_S, feed=feed)
    )
    return (archive if process == "feed-event-archive" else {}) | (
        sample("rustok_feed_as_of_timestamp_seconds", at - 2, feed=feed)
        | sample("rustok_feed_active", 1, feed=feed)
        | sample("rustok_feed_waiting", 0, feed=feed)
        | sample("rustok_feed_records_total", 0, feed=feed, outcome="refused")
    )


def slot(at: float) -> Samples:
    return (
        sample("rustok_slot_retained_bytes", 1000)
        | sample("rustok_slot_safe_bytes", 4e9)
        | sample("rustok_slot_measured_timestamp_seconds", at - 1)
        | {key: 0.0 for state in metrics.SLOT_STATES for key in sample("rustok_slot_state", 0, state=state)}
    )


FROZEN = NOW - 1
#: For each rule: the processes whose pages say it, and what their pages say then (None: it does not answer).
FAULTS: Mapping[str, Mapping[str, Samples | None]] = {
    "CaptureIsBehind": {"capture": sample("rustok_capture_as_of_timestamp_seconds", FROZEN)},
    "ClocksDiffer": {"capture": sample("rustok_capture_clock_ahead_seconds", -3600)},
    "CaptureMakesNoProgress": {"capture": sample("rustok_capture_progress_timestamp_seconds", FROZEN)},
    "NobodyReadsTheSlot": {"capture": sample("rustok_capture_active", 0)},
    "PublicationIsNotUsable": {"capture": sample("rustok_capture_publication_usable", 0)},
    "SlotIsInDanger": {"scheduler": sample("rustok_slot_safe_bytes", 3e8)},
    "LogHasAGap": {"capture": sample("rustok_log_gap_open", 1, kind=metrics.GAP_KINDS[0])},
    "TopicCouldForget": {"capture": sample("rustok_capture_topics_keep", 0)},
    "SlotIsLost": {"scheduler": sample("rustok_slot_state", 1, state="missing")},
    "CaptureHoldsTheLog": {"scheduler": sample("rustok_slot_retained_bytes", 2e9)},
    "LogIsNotArchived": {"scheduler": sample("rustok_log_archive_failing", 1)},
    "SlotIsNotMeasured": {
        "capture": sample("rustok_slot_measured_timestamp_seconds", FROZEN),
        "scheduler": sample("rustok_slot_measured_timestamp_seconds", FROZEN),
    },
    "ReadModelIsStale": {"feed-sales": sample("rustok_feed_as_of_timestamp_seconds", FROZEN, feed="sales-v1")},
    "ArchiveIsBehind": {
        "feed-event-archive": sample("rustok_feed_as_of_timestamp_seconds", NOW - 2 * DAY_S, feed="event-archive-v1")
        | sample("rustok_feed_archive_uncompacted_seconds", 3 * DAY_S, feed="event-archive-v1")
    },
    "ArchiveLacksEvents": {
        "feed-event-archive": sample("rustok_feed_archive_missing_events", 2, feed="event-archive-v1", kind="missed")
    },
    "ArchiveGapStays": {"scheduler": sample("rustok_archive_gap_events", 2, kind="missed", outlook="gone")},
    "NobodyFeeds": {"feed-sales": sample("rustok_feed_active", 0, feed="sales-v1")},
    "FeedWaitsForItsStore": {"feed-sales": sample("rustok_feed_waiting", 1, feed="sales-v1")},
    "RecordsAreRefused": {"feed-sales": sample("rustok_feed_records_total", 1, feed="sales-v1", outcome="refused")},
    "ReadModelDiffers": {"scheduler": sample("rustok_verify_differences", 3, model="sales-v1", kind="missing")},
    "SnapshotIsNotSound": {"scheduler": sample("rustok_quality_expectations", 1, model="sales", outcome="failed")},
    "BiIsOld": {"scheduler": sample("rustok_bi_as_of_timestamp_seconds", NOW - 7 * 3600, model="sales")},
    "LakeIsBehind": {"scheduler": sample("rustok_lake_as_of_timestamp_seconds", NOW - 4 * 3600, model="sales")},
    "NothingIsCertified": {
        "scheduler": sample("rustok_quality_certified_timestamp_seconds", NOW - 7 * 3600, model="sales")
    },
    "OutboxIsNotPruned": {"scheduler": sample("rustok_outbox_oldest_timestamp_seconds", NOW - 6 * 86400)},
    "DeadLettersWait": {
        "dead-letters": sample("rustok_dead_letters_open", 1, feed="sales-v1")
        | sample("rustok_dead_letters_oldest_timestamp_seconds", NOW - 7200, feed="sales-v1"),
    },
    "DeadLettersPileUp": {"dead-letters": sample("rustok_dead_letters_open", 1001, feed="sales-v1")},
    "DeadLettersAreNotCounted": {"dead-letters": sample("rustok_dead_letters_measured_timestamp_seconds", FROZEN)},
    "PaymentsWait": {"scheduler": sample("rustok_payments_oldest_waiting_timestamp_seconds", NOW - 7200)},
    "RefundsWait": {"scheduler": sample("rustok_payments_oldest_refund_due_timestamp_seconds", NOW - 3600)},
    "RefundsAreRefused": {"scheduler": sample("rustok_payments_refunds_refused_total", 1)},
    "WebhooksAreLate": {"webhooks": sample("rustok_webhooks_oldest_due_timestamp_seconds", FROZEN)},
    "WebhookIsSwitchedOff": {"webhooks": sample("rustok_webhooks_switched_off_total", 1)},
    "WebhooksAreNotDelivered": {"webhooks": sample("rustok_webhooks_measured_timestamp_seconds", FROZEN)},
    "ProcessIsDown": {"dead-letters": None},
    "ProcessCrashes": {"scheduler": sample("rustok_process_crashes", 3, program="feed-sales")},
    "NoJobIsDone": {"scheduler": None},
    "JobFails": {"scheduler": {}},  # see `page`
    "AuditRowsWait": {"scheduler": sample("rustok_audit_waits_since_timestamp_seconds", NOW - 901)},
    "SigningKeyIsOld": {"api": sample("rustok_http_signing_key_timestamp_seconds", NOW - 90 * DAY_S - 1)},
    "IssuerKeysAreStale": {"api": sample("rustok_http_source_away", 1, what="issuer_keys")},
    "RequestsFail": {"api": {}},  # see `page`
}
#: How long after the fault, beside its own `for`, a rule may take: until an age is reached, or a rate has risen.
SEEN_AFTER_S: Mapping[str, float] = {
    "CaptureIsBehind": 45,
    "CaptureMakesNoProgress": 30,
    "SlotIsNotMeasured": 75,
    "ReadModelIsStale": 75,
    "DeadLettersAreNotCounted": 330,
    "WebhooksAreLate": 330,
    "WebhooksAreNotDelivered": 330,
    "JobFails": 960,  # what was done before is seen for a quarter of an hour
    "RequestsFail": 60,
}


def page(process: str, at: float, rule: str | None) -> Samples | None:
    said = healthy(process, at)
    if rule is None or process not in FAULTS[rule]:
        return said
    if rule == "RequestsFail":
        return said | sample("rustok_http_requests_total", 0.1 * (at - NOW), method="GET", route="/", status="503")
    if rule == "JobFails":
        return (
            said
            | sample("rustok_job_runs_total", NOW // 60, task="prune", outcome="done")
            | sample("rustok_job_runs_total", (at - NOW) // 60, task="prune", outcome="failed")
        )
    wrong = FAULTS[rule][process]
    return None if wrong is None else said | wrong


@dataclass(frozen=True)
class Scrape:
    """What a target said; None: it did not answer."""

    at: float
    target: Mapping[str, str]
    samples: Samples | None


def scrapes(
    rule: str | None, *, seconds: float, before: float = 1200, step: float = STEP_S, instances: int = 1
) -> Iterator[tuple[float, list[Scrape]]]:
    """Of each moment; all is well for as long as `before` says, and from NOW on the fault of `rule` is there."""
    at = NOW - before
    while at <= NOW + seconds:
        found = []
        for process in all_processes():
            for number in range(instances):
                target = {"job": "rustok", "instance": f"{process.name}:{number}", "process": process.name}
                said = page(process.name, at, rule if at > NOW else None)
                if number and said is not None:
                    said = {key: 0.0 for key in said if process.active_when and key[0] == process.active_when}
                found.append(Scrape(at, target, said))
        yield at, found
        at += step


def firing(moments: Iterator[tuple[float, list[Scrape]]]) -> Iterator[tuple[float, set[str]]]:
    """The alerts that fire at each moment, by our own evaluator."""
    history, alerts = History(), Alerts(RULES)
    for at, found in moments:
        for scrape in found:
            history.scraped(at, scrape.target, scrape.samples)
        yield at, alerts.firing(history, at)


def within(rule: str) -> float:
    """Seconds after its fault in which a rule has to fire."""
    (one,) = (one for one in RULES if one.name == rule)
    return one.for_s + SEEN_AFTER_S.get(rule, 0) + 2 * STEP_S
