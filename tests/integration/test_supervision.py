"""Supervision: what is killed runs again, what was left behind does not get in the way, and the end is the end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.home import StackFolder
from ops.local import crash_counts, leftovers
from ops.local.program import Program
from ops.local.supervisor import State, Supervisor
from tests.support.waiting import wait_until

# A master that is killed leaves this worker behind, in its process group.
WORKER = "import time; time.sleep(600)"
MASTER = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', '{WORKER}']); time.sleep(600)"

AWKWARD = {
    "RUSTOK_KAFKA_PARTITIONS": '{"order": 4, "a\\\\b": "%d"}',
    "RUSTOK_SMTP_PASSWORD": 'it\'s "half\\ quoted"; 100 %, = # and\nÜ',
}
SAYS = "import json, os, time; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('RUSTOK_')}),"
SAYS += " flush=True); time.sleep(600)"


@pytest.fixture
def folder(tmp_path: Path) -> StackFolder:
    folder = StackFolder(tmp_path, "main")
    for needed in (folder.logs, folder.run):
        needed.mkdir(parents=True)
    return folder


@pytest.fixture
def supervisor(folder: StackFolder) -> Iterator[Supervisor]:
    supervisor = Supervisor(folder)
    yield supervisor
    if supervisor.is_running():
        supervisor.shut_down()
    leftovers.end(folder.root)


def sleeper(folder: StackFolder, seconds: int = 600) -> Program:
    return Program(name="sleeper", kind="process", command=("/bin/sleep", str(seconds)), directory=folder.run)


def launched_master(folder: StackFolder) -> Program:
    launch = (sys.executable, "-m", "ops.local.launch_process", "master", sys.executable, "-c", MASTER)
    return Program(name="master", kind="process", command=launch, directory=folder.run)


def only(supervisor: Supervisor) -> State:
    (state,) = supervisor.states()
    return state


def test_a_killed_process_runs_again_and_is_counted(supervisor: Supervisor, folder: StackFolder) -> None:
    supervisor.start([sleeper(folder)], {})
    supervisor.start_programs(["sleeper"])
    first = wait_until(lambda: only(supervisor).pid, 5, "it runs")

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: only(supervisor).pid not in (None, first), 5, "it runs again")
    assert only(supervisor).restarts == 1


def test_shutting_down_leaves_nothing(supervisor: Supervisor, folder: StackFolder) -> None:
    supervisor.start([sleeper(folder)], {})
    supervisor.start_programs(["sleeper"])
    wait_until(lambda: only(supervisor).pid, 5, "it runs")

    supervisor.stop_programs(["sleeper"])
    supervisor.shut_down()

    assert not supervisor.is_running()
    assert leftovers.find(folder.root) == []


def test_other_settings_do_not_slip_into_a_running_stack(supervisor: Supervisor, folder: StackFolder) -> None:
    supervisor.start([sleeper(folder)], {})

    with pytest.raises(Failure, match="other settings"):
        supervisor.start([sleeper(folder, 5)], {})


def says(folder: StackFolder) -> Program:
    return Program(name="says", kind="process", command=(sys.executable, "-c", SAYS), directory=folder.run)


def test_every_text_of_a_setting_reaches_the_programs_and_no_file(supervisor: Supervisor, folder: StackFolder) -> None:
    supervisor.start([says(folder)], AWKWARD)
    supervisor.start_programs(["says"])

    log = supervisor.log_of("says")
    said = json.loads(wait_until(lambda: log.is_file() and log.read_text(), 30, "it has said what it got"))
    assert {name: said.get(name) for name in AWKWARD} == AWKWARD
    written = "".join(file.read_text() for file in folder.run.iterdir() if file.is_file())
    assert "half" not in written


def test_a_supervisor_of_another_environment_is_told_apart(supervisor: Supervisor, folder: StackFolder) -> None:
    supervisor.start([says(folder)], AWKWARD)
    supervisor.start([says(folder)], AWKWARD)

    with pytest.raises(Failure, match="other settings"):
        supervisor.start([says(folder)], {**AWKWARD, "RUSTOK_SMTP_PASSWORD": "another"})


def test_only_its_owner_can_speak_to_the_supervisor(supervisor: Supervisor, folder: StackFolder) -> None:
    supervisor.start([sleeper(folder)], {})

    assert supervisor.socket.stat().st_mode & 0o077 == 0


def test_a_stack_deep_in_the_file_system_gets_a_socket_with_a_short_name(tmp_path: Path) -> None:
    deep = StackFolder(tmp_path / ("d" * 60) / ("e" * 60), "main")

    assert len(str(Supervisor(deep).socket)) < 108  # what a unix socket's path may have


def test_the_workers_of_a_killed_master_are_gone_before_it_runs_again(
    supervisor: Supervisor, folder: StackFolder
) -> None:
    supervisor.start([launched_master(folder)], {})
    supervisor.start_programs(["master"])
    first = set(wait_until(lambda: family(folder, supervisor), 10, "master and worker run"))
    master = only(supervisor).pid
    assert master is not None

    os.kill(master, signal.SIGKILL)

    second = set(wait_until(lambda: family(folder, supervisor, without=first), 10, "a new master and worker run"))
    assert first.isdisjoint(second)


def family(folder: StackFolder, supervisor: Supervisor, without: frozenset[int] | set[int] = frozenset()) -> list[int]:
    """Master and worker when both are there and none of `without` is, else nothing."""
    daemon = int((folder.run / "supervisord.pid").read_text())
    found = [pid for pid in leftovers.find(folder.root) if pid != daemon]
    is_new = not set(found) & without
    return found if len(found) == 2 and is_new and only(supervisor).state == "running" else []


def test_a_process_that_is_not_supervised_any_more_is_found_by_its_environment(tmp_path: Path) -> None:
    environment = {**os.environ, leftovers.MARK: str(tmp_path)}
    with subprocess.Popen(["/bin/sleep", "600"], env=environment) as orphan:
        wait_until(lambda: leftovers.find(tmp_path) == [orphan.pid], 5, "it is found")

        assert leftovers.end(tmp_path, polite_s=0.2) == [orphan.pid]


def test_what_crashes_again_and_again_is_started_after_pauses_that_grow(
    supervisor: Supervisor, folder: StackFolder, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    said = f"open({str(starts)!r}, 'a').write(str(time.time()) + chr(10))"
    crash = f"import time; {said}; time.sleep(1.1); raise OSError('no luck')"
    launch = (sys.executable, "-m", "ops.local.launch_process", "crasher", sys.executable, "-c", crash)
    supervisor.start([Program(name="crasher", kind="process", command=launch, directory=folder.run)], {})
    supervisor.start_programs(["crasher"])

    def moments() -> list[float]:
        return [float(line) for line in starts.read_text().splitlines()] if starts.exists() else []

    wait_until(lambda: len(moments()) >= 6, 90, "it was started six times")
    supervisor.stop_programs(["crasher"])

    gaps = [after - before for before, after in pairwise(moments())]
    log = crash_counts.read(folder.logs)
    pauses = [crash_counts.pause_s(crashes) for crashes in range(1, 6)]
    assert pauses[4] > pauses[3] > pauses[0]
    assert all(gap >= 1.1 + pause for gap, pause in zip(gaps[:5], pauses, strict=True)), (gaps, pauses)
    assert crash_counts.last_reason(supervisor.log_of("crasher")) == "OSError: no luck"
    assert crash_counts.in_a_row(log, "crasher", datetime.now()) == 0  # noqa: DTZ005  # it was told to stop
