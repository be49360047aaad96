"""What `rustok status` shows: everything in the state, for people and for programs."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from click.testing import CliRunner
from rich.console import Console

from ops.commands import status
from ops.commands.status import document, show
from ops.stack_state import Capture, ReadModelState, Running, StackState


def state(**changes: object) -> StackState:
    kafka = Running(
        name="kafka",
        instance=None,
        kind="server",
        state="up",
        supervised="running",
        address="127.0.0.1:1",
        pid=7,
        uptime_s=3725.0,
        restarts=2,
    )
    api = Running(
        name="api",
        instance=None,
        kind="process",
        state="down",
        supervised="stopped",
        address="127.0.0.1:2",
        pid=None,
        uptime_s=None,
        restarts=0,
    )
    as_of = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return StackState(
        stack="main",
        home="/home",
        processes=(kafka, api),
        capture=Capture(
            active=True,
            publication_usable=True,
            topics_keep=True,
            gaps=(),
            slot="extended",
            retained_bytes=2048,
            safe_bytes=None,
            progress_age_ms=15,
            confirmed_lsn="0/16B",
            lag_bytes=99,
            clock_ahead_s=0.02,
            pending_events=3,
            as_of=as_of,
            as_of_age_ms=120,
        ),
        read_models=(
            ReadModelState(name="sales", id="sales-v1", as_of=as_of, lag_ms=450, lag_records=12, open_dead_letters=5),
        ),
    )


def test_people_see_processes_capture_and_read_models() -> None:
    screen = StringIO()

    show(state(), Console(file=screen, width=120))

    shown = screen.getvalue()
    for expected in (
        "/home/stacks/main",
        "kafka",
        "up",
        "1h02m",
        "api",
        "down",
        "0/16B",
        "99 bytes",
        "120 ms",
        "sales",
        "450 ms",
        "12",
    ):
        assert expected in shown


def test_people_see_why_nobody_vouches_for_a_read_model() -> None:
    screen = StringIO()
    withheld = ReadModelState(
        name="sales", as_of=None, lag_ms=None, lag_records=12, open_dead_letters=5, withheld="building"
    )

    show(replace(state(), read_models=(withheld,)), Console(file=screen, width=120))

    assert "building" in screen.getvalue()


@pytest.mark.parametrize(("ahead_s", "said"), [(3600.0, "3600 s ahead of"), (-8.0, "8 s behind")])
def test_clocks_that_differ_are_said_and_are_not_well(ahead_s: float, said: str) -> None:
    screen = StringIO()
    up = replace(state(), processes=state().processes[:1])
    apart = replace(up, capture=replace(up.capture, clock_ahead_s=ahead_s))

    show(apart, Console(file=screen, width=120))

    assert f"The clocks differ: PostgreSQL's is {said} that of the capture." in screen.getvalue()
    assert (up.is_well, apart.is_well) == (True, False)


def test_a_restore_that_has_not_come_to_its_end_is_said_and_is_not_well() -> None:
    screen = StringIO()
    up = replace(state(), processes=state().processes[:1])
    left = replace(up, restoring="rustok restore /backups/base-1")

    show(left, Console(file=screen, width=120))

    assert "A restore has not come to its end: `rustok restore /backups/base-1` goes on with it." in screen.getvalue()
    assert (up.is_well, left.is_well) == (True, False)


def test_programs_get_one_document() -> None:
    told = json.loads(document(state()))

    assert [process["name"] for process in told["processes"]] == ["kafka", "api"]
    assert told["capture"]["lag_bytes"] == 99
    assert told["read_models"] == [
        {
            "name": "sales",
            "as_of": "2026-01-02T03:04:05+00:00",
            "lag_ms": 450,
            "lag_records": 12,
            "open_dead_letters": 5,
            "withheld": None,
            "waits_on": None,
            "waits_since": None,
            "id": "sales-v1",
        }
    ]
    assert told["well"] is False


def test_what_a_process_lacks_is_said() -> None:
    lacking = Running(
        name="api",
        instance=None,
        kind="process",
        state="not ready",
        supervised="running",
        address="127.0.0.1:2",
        pid=9,
        uptime_s=1.0,
        restarts=0,
        why="schemas: no pinned schema id for order.placed v2: run `rustok api migrate`",
    )
    screen = StringIO()

    show(replace(state(), processes=(lacking,)), Console(file=screen, width=80))

    assert "api is not ready: schemas: no pinned schema id for order.placed v2: run `rustok api migrate`" in (
        screen.getvalue()
    )
    assert not replace(state(), processes=(lacking,)).is_well


@pytest.mark.parametrize(("wait", "looks", "code"), [("0", 1, 1), ("60", 3, 0)])
def test_it_waits_until_all_is_up_when_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, wait: str, looks: int, code: int
) -> None:
    up = replace(state(), processes=state().processes[:1])
    found = iter((state(), state(), up))
    looked = []

    def look(*_: object, **__: object) -> StackState:
        looked.append(1)
        return next(found)

    monkeypatch.setattr(status, "look", look)
    monkeypatch.setattr(status, "_LOOK_AGAIN_S", 0)

    done = CliRunner().invoke(status.status, ["--wait", wait, "--json"])

    assert (len(looked), done.exit_code, json.loads(done.stdout)["well"]) == (looks, code, code == 0)
