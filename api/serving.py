"""How is the API served? The configuration gunicorn reads: processes with threads, counted together, stopped gently."""

from typing import Any

from gunicorn.glogging import Logger
from prometheus_client import multiprocess

from api.dependencies import EXTENSION
from ops import telemetry
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
loglevel = _settings.log_level
worker_tmp_dir = "/dev/shm"  # noqa: S108  # heartbeats only; on a slow disk they would stall the workers
control_socket_disable = True


class _Log(Logger):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn has to say goes the way of every other line."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True


logger_class = _Log


def on_starting(server: Any) -> None:
    telemetry.configure(_settings, process=server.cfg.proc_name)


def child_exit(_: Any, worker: Any) -> None:
    """Gauges of a worker that is gone no longer count."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # prometheus_client has no type here


def worker_exit(_: Any, worker: Any) -> None:
    app = getattr(worker, "wsgi", None)
    if app is not None:
        for close in app.extensions[EXTENSION].closing:
            close()
