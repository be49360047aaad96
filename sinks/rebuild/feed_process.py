"""Feeds a build beside the live one, by a process of its own that ends with whoever asked for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.failure import Failure
from sinks.builds import Build
from sinks.read_model import ReadModel

_STOP_S: Final = 30
_SAID: Final = 3000


@dataclass(frozen=True, slots=True)
class FeedProcess:
    process: "subprocess.Popen[bytes]"
    log: Path

    def require_running(self) -> None:
        """Raises `Failure` with the end of its log when it has ended."""
        code = self.process.poll()
        if code is not None:
            raise Failure(
                f"What fed it ended with {code}. The end of its log:\n{self.log.read_text(errors='replace')[-_SAID:]}",
                f"The whole log is {self.log}. What was made stays: begin again, and it goes on from there.",
            )


@contextmanager
def feeding(model: ReadModel, build: Build, log: Path) -> Iterator[FeedProcess]:
    """Afterwards it has ended, with all that it read on record in the store."""
    log.parent.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "ops.cli", "streams", "feed", model.name, f"--beside={build}")
    quiet = {**os.environ, "RUSTOK_LOG_FORMAT": "json"}
    with log.open("ab") as said:
        process = subprocess.Popen(command, env=quiet, stdin=subprocess.PIPE, stdout=said, stderr=said)
    try:
        yield FeedProcess(process, log)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()
