"""How is the API served? The configuration gunicorn reads: processes with threads, counted together, stopped gently."""

from typing import Any

from prometheus_client import multiprocess

from api.dependencies import EXTENSION
from ops.settings import Settings

_settings = Settings()

bind = f"{_settings.listen_host}:{_settings.api_port}"
workers = _settings.api_workers
worker_class = "gthread"
threads = _settings.api_threads
timeout = 120
graceful_timeout = 20
keepalive = 30
reuse_port = False
accesslog = None
errorlog = "-"
loglevel = _settings.log_level
proc_name = "rustok api"
worker_tmp_dir = "/dev/shm"  # noqa: S108  # heartbeats only; on a slow disk they would stall the workers
control_socket_disable = True


def child_exit(_: Any, worker: Any) -> None:
    """Gauges of a worker that is gone no longer count."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # prometheus_client has no type here


def worker_exit(_: Any, worker: Any) -> None:
    app = getattr(worker, "wsgi", None)
    if app is not None:
        for close in app.extensions[EXTENSION].closing:
            close()
