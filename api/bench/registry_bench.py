"""Measures reads of a schema by its id from one process, beside the same server with a fixed answer.

A third way is measured beside them: the latest version of a subject, which is asked of PostgreSQL every time.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import IO, Final

import click
import httpx

from api.bench.load_process import Answered
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.tokens import AccessTokens
from ops.bench.figures import Figure, show, tell
from ops.failure import Failure
from ops.settings import PREFIX, Settings

HOST: Final = "127.0.0.1"
_START_S: Final = 30.0
REGISTRY: Final = "api.wsgi:make_registry"
FIXED: Final = "api.bench.fixed_answer:make"


@click.command()
@click.option(
    "--seconds", type=click.FloatRange(min=0.5, max=60), default=10.0, show_default=True, help="Of each load."
)
@click.option("--connections", type=click.IntRange(1, 64), default=8, show_default=True, help="That stay open.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def registry(seconds: float, connections: int, as_json: bool) -> None:
    """Reads of schemas by id from one process, beside a fixed answer. Needs the stack's PostgreSQL."""
    settings = Settings()
    authorization = _authorization(settings)
    with serving(settings, FIXED) as port:
        tell(f"a fixed answer: {connections} connections for {seconds:g} s")
        fixed = load(port, ["/schemas/ids/1"], seconds, connections, authorization)
    with serving(settings, REGISTRY) as port:
        paths = _ids(port, authorization)
        tell(f"schemas by id: {len(paths)} of them")
        by_id = load(port, paths, seconds, connections, authorization)
        tell("the latest version of a subject")
        latest = load(port, ["/subjects/order.placed/versions/latest"], seconds, connections, authorization)
    show(
        {
            "reads_per_s": Figure.of(by_id.per_s, fixed.per_s, "reads/s"),
            "reads_p50_ms": Figure.of(by_id.p50_ms, fixed.p50_ms, "ms"),
            "reads_p99_ms": Figure.of(by_id.p99_ms, fixed.p99_ms, "ms"),
            "latest_per_s": Figure.of(latest.per_s, fixed.per_s, "reads/s"),
            "latest_p99_ms": Figure.of(latest.p99_ms, fixed.p99_ms, "ms"),
        },
        as_json=as_json,
    )


def _authorization(settings: Settings) -> str:
    actor = Actor(tenant_id=None, tenant_slug=None, actor_id="bench", role=Role.SERVICE)
    try:
        tokens = AccessTokens(settings.token_key.get_secret_value(), settings.service_key.get_secret_value())
    except ValueError as short:
        raise Failure(str(short), "`rustok up` makes a key when there is none.") from short
    return "Bearer " + tokens.issue(actor, now=datetime.now(UTC), valid=timedelta(hours=1))


@contextmanager
def serving(settings: Settings, app: str) -> Iterator[int]:
    """One process of the server the API runs in. The port it is at."""
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as counting, tempfile.TemporaryFile() as said:
        own = {"API_PORT": str(port), "API_WORKERS": "1", "LISTEN_HOST": HOST, "STACK": settings.stack}
        environment = {
            **os.environ,
            **{f"{PREFIX}{name}": value for name, value in own.items()},
            "PROMETHEUS_MULTIPROC_DIR": counting,
        }
        command = [sys.executable, "-m", "api.http.server.worker_processes", app, "bench"]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            _until_it_answers(port, process, said)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def load(port: int, paths: Sequence[str], seconds: float, connections: int, authorization: str) -> Answered:
    """A short one to warm up, then the one that counts."""
    _load(port, paths, min(1.0, seconds), connections, authorization)
    return _load(port, paths, seconds, connections, authorization)


def _load(port: int, paths: Sequence[str], seconds: float, connections: int, authorization: str) -> Answered:
    command = [sys.executable, "-m", "api.bench.load_process", HOST, str(port), str(seconds), str(connections), *paths]
    done = subprocess.run(
        command, input=authorization, capture_output=True, text=True, check=False, timeout=seconds + 30
    )
    if done.returncode != 0:
        raise Failure(f"The load ended with an error: {done.stderr[-500:]}", "Is the stack up, and migrated?")
    return Answered(**json.loads(done.stdout))


def _ids(port: int, authorization: str) -> list[str]:
    answer = httpx.get(f"http://{HOST}:{port}/schemas?subjectPrefix=", headers={"Authorization": authorization})
    if answer.is_error:
        raise Failure(f"The registry answers {answer.status_code}.", "Run `rustok up`, or `rustok api migrate`.")
    return [f"/schemas/ids/{one['id']}" for one in answer.json()][:100]


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
