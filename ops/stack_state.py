"""Finds out what runs and how far everything has come.

Asked of the supervisor, of each server by its own protocol, and of the pages of metrics: no client of any server is
needed, so the answer comes while half of the stack is down.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from ops import metrics, process_health
from ops.backup.restore_progress import unfinished
from ops.local import crash_counts
from ops.local.program import Server
from ops.local.start_stack import servers
from ops.local.supervisor import State, Supervisor
from ops.process_health import Condition, MetricsPage, Watched
from ops.processes import Process, all_processes
from ops.settings import Settings

Kind = Literal["server", "process"]

CLOCKS_DIFFER_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server, or an instance of a process. `instance` is what it is called among its like; None: it has not said so.

    `state` is what it does, `supervised` how the supervisor sees it (None: not its own). `why` is what one that is not
    ready says it lacks, or why one that crashes or waits does.
    """

    name: str
    instance: str | None
    kind: Kind
    state: Condition
    supervised: str | None
    address: str
    pid: int | None
    uptime_s: float | None
    restarts: int
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """How far the log has come into Kafka; a None is not known, for the capture does not say.

    `slot`: one of `metrics.SLOT_STATES`, as whoever looked last saw it. `retained_bytes`: what PostgreSQL keeps of its
    log for the slot. `safe_bytes`: how much may be added until the slot can be lost; None also when there is no limit.
    `topics_keep`: no topic of events could forget one. `gaps`: the kinds of those that are open. `clock_ahead_s`: by so
    much PostgreSQL's clock is ahead of that of the capture's machine.
    """

    active: bool | None
    publication_usable: bool | None
    topics_keep: bool | None
    gaps: tuple[str, ...] | None
    slot: str | None
    retained_bytes: int | None
    safe_bytes: int | None
    progress_age_ms: int | None

    confirmed_lsn: str | None
    lag_bytes: int | None
    clock_ahead_s: float | None
    pending_events: int | None
    as_of: datetime | None
    as_of_age_ms: int | None

    @property
    def clocks_differ(self) -> bool:
        """By so much that `as_of` may be of a moment to come, and look fresh when nothing moves any more."""
        return abs(self.clock_ahead_s or 0) > CLOCKS_DIFFER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModelState:
    """How fresh what people read is: it holds everything committed before `as_of`, but for `open_dead_letters` records.

    `id`: of the newest version that is fed, `sales-v1`; None when nobody says. `withheld`: one of `metrics.WITHHELD`,
    why nobody vouches for that now; None when somebody does. `waits_on`: one of `metrics.FEED_WAITS_ON_WHAT`, what its
    feed waits for just now.
    """

    name: str
    as_of: datetime | None
    lag_ms: int | None
    lag_records: int | None
    open_dead_letters: int | None
    withheld: str | None = None
    waits_on: str | None = None
    waits_since: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StackState:
    """`restoring`: the command that goes on with a restore which has not come to its end."""

    stack: str
    home: str
    processes: tuple[Running, ...]
    capture: Capture
    read_models: tuple[ReadModelState, ...]
    restoring: str | None = None

    @property
    def is_well(self) -> bool:
        """Whether each runs that should, and does its part or stands by; of each, one does its part; and no restore is
        left to be gone on with.
        """
        doing = {process.name for process in self.processes if process.state == "up"}
        each_works = all(one.state in ("up", "standby") and one.name in doing for one in self.processes)
        return each_works and not (self.capture.gaps or self.capture.clocks_differ or self.restoring)


def look(settings: Settings, *, ask_ready: bool = False) -> StackState:
    """The state of the stack now. With `ask_ready` what works is also asked what it lacks, which can take seconds."""
    supervised = {state.name: state for state in Supervisor(settings.folder).states()}
    ours = all_processes()
    with ThreadPoolExecutor(len(ours)) as pool:
        found = dict(zip(ours, pool.map(lambda each: process_health.instances(each, settings), ours), strict=True))
    pages = {process.name: process_health.together(one.page for one in all_) for process, all_ in found.items()}
    captures = [one for process, all_ in found.items() if process.name == "capture" for one in all_]
    return StackState(
        stack=settings.stack,
        home=str(settings.home),
        processes=(
            *(_server(server, supervised.get(server.name)) for server in servers(settings)),
            *(
                row
                for process, all_ in found.items()
                for row in _rows(process, settings, all_, supervised.get(process.name), ask_ready=ask_ready)
            ),
        ),
        capture=capture_from(reader(captures), latest_of_slot(found), now=time.time()),
        read_models=tuple(
            read_model_from(process.read_model, pages[process.name], pages["dead-letters"], now=time.time())
            for process in all_processes()
            if process.read_model
        ),
        restoring=unfinished(settings.folder.root),
    )


