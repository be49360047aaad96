"""Nothing lost, nothing doubled: every process is killed during an import, and in the end the totals are equal."""

import json
import subprocess
import sys
from collections import Counter

import psycopg
import pytest

from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.fills, pytest.mark.timeout(600)]

EACH = ("capture", "postgres", "feed-product-search", "api", "kafka", "feed-sales", "opensearch")
STORES = "2"


@pytest.fixture(scope="module")
def after_kills(stack):
    """What the demo said of two stores while every process was killed, each server too."""
    with subprocess.Popen(
        [sys.executable, "-m", "ops.cli", "demo", "--check", "--json", "--stores", STORES],
        env=stack.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        killed: Counter[str] = Counter()
        for name in EACH:
            wait_until(lambda: demo.poll() is not None or _import_has_begun(stack), 60, "the import has begun")
            if demo.poll() is None and _kill(stack, name):
                killed[name] += 1
        said, told = demo.communicate(timeout=400)
    assert demo.returncode == 0, told
    return json.loads(said.splitlines()[-1]), killed


def test_every_process_was_killed(after_kills):
    _, killed = after_kills

    assert set(killed) == set(EACH)


def test_the_read_model_says_what_the_source_says(after_kills):
    report, _ = after_kills

    assert report["differences"] == 0
    assert report["revenue"]["read_model_minor"] == report["revenue"]["source_minor"] > 0


def test_kafka_holds_exactly_what_was_committed(stack, after_kills):
    audit = json.loads(stack.rustok("streams", "audit", "--json", check=False).stdout)

    assert audit["committed"] > 1000
    assert [audit[name] for name in ("missing", "out_of_order", "rolled_back_seen")] == [0, 0, 0], audit["examples"]


def test_a_second_run_changes_nothing(stack, after_kills):
    report, _ = after_kills

    said = stack.rustok("demo", "--check", "--json", "--stores", STORES).stdout
    again = json.loads(said.splitlines()[-1])

    assert again["written"] == 0
    assert [again[name] for name in ("revenue", "orders", "products", "events")] == [
        report[name] for name in ("revenue", "orders", "products", "events")
    ]


def _import_has_begun(stack):
    with psycopg.connect(stack.settings.postgres_url) as connection:
        (begun,) = connection.execute("SELECT count(*) > 1000 FROM products").fetchone()
    return begun


def _process(stack, name):
    return next(process for process in stack.state()["processes"] if process["name"] == name)


def _kill(stack, name):
    """Kills it, and waits until the supervisor has brought it back."""
    pid = stack.kill(name)
    if pid is None:
        return False
    wait_until(lambda: _process(stack, name)["pid"] not in (None, pid), 180, f"{name} is started again")
    wait_until(lambda: _process(stack, name)["state"] == "up", 180, f"{name} works again")
    return True
