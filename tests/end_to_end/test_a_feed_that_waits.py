"""A feed that waits because too many records are bad is seen by its operator, who lets it pass over the next one."""

import getpass
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ops.local.supervisor import Supervisor
from schemas.topics import ORDERS
from sinks.analytics.sales_facts import MODEL
from streams.feeding.operator_decisions import read_all
from tests.support import raw_records
from tests.support.instances import another
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

MOST = 3


@pytest.fixture
def impatient(stack: Stack, tmp_path: Path) -> Iterator[Stack]:
    """A feed of sales that waits after a few bad records, in the place of the stack's own."""
    supervisor = Supervisor(stack.settings.folder)
    supervisor.stop_programs(["feed-sales"])
    strict = replace(stack, also={**stack.also, "RUSTOK_FEED_REFUSALS_IN_A_ROW": str(MOST)})
    try:
        with another(strict, "feed-sales", tmp_path / "feed.log"):
            yield stack
    finally:
        supervisor.start_programs(["feed-sales"])
        wait_until(stack.is_well, 60, "all is well again")


def seen(stack: Stack) -> tuple[Any, Any]:
    """The feed of sales that runs, and its read model, as status has them."""
    told = stack.state()
    process = next(one for one in told["processes"] if one["name"] == "feed-sales" and one["state"] != "down")
    return process, next(model for model in told["read_models"] if model["name"] == "sales")


def waiting(stack: Stack) -> tuple[Any, Any] | None:
    process, model = seen(stack)
    return (process, model) if process["state"] == "waits" else None


def is_past_it(stack: Stack) -> bool:
    process, model = seen(stack)
    return bool(process["state"] == "up" and model["lag_records"] == 0)


def test_status_says_why_it_waits_and_a_skip_lets_it_go_on(impatient: Stack) -> None:
    stack, mark = impatient, uuid4().hex
    flood: list[raw_records.Raw] = [(b"till", mark.encode(), [])] * (MOST + 1)

    first = raw_records.put(stack.settings.kafka_bootstrap, ORDERS.name, flood)
    process, model = wait_until(lambda: waiting(stack), 60, "status says that it waits")
    shown = stack.rustok("status", check=False)
    place = (ORDERS.name, "0", str(first + MOST))
    done = stack.rustok("streams", "skip", "sales", *place, "--reason", f"a till gone mad {mark}")
    wait_until(lambda: is_past_it(stack), 60, "it goes on")

    assert "/".join(place) in process["why"]
    assert "too many records are refused" in process["why"]
    assert (model["waits_on"], model["waits_since"] is not None) == ("refusals", True)
    assert shown.returncode == 1
    assert f"feed-sales waits {process['why']}" in shown.stdout
    assert done.stdout.strip() == f"{MODEL.id} passes over {'/'.join(place)}"
    assert seen(stack)[1]["waits_on"] is None
    (audited,) = [one for one in read_all(stack.settings.kafka_bootstrap) if mark in one.reason]
    assert (audited.by, audited.place) == (getpass.getuser(), (ORDERS.name, 0, first + MOST))
    (dead_letter,) = wait_until(lambda: passed_over(stack, mark), 20, "the dead letter is in the table")
    assert dead_letter["offset"] == first + MOST
    assert dead_letter["reason"].startswith(f"a till gone mad {mark} (passed over by {getpass.getuser()}")


def passed_over(stack: Stack, mark: str) -> list[Any]:
    told = stack.rustok("streams", "dead-letters", "list", "--error", "PassedOver", "--limit", "1000", "--json").stdout
    return [one for one in json.loads(told) if mark in one["reason"]]
