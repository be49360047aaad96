"""The registry as it is run, alone: several processes at once, killed, and started again."""

import base64
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from ops.settings import Settings
from tests.integration.api.registry.calling import Caller, named, unique
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers
CLIENTS = 20


@contextmanager
def running_registry(servers: Stack, log: IO[bytes] | None = None) -> Iterator[str]:
    """`rustok api registry`, as two processes; killed at the end. Its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = servers.environment | {"RUSTOK_REGISTRY_PORT": str(port), "RUSTOK_API_WORKERS": "2"}
    command = [sys.executable, "-m", "ops.cli", "api", "registry"]
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(url), 90, "the registry answers")
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live").status_code == 200
    except httpx.TransportError:
        return False


def test_one_schema_by_twenty_clients_is_one_id_and_one_version_and_survives_a_kill(
    servers: Stack, settings: Settings, maintainer: Caller
) -> None:
    subject, schema = named(), unique("a")
    headers = {"Authorization": f"Bearer {maintainer.token}"}

    def register(url: str, number: int) -> int:
        body = {"schema": schema if number < CLIENTS else unique("a", "b?")}
        answer = httpx.post(f"{url}/subjects/{subject}-{number // CLIENTS}/versions", json=body, headers=headers)
        answer.raise_for_status()
        return int(answer.json()["id"])

    with running_registry(servers) as url, ThreadPoolExecutor(CLIENTS) as pool:
        ids = set(pool.map(register, [url] * CLIENTS, range(CLIENTS)))
        versions = httpx.get(f"{url}/subjects/{subject}-0/versions", headers=headers).json()
    with running_registry(servers) as url:
        held = httpx.get(f"{url}/subjects/{subject}-0/versions/1", headers=headers).json()
        further = register(url, CLIENTS)

    assert (len(ids), versions) == (1, [1])
    assert {held["id"]} == ids
    assert further > held["id"]


def test_alone_it_has_the_registry_and_nothing_else(
    servers: Stack, settings: Settings, service: Caller, tmp_path: Path
) -> None:
    password = base64.b64encode(f"whoever:{service.token}".encode()).decode()

    log = tmp_path / "log"
    with log.open("wb") as to, running_registry(servers, to) as url, httpx.Client(base_url=url) as client:
        with_password = client.get("/subjects/order.paid/versions/1", headers={"Authorization": f"Basic {password}"})
        nobody = client.get("/subjects")
        nowhere = client.get("/v1/products")
        metrics = client.get("/metrics")
        ready = client.get("/health/ready")

    assert with_password.json()["subject"] == "order.paid"
    assert (nobody.status_code, nobody.json()["error_code"]) == (401, 40101)
    assert nowhere.json() == {"error_code": 404, "message": "HTTP 404 Not Found"}
    assert "rustok_http_requests_total" in metrics.text
    assert "rustok_capture" not in metrics.text
    assert ready.json() == {"status": "ready", "checks": {"postgres": {"ok": True, "detail": "is well"}}}
    assert '"process": "registry"' in log.read_text()
    assert '"process": "api"' not in log.read_text()
