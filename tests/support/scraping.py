"""A stack under Prometheus' eyes, in fast motion: so many seconds of the rules pass in one of the test.

Targets are found as ops/prometheus.yml has it: the API, and the files in which instances say where they are measured.
What a page says of instants is stretched with the time.
"""

import json
import threading
import time
from types import TracebackType
from typing import Final

from ops import process_health
from ops.settings import Settings
from tests.docs.pages import ROOT
from tests.support.promql import Alerts, History, rules

TIMES: Final = 10.0
EVERY_S: Final = 0.5


class Prometheus:
    """Scrapes and evaluates while it is entered. `fired` has each alert with the second of the rules it fired first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._history = History()
        self._alerts = Alerts(rules(ROOT / "ops" / "alerts.yaml"))
        self._began = time.time()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._targets: dict[str, dict[str, str]] = {}
        self.fired: dict[str, float] = {}
        self.scrapes = 0

    @property
    def seconds(self) -> float:
        """Of the rules, since it began."""
        return self._stretched(time.time()) - self._began

    def __enter__(self) -> "Prometheus":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            now = time.time()
            at = self._stretched(now)
            targets = self._found()
            for address in self._targets.keys() - targets.keys():
                self._history.ended(at, self._targets[address])
            self._targets = targets
            for address, labels in targets.items():
                page = process_health.read(f"http://{address}/metrics")
                self._history.scraped(at, labels, None if page is None else self._stretch(page))
            self.scrapes += 1
            for name in self._alerts.firing(self._history, at):
                self.fired.setdefault(name, at - self._began)

    def _found(self) -> dict[str, dict[str, str]]:
        api = f"127.0.0.1:{self._settings.api_port}"
        found = {api: {"job": "rustok", "instance": api, "process": "api"}}
        for file in (self._settings.folder.run / "instances").glob("*.json"):
            try:
                (told,) = json.loads(file.read_text())
            except (FileNotFoundError, ValueError):  # about to come or to go
                continue
            labels = {name: value for name, value in told["labels"].items() if not name.startswith("__")}
            found |= {address: {"job": "rustok", "instance": address, **labels} for address in told["targets"]}
        return found

    def _stretched(self, instant: float) -> float:
        return self._began + (instant - self._began) * TIMES

    def _stretch(self, page: process_health.MetricsPage) -> dict[tuple[str, process_health.Labels], float]:
        return {
            sample: self._stretched(value) if sample[0].endswith("timestamp_seconds") and value else value
            for sample, value in page.samples.items()
        }