def reader(captures: Sequence[Watched]) -> MetricsPage | None:
    """The page of the capture that reads the slot; when none does, what all of them have to say."""
    reading = next((one.page for one in captures if one.value("rustok_capture_active")), None)
    return reading or process_health.together(one.page for one in captures)


def latest_of_slot(found: Mapping[Process, Sequence[Watched]]) -> MetricsPage | None:
    """The page of whoever looked at the slot last: the capture that reads, or the scheduler, which needs no Kafka."""
    pages = [one.page for all_ in found.values() for one in all_ if one.page is not None]
    measured = [page for page in pages if page.value("rustok_slot_measured_timestamp_seconds")]
    return max(measured, key=lambda page: page.value("rustok_slot_measured_timestamp_seconds") or 0, default=None)


def capture_from(page: MetricsPage | None, slot: MetricsPage | None = None, *, now: float) -> Capture:
    """The capture, from its page of metrics; `slot` is the page of whoever looked at the slot last."""
    slot = slot or page
    lsn = _whole(page, "rustok_capture_confirmed_lsn")
    as_of = _instant(page, "rustok_capture_as_of_timestamp_seconds")
    progress = _instant(page, "rustok_capture_progress_timestamp_seconds")
    return Capture(
        active=_yes_or_no(page, "rustok_capture_active"),
        publication_usable=_yes_or_no(page, "rustok_capture_publication_usable"),
        topics_keep=_yes_or_no(page, "rustok_capture_topics_keep"),
        gaps=_gaps(page),
        slot=next((state for state in metrics.SLOT_STATES if _value(slot, "rustok_slot_state", state=state)), None),
        retained_bytes=_whole(slot, "rustok_slot_retained_bytes"),
        safe_bytes=_whole(slot, "rustok_slot_safe_bytes"),
        progress_age_ms=_age_ms(progress, now),
        confirmed_lsn=f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}" if lsn else None,
        lag_bytes=_whole(page, "rustok_capture_lag_bytes"),
        clock_ahead_s=_value(page, "rustok_capture_clock_ahead_seconds"),
        pending_events=_whole(page, "rustok_capture_pending_events"),
        as_of=as_of,
        as_of_age_ms=_age_ms(as_of, now),
    )


def read_model_from(
    name: str, page: MetricsPage | None, dead_letters: MetricsPage | None, *, now: float
) -> ReadModelState:
    """A read model, from the pages of metrics of its feed and of the collector of dead letters."""
    feed = page.id_of(name) if page else name
    withheld = next(
        (why for why in metrics.WITHHELD if _value(page, "rustok_feed_withheld", feed=feed, reason=why)), None
    )
    as_of = None if withheld else _instant(page, "rustok_feed_as_of_timestamp_seconds", feed=feed)
    return ReadModelState(
        name=name,
        id=feed if feed != name else None,
        as_of=as_of,
        lag_ms=_age_ms(as_of, now),
        lag_records=_whole(page, "rustok_feed_lag_records", feed=feed),
        open_dead_letters=_open_dead_letters(dead_letters, name),
        withheld=withheld,
        waits_on=next(
            (on for on in metrics.FEED_WAITS_ON_WHAT if _value(page, "rustok_feed_waits_on", feed=feed, on=on)), None
        ),
        waits_since=_instant(page, "rustok_feed_waits_since_timestamp_seconds", feed=feed),
    )


