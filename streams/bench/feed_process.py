"""Runs feeds on a scratch world, as a process of their own with the code of `rustok streams feed`: `python -m
streams.bench.feed_process MARK NAME-vVERSION ...`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from ops.feeds import Feed
from ops.settings import PREFIX, Settings
from sinks.read_model import ReadModel
from streams.bench.scratch_feeds import World, scratch_model
from streams.feeds_of_process import ToFeed

STOP_S: Final = 15


def start(world: World, *chosen: ReadModel, **settings: object) -> "subprocess.Popen[bytes]":
    """`settings` by their names in `ops.settings`."""
    arguments = (world.mark, *(model.id for model in chosen))
    return _started(world, "streams.bench.feed_process", arguments, settings)


@contextmanager
def running(world: World, chosen: ReadModel) -> Iterator["subprocess.Popen[bytes]"]:
    with _ended(start(world, chosen)) as process:
        yield process


@contextmanager
def reading(world: World, module: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Another reader, a Python module, in the place of a feed."""
    with _ended(_started(world, module, arguments, {})) as process:
        yield process


def _started(
    world: World, module: str, arguments: Sequence[str], settings: Mapping[str, object]
) -> "subprocess.Popen[bytes]":
    chosen = {
        "home": world.settings.home,
        "stack": world.settings.stack,
        "kafka_bootstrap": world.settings.kafka_bootstrap,
        "opensearch_url": world.settings.opensearch_url,
        "registry_url": world.schemas_url,
        "analytics_dir": world.folder,
        "log_level": "warning",
        "log_format": "json",
        **settings,
    }
    environment = {**os.environ, **{PREFIX + name.upper(): str(value) for name, value in chosen.items()}}
    with world.log.open("ab") as log:
        command = (sys.executable, "-m", module, *arguments)
        return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


@contextmanager
def _ended(process: "subprocess.Popen[bytes]") -> Iterator["subprocess.Popen[bytes]"]:
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def to_feed(settings: Settings, mark: str, id_: str) -> ToFeed:
    """Readers are not led to it, and any port will do."""
    name, _, version = id_.rpartition("-v")
    model = scratch_model(name, mark, int(version))
    declared = Feed(name=name, batch=model.batch, publish_s=model.publish_s, metrics_port=0)
    return ToFeed(model, replace(declared.as_set(settings), metrics_port=0), goes_live=False)


if __name__ == "__main__":
    from ops import telemetry
    from streams.app import run

    settings = Settings()
    telemetry.configure(settings, process="feed-scratch")
    run(settings, [to_feed(settings, sys.argv[1], id_) for id_ in sys.argv[2:]])
