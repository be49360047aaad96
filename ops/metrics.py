"""Declares every metric of the project, here and nowhere else.

Every metric of the project, declared here and nowhere else. Times are seconds, sizes are bytes, instants are Unix
timestamps. A tenant is never a label: there are too many of them.

A process shows the metrics that are its own (`OWNERS`) and no others, and a gauge only once somebody has set it: a 0
that nobody measured would be taken for a measured one, by people and by alerts.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

import prometheus_client
from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    start_http_server,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

PREFIX = "rustok_"
Owner = Literal["api", "capture", "scheduler", "feed", "dead_letters", "webhooks"]
#: Whose a metric is: the word behind `rustok_`, and who counts it.
OWNERS: Final[dict[str, tuple[Owner, ...]]] = {
    "http": ("api",),
    "tenant": ("api",),
    "db": ("api",),
    "capture": ("capture",),
    "log": ("capture",),
    "slot": ("capture", "scheduler"),
    "job": ("scheduler",),
    "outbox": ("scheduler",),
    "verify": ("scheduler",),
    "quality": ("scheduler",),
    "archive": ("scheduler",),
    "bi": ("scheduler",),
    "lake": ("scheduler",),
    "process": ("scheduler",),
    "idempotency": ("scheduler",),
    "rows": ("scheduler",),
    "audit": ("api", "scheduler"),
    "feed": ("feed",),
    "dead_letters": ("dead_letters",),
    "webhooks": ("webhooks",),
    "payments": ("api", "scheduler"),
    "search_log": ("api",),
}
FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
RESOLUTION = (0.00001, 0.0001, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
FRESHNESS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.3, 2, 3, 5, 7.5, 10, 15, 30, 60, 300)
SLOT_STATES = ("reserved", "extended", "unreserved", "lost", "missing", "foreign")
HTTP_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
HTTP_STATUSES = frozenset(str(status.value) for status in HTTPStatus)
OTHER = "other"
GAP_KINDS = ("slot", "database", "publication", "topic")
FEED_WAITS_ON_WHAT = ("store", "store_lost", "registry", "kafka", "refusals")
FEED_PUBLISHED_STATES = ("current", "replaced", "snapshots")
FEED_OUTCOMES = ("written", "superseded", "refused", "parked")
WEBHOOK_OUTCOMES = ("delivered", "failed", "dead")
PAYMENT_OUTCOMES = ("succeeded", "declined", "returning", "refunded")
WITHHELD = ("building", "gap")


class Gauge(prometheus_client.Gauge):
    """One that is not there until it has been set."""

    _was_set = False

    def set(self, value: float) -> None:
        super().set(value)
        self._was_set = True

    def forget(self) -> None:
        """Nobody here knows any more."""
        self._was_set = False
        if self._labelnames:
            self.clear()

    def collect(self) -> Iterable[Metric]:
        return super().collect() if self._labelnames or self._was_set else ()


# api: `method` is one of HTTP_METHODS or `other`, `status` one of HTTP_STATUSES or `other`, and
# `route` is the pattern (`/v1/products/{id}`), never the path that was asked for
HTTP_REQUESTS = Counter("rustok_http_requests", "Answered requests.", ("method", "route", "status"))
HTTP_SECONDS = Histogram("rustok_http_request_seconds", "Time to answer.", ("method", "route", "status"), buckets=FAST)
# `class`: a kind of request with threads of its own (api/http/server/route_classes.py), `none` before that is known;
# `reason`: why it was refused before the application saw it (api/http/server/refusals.py)
HTTP_IN_FLIGHT = Gauge(
    "rustok_http_in_flight", "Requests that have a thread just now.", ("class",), multiprocess_mode="livesum"
)
HTTP_REJECTED = Counter("rustok_http_rejected", "Requests refused at the door.", ("class", "reason"))
# `policy`: a quota (api/http/limits/quotas.py)
HTTP_OVER_QUOTA = Counter("rustok_http_over_quota", "Requests of somebody who asks too often.", ("policy",))
HTTP_COUNTED_ALONE = Counter(
    "rustok_http_counted_alone", "Requests counted in one process alone, as the store of counters did not answer."
)
HTTP_WAITING = Gauge(
    "rustok_http_waiting", "Requests that wait for their receipts, without a thread.", multiprocess_mode="livesum"
)
HTTP_CONNECTIONS = Gauge("rustok_http_connections", "Open connections of clients.", multiprocess_mode="livesum")
NEIGHBOUR_OPEN = Gauge(
    "rustok_http_neighbour_silent",
    "1: a store does not answer and is not asked for a moment.",
    ("neighbour",),
    multiprocess_mode="livemax",
)
HTTP_REFRESHED = Gauge(
    "rustok_http_refreshed_timestamp_seconds",
    "When the keys that tokens are checked with were last read.",
    ("what",),
    multiprocess_mode="livemin",
)
HTTP_SOURCE_AWAY = Gauge(
    "rustok_http_source_away",
    "1: the keys that tokens are checked with could not be read when they were asked for last.",
    ("what",),
    multiprocess_mode="livemax",
)
HTTP_SIGNING_KEY = Gauge(
    "rustok_http_signing_key_timestamp_seconds",
    "When the key that signs people's tokens began to.",
    multiprocess_mode="livemax",
)
HTTP_WORKERS_SINCE = Gauge(
    "rustok_http_workers_since_timestamp_seconds",
    "When the oldest worker that serves it began to.",
    ("process",),
    multiprocess_mode="livemin",
)

# which shop a request is about: kept in each worker
TENANT_HITS = Counter("rustok_tenant_cache_hits", "Times the shop of a request was known already.")
TENANT_MISSES = Counter("rustok_tenant_cache_misses", "Times the shop of a request was asked of PostgreSQL.")
TENANT_SECONDS = Histogram(
    "rustok_tenant_resolution_duration_seconds", "Time to find the shop of a request.", buckets=RESOLUTION
)

# db: the API's connections to PostgreSQL, of all workers together
DB_ACTIVE = Gauge(
    "rustok_db_connections_active", "Connections that a request has just now.", multiprocess_mode="livesum"
)
DB_IDLE = Gauge("rustok_db_connections_idle", "Open connections that nobody has.", multiprocess_mode="livesum")
DB_QUERY_SECONDS = Histogram("rustok_db_query_duration_seconds", "Time until a statement is answered.", buckets=FAST)

# capture
CAPTURE_EVENTS = Counter("rustok_capture_events", "Outbox rows acknowledged by Kafka.")
CAPTURE_AS_OF = Gauge("rustok_capture_as_of_timestamp_seconds", "Everything committed before this instant is in Kafka.")
CAPTURE_CONFIRMED_LSN = Gauge("rustok_capture_confirmed_lsn", "Log position confirmed to PostgreSQL, in bytes.")
CAPTURE_LAG_BYTES = Gauge("rustok_capture_lag_bytes", "Log written by PostgreSQL but not yet confirmed.")
CAPTURE_CLOCK_AHEAD = Gauge(
    "rustok_capture_clock_ahead_seconds", "By so much at least PostgreSQL's clock is ahead of ours; below 0: behind."
)
CAPTURE_PENDING_EVENTS = Gauge("rustok_capture_pending_events", "Rows sent to Kafka and not yet acknowledged.")
CAPTURE_WATERMARKS = Counter("rustok_capture_watermarks", "Watermarks acknowledged by Kafka.")
CAPTURE_ACTIVE = Gauge("rustok_capture_active", "1: reads from the slot. 0: stands by.")
CAPTURE_EVICTIONS = Counter("rustok_capture_evictions", "Silent holders of the slot that this capture has evicted.")
CAPTURE_PROGRESS = Gauge(
    "rustok_capture_progress_timestamp_seconds", "When Kafka acknowledged last, or nothing was waiting for it."
)
CAPTURE_PUBLICATION = Gauge("rustok_capture_publication_usable", "1: it has the inserts of the outbox, and only those.")
CAPTURE_TOPICS_KEEP = Gauge("rustok_capture_topics_keep", "1: no topic of events could forget one. 0: one could.")
# label `kind`: one of GAP_KINDS
LOG_GAP = Gauge("rustok_log_gap_open", "1: events may be missing, and nobody vouches for them. 0: not so.", ("kind",))

# slot: by the capture that reads it, and by the scheduler, which sees it also while no capture can start.
# `state`: one of SLOT_STATES, as pg_replication_slots.wal_status has it; `foreign`: of another database or plugin
SLOT_STATE = Gauge("rustok_slot_state", "1 for the state the slot is in, 0 for the others.", ("state",))
SLOT_RETAINED_BYTES = Gauge("rustok_slot_retained_bytes", "Log that PostgreSQL keeps for the slot.")
SLOT_SAFE_BYTES = Gauge(
    "rustok_slot_safe_bytes", "Log that may be written before the slot can be lost; +Inf: there is no limit."
)
SLOT_MEASURED = Gauge("rustok_slot_measured_timestamp_seconds", "When the slot was last looked at.")
LOG_ARCHIVE_FAILS = Gauge("rustok_log_archive_failing", "1: PostgreSQL could not archive its log when it last tried.")
LOG_ARCHIVED = Gauge(
    "rustok_log_archived_timestamp_seconds",
    "When a part of PostgreSQL's log was last archived; 0: never, or it is not.",
)

# job: label `task` is what was done, `outcome` done or failed
JOB_RUNS = Counter("rustok_job_runs", "Times a job was done.", ("task", "outcome"))
JOB_DONE = Gauge("rustok_job_done_timestamp_seconds", "When a job was last done to its end.", ("task",))
OUTBOX_ROWS = Gauge("rustok_outbox_rows", "Rows in the outbox, as PostgreSQL estimates.")
OUTBOX_OLDEST = Gauge("rustok_outbox_oldest_timestamp_seconds", "When the oldest row was written that may go; 0: none.")
OUTBOX_PRUNED = Counter("rustok_outbox_pruned", "Old outbox rows that were removed.")
IDEMPOTENCY_PRUNED = Counter("rustok_idempotency_keys_pruned", "Old answers to Idempotency-Keys that were removed.")
ROWS_PRUNED = Counter("rustok_rows_pruned", "Old rows of other tables that were removed.", ("table",))
# audit: rows are chained by the scheduler; a refusal is written down by the api, unless too many came at once
AUDIT_CHAINED = Counter("rustok_audit_chained", "Rows of the audit trail that got their place in a chain.")
AUDIT_WAITS_SINCE = Gauge(
    "rustok_audit_waits_since_timestamp_seconds", "When the oldest row was written that has no place yet; 0: none."
)
# search log: written down by the api a moment after the answer, unless more wait than it keeps
SEARCHES_NOT_LOGGED = Counter(
    "rustok_search_log_lost", "Searches, clicks and conversions that nobody wrote down: too many waited."
)
AUDIT_NOT_WRITTEN = Counter("rustok_audit_not_written", "Refusals that nobody wrote down: too many at once.")
VERIFY_CHECKED = Counter("rustok_verify_checked", "Documents compared with the tables.", ("model",))
VERIFY_DIFFERENCES = Gauge(
    "rustok_verify_differences", "Of the last check: how many, and in what way.", ("model", "kind")
)

QUALITY_EXPECTATIONS = Gauge(
    "rustok_quality_expectations", "Of the last check of a snapshot, by what became of them.", ("model", "outcome")
)
QUALITY_CERTIFIED = Gauge(
    "rustok_quality_certified_timestamp_seconds",
    "All that was committed before is in the newest snapshot that was found sound; 0: none was.",
    ("model",),
)
ARCHIVE_REEMITTED = Counter(
    "rustok_archive_reemitted", "Events that were emitted again because the archive lacked them."
)
# `outlook`: one of `sinks.archive.gap_outlook`
ARCHIVE_GAP_EVENTS = Gauge(
    "rustok_archive_gap_events", "Events that the archive lacks, and what becomes of them.", ("kind", "outlook")
)
BI_AS_OF = Gauge(
    "rustok_bi_as_of_timestamp_seconds", "The tables for BI tools hold everything older than this.", ("model",)
)
BI_ROWS = Counter("rustok_bi_rows_written", "Rows that were written into the tables for BI tools.")
BI_ENDED = Counter("rustok_bi_sessions_ended", "Sessions of BI tools that were ended: a transaction took too long.")
LAKE_COMMITS = Counter("rustok_lake_commits", "Commits to the Iceberg tables of a model.", ("model",))
LAKE_FAILURES = Counter(
    "rustok_lake_failures", "Times that a model could not be mirrored as Iceberg tables.", ("model",)
)
LAKE_AS_OF = Gauge(
    "rustok_lake_as_of_timestamp_seconds",
    "All that was committed before is in the Iceberg tables of a model; 0: nobody vouches for any moment.",
    ("model",),
)
PROCESS_CRASHES = Gauge("rustok_process_crashes", "Crashes in a row, without a good while between.", ("program",))

# feeds: label `feed` is the id of the read model (`product-search-v8`), `outcome` one of FEED_OUTCOMES
FEED_RECORDS = Counter("rustok_feed_records", "Records a feed is done with.", ("feed", "outcome"))
FEED_AS_OF = Gauge("rustok_feed_as_of_timestamp_seconds", "The read model holds everything older than this.", ("feed",))
# `reason`: one of WITHHELD
FEED_WITHHELD = Gauge("rustok_feed_withheld", "1: nobody vouches for the model, and why.", ("feed", "reason"))
FEED_LAG_RECORDS = Gauge("rustok_feed_lag_records", "Records in Kafka that the feed has not applied.", ("feed",))
FEED_BATCH_SECONDS = Histogram("rustok_feed_batch_seconds", "Time to write one batch.", ("feed",), buckets=FAST)
FEED_WAITS = Counter("rustok_feed_waits", "Times a feed waited because its store was not available.", ("feed",))
FEED_WAITING = Gauge("rustok_feed_waiting", "1: the feed waits for its store now. 0: it does not.", ("feed",))
FEED_WAITS_SINCE = Gauge(
    "rustok_feed_waits_since_timestamp_seconds",
    "Since when the feed waits for what it waits for; 0: it does not.",
    ("feed",),
)
FEED_ACTIVE = Gauge("rustok_feed_active", "1: this instance has partitions to apply. 0: it stands by.", ("feed",))
FEED_WATERMARKS_REFUSED = Counter("rustok_feed_watermarks_refused", "Watermarks that capture did not sign.", ("feed",))
# `on`: one of FEED_WAITS_ON_WHAT; `refusals`: so many records were refused that the fault is taken to be ours
FEED_WAITS_ON = Gauge("rustok_feed_waits_on", "1: the feed waits for this just now.", ("feed", "on"))
FEED_VISIBLE_SECONDS = Histogram(
    "rustok_feed_visible_seconds", "From commit to visible to readers.", ("feed",), buckets=FRESHNESS
)
# what a feed of this age can read: it parks what is newer
FEED_KNOWS_VERSION = Gauge(
    "rustok_feed_knows_version", "Newest version of an event that the feed knows.", ("feed", "event_type")
)
# `state`: one of FEED_PUBLISHED_STATES
FEED_PUBLISHED_FILES = Gauge("rustok_feed_published_files", "Files that readers of DuckDB read.", ("feed", "state"))
FEED_PUBLISHED_BYTES = Gauge("rustok_feed_published_bytes", "Bytes of these files.", ("feed", "state"))
FEED_ARCHIVE_MISSING = Gauge(
    "rustok_feed_archive_missing_events",
    "Events that the archive lacks: older than it (before), or lost on the way (missed).",
    ("feed", "kind"),
)
FEED_ARCHIVE_UNCOMPACTED = Gauge(
    "rustok_feed_archive_uncompacted_seconds",
    "For how long Kafka keeps every event: the archive may be so far behind and no further.",
    ("feed",),
)

# dead letters: what feeds could not use and nobody has decided on; `oldest` is 0 when there is none. `feed` is the id
# of the read model (`product-search-v1`): two versions of one have dead letters each
DEAD_LETTERS_ACTIVE = Gauge(
    "rustok_dead_letters_active", "1: this collector has the topics of dead letters. 0: it stands by."
)
DEAD_LETTERS_OPEN = Gauge("rustok_dead_letters_open", "Dead letters of a feed that wait for somebody.", ("feed",))
DEAD_LETTERS_OLDEST = Gauge(
    "rustok_dead_letters_oldest_timestamp_seconds", "When the oldest of them failed first.", ("feed",)
)
DEAD_LETTERS_NOT_TAKEN = Counter(
    "rustok_dead_letters_not_taken", "Records of the dead letters' topics that the table cannot hold."
)
DEAD_LETTERS_MEASURED = Gauge(
    "rustok_dead_letters_measured_timestamp_seconds", "When the table of dead letters was counted last."
)

# webhooks: `outcome` is one of WEBHOOK_OUTCOMES; whose they are is in the tables
WEBHOOKS_DELIVERIES = Counter("rustok_webhooks_deliveries", "Tries to deliver a webhook, by what became.", ("outcome",))
WEBHOOKS_SECONDS = Histogram(
    "rustok_webhooks_delivery_seconds", "Time a receiver of webhooks took to answer.", buckets=FAST
)
WEBHOOKS_WAITING = Gauge("rustok_webhooks_waiting", "Webhooks that are still to be delivered.")
WEBHOOKS_OLDEST_DUE = Gauge(
    "rustok_webhooks_oldest_due_timestamp_seconds",
    "Since when the oldest webhook is due whose receiver does not fail; 0: none is.",
)
WEBHOOKS_SWITCHED_OFF = Counter(
    "rustok_webhooks_switched_off",
    "Webhooks that were switched off since their receivers failed for too long, or left.",
)
WEBHOOKS_MEASURED = Gauge("rustok_webhooks_measured_timestamp_seconds", "When the deliveries were counted last.")


# payments: settled by who hears of it, counted by the scheduler; `outcome` is one of PAYMENT_OUTCOMES
PAYMENTS_SETTLED = Counter("rustok_payments_settled", "Payments of which we were told what became.", ("outcome",))
PAYMENTS_WAITING = Gauge("rustok_payments_waiting", "Payments of which nobody knows yet what becomes.")
PAYMENTS_OLDEST_WAITING = Gauge(
    "rustok_payments_oldest_waiting_timestamp_seconds", "Since when the oldest of these waits; 0: none does."
)
PAYMENTS_REFUNDS_DUE = Gauge("rustok_payments_refunds_due", "Times that money is still to be sent back.")
PAYMENTS_OLDEST_REFUND_DUE = Gauge(
    "rustok_payments_oldest_refund_due_timestamp_seconds", "Since when the oldest of these is due; 0: none is."
)
PAYMENTS_REFUNDS_BY_HAND = Gauge(
    "rustok_payments_refunds_by_hand", "Times that a provider refused to send money back, and nobody has by hand yet."
)
PAYMENTS_REFUNDS_REFUSED = Counter(
    "rustok_payments_refunds_refused", "Times that a provider refused for good to send money back."
)


def among(known: frozenset[str], value: str) -> str:
    """A label's value out of a fixed set: what callers make up is `other`, and no new series."""
    return value if value in known else OTHER


