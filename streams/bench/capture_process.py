"""Runs capture on a scratch world, as a process of its own with the code of `rustok streams capture`.

The only difference are topics of its own: `… -m streams.bench.capture_process EVENTS PARTITIONS WATERMARKS POSITIONS`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe

from ops.clients.client_credentials import kafka_access
from ops.settings import PREFIX, Settings
from streams.bench.scratch_world import Scratch

STOP_S = 10


def start(world: Scratch, slot: str, **settings: object) -> "subprocess.Popen[bytes]":
    """`settings` by their names in `ops.settings`; the metrics page gets any free port unless one is given.

    What it logs can be read from its standard error, line by line.
    """
    chosen = {
        "postgres_url": world.url,
        "postgres_capture_url": world.url,
        "postgres_any_role": True,
        "kafka_bootstrap": kafka_access(world.bootstrap).bootstrap,
        "capture_slot": slot,
        "capture_publication": world.publication,
        "capture_metrics_port": 0,
        "watermark_key": token_urlsafe(48),  # nobody reads its watermarks but who wants to see what they say
        **settings,
    }
    environment = {**os.environ, **{PREFIX + name.upper(): str(value) for name, value in chosen.items()}}
    topics = (world.topic, str(world.partitions), world.watermark_topic, world.position_topic)
    command = (sys.executable, "-m", "streams.bench.capture_process", *topics)
    return subprocess.Popen(command, env=environment, bufsize=0, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)


@contextmanager
def running(world: Scratch, slot: str, **settings: object) -> Iterator["subprocess.Popen[bytes]"]:
    process = start(world, slot, log_level="warning", **settings)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


if __name__ == "__main__":
    from schemas.topics import Topic
    from streams.capture.capture_process import Where, run

    events, partitions, watermarks, positions = sys.argv[1:]
    declared = [Topic(name=events, partitions=int(partitions))]
    sys.exit(run(Settings(), Where(events=declared, watermarks=watermarks, positions=positions)))
