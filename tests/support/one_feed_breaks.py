"""Runs two feeds in one process, and the store of the second has a defect:
`python -m tests.support.one_feed_breaks MARK ID ID`.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

from ops import telemetry
from ops.settings import Settings
from sinks.memory_sink import MemorySink
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange, Positions, Sink, StoreRefusal
from streams.app import run
from streams.bench.feed_process import to_feed


class Defect(Exception):
    """What nobody has thought of."""


class BrokenSink(MemorySink):
    def write(self, changes: Sequence[DocumentChange], positions: Positions) -> Sequence[StoreRefusal]:
        if changes:
            raise Defect
        return super().write(changes, positions)


class Broken:
    shape = None

    def sink(self, settings: Settings, model: ReadModel, *, goes_live: bool) -> Sink:
        return BrokenSink()


if __name__ == "__main__":
    settings = Settings()
    telemetry.configure(settings, process="feed-scratch")
    well, broken = (to_feed(settings, sys.argv[1], id_) for id_ in sys.argv[2:])
    run(settings, [well, replace(broken, model=replace(broken.model, store=Broken()))])
