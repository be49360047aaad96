"""Reads from each process's page of metrics whether it works, and how well.

Each serves a page of metrics; this reads it. Nothing here needs a client of any server.
"""

import json
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from ops.instances import living
from ops.metrics import WITHHELD
from ops.processes import Process
from ops.settings import Settings

TIMEOUT_S = 2.0
#: Longer than the API waits for a store that does not answer.
READY_TIMEOUT_S = 6.0
#: `standby`: it waits for its turn, which is well. `waits`: for a neighbour, or for somebody to decide.
#: `hangs`: it runs and does not answer. `crashing`: again and again.
Condition = Literal["up", "standby", "waits", "not ready", "starting", "hangs", "crashing", "down"]
#: Of these each instance has a part.
ADDED = ("rustok_feed_lag_records",)
Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MetricsPage:
    """The samples of one page of metrics."""

    samples: Mapping[tuple[str, Labels], float]

    def value(self, name: str, **labels: str) -> float | None:
        """The sample with exactly these labels."""
        return self.samples.get((name, frozenset(labels.items())))

    def id_of(self, read_model: str) -> str:
        """The newest version of a read model that somebody feeds here, by its id; its name when nobody does."""
        pattern = re.compile(rf"{re.escape(read_model)}-v([0-9]+)")
        feeds = {value for name, labels in self.samples for label, value in labels if label == "feed"}
        versions = [int(found[1]) for found in map(pattern.fullmatch, feeds) if found is not None]
        return f"{read_model}-v{max(versions)}" if versions else read_model


def read(url: str) -> MetricsPage | None:
    """The page, or None when nobody serves it."""
    text = _get(url)
    if text is None:
        return None
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return MetricsPage({(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples})


def together(pages: Iterable[MetricsPage | None]) -> MetricsPage | None:
    """One page for several instances of a process: what each does a part of is added, of all else the highest counts.

    An instance says as little of what is another's as can be, so that the highest is what is so.
    """
    there = [page for page in pages if page is not None]
    if not there:
        return None
    found: dict[tuple[str, Labels], list[float]] = {}
    for page in there:
        for sample, value in page.samples.items():
            found.setdefault(sample, []).append(value)
    return MetricsPage({sample: (sum if sample[0] in ADDED else max)(values) for sample, values in found.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One instance of a process. `pid` and `name` are None when it has not said that it runs, and only its page does.

    `hangs`: it runs and has served its page before, and nobody answers there now.
    """

    process: Process
    name: str | None
    pid: int | None
    address: str
    page: MetricsPage | None
    hangs: bool = False
    waits: str = ""

    @property
    def condition(self) -> Condition:
        if self.page is None:
            return "hangs" if self.hangs else "starting"
        if self.process.active_when and self.value(self.process.active_when) == 0:
            return "standby"
        works = not self.process.works_when or self.value(self.process.works_when) or self.says_why_not
        return "up" if works else "starting"

    @property
    def says_why_not(self) -> bool:
        """A feed whose read model nobody vouches for now works, and says so; it may take as long as the log is."""
        return self.page is not None and any(
            self.page.value("rustok_feed_withheld", **self._labels(self.page), reason=why) for why in WITHHELD
        )

    @property
    def works(self) -> bool:
        """Whether it came as far as it has to: it does its part, or stands by."""
        return self.condition in ("up", "standby")

    def value(self, metric: str) -> float | None:
        return self.page.value(metric, **self._labels(self.page)) if self.page else None

    def _labels(self, page: MetricsPage) -> dict[str, str]:
        """Those of its own metrics."""
        name = self.process.read_model
        return {"feed": page.id_of(name)} if name else {}


def instances(process: Process, settings: Settings) -> list[Watched]:
    """Those that run on this machine: that say so, or answer on the port of the settings."""
    living_ones = living(settings, process.name)
    with ThreadPoolExecutor(len(living_ones) + 1) as pool:  # one that hangs is not to keep the others waiting
        pages = list(pool.map(lambda one: read(one.metrics_url) if one.metrics_url else None, living_ones))
    usual = process.metrics_url(settings)
    found = [
        Watched(
            process=process,
            name=one.name,
            pid=one.pid,
            address=one.address or "",
            page=page,
            hangs=page is None and one.address is not None,
            waits=one.waits,
        )
        for one, page in zip(living_ones, pages, strict=True)
    ]
    if usual not in [one.metrics_url for one in living_ones] and (page := read(usual)) is not None:
        address = usual.removeprefix("http://").removesuffix("/metrics")
        found.append(Watched(process=process, name=None, pid=None, address=address, page=page))
    return found


def works(process: Process, settings: Settings, pid: int | None = None) -> bool:
    """Whether it works; with a `pid`, that one."""
    found = instances(process, settings)
    of_pid = [one for one in found if pid in (None, one.pid)]
    return any(one.works for one in of_pid or [one for one in found if one.pid is None])


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
