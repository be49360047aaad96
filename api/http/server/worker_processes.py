"""Runs the API: one process that holds the socket, and workers that serve it.

SIGTERM ends it gently. SIGHUP takes in new code and settings without refusing anybody: a new worker begins to serve
before an old one ends, one after the other; the socket stays where it is.
"""

import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Final

import structlog
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from api.http.server.connections import Connection, ConnectionLimits
from ops import telemetry
from ops.settings import Settings

#: Waiting connections that the kernel keeps for us.
_BACKLOG: Final = 2048
_GRACEFUL_S: Final = 20
#: A worker that has not come up by then is given up, and the old one stays.
_COMES_UP_S: Final = 60
#: How long a thread may compute when another one wants to: the event loop is one of many that do.
_SWITCH_S: Final = 0.001
_SPARE_FILES: Final = 200
_log = structlog.get_logger(__name__)


def main() -> None:
    """Arguments: the factory of the ASGI application (`api.wsgi:make`) and the name the log knows us by."""
    settings, factory, name = Settings(), sys.argv[1], sys.argv[2]
    telemetry.configure(settings, process=name)
    with _bound(settings) as listening:
        _log.info("serving", address=f"{settings.listen_host}:{settings.api_port}", workers=settings.api_workers)
        running = _Workers(_config(settings, factory), [listening])
        running.run()
    if any(worker.exitcode == STARTUP_FAILURE for worker in running.processes):
        sys.exit(1)


def prepare_worker(settings: Settings) -> None:
    """In each worker, before it serves."""
    sys.setswitchinterval(_SWITCH_S)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Connection.patience = ConnectionLimits(
        request_s=settings.api_request_s,
        idle_s=settings.api_idle_s,
        most=min(settings.api_connections, most - _SPARE_FILES) if most > 0 else settings.api_connections,
    )
    made_by = multiprocessing.parent_process()  # who made us, even if that has ended by now
    parent = os.getppid() if made_by is None else made_by.pid
    threading.Thread(target=_end_with, args=(parent,), daemon=True, name="rustok-parent").start()


def forget_the_dead() -> None:
    """Gauges of workers that are gone no longer count, however they ended."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    for file in Path(folder).glob("gauge_live*.db") if folder else ():
        if not Path(f"/proc/{file.stem.rpartition('_')[2]}").exists():
            file.unlink(missing_ok=True)


def _config(settings: Settings, factory: str) -> Config:
    return Config(
        factory,
        factory=True,
        workers=settings.api_workers,
        http=Connection,
        ws="none",
        loop="uvloop",
        interface="asgi3",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=settings.api_keepalive_s,
        timeout_graceful_shutdown=_GRACEFUL_S,
        timeout_worker_healthcheck=_COMES_UP_S,
    )


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.listen_host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((settings.listen_host, settings.api_port))
    made.listen(_BACKLOG)
    made.set_inheritable(True)
    return made


class _Workers(Multiprocess):
    """As uvicorn has them; who is gone is forgotten in the figures."""

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        forget_the_dead()


def _end_with(parent: int | None) -> None:
    """A worker without its parent would serve on unseen, and keep the port."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