def begin_feed(name: str) -> None:
    """What a feed counts begins at 0: of a counter that begins at 1, nobody sees that it rose."""
    for outcome in FEED_OUTCOMES:
        FEED_RECORDS.labels(name, outcome)
    FEED_WAITS.labels(name)
    FEED_WATERMARKS_REFUSED.labels(name)


def begin_webhooks() -> None:
    """What they count begins at 0."""
    for outcome in WEBHOOK_OUTCOMES:
        WEBHOOKS_DELIVERIES.labels(outcome)


def begin_payments() -> None:
    """What is counted of them begins at 0."""
    for outcome in PAYMENT_OUTCOMES:
        PAYMENTS_SETTLED.labels(outcome)


def feed_stands_by(name: str) -> None:
    """This instance has nothing to say about the read model: whoever has the partitions says it."""
    FEED_ACTIVE.labels(name).set(0)
    FEED_WAITING.labels(name).set(0)
    FEED_WAITS_SINCE.labels(name).set(0)
    for what in FEED_WAITS_ON_WHAT:
        FEED_WAITS_ON.labels(name, what).set(0)
    FEED_AS_OF.remove(name)
    FEED_LAG_RECORDS.remove(name)
    for why in WITHHELD:
        FEED_WITHHELD.remove(name, why)


