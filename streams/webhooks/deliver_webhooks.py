"""Delivers what is due, many at a time, and waits for no receiver longer than it may take.

One thread has the database and says what is next; the others send, one delivery at a time. Who is well gets all of the
room, who fails half of it at most and one delivery at a time: a receiver that hangs keeps nobody else's waiting.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
import structlog

from ops import metrics
from ops.clients import database_roles
from ops.clients.database_roles import WEBHOOKS_GROUP
from ops.clients.public_addresses import NotAllowed
from ops.clients.public_http import NoAnswer, PublicHttp
from ops.sealed_secrets import Seal, SealedWithAnotherKey
from ops.settings import Settings
from ops.webhook_signature import signed_headers
from schemas.cloud_event import MEDIA_TYPE
from streams.as_duty import as_duty
from streams.backoff import pause_s
from streams.dead_letters.send_dead_letters import DeadLetters
from streams.unforeseen_errors import crash
from streams.webhooks.claim_deliveries import Claimed, Room, claim
from streams.webhooks.delivery_outcome import RetryTimes, Tried, outcome
from streams.webhooks.record_outcomes import Done, OutcomeRecorder

#: Between two looks for what became due by the clock, or was left by somebody else.
POLL_S: Final = 0.25
MEASURE_EVERY_S: Final = 5.0
#: A claim is good for that much longer than a receiver may take: nobody else begins while the outcome is written down.
GRACE_S: Final = 20.0
#: What is under way when the process is to stop may be finished for so long.
STOPPING_S: Final = 5.0
_AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError)
_MEASURE: Final = """
    SELECT count(*), min(d.next_try_at) FILTER (
        WHERE d.next_try_at < now() AND w.active AND w.failing_since IS NULL
            AND (w.paused_until IS NULL OR w.paused_until < now())
    )
    FROM webhook_deliveries d JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id
    WHERE d.state = 'waiting'
