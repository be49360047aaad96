"""Instances: each has a name of its own for as long as it lives, and everybody sees which there are."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from ops.failure import Failure
from ops.instances import claim, living, serve_metrics
from ops.settings import Settings
from tests.support.waiting import wait_until

OTHER = """
import sys, time
from ops.instances import claim
from ops.settings import Settings
own = claim(Settings(), "feed-sales", sys.argv[1])
own.listens("127.0.0.1", 7)
print(own.name, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, stack="main")


@contextmanager
def another(settings: Settings, name: str = "") -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "RUSTOK_HOME": str(settings.home), "RUSTOK_STACK": settings.stack}
    command = [sys.executable, "-c", OTHER, name]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == (name or "0")
        yield process
        process.kill()


def names(settings: Settings) -> list[str]:
    return [one.name for one in living(settings, "feed-sales")]


def test_one_that_waits_tells_why_until_it_goes_on(settings: Settings) -> None:
    own = claim(settings, "feed-sales")
    own.listens("127.0.0.1", 7)

    own.waits("since noon for refusals: too many")
    (waiting,) = living(settings)
    own.waits("")
    (well,) = living(settings)

    assert (waiting.waits, waiting.address) == ("since noon for refusals: too many", "127.0.0.1:7")
    assert (well.waits, well.address) == ("", "127.0.0.1:7")


def test_each_gets_a_name_that_no_other_has(settings: Settings) -> None:
    with another(settings):
        second, third = claim(settings, "feed-sales"), claim(settings, "feed-sales")
        other_process = claim(settings, "capture")

        assert (second.name, third.name, other_process.name) == ("1", "2", "0")
        assert names(settings) == ["0", "1", "2"]


def test_the_same_name_twice_is_refused_with_what_to_do(settings: Settings) -> None:
    with another(settings, "b"), pytest.raises(Failure, match="instance b of feed-sales already") as refused:
        claim(settings, "feed-sales", "b")

    assert "Leave --instance out" in refused.value.remedy


def test_the_name_of_one_that_was_killed_is_free_at_once(settings: Settings) -> None:
    with another(settings, "b") as process:
        process.kill()
        process.wait()

        assert names(settings) == []
        assert claim(settings, "feed-sales", "b").name == "b"


def test_one_that_ends_by_itself_is_seen_no_more(settings: Settings) -> None:
    with another(settings) as process:
        assert process.stdin is not None
        before = names(settings)
        process.stdin.close()
        process.wait()

    assert before == ["0"]
    assert not list((settings.folder.run / "instances").iterdir())


def test_looking_takes_nobodys_name(settings: Settings) -> None:
    own = claim(settings, "feed-sales", "b")

    for _ in range(100):
        assert [(one.name, one.pid) for one in living(settings)] == [("b", os.getpid())]
    assert own.name == "b"


def test_prometheus_reads_where_each_is_measured(settings: Settings) -> None:
    claim(settings, "feed-sales").listens("0.0.0.0", 59103)  # noqa: S104  # what is listened on, not asked

    (file,) = (settings.folder.run / "instances").glob("*.json")

    assert json.loads(file.read_text()) == [
        {
            "targets": ["127.0.0.1:59103"],
            "labels": {"process": "feed-sales", "name": "0", "__pid__": str(os.getpid())},
        }
    ]


def test_a_name_is_no_way_out_of_the_folder(settings: Settings) -> None:
    with pytest.raises(Failure, match="no name for an instance"):
        claim(settings, "feed-sales", "../../b")


def test_the_first_needs_its_port_and_one_beside_it_takes_any(settings: Settings) -> None:
    first, second = claim(settings, "scheduler"), claim(settings, "scheduler")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Failure, match="RUSTOK_SCHEDULER_METRICS_PORT"):
            serve_metrics("scheduler", port, "scheduler_metrics_port", settings, first)
        serve_metrics("scheduler", port, "scheduler_metrics_port", settings, second)

    url = wait_until(lambda: living(settings, "scheduler")[1].metrics_url, 5, "it says where it is measured")
    with urlopen(url) as page:  # noqa: S310  # our own
        assert b"process_start_time_seconds" in page.read()
