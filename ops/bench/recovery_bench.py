"""Runs `rustok bench recovery`: how long the running stack stands still when something is killed.

Each of our processes is killed with SIGKILL, again and again, and so are the servers that run here. With `--json`, one
document: {"capture": {"p50_s", "max_s", "kills", "limit_s"}, …}; the limit is null where none is promised.
"""

import json
from dataclasses import asdict, dataclass
from statistics import median
from typing import Final

import click

from ops.bench import kill_recovery
from ops.failure import Failure
from ops.local.start_stack import servers
from ops.local.supervisor import Supervisor
from ops.processes import all_processes
from ops.settings import Settings

#: Within so many seconds each of our own processes goes on.
LIMIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Recovery:
    p50_s: float
    max_s: float
    kills: int
    limit_s: float | None


@click.command()
@click.option("--kills", type=click.IntRange(min=1), default=5, show_default=True, help="Of each of our processes.")
@click.option("--server-kills", type=click.IntRange(min=0), default=2, show_default=True, help="Of each server.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def recovery(kills: int, server_kills: int, as_json: bool) -> None:
    """Kill what runs, one after the other, and measure until it goes on.

    The stack is the running one, and it is killed for real: nothing is lost, but it stands still meanwhile.
    """
    found = measure(Settings(), kills, server_kills)
    if as_json:
        click.echo(json.dumps({name: asdict(each) for name, each in found.items()}))
        return
    click.echo(f"{'killed':<20} {'p50':>9} {'longest':>9} {'kills':>6}   promised")
    for name, each in found.items():
        promised = "—" if each.limit_s is None else f"{each.limit_s:.0f} s"
        click.echo(f"{name:<20} {each.p50_s:>7.2f} s {each.max_s:>7.2f} s {each.kills:>6}   {promised}")


def measure(settings: Settings, kills: int, server_kills: int) -> dict[str, Recovery]:
    """By what was killed."""
    if not Supervisor(settings.folder).is_running():
        raise Failure(f"The stack {settings.stack} does not run.", "Start it with `rustok up`.")
    ours = [process.name for process in all_processes()]
    local = [server.name for server in servers(settings) if server.is_ours]
    seconds: dict[str, list[float]] = {}
    for turn in range(max(kills, server_kills)):  # in turns, so that a busy minute is nobody's alone
        for name in [*(ours if turn < kills else ()), *(local if turn < server_kills else ())]:
            seconds.setdefault(name, []).append(kill_recovery.kill(settings, name))
            click.echo(f"{name}: went on after {seconds[name][-1]:.2f} s", err=True)
    return {
        name: Recovery(round(median(taken), 2), round(max(taken), 2), len(taken), LIMIT_S if name in ours else None)
        for name, taken in seconds.items()
    }