"""
Postgres = psycopg.Connection[Any]

log = structlog.get_logger(__name__)


class Deliverer:
    """`wake` may be called from any thread."""

    def __init__(
        self,
        settings: Settings,
        seal: Seal,
        http: PublicHttp,
        dead_letters: DeadLetters,
        stopping: threading.Event,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._http = http
        self._seal = seal
        self._times = RetryTimes.of(settings)
        self._recorder = OutcomeRecorder(dead_letters, timedelta(hours=settings.webhook_failing_h))
        self._stopping = stopping
        self._now = now
        self._lease_s = settings.webhook_answer_s + GRACE_S
        #: None: there is no more.
        self._to_send: queue.SimpleQueue[Claimed | None] = queue.SimpleQueue()
        #: What was tried; None: look for what is due.
        self._done: queue.SimpleQueue[Done | None] = queue.SimpleQueue()
        self._under_way: dict[Any, Claimed] = {}
        self._finished: list[Done] = []
        self._postgres: Postgres | None = None
        self._measured_at = 0.0
        self._attempt = 0

    def wake(self) -> None:
        """There is something new."""
        self._done.put(None)

    def run(self) -> None:
        """Until it is told to stop."""
        for number in range(self._settings.webhook_at_once):
            threading.Thread(target=self._send_all, name=f"webhook-{number}", daemon=True).start()
        try:
            while not self._stopping.is_set():
                self._until_well(self._turn)
                self._collect(POLL_S)
            self._stop()
        except Exception:  # noqa: BLE001  # the entry point of this thread
            crash("webhooks_crashed")

    def _turn(self, postgres: Postgres) -> None:
        self._record(postgres)
        self._claim(postgres)
        if time.monotonic() - self._measured_at >= MEASURE_EVERY_S:
            with as_duty(postgres, WEBHOOKS_GROUP):
                waiting, oldest = postgres.execute(_MEASURE).fetchone() or (0, None)
            metrics.WEBHOOKS_WAITING.set(waiting)
            metrics.WEBHOOKS_OLDEST_DUE.set(0 if oldest is None else oldest.timestamp())
            metrics.WEBHOOKS_MEASURED.set_to_current_time()
            self._measured_at = time.monotonic()

    def _claim(self, postgres: Postgres) -> None:
        """Of receivers that are well first, then of those that fail, as far as there is room for them."""
        at_once = self._settings.webhook_at_once
        failing = sum(one.is_failing for one in self._under_way.values())
        for of_failing in (False, True):
            free = at_once - len(self._under_way)
            limit = min(free, max(1, at_once // 2) - failing) if of_failing else free
            if limit <= 0:
                continue
            busy = Counter(one.webhook_id for one in self._under_way.values())
            room = Room(limit=limit, each=self._settings.webhook_at_once_each, busy=busy, failing=of_failing)
            for one in claim(postgres, room, self._lease_s):
                self._under_way[one.claim, one.id] = one
                self._to_send.put(one)

    def _record(self, postgres: Postgres) -> None:
        if self._finished:
            self._recorder.record(postgres, self._finished)
            for done in self._finished:
                del self._under_way[done.delivery.claim, done.delivery.id]
            self._finished = []

    def _collect(self, wait_s: float) -> None:
        """What was tried meanwhile; waits for the first."""
        try:
            found = self._done.get(timeout=wait_s)
            while True:
                if found is not None:
                    self._finished.append(found)
                found = self._done.get_nowait()
        except queue.Empty:
            return

    def _until_well(self, do: Callable[[Postgres], None]) -> None:
        """Once, or not at all while PostgreSQL is away: what was tried is kept for the next time."""
        try:
            if self._postgres is None or self._postgres.closed:
                self._postgres = database_roles.connect(
                    self._settings, "webhooks", connect_s=5, name="rustok webhook deliveries"
                )
            do(self._postgres)
            self._attempt = 0
        except _AWAY as away:
            seconds = pause_s(self._attempt)
            what = str(away).splitlines()[0] if str(away) else type(away).__name__
            log.warning("webhooks_wait", what=what, seconds=round(seconds, 2), attempt=self._attempt)
            self._attempt += 1
            self._stopping.wait(seconds)

    def _stop(self) -> None:
        """What is under way is finished, as far as that is soon; any other is somebody else's when its claim ends."""
        deadline = time.monotonic() + STOPPING_S
        while len(self._finished) < len(self._under_way) and (left := deadline - time.monotonic()) > 0:
            self._collect(left)
        self._until_well(self._record)
        for _ in range(self._settings.webhook_at_once):
            self._to_send.put(None)
        if self._postgres is not None:
            self._postgres.close()

    def _send_all(self) -> None:
        try:
            while (delivery := self._to_send.get()) is not None:
                self._done.put(self._sent(delivery))
        except Exception:  # noqa: BLE001  # the entry point of this thread
            crash("webhook_sender_crashed")

    def _sent(self, delivery: Claimed) -> Done:
        began = time.monotonic()
        status, error, retry_after = None, "", ""
        try:
            good = [self._seal.open(one, str(delivery.webhook_id)).decode() for one in delivery.secrets]
            headers = {
                "Content-Type": MEDIA_TYPE,
                "User-Agent": "RusToK-Webhooks/1",
                **signed_headers(good, str(delivery.event_id), self._now(), delivery.body),
            }
            answer = self._http.post(delivery.url, delivery.body, headers)
            status, retry_after = answer.status, answer.retry_after
        except (NotAllowed, NoAnswer) as no:
            error = str(no)
        except SealedWithAnotherKey:
            error = "its secret was sealed with another key: rotate it"
        tried = Tried(
            at=self._now(),
            status=status,
            error=error,
            retry_after=retry_after,
            failures=delivery.attempts,
            failed_for=delivery.failed_for,
            once=delivery.is_ping,
        )
        took_ms = round((time.monotonic() - began) * 1000)
        return Done(delivery=delivery, tried=tried, outcome=outcome(tried, self._times), duration_ms=took_ms)
