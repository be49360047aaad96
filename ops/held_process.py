"""Begins a command of ours that ends with whoever began it, however that ended: they hold the end of its input."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

HeldProcess = subprocess.Popen[bytes]
_INPUT: Final = 0


def begin(*words: str, log: Path, environment: Mapping[str, str]) -> HeldProcess:
    """`rustok` with these words, and with this besides our own environment. What it says comes to the end of `log`, as
    JSON. The command has to call `end_with_input`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    own = {**os.environ, "RUSTOK_LOG_FORMAT": "json", **environment}
    with log.open("ab") as said:
        return subprocess.Popen(
            (sys.executable, "-m", "ops.cli", *words), env=own, stdin=subprocess.PIPE, stdout=said, stderr=said
        )


def end_with_input() -> None:
    """Returns at once. When our input ends, so does this process, as by SIGTERM."""
    threading.Thread(target=_wait, daemon=True, name="rustok-input").start()


def _wait() -> None:
    while os.read(_INPUT, 1):  # not Python's own stdin: it must not be held by a thread at the end of the process
        pass
    os.kill(os.getpid(), signal.SIGTERM)
