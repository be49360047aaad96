"""Makes a build, has it judged, and leads readers to it; nothing they see changes before that.

Killed at any moment it is begun again and goes on: how far the build has come is in the build, and where readers are
led is changed at one moment.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from ops.failure import Failure
from ops.settings import Settings
from sinks.builds import Build, Builds, following
from sinks.freshness import BUILDING
from sinks.read_model import ReadModel
from sinks.rebuild import build_progress, feed_process, fill_from_tables, judge_build, rebuild_reports
from sinks.rebuild.build_progress import Watch
from sinks.rebuild.feed_process import FeedProcesses
from sinks.rebuild.judge_build import Judgement
from sinks.rebuild.opened_builds import opened_tables
from sinks.rebuild.progress import Progress, Tell
from sinks.rebuild.rebuild_reports import Rebuilt
from sinks.rebuild.rebuild_request import Source
from sinks.sink import Unavailable

_LOOKS_EVERY_S: Final = 0.5
#: By the feed that serves readers: it opens the build, reads on, and leads them there.
_TAKEN_OVER_S: Final = 60.0


Judge = Callable[[Settings, ReadModel, Builds, Build], Iterable[Judgement]]


def next_build(model: ReadModel, builds: Builds) -> Build:
    """One that was begun, or a new one. Raises `Failure` where this code cannot make what readers are to see."""
    led, known = builds.led(), builds.all()
    live = led.live
    if live is None:
        raise Failure(
            f"No reader is led to {model.name} yet: its feed builds it.", "`rustok status` shows whether it runs."
        )
    if live.version > model.version:
        raise Failure(
            f"Readers are led to {live} of {model.name}, and this code makes v{model.version}.",
            "Run the newer code, or lead them back with `rustok sinks rebuild rollback`.",
        )
    if live.version < model.version:
        return led.fed(model.version)
    # What readers saw before is older than one of these: it is never taken for one that was begun.
    seen = max(one for one in (live, led.previous) if one is not None and one.version == model.version)
    begun = [one for one in known if one.version == model.version and one > seen]
    return begun[-1] if begun else following(builds, model.version)


def rebuild(
    settings: Settings, model: ReadModel, builds: Builds, build: Build, tell: Tell, *, source: Source, lead: bool
) -> Rebuilt:
    """Makes it whole, judges it, and, if it is right and `lead`, leads readers there. The judgements are kept.

    Raises `Failure` when it cannot be made.
    """
    began = time.monotonic()
    of_build = model.as_fed(build, builds.led())
    fill_from_tables.fill(settings, of_build, build, tell, wanted=source == "tables")
    return _made(settings, model, builds, build, tell, judge_build.judge, began, lead=lead)


def lead_back(settings: Settings, model: ReadModel, builds: Builds, build: Build, tell: Tell) -> Rebuilt:
    """To what they were led to before, as soon as it has all that was written since; it was judged when it went live.

    Raises `Failure` when it cannot be fed.
    """
    return _made(settings, model, builds, build, tell, lambda *_: (), time.monotonic(), lead=True)


def _made(
    settings: Settings,
    model: ReadModel,
    builds: Builds,
    build: Build,
    tell: Tell,
    judge: Judge,
    began: float,
    *,
    lead: bool,
) -> Rebuilt:
    led = builds.led()
    of_build = model.as_fed(build, led)
    judgements: list[Judgement] = []
    with _fed(settings, of_build, build) as (feed, watch):
        _until_fresh(builds, build, feed, watch, tell, _now(settings))
        whole_s = time.monotonic() - began
        for judgement in judge(settings, of_build, builds, build):
            tell(f"{judgement.name}: {'yes' if judgement.holds else 'NO'}")
            judgements.append(judgement)
        documents = builds.size(build).documents
    rebuilt = Rebuilt(
        model=model.name,
        build=build,
        before=led.live,
        led=lead and all(one.holds for one in judgements) and _lead(builds, build, tell),
        judgements=tuple(judgements),
        documents=documents,
        whole_s=whole_s,
        seconds=time.monotonic() - began,
    )
    rebuild_reports.keep(settings, rebuilt)
    return rebuilt


@contextmanager
def _fed(settings: Settings, model: ReadModel, build: Build) -> Iterator[tuple[FeedProcesses, Watch]]:
    log = feed_process.log_of(settings, model.name)
    feeding = feed_process.feeding(model, build, log, settings.rebuild_workers)
    with build_progress.watching(settings, model) as watch, feeding as feed:
        yield feed, watch


def _now(settings: Settings) -> datetime:
    """By the clock that read models are dated by. Raises `Failure`."""
    with opened_tables(settings) as tables:
        return tables.now()


def _until_fresh(builds: Builds, build: Build, feed: FeedProcesses, watch: Watch, tell: Tell, since: datetime) -> None:
    """It has all that was committed before `since`; so somebody feeds it, whatever it said of itself before."""
    while True:
        feed.require_running()
        try:
            progress = watch.look()
            freshness = builds.freshness(build)
        except Unavailable as away:  # it is not made yet, or somebody is down: its feed waits, too
            tell(str(away))
        else:
            tell(_in_words(progress, freshness.withheld), progress)
            if freshness.state == "fresh" and freshness.as_of is not None and freshness.as_of > since:
                return
        time.sleep(_LOOKS_EVERY_S)


def _in_words(progress: Progress, withheld: str) -> str:
    """A gap is told: until it is closed nobody can say that a build is whole."""
    left = "" if progress.left_s is None else f", {progress.left_s:.0f} s left"
    waits = "" if withheld in ("", BUILDING) else "; waits for a gap to be closed: `rustok streams gaps` says how"
    return f"{progress.done:,} of {progress.records:,} records{left}{waits}"


def _lead(builds: Builds, build: Build, tell: Tell) -> bool:
    """Whether readers are led to it by now: its feed does so, as soon as it has made it as fresh as what they see.

    The feed of another version is one of other code, which has to be started first.
    """
    live = builds.led().live
    if live is None or live.version < build.version:
        return False
    builds.hand_over(build)
    if live.version != build.version:
        return False
    tell("its feed takes over")
    deadline = time.monotonic() + _TAKEN_OVER_S
    while builds.led().live != build:
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOKS_EVERY_S)
    tell(f"readers are led to {build}")
    return True
