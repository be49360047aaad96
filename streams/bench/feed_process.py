"""How is a feed run on a scratch world? As a process of its own, by the same code as `rustok streams feed`:
`python -m streams.bench.feed_process NAME MARK VERSION`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ops.settings import PREFIX, Settings
from streams.bench.scratch_feeds import World, feed
from streams.topology import Feed

STOP_S: Final = 15


@contextmanager
def running(world: World, chosen: Feed) -> Iterator["subprocess.Popen[bytes]"]:
    arguments = (chosen.name, world.mark, str(chosen.model.version))
    with child(world, "streams.bench.feed_process", *arguments) as process:
        yield process


@contextmanager
def child(world: World, module: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A Python module as a process that is ended on leaving; what it writes to standard error can be read."""
    chosen = {
        "kafka_bootstrap": world.settings.kafka_bootstrap,
        "opensearch_url": world.settings.opensearch_url,
        "registry_url": world.schemas_url,
        "analytics_dir": world.folder,
        "log_level": "warning",
    }
    environment = {**os.environ, **{PREFIX + name.upper(): str(value) for name, value in chosen.items()}}
    log = world.folder / f"{module}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            (sys.executable, "-m", module, *arguments),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
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
    run(settings, feed(sys.argv[1], sys.argv[2], int(sys.argv[3])), instance="0")
