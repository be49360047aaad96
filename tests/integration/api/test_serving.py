"""The API as it is run: a parent and its workers, started by the command line, stopped by SIGTERM."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from ops.settings import Settings
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def served(servers: Stack, settings: Settings) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = servers.environment | {"RUSTOK_API_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "ops.cli", "api", "serve"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(f"{url}/health/live"), 60, "the API answers")
        yield url, process
    finally:
        process.kill()
        process.wait()


def test_it_serves_counts_over_all_processes_and_stops_gently(
    served: "tuple[str, subprocess.Popen[bytes]]",
) -> None:
    url, process = served
    with httpx.Client() as one_connection:
        for _ in range(20):
            one_connection.get(f"{url}/").raise_for_status()

    def counted() -> bool:
        text = httpx.get(f"{url}/metrics").text
        return 'rustok_http_requests_total{method="GET",route="/",status="200"} 20.0' in text

    wait_until(counted, 5, "twenty requests are counted")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=25) == 0


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False
