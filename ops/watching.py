"""What do the processes say about themselves?

Each serves a page of metrics; this reads it. Nothing here needs a client of any server.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from ops.processes import Process
from ops.settings import Settings

TIMEOUT_S = 2.0
#: Longer than the API waits for a store that does not answer.
READY_TIMEOUT_S = 6.0
Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """The samples of one page of metrics."""

    samples: Mapping[tuple[str, Labels], float]

    def value(self, name: str, **labels: str) -> float | None:
        """The sample with exactly these labels."""
        return self.samples.get((name, frozenset(labels.items())))


def read(url: str) -> Page | None:
    """The page, or None when nobody serves it."""
    text = _get(url)
    if text is None:
        return None
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return Page({(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples})


def works(process: Process, settings: Settings) -> bool:
    """Whether the process serves its page, and has said that it came as far as it has to."""
    return page_shows_work(process, read(process.metrics_url(settings)))


def page_shows_work(process: Process, page: Page | None) -> bool:
    labels = {"feed": process.read_model} if process.read_model else {}
    return page is not None and (not process.works_when or bool(page.value(process.works_when, **labels)))


def why_not_ready(process: Process, settings: Settings) -> str | None:
    """What a process that works says it still lacks; None when that is nothing, or nobody is to be asked."""
    if not process.ready_path:
        return None
    try:
        with urlopen(process.ready_url(settings), timeout=READY_TIMEOUT_S):  # noqa: S310  # an address from the settings
            return None
    except HTTPError as refused:
        return lacking(refused.read())
    except (URLError, OSError):
        return f"does not say within {READY_TIMEOUT_S:.0f} s whether it is ready"


def lacking(health: bytes) -> str:
    """The checks of a page of health that are not well."""
    try:
        checks = json.loads(health)["checks"]
        return "; ".join(f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "does not say why it is not ready"


def _get(url: str) -> str | None:
    try:
        with urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310  # an address from the settings
            return str(answer.read(), "utf-8")
    except (URLError, OSError, ValueError):
        return None
