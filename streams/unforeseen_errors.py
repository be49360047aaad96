"""Ends a process at once when something happened that nobody foresaw, so that it is started again.

The log is then read again from the last durable position. Nothing that could make that position wrong may still run, so
there is no clean-up: the supervisor sees the exit code and starts the process anew.
"""

import logging
import os
from typing import Any, Final, NoReturn

import structlog

log = structlog.get_logger(__name__)

CRASHED: Final = 70


def crash(event: str, **fields: Any) -> NoReturn:
    """Logs the exception being handled and ends the process."""
    log.exception(event, **fields)
    logging.shutdown()
    os._exit(CRASHED)
