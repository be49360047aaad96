"""How is it seen that a feed waits? As a log line with the reason, a count, and a metric that says for whom."""

import structlog

from ops import metrics
from sinks.sink import Unavailable

log = structlog.get_logger(__name__)


def begin(feed: str, away: Unavailable, seconds: float, attempt: int) -> None:
    metrics.FEED_WAITS.labels(feed).inc()
    metrics.FEED_WAITING.labels(feed).set(1)
    for what in metrics.FEED_WAITS_ON_WHAT:
        metrics.FEED_WAITS_ON.labels(feed, what).set(what == away.on)
    log.warning("feed_waits", feed=feed, on=away.on, what=away.what, seconds=round(seconds, 2), attempt=attempt)


def end(feed: str) -> None:
    """Also at the start: what nobody waits for is a 0 and not absent."""
    metrics.FEED_WAITING.labels(feed).set(0)
    for what in metrics.FEED_WAITS_ON_WHAT:
        metrics.FEED_WAITS_ON.labels(feed, what).set(0)
