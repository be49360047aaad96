"""Lists every process that runs when RusToK runs.

The servers it stands on, the preparation between, and its own processes: this table is the whole answer. Everything
that starts, stops, watches or documents a process reads it here.
"""

from dataclasses import dataclass

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
    read_model: str = ""
    ready_path: str = ""
    has_workers: bool = False

    def metrics_url(self, settings: Settings) -> str:
        return self._url(settings, "/metrics")

    def ready_url(self, settings: Settings) -> str:
        return self._url(settings, self.ready_path)

    def port(self, settings: Settings) -> int:
        return int(getattr(settings, self.port_setting))

    def _url(self, settings: Settings, path: str) -> str:
        return f"http://{reachable(settings.listen_host)}:{self.port(settings)}{path}"


PREPARATIONS = (
    Preparation("tables", ("api", "migrate")),
    Preparation("topics", ("streams", "topics")),
)

PROCESSES = (
    Process("api", ("api", "serve"), "api_port", ready_path="/health/ready", has_workers=True),
    Process(
        "capture",
        ("streams", "capture"),
        "capture_metrics_port",
        works_when="rustok_capture_as_of_timestamp_seconds",
        active_when="rustok_capture_active",
    ),
    Process("upkeep", ("upkeep",), "upkeep_metrics_port"),
    Process(
        "feed-product-search",
        ("streams", "feed", "product-search"),
        "feed_product_search_metrics_port",
        works_when="rustok_feed_as_of_timestamp_seconds",
        active_when="rustok_feed_active",
        read_model="product-search",
    ),
    Process(
        "feed-sales",
        ("streams", "feed", "sales"),
        "feed_sales_metrics_port",
        works_when="rustok_feed_as_of_timestamp_seconds",
        active_when="rustok_feed_active",
        read_model="sales",
    ),
    Process(
        "letters",
        ("streams", "letters", "collect"),
        "letters_metrics_port",
        works_when="rustok_letters_measured_timestamp_seconds",
        active_when="rustok_letters_active",
    ),
)
