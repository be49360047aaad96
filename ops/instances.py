"""Registers each running process of this machine, and where it is measured, in `run/instances`.

There is a file for each instance, locked for as long as its process lives: the kernel lets go of it however the process
ends, so a name is never taken by the dead, and never given twice. The content is what Prometheus reads as a file of
targets (`file_sd_configs`), so whoever is started is watched from then on.
"""

import atexit
import fcntl
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from ops import metrics
from ops.failure import Failure
from ops.metrics import Owner
from ops.settings import PREFIX, Settings

#: What may be in a name: it becomes part of a file's name and of what Kafka calls us.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
#: Longer than anybody who only looks holds a lock.
_LOOKED_AT_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A living process. `address` is where its page of metrics is; None: not served yet. `waits`: why, if it does."""

    process: str
    name: str
    pid: int
    address: str | None
    waits: str = ""

    @property
    def metrics_url(self) -> str | None:
        return None if self.address is None else f"http://{self.address}/metrics"


class Claim:
    """The name is ours until this process ends."""

    def __init__(self, process: str, name: str, file: IO[str], path: Path) -> None:
        self.process = process
        self.name = name
        self._file = file
        self._path = path
        self._owner = os.getpid()
        self._address: str | None = None
        self._waits = ""
        self._write()
        atexit.register(self._leave)

    @property
    def is_first(self) -> bool:
        """Whether it is the one that the settings name a port for."""
        return self.name == "0"

    def listens(self, host: str, port: int) -> None:
        """Tells everybody where this instance is measured."""
        self._address = f"{reachable(host)}:{port}"
        self._write()

    def waits(self, why: str) -> None:
        """Tells everybody on this machine why this instance waits; nothing: it does not."""
        if why != self._waits:
            self._waits = why
            self._write()

    def _write(self) -> None:
        # Of what begins with two underscores Prometheus makes no label.
        labels = {"process": self.process, "name": self.name, "__pid__": str(self._owner)}
        if self._waits:
            labels["__waits__"] = self._waits
        targets = [{"targets": [] if self._address is None else [self._address], "labels": labels}]
        self._file.seek(0)
        self._file.write(json.dumps(targets))
        self._file.truncate()
        self._file.flush()

    def _leave(self) -> None:
        if os.getpid() == self._owner:  # and not a child that was forked
            with suppress(FileNotFoundError):
                self._path.unlink()


def claim(settings: Settings, process: str, name: str = "") -> Claim:
    """A name for this process: the given one, else the lowest free number.

    Raises `Failure` when another living process has the given name.
    """
    folder = _folder(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if name:
        if not NAME.fullmatch(name):
            raise Failure(f"{name!r} is no name for an instance.", "Use letters, digits, `-`, `_` and `.`.")
        file = _locked(_path(folder, process, name), patience_s=_LOOKED_AT_S)
        if file is None:
            raise Failure(
                f"There is an instance {name} of {process} already, and it runs.",
                "Leave --instance out, and each gets a name of its own.",
            )
        return Claim(process, name, file, _path(folder, process, name))
    number = 0
    while (file := _locked(path := _path(folder, process, str(number)), patience_s=_LOOKED_AT_S / 5)) is None:
        number += 1
    return Claim(process, str(number), file, path)


def serve_metrics(
    owner: Owner, port: int, setting: str, settings: Settings, claim: Claim | None, feed: str = ""
) -> None:
    """Serves the page of metrics on its port; an instance beside the first one takes any, if that one has it.

    `setting` is where the port comes from, `feed` whose page it is when the process has several.
    Raises `Failure` when another program has the port.
    """
    try:
        port = metrics.serve(owner, port, settings.listen_host, feed)
    except OSError:
        if claim is None or claim.is_first:
            variable = f"{PREFIX}{setting.upper()}"
            raise Failure(
                f"Port {port} is taken by another program ({variable}).", "End that program, or set another port."
            ) from None
        port = metrics.serve(owner, 0, settings.listen_host, feed)
    if claim is not None:
        claim.listens(settings.listen_host, port)


def living(settings: Settings, process: str | None = None) -> list[Instance]:
    """Those that run, of one process or of all; what the dead have left is removed."""
    folder = _folder(settings)
    found = (_read(path) for path in sorted(folder.glob("*.json")))
    return [one for one in found if one is not None and process in (None, one.process)]


def reachable(host: str) -> str:
    """Where one on this machine asks, when a process listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "", "::") else host  # noqa: S104  # compared


def _read(path: Path) -> Instance | None:
    try:
        with path.open("r+") as file:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
                return None
            (told,) = json.load(file)
    except (FileNotFoundError, ValueError):  # gone a moment ago, or begun a moment ago
        return None
    return _instance(told)


def _instance(told: dict[str, Any]) -> Instance:
    labels = told["labels"]
    address = next(iter(told["targets"]), None)
    return Instance(
        process=labels["process"],
        name=labels["name"],
        pid=int(labels["__pid__"]),
        address=address,
        waits=labels.get("__waits__", ""),
    )


def _locked(path: Path, patience_s: float) -> IO[str] | None:
    """The file, ours; None when a living process has it."""
    deadline = time.monotonic() + patience_s
    for file in _opened(path):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            if time.monotonic() > deadline:
                return None
            time.sleep(0.01)
            continue
        if _is_still(file, path):
            return file
        file.close()  # whoever looked has removed it in between
    raise AssertionError("there is always another try")


def _opened(path: Path) -> Iterator[IO[str]]:
    while True:
        yield os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")  # never shortened by who only tries


def _is_still(file: IO[str], path: Path) -> bool:
    try:
        return os.fstat(file.fileno()).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def _path(folder: Path, process: str, name: str) -> Path:
    return folder / f"{process}.{name}.json"


def _folder(settings: Settings) -> Path:
    return settings.folder.run / "instances"
