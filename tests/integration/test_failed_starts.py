"""A start that fails: a sentence that says what to do, no traceback, and nothing left running but what ran before."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.home import ServiceUser
from ops.local import leftovers, stack_folders
from ops.local.machine_lock import alone
from ops.local.supervisor import Supervisor
from ops.settings import Settings
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def new_stack(servers: Stack) -> Iterator[Stack]:
    """A stack without Kafka's and OpenSearch's software, and with no way to a repository of jars."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as home, socket.create_server(("127.0.0.1", 0)) as hangs:
        Path(home).chmod(0o755)
        proxy = f"http://127.0.0.1:{hangs.getsockname()[1]}"
        also = {"RUSTOK_DOWNLOADS": f"{home}/downloads", "HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": ""}
        stack = Stack(Settings(home=Path(home), stack="test-failing"), also)
        yield stack
        stack.rustok("down")


def up(stack: Stack, *arguments: str, **also: str) -> "subprocess.CompletedProcess[str]":
    return Stack(stack.settings, {**stack.also, **also}).rustok("up", "--free-ports", *arguments, check=False)


def is_short(said: str) -> bool:
    return "Traceback" not in said and len(said.splitlines()) < 30


def nothing_runs(stack: Stack) -> bool:
    folder = stack.settings.folder
    return not Supervisor(folder).is_running() and leftovers.find(folder.root) == []


def test_no_way_to_the_repository_is_a_sentence_and_leaves_nothing_running(new_stack: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}"

    done = up(new_stack, HTTPS_PROXY=closed, https_proxy=closed)

    assert done.returncode == 2
    assert "could not be fetched from Maven Central" in done.stderr
    assert "Check the network" in done.stderr
    assert done.stderr.rstrip().endswith("Nothing was left running.")
    assert is_short(done.stderr)
    assert nothing_runs(new_stack)


def test_what_nobody_thought_of_is_a_sentence_too(new_stack: Stack) -> None:
    (new_stack.settings.folder.run / "supervisord.conf").mkdir(parents=True)

    done = up(new_stack)

    assert done.returncode == 2
    assert "The start failed: Is a directory" in done.stderr
    assert done.stderr.rstrip().endswith("Nothing was left running.")
    assert is_short(done.stderr)


def test_a_start_that_is_called_off_leaves_nothing_running(new_stack: Stack) -> None:
    command = [sys.executable, "-m", "ops.cli", "up", "--free-ports"]
    with subprocess.Popen(command, env=new_stack.environment, stderr=subprocess.PIPE, text=True) as running:
        wait_until(lambda: Supervisor(new_stack.settings.folder).is_running(), 30, "the supervisor runs")
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=280)

    assert running.returncode == 2
    assert "The start was interrupted." in said
    assert is_short(said)
    assert nothing_runs(new_stack)


def test_two_starts_at_once_are_one_start(servers: Stack) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
        Path(home).chmod(0o755)
        Path(home, "software").symlink_to(servers.settings.folder.software)
        stack = Stack(
            Settings(home=Path(home), stack="test-twice"),
            {"RUSTOK_KAFKA_BOOTSTRAP": servers.settings.kafka_bootstrap,
             "RUSTOK_OPENSEARCH_URL": servers.settings.opensearch_url},
        )  # fmt: skip
        stack_folders.make(stack.settings.folder, ServiceUser.choose())
        with alone(stack.settings.folder.run / "start.lock", patience_s=0):  # so both come while another is under way
            both = [starting(stack) for _ in range(2)]
            for each in both:
                assert each.stderr is not None
                assert "Another start of this stack is under way" in each.stderr.readline()
        said = [each.communicate(timeout=120)[1] for each in both]
        postgres = [pid for pid in leftovers.find(stack.settings.folder.root) if is_postmaster(pid)]
        stack.rustok("down")

    assert [each.returncode for each in both] == [0, 0], said
    assert len(postgres) == 1


def starting(stack: Stack) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "ops.cli", "up", "--servers-only", "--free-ports"]
    return subprocess.Popen(command, env=stack.environment, stderr=subprocess.PIPE, text=True)


def test_a_start_that_cannot_be_completed_keeps_what_ran_before(servers: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = Stack(servers.settings, {"RUSTOK_CAPTURE_METRICS_PORT": port}).rustok("up", check=False)

    assert done.returncode == 2
    assert f"Port {port} is taken" in done.stderr
    assert "What ran before goes on: " in done.stderr
    assert {state.name for state in Supervisor(servers.settings.folder).states() if state.state == "running"} >= {
        "kafka",
        "opensearch",
        "postgres",
    }


def is_postmaster(pid: int) -> bool:
    return b"-D" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") and os.path.basename(
        os.readlink(f"/proc/{pid}/exe")
    ).startswith("postgres")
