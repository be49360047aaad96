"""Logs what a process does as events with fields.

As events with fields, one a line, on standard error: JSON for machines, colours on a terminal. What the libraries log
goes the same way. The ids that tie a request to its records (`tenant_id`, `trace_id`, `correlation_id`) are bound
once, with `context(…)`, and are in every line logged inside. A traceback never shows the values of variables.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from structlog.typing import Processor

from ops.settings import Settings

# Libraries that tell every step at info level.
CHATTY = (
    "aiokafka",
    "faust",
    "mode",
    "opensearch",
    "opensearchpy",
    "httpx",
    "httpcore",
    "urllib3",
    "alembic.runtime",
    "flask-limiter",
)


def configure(settings: Settings, *, process: str) -> None:
    """Sets up logging for this process; `process` is the name it has in `rustok status`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if _as_json(settings):
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        shared.append(structlog.processors.ExceptionRenderer(frames))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    _send_library_logs_the_same_way(settings, shared)


@contextmanager
def context(
    *,
    tenant_id: UUID | str | None = None,
    trace_id: str | None = None,
    correlation_id: UUID | str | None = None,
) -> Iterator[None]:
    """Every line logged inside carries these ids; None leaves an id as it is."""
    given = {"tenant_id": tenant_id, "trace_id": trace_id, "correlation_id": correlation_id}
    ids = {name: str(value) for name, value in given.items() if value is not None}
    with structlog.contextvars.bound_contextvars(**ids):
        yield


def _as_json(settings: Settings) -> bool:
    return settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())


def _send_library_logs_the_same_way(settings: Settings, shared: list[Processor]) -> None:
    renderer: Processor = (
        structlog.processors.JSONRenderer(default=str)
        if _as_json(settings)
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
