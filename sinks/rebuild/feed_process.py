"""Feeds a build beside the live one, by processes of its own that share the log and end with whoever asked for it."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.failure import Failure
from ops.held_process import HeldProcess, begin
from ops.settings import Settings
from sinks.builds import Build
from sinks.read_model import ReadModel

_STOP_S: Final = 30
_SAID: Final = 3000


@dataclass(frozen=True, slots=True)
class FeedProcesses:
    processes: tuple[HeldProcess, ...]
    log: Path

    def require_running(self) -> None:
        """Raises `Failure` with the end of their log when one of them has ended."""
        code = next((code for one in self.processes if (code := one.poll()) is not None), None)
        if code is not None:
            raise Failure(
                f"What fed it ended with {code}. The end of its log:\n{self.log.read_text(errors='replace')[-_SAID:]}",
                f"The whole log is {self.log}. What was made stays: begin again, and it goes on from there.",
            )


def log_of(settings: Settings, model: str) -> Path:
    """What all say that is done about the builds of this model."""
    return settings.folder.logs / f"rebuild-{model}.log"


@contextmanager
def feeding(model: ReadModel, build: Build, log: Path, workers: int) -> Iterator[FeedProcesses]:
    """By so many processes, or one where a store takes no more. Afterwards they have ended, with all that they read on
    record in the store.
    """
    with ExitStack() as ending:
        processes: list[HeldProcess] = []
        for _ in range(workers if model.store.is_shared else 1):
            process = begin("streams", "feed", model.name, f"--beside={build}", log=log, environment={})
            ending.callback(_ended, process)
            processes.append(process)
        try:
            yield FeedProcesses(tuple(processes), log)
        finally:
            for process in processes:
                process.terminate()  # all, before one is waited for


def _ended(process: HeldProcess) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
