"""Turns a command into a server: takes its place, with a folder where its workers count together."""

import os
import shutil
import socket
import sys
import time
from typing import Final

from ops.failure import Failure
from ops.settings import PREFIX, Settings

#: The server before may still be ending.
_PORT_DEADLINE_S: Final = 2.0


def become(settings: Settings, app: str, *, name: str, port_setting: str) -> None:
    """Does not come back. `name` is what its log says it is. Raises `Failure` when its port is taken."""
    port = int(getattr(settings, port_setting))
    _await_free(settings.listen_host, port, port_setting)
    folder = settings.folder.run / f"{name}-metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # A process of its own from here on: prometheus_client looks for the folder when it is imported.
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), f"{PREFIX}API_PORT": str(port)}
    command = [sys.executable, "-m", "api.http.server.worker_processes", app, name]
    os.execve(sys.executable, command, environment)  # noqa: S606  # a fixed command, no shell


def _await_free(host: str, port: int, port_setting: str) -> None:
    deadline = time.monotonic() + _PORT_DEADLINE_S
    while not _is_free(host, port):
        if time.monotonic() > deadline:
            raise Failure(
                f"Port {port} is taken by another program ({port_setting}).",
                f"End that program, or set {PREFIX}{port_setting.upper()} to a free port.",
            )
        time.sleep(0.1)


def _is_free(host: str, port: int) -> bool:
    """Asked as the server will ask."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
