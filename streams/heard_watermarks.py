"""Believes a watermark when capture signed it, and no older one that would hide a gap.

Whoever may write to the topic can send an old watermark again, signature and all. One from before a gap would take the
gap away until the next one comes; so an older one counts only when it says that something is lacking. One that speaks
of more log is not older, whatever time it says: the clock of PostgreSQL was set back.
"""

from collections.abc import Iterable
from typing import Protocol

from ops import metrics
from streams.feed_freshness import Told, told
from streams.watermark_signature import WatermarkSignature


class WatermarkRecord(Protocol):
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Iterable[tuple[str, bytes | None]]: ...


class HeardWatermarks:
    """What capture said up to now."""

    def __init__(self, feed: str, signature: WatermarkSignature) -> None:
        """`feed` is the id of the read model."""
        self._feed = feed
        self._signature = signature
        self._newest: Told | None = None

    def hear(self, records: Iterable[WatermarkRecord]) -> Told | None:
        """The last of these that counts; None when none does."""
        counted = None
        for record in records:
            if not self._signature.is_on(record.key, record.value, record.headers):
                metrics.FEED_WATERMARKS_REFUSED.labels(self._feed).inc()
                continue
            said = told(record.value)
            if said is None:
                continue
            is_newer = self._newest is None or said.captured >= self._newest.captured or said.lsn > self._newest.lsn
            if is_newer:
                self._newest = said
            elif not said.gaps:
                continue
            counted = said
        return counted
