"""Serves an app as the API is served, and asks it from a process of its own how fast it answers."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import httpx

from api.bench.load_process import Answered
from ops.failure import Failure
from ops.settings import PREFIX, Settings

HOST: Final = "127.0.0.1"
_START_S: Final = 30.0
_MIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def resident_mib(self) -> float:
        """Of its worker."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(_resident_kib(pid) for pid in children) / _MIB


@contextmanager
def serving(settings: Settings, app: str, also: Mapping[str, str] | None = None) -> Iterator[Served]:
    """One worker of the server that the API runs in. Its environment has `also`."""
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as counting, tempfile.TemporaryFile() as said:
        own = {"API_PORT": str(port), "API_WORKERS": "1", "LISTEN_HOST": HOST, "STACK": settings.stack}
        environment = {
            **os.environ,
            **{f"{PREFIX}{name}": value for name, value in own.items()},
            **(also or {}),
            "PROMETHEUS_MULTIPROC_DIR": counting,
        }
        command = [sys.executable, "-m", "api.http.server.worker_processes", app, "bench"]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            _until_it_answers(port, process, said)
            yield Served(port, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def load(
    port: int,
    paths: Sequence[str],
    seconds: float,
    connections: int,
    authorization: str,
    bodies: Sequence[str] = (),
    host: str = HOST,
) -> Answered:
    """A short one to warm up, then the one that counts. `bodies`: what each path is asked with, if with anything."""
    questions = list(zip(paths, bodies or [""] * len(paths), strict=True))
    asked = json.dumps({"authorization": authorization, "questions": questions})
    _load(host, port, min(1.0, seconds), connections, asked)
    return _load(host, port, seconds, connections, asked)


def _load(host: str, port: int, seconds: float, connections: int, asked: str) -> Answered:
    command = [sys.executable, "-m", "api.bench.load_process", host, str(port), str(seconds), str(connections)]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False, timeout=seconds + 30)
    if done.returncode != 0:
        raise Failure(f"The load ended with an error: {done.stderr[-500:]}", "Is the stack up, and migrated?")
    return Answered(**json.loads(done.stdout))


def _until_it_answers(port: int, process: "subprocess.Popen[bytes]", said: IO[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"http://{HOST}:{port}/", timeout=1).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    said.seek(0)
    last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
    raise Failure(
        f"The server does not answer. The last it said is: {last or 'nothing'}", "Is the stack up (`rustok up`)?"
    )


def _resident_kib(pid: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
