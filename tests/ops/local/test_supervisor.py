"""The supervisor gives programs the environment it was given, whatever is in it, and tells nobody else of it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from ops.failure import Failure
from ops.home import StackFolder
from ops.local.program import Program
from ops.local.supervisor import Supervisor
from tests.support.waiting import wait_until

AWKWARD = {
    "RUSTOK_KAFKA_PARTITIONS": '{"order": 4, "a\\\\b": "%d"}',
    "RUSTOK_SMTP_PASSWORD": 'it\'s "half\\ quoted"; 100 %, = # and\nÜ',
}
SAYS = "import json, os, time; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('RUSTOK_')}),"
SAYS += " flush=True); time.sleep(600)"


@pytest.fixture
def folder(tmp_path: Path) -> StackFolder:
    made = StackFolder(tmp_path, uuid4().hex[:8])
    for path in (made.run, made.logs):
        path.mkdir(parents=True)
    return made


@pytest.fixture
def supervisor(folder: StackFolder) -> Iterator[Supervisor]:
    made = Supervisor(folder)
    yield made
    if made.is_running():
        made.shut_down()


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
