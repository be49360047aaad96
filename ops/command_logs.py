"""Keeps what a command logs away from what it answers: an answer is on standard output, and nothing else is."""

import sys

import structlog


def log_to_standard_error() -> None:
    """Until the process is set up by `ops.telemetry`, which short commands never are."""
    if not structlog.is_configured():
        structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
