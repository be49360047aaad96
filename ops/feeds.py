"""Finds the feeds: one for each read model that a room declares through the entry points `rustok.feeds`.

Whatever runs, watches, measures or documents a feed follows from here: its process, its port, its settings.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from typing import Final

from ops.settings import FeedSettings, Settings

GROUP: Final = "rustok.feeds"
#: The feeds have the ports from here on for their pages of metrics, in the order in which they are declared.
FIRST_METRICS_PORT: Final = 59110


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What is to be known of a feed to run it.

    `batch` is how many records are taken at once at most: the more, the cheaper is each where a write costs the same
    for few and for many. `publish_s` are the seconds between two times that readers get to see what was written,
    at most: it is down to a fifth where that costs little.
    `is_verified`: tables keep what it is made of, so that it can be compared with them.
    """

    name: str
    batch: int
    publish_s: float
    metrics_port: int
    is_verified: bool = True

    @property
    def process(self) -> str:
        return f"feed-{self.name}"

    def setting(self, field: str) -> str:
        """The name of one of its settings: `feed__product_search__batch`."""
        return f"feed__{self._key}__{field}"

    def as_set(self, settings: Settings) -> "Feed":
        """With what the settings say instead of what is declared."""
        given = settings.feed.get(self._key, FeedSettings())
        return replace(self, **given.model_dump(exclude_none=True))

    @property
    def _key(self) -> str:
        return self.name.replace("-", "_")


@cache
def all_feeds() -> tuple[Feed, ...]:
    """In the order in which they are declared."""
    rooms: list[Callable[[], tuple[Feed, ...]]] = [entry.load() for entry in entry_points(group=GROUP)]
    return tuple(feed for feeds in rooms for feed in feeds())