def dead_letters_stand_by() -> None:
    """This collector has nothing to say about dead letters: whoever has their topics counts them."""
    DEAD_LETTERS_ACTIVE.set(0)
    for gauge in (DEAD_LETTERS_OPEN, DEAD_LETTERS_OLDEST, DEAD_LETTERS_MEASURED):
        gauge.forget()


def all_metrics() -> list[MetricWrapperBase]:
    """Every metric, in the order they are declared in."""
    return [one for one in globals().values() if isinstance(one, MetricWrapperBase)]


def owners_of(metric: str) -> tuple[Owner, ...]:
    """Who counts the metric of this name; nobody when it is none of ours."""
    named = (owners for word, owners in OWNERS.items() if metric.startswith(f"{PREFIX}{word}_"))
    return next(named, ())


def page_of(owner: Owner, feed: str = "") -> CollectorRegistry:
    """What a process of this kind shows: its own metrics, and those of any program in Python.

    With the id of a `feed` it is the page of that one: a process may have several.
    """
    page = CollectorRegistry()
    for metric in all_metrics():
        if owner in owners_of(next(iter(metric.describe())).name):
            page.register(_OfFeed(metric, feed) if feed else metric)
    for each in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
        page.register(each)
    return page


def serve(owner: Owner, port: int, host: str = "127.0.0.1", feed: str = "") -> int:
    """Serves this process's page on `http://host:port/metrics` from a thread; gives the port, which 0 leaves open.

    Raises OSError when the port is taken.
    """
    server, _ = start_http_server(port, addr=host, registry=page_of(owner, feed))
    return int(server.server_port)


def exposition(owner: Owner) -> tuple[bytes, str]:
    """The page as text, and its content type; of all workers together when the process has several."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(page_of(owner)), CONTENT_TYPE
    workers = CollectorRegistry()
    MultiProcessCollector(workers)  # type: ignore[no-untyped-call]  # prometheus_client has no type here
    return generate_latest(_Own(workers, owner)), CONTENT_TYPE


@dataclass(frozen=True, slots=True)
class _OfFeed(Collector):
    """Of a metric that all feeds of a process count, what is this feed's."""

    metric: MetricWrapperBase
    feed: str

    def collect(self) -> Iterator[Metric]:
        for found in self.metric.collect():
            own = Metric(found.name, found.documentation, found.type, found.unit)
            own.samples = [sample for sample in found.samples if sample.labels.get("feed") == self.feed]
            yield own


@dataclass(frozen=True, slots=True)
class _Own:
    """Of all that the workers' files hold, what is the owner's. It is what generate_latest asks of a registry."""

    whole: CollectorRegistry
    owner: Owner

    def collect(self) -> Iterator[Metric]:
        for metric in self.whole.collect():
            if self.owner in owners_of(metric.name):
                yield metric
