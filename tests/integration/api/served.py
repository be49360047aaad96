"""The API as it is run, in processes of its own, and clients that are slow, many or rude."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from tests.support.stack import Stack
from tests.support.waiting import wait_until

#: What a probe gives an API that is alive, on a machine that does other work too; one that hangs takes many seconds.
LIVE_S = 1.0


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        made.settimeout(10)
        return made

    def raw(self, request: bytes) -> bytes:
        """The answer to exactly these bytes, until the server closes."""
        with self.connect() as sock:
            sock.sendall(request)
            answer = b""
            while part := sock.recv(65536):
                answer += part
        return answer

    def slowest_live_s(self, probes: int = 20) -> float:
        """Of so many probes, a connection each, as probes have; without the slowest tenth: machines do other work."""
        took = []
        for _ in range(probes):
            began = time.perf_counter()
            with self.connect() as sock:
                sock.sendall(b"GET /health/live HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
                answer = sock.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200"), answer
            took.append(time.perf_counter() - began)
        return sorted(took)[probes * 9 // 10 - 1]

    def kill(self) -> None:
        """Its workers and itself, with no time to do anything."""
        for pid in (self.process.pid, *_workers(self.process.pid)):
            os.kill(pid, signal.SIGKILL)

    def metric(self, name: str) -> float:
        """The sum over its labels."""
        lines = httpx.get(f"{self.url}/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name}{{", f"{name} ")))


@contextmanager
def serving(servers: Stack, also: Mapping[str, str] | None = None, log: "IO[bytes] | None" = None) -> Iterator[Served]:
    """`log`: where what it logs goes, in place of the test's own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**servers.environment, "RUSTOK_API_PORT": str(port), **(also or {})}
    process = subprocess.Popen([sys.executable, "-m", "ops.cli", "api", "serve"], env=environment, stderr=log)
    served = Served(port, process)
    try:
        wait_until(lambda: answers(f"{served.url}/health/live"), 60, "the API answers")
        yield served
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def one_client_each(served: Served) -> Iterator[list[httpx.Client]]:
    """A client for each worker: its connection stays with the one that was awake when it was opened."""
    workers = _workers(served.process.pid)
    with ExitStack() as stack:
        clients = []
        for awake in workers:
            asleep = [pid for pid in workers if pid != awake]
            for pid in asleep:
                os.kill(pid, signal.SIGSTOP)
            try:
                client = stack.enter_context(httpx.Client(base_url=served.url, timeout=10))
                client.get("/health/live").raise_for_status()
                clients.append(client)
            finally:
                for pid in asleep:
                    os.kill(pid, signal.SIGCONT)
        yield clients


def _workers(parent: int) -> list[int]:
    children = map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())
    return [pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False
