"""Lists every process that runs when RusToK runs.

The servers it stands on, the preparation between, and its own processes, of which one for each read model: these tables
are the whole answer. Everything that starts, stops, watches or documents a process reads it here.
"""

from dataclasses import dataclass
from functools import cache

from ops.feeds import Feed, all_feeds
from ops.instances import reachable
from ops.settings import Settings

SERVERS = ("postgres", "kafka", "opensearch")


@dataclass(frozen=True, slots=True)
class Preparation:
    """A step that has to succeed before the processes start; doing it again changes nothing."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """One of ours, supervised. It works when its page of metrics, on `port_setting`, has a value for `works_when`.

    Of several that share one job, each says in `active_when` whether it has part in it (1) or stands by (0). One with a
    `ready_path` also says there whether it can do all it is for. One that `has_workers` replaces them when told to.
    """

    name: str
    command: tuple[str, ...]
    port_setting: str
    works_when: str = ""
    active_when: str = ""
    feed: Feed | None = None
    ready_path: str = ""
    has_workers: bool = False

    @property
    def read_model(self) -> str:
        """The name of what it feeds, if it feeds anything."""
        return "" if self.feed is None else self.feed.name

    def metrics_url(self, settings: Settings) -> str:
        return self._url(settings, "/metrics")

    def ready_url(self, settings: Settings) -> str:
        return self._url(settings, self.ready_path)

    def port(self, settings: Settings) -> int:
        if self.feed is not None:
            return self.feed.as_set(settings).metrics_port
        return int(getattr(settings, self.port_setting))

    def _url(self, settings: Settings, path: str) -> str:
        return f"http://{reachable(settings.listen_host)}:{self.port(settings)}{path}"


PREPARATIONS = (
    Preparation("tables", ("api", "migrate")),
    Preparation("topics", ("streams", "topics")),
)
API = Process("api", ("api", "serve"), "api_port", ready_path="/health/ready", has_workers=True)
CAPTURE = Process(
    "capture",
    ("streams", "capture"),
    "capture_metrics_port",
    works_when="rustok_capture_as_of_timestamp_seconds",
    active_when="rustok_capture_active",
)
SCHEDULER = Process("scheduler", ("scheduler",), "scheduler_metrics_port")
DEAD_LETTERS = Process(
    "dead-letters",
    ("streams", "dead-letters", "collect"),
    "dead_letters_metrics_port",
    works_when="rustok_dead_letters_measured_timestamp_seconds",
    active_when="rustok_dead_letters_active",
)

WEBHOOKS = Process(
    "webhooks",
    ("streams", "webhooks"),
    "webhooks_metrics_port",
    works_when="rustok_webhooks_measured_timestamp_seconds",
)


def feed_process(feed: Feed) -> Process:
    return Process(
        feed.process,
        ("streams", "feed", feed.name),
        feed.setting("metrics_port"),
        works_when="rustok_feed_as_of_timestamp_seconds",
        active_when="rustok_feed_active",
        feed=feed,
    )


@cache
def all_processes() -> tuple[Process, ...]:
    """In the order in which they are shown."""
    return (API, CAPTURE, SCHEDULER, *map(feed_process, all_feeds()), DEAD_LETTERS, WEBHOOKS)