def _open_dead_letters(page: MetricsPage | None, model: str) -> int | None:
    """Of the read model of this id, or of all versions of that name. None: nobody says."""
    of_model = re.compile(rf"{re.escape(model)}(-v[0-9]+)?")
    found = [
        value
        for (metric, labels), value in (page.samples if page else {}).items()
        if metric == "rustok_dead_letters_open" and of_model.fullmatch(dict(labels)["feed"])
    ]
    return int(sum(found)) if found else None


def _server(server: Server, state: State | None) -> Running:
    is_ready = server.is_ready()
    condition: Condition = "up" if is_ready else "starting" if state and state.pid else "down"
    return _running(server.name, "server", condition, server.address, state if server.is_ours else None)


def _rows(
    process: Process, settings: Settings, found: Sequence[Watched], state: State | None, *, ask_ready: bool
) -> Iterator[Running]:
    """First the one that the supervisor keeps, whether it is there or not; then those that others have started."""
    kept = next((one for one in found if state and one.pid is not None and one.pid == state.pid), None)
    kept = kept or next((one for one in found if one.pid is None), None)
    if kept is not None or state is not None or not found:
        yield _process(process, settings, kept, state, ask_ready=ask_ready)
    for one in found:
        if one is not kept:
            yield _process(process, settings, one, None, ask_ready=False)


def _process(
    process: Process, settings: Settings, one: Watched | None, state: State | None, *, ask_ready: bool
) -> Running:
    usual = f"127.0.0.1:{process.port(settings)}"
    if (one is None or one.condition == "starting") and (error := _why_crashing(process, settings, state)):
        return _running(process.name, "process", "crashing", usual, state, error)
    if one is None:
        return _running(process.name, "process", "starting" if state and state.pid else "down", usual, state)
    condition, why = one.condition, None
    if condition in ("up", "starting") and one.waits:
        condition, why = "waits", one.waits
    elif ask_ready and condition == "up" and (why := process_health.why_not_ready(process, settings)):
        condition = "not ready"
    row = _running(process.name, "process", condition, one.address or usual, state, why)
    return replace(row, instance=one.name, pid=row.pid or one.pid)


def _why_crashing(process: Process, settings: Settings, state: State | None) -> str | None:
    """Its last error, when it crashes again and again."""
    if state is None:
        return None
    log = crash_counts.read(settings.folder.logs)
    number = crash_counts.in_a_row(log, process.name, datetime.now())  # noqa: DTZ005  # as the supervisor writes
    if number < crash_counts.MANY:
        return None
    return f"{number} crashes in a row: {crash_counts.last_reason(Supervisor(settings.folder).log_of(process.name))}"


def _running(
    name: str, kind: Kind, condition: Condition, address: str, state: State | None, why: str | None = None
) -> Running:
    return Running(
        name=name,
        instance=None,
        kind=kind,
        state=condition,
        supervised=state.state if state else None,
        address=address,
        pid=state.pid if state else None,
        uptime_s=_seconds_since(state.started_at) if state and state.pid else None,
        restarts=state.restarts if state else 0,
        why=why,
    )


def _seconds_since(instant: datetime | None) -> float | None:
    return round((datetime.now(UTC) - instant).total_seconds(), 1) if instant else None


def _value(page: MetricsPage | None, name: str, **labels: str) -> float | None:
    return page.value(name, **labels) if page else None


def _whole(page: MetricsPage | None, name: str, **labels: str) -> int | None:
    value = _value(page, name, **labels)
    return None if value is None or value == float("inf") else int(value)


def _yes_or_no(page: MetricsPage | None, name: str) -> bool | None:
    value = _value(page, name)
    return None if value is None else value == 1


def _gaps(page: MetricsPage | None) -> tuple[str, ...] | None:
    """None: nobody says."""
    found = {kind: _value(page, "rustok_log_gap_open", kind=kind) for kind in metrics.GAP_KINDS}
    if all(value is None for value in found.values()):
        return None
    return tuple(kind for kind, value in found.items() if value)


def _instant(page: MetricsPage | None, name: str, **labels: str) -> datetime | None:
    value = _value(page, name, **labels)
    return datetime.fromtimestamp(value, UTC) if value else None  # 0: set by nobody yet


def _age_ms(instant: datetime | None, now: float) -> int | None:
    return None if instant is None else max(0, round((now - instant.timestamp()) * 1000))
