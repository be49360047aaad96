"""Makes it seen that a feed waits: a log line with the reason, metrics that say on whom and since when, and a word
beside its name for `rustok status`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from ops import metrics
from ops.instances import Claim
from sinks.sink import Unavailable

log = structlog.get_logger(__name__)


class FeedWaits:
    """What one feed waits on, of which a process is told again and again. `now` gives seconds since 1970."""

    def __init__(self, feed: str, claim: Claim | None = None, now: Callable[[], float] = time.time) -> None:
        self._feed = feed
        self._claim = claim
        self._now = now
        self._on: str | None = None
        self._since = 0.0
        self.end()

    def begin(self, away: Unavailable, seconds: float, attempt: int) -> None:
        """It waits, or still does."""
        if self._on != away.on:
            self._on, self._since = away.on, self._now()
        metrics.FEED_WAITS.labels(self._feed).inc()
        metrics.FEED_WAITING.labels(self._feed).set(1)
        metrics.FEED_WAITS_SINCE.labels(self._feed).set(self._since)
        for what in metrics.FEED_WAITS_ON_WHAT:
            metrics.FEED_WAITS_ON.labels(self._feed, what).set(what == away.on)
        since = datetime.fromtimestamp(self._since, UTC).isoformat(timespec="seconds")
        if self._claim is not None:
            self._claim.waits(f"since {since} for {away.on}: {away.what}")
        log.warning(
            "feed_waits", feed=self._feed, on=away.on, what=away.what, seconds=round(seconds, 2), attempt=attempt
        )

    def end(self) -> None:
        """Also at the start: what nobody waits for is a 0 and not absent."""
        self._on = None
        metrics.FEED_WAITING.labels(self._feed).set(0)
        metrics.FEED_WAITS_SINCE.labels(self._feed).set(0)
        for what in metrics.FEED_WAITS_ON_WHAT:
            metrics.FEED_WAITS_ON.labels(self._feed, what).set(0)
        if self._claim is not None:
            self._claim.waits("")
