"""Finds free ports, and checks that those of a stack are free.

A port is asked for by binding it, the way the server will. Ports found for a stack are written into its `stack.env`,
so that every later process of the stack knows them.
"""

import os
import random
import socket
from collections.abc import Iterable, Mapping
from itertools import islice

from ops.failure import Failure
from ops.feeds import all_feeds
from ops.settings import PREFIX, Settings

LOCAL = "127.0.0.1"
#: Ports of somebody else's servers.
_ELSEWHERE = frozenset({"smtp_port"})
LISTENING = range(10_000, 32_768)  # above are those that Linux gives to outgoing connections: free now, taken soon


def check(ports: Mapping[str, int]) -> None:
    """Nothing when all are free, else a `Failure` that names the first taken one. Keys are names of settings."""
    for setting, port in ports.items():
        if not is_free(port):
            other = f"set {PREFIX}{setting.upper()} to a free port, or let `rustok up --free-ports` find one"
            if _listens(port):
                raise Failure(f"Port {port} is taken by another program ({setting}).", f"End that program, {other}.")
            raise Failure(
                f"Port {port} is held by a connection that goes out from it, or has just ended ({setting}).",
                f"Try again in a minute, {other}.",
            )


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCAL, port))
        except OSError:
            return False
    return True


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOCAL, port)) == 0


def find_free(settings: Settings) -> dict[str, int]:
    """A free port for each port setting that the environment leaves open; those that are free already stay."""
    ours = {name: port for name, port in _ports(settings).items() if f"{PREFIX}{name.upper()}" not in os.environ}
    kept = {name: port for name, port in ours.items() if settings.folder.env_file.is_file() and is_free(port)}
    open_ = [name for name in ours if name not in kept]
    return {**kept, **dict(zip(open_, unused(len(open_), besides=kept.values()), strict=True))}


def write(settings: Settings, ports: Mapping[str, int]) -> None:
    """Keeps them in `stack.env`, beside what else is there."""
    file = settings.folder.env_file
    names = {f"{PREFIX}{name.upper()}" for name in ports}
    lines = file.read_text().splitlines() if file.is_file() else []
    kept = [line for line in lines if line.partition("=")[0].strip() not in names]
    file.write_text("".join(f"{line}\n" for line in [*kept, *_assignments(ports)]))


def _ports(settings: Settings) -> dict[str, int]:
    """Every setting that is a port of ours, those of the feeds too."""
    names = (name for name in type(settings).model_fields if name.endswith("_port") and name not in _ELSEWHERE)
    own = {name: getattr(settings, name) for name in names}
    return own | {feed.setting("metrics_port"): feed.as_set(settings).metrics_port for feed in all_feeds()}


def _assignments(ports: Mapping[str, int]) -> Iterable[str]:
    return (f"{PREFIX}{name.upper()}={port}" for name, port in ports.items())


def unused(count: int, *, besides: Iterable[int] = ()) -> list[int]:
    """Ports nobody listens on, all different, and none that an outgoing connection could take meanwhile."""
    left = sorted(set(LISTENING) - set(besides))
    random.shuffle(left)
    found = list(islice(filter(is_free, left), count))
    if len(found) < count:
        raise Failure(f"Fewer than {count} ports are free.", "End programs that listen on many ports, and try again.")
    return found
