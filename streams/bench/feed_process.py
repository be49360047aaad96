"""Runs a feed on a scratch world, as a process of its own with the code of `rustok streams feed`: `python -m
streams.bench.feed_process NAME MARK VERSION INSTANCE`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from ops.settings import PREFIX, Settings
from streams.bench.scratch_feeds import World, feed
from streams.topology import Feed

STOP_S: Final = 15


def start(world: World, chosen: Feed, **settings: object) -> "subprocess.Popen[bytes]":
    """`settings` by their names in `ops.settings`."""
    arguments = (chosen.name, world.mark, str(chosen.model.version))
    return _started(world, "streams.bench.feed_process", arguments, settings)


@contextmanager
def running(world: World, chosen: Feed) -> Iterator["subprocess.Popen[bytes]"]:
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


if __name__ == "__main__":
    from ops import telemetry
    from streams.app import run

    settings = Settings()
    telemetry.configure(settings, process=f"feed-{sys.argv[1]}")
    run(settings, feed(sys.argv[1], sys.argv[2], int(sys.argv[3])))
