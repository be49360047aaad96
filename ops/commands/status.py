"""Defines `rustok status`: what runs, and how fresh is what people read.

With `--json`, one document:

    {"stack", "home", "well": true | false,
     "processes":   [{"name", "instance", "kind": "server" | "process",
                      "state": "up" | "standby" | "waits" | "not ready" | "starting" | "hangs" | "crashing" | "down",
                      "supervised", "address", "pid", "uptime_s", "restarts", "why"}, …],
     "capture":     {"active", "publication_usable", "topics_keep", "gaps", "slot", "retained_bytes", "safe_bytes",
                      "progress_age_ms", "confirmed_lsn", "lag_bytes", "clock_ahead_s", "pending_events",
                      "as_of", "as_of_age_ms"},
     "read_models": [{"name", "as_of", "lag_ms", "lag_records", "open_dead_letters", "withheld", "waits_on",
                      "waits_since", "id"}, …],
     "restoring": the command that goes on with a restore that has not come to its end}

What is not known is null; instants are ISO 8601 in UTC. The exit code is 1 when anything is neither up nor on
standby, or when of a process none is up.
"""

import json
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ops.home import StackFolder
from ops.settings import Settings
from ops.stack_state import Running, StackState, look

_LOOK_AGAIN_S = 0.5
COLOURS = {
    "up": "green",
    "standby": "green",
    "waits": "yellow",
    "not ready": "yellow",
    "starting": "yellow",
    "hangs": "red",
    "crashing": "red",
    "down": "red",
}
#: Where no terminal says how wide it is nothing is cut.
_WIDE = 200


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of tables.")
@click.option("--wait", "wait_s", type=click.FloatRange(0, 3600), default=0, help="Seconds at most until all is up.")
@click.pass_context
def status(context: click.Context, *, as_json: bool, wait_s: float) -> None:
    """Show servers, processes, capture position, and the lag and freshness of each read model.

    Exits with 1 when something is not up.
    """
    until = time.monotonic() + wait_s
    settings = Settings()
    while not (state := look(settings, ask_ready=True)).is_well and time.monotonic() < until:
        time.sleep(_LOOK_AGAIN_S)
    if as_json:
        click.echo(document(state))
    else:
        show(state, Console(width=None if sys.stdout.isatty() else _WIDE))
    context.exit(0 if state.is_well else 1)


def document(state: StackState) -> str:
    """The state as the JSON document described above."""
    return json.dumps({**asdict(state), "well": state.is_well}, default=_iso)


def show(state: StackState, console: Console) -> None:
    """The state as tables for people."""
    folder = StackFolder(Path(state.home), state.stack).root
    console.print(f"Stack [bold]{state.stack}[/] in {folder}", highlight=False, soft_wrap=True)
    if state.restoring is not None:
        console.print(
            f"[red]A restore has not come to its end:[/] `{state.restoring}` goes on with it.", soft_wrap=True
        )
    running = Table("", "state", "address", "pid", "for", "restarts", box=None, pad_edge=False)
    for process in state.processes:
        running.add_row(*_row(process))
    console.print(running)
    for process in state.processes:
        if process.why:
            does = {"waits": "waits", "crashing": "crashes:"}.get(process.state, "is not ready:")
            console.print(f"{process.name} {does} {process.why}", highlight=False, markup=False, soft_wrap=True)
    capture = state.capture
    console.print(
        f"\nCapture: confirmed {capture.confirmed_lsn or '—'}, {_number(capture.lag_bytes, 'bytes')} behind, "
        f"{_number(capture.pending_events, 'events')} on their way, as of {_ms(capture.as_of_age_ms)} ago",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"Slot: {capture.slot or '—'}, {_number(capture.retained_bytes, 'bytes')} of log kept, "
        f"{_number(capture.safe_bytes, 'bytes')} more until it can be lost; publication "
        f"{_either(capture.publication_usable, 'usable', 'not usable')}; "
        f"{_either(capture.active, 'reading', 'not reading')}, progress {_ms(capture.progress_age_ms)} ago",
        highlight=False,
        soft_wrap=True,
    )
    if capture.clocks_differ:
        apart = _apart(capture.clock_ahead_s or 0)
        console.print(f"[red]The clocks differ: PostgreSQL's is {apart} that of the capture.[/]", soft_wrap=True)
    if capture.topics_keep is False:
        console.print("A topic of events could forget one: `rustok streams topics` says which.", soft_wrap=True)
    if capture.gaps:
        kinds = ", ".join(capture.gaps)
        console.print(
            f"[red]A gap is open ({kinds}): events may be missing.[/] `rustok streams gaps` says what to do.",
            soft_wrap=True,
        )
    models = Table("read model", "behind", "records to go", "dead letters", "as of", box=None, pad_edge=False)
    for model in state.read_models:
        as_of = model.as_of.isoformat(timespec="milliseconds") if model.as_of else "—"
        as_of = model.withheld or as_of
        models.add_row(
            model.name, _ms(model.lag_ms), _number(model.lag_records), _number(model.open_dead_letters), as_of
        )
    console.print(models)


def _row(process: Running) -> tuple[str, ...]:
    uptime = "—" if process.uptime_s is None else _duration(process.uptime_s)
    state = f"[{COLOURS[process.state]}]{process.state}[/]"
    name = process.name if process.instance in (None, "0") else f"{process.name} {process.instance}"
    return name, state, process.address, _number(process.pid), uptime, str(process.restarts)


def _duration(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{seconds:02}s"


def _apart(seconds: float) -> str:
    return f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'}"


def _number(value: int | None, unit: str = "") -> str:
    return "—" if value is None else f"{value} {unit}".strip()


def _ms(value: int | None) -> str:
    return "—" if value is None else f"{value} ms"


def _either(value: bool | None, yes: str, no: str) -> str:
    return "—" if value is None else yes if value else no


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in the document")
