"""Feeds a build of a read model beside the one that readers are led to, until whoever began it is gone.

It reads the log for itself, in a group of its own, and yields the processor to the feed that serves readers.
"""

import time
from dataclasses import replace
from typing import Final

import structlog

from ops.failure import Failure
from ops.feeds import Feed
from ops.held_process import end_with_input
from ops.processor_share import let_others_first
from ops.settings import Settings
from sinks.builds import Build, Builds, Led
from sinks.read_model import ReadModel
from sinks.sink import Unavailable
from streams.app import run as feed
from streams.feeds_of_process import ToFeed

_AGAIN_AFTER_S: Final = 1.0
log = structlog.get_logger(__name__)


def run(settings: Settings, model: ReadModel, as_set: Feed, name: str) -> None:
    """Raises `Failure` for a build that this code cannot make."""
    build, builds = Build.named(name), model.builds(settings)
    if builds is None:
        raise Failure(f"{model.name} cannot be made again from the log.", "It keeps what the log forgets.")
    if build is None or build.version != model.version:
        raise Failure(f"{name} is no build of {model.id}.", "`rustok sinks rebuild status` lists them.")
    let_others_first()
    end_with_input()
    of_build = model.as_fed(build, _led(builds, model))  # one that its feed would write to itself is shared with it
    builds.close()
    feed(settings, [ToFeed(of_build, replace(as_set, metrics_port=0), goes_live=False)])


def _led(builds: Builds, model: ReadModel) -> Led:
    """Waits for its store, as a feed does, until whoever began this process is gone."""
    while True:
        try:
            return builds.led()
        except Unavailable as away:
            log.warning("feed_waits", feed=model.name, on=away.on, what=away.what, seconds=_AGAIN_AFTER_S, attempt=0)
            time.sleep(_AGAIN_AFTER_S)
