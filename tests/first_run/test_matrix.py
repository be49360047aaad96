"""The first run of other people on other machines. Each takes minutes: `rustok test --slow` runs them."""

import os

import pytest

from ops.local import leftovers
from ops.local.supervisor import Supervisor
from tests.support.first_run import (
    User,
    first_run,
    found_by_search,
    newcomer,
    ordinary_user,
    pythons,
    reachable_python,
    revenue_minor,
    show,
    version_of,
)
from tests.support.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def test_an_ordinary_user_beside_the_stack_of_another(servers: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """With the machine's own Python where this one is closed to others. For another user it needs root."""
    user = ordinary_user()
    python = reachable_python(user)
    with newcomer(python, user=user, umask=0o077) as one, capsys.disabled():
        show(f"{version_of(python)}, user id {user.uid}, in {one.clone}, beside the stack in {servers.settings.home}")
        report = first_run(one, show)
        titles, revenue = found_by_search(one, "frozn pizza"), revenue_minor(one)
        owner = one.home.stat().st_uid
        one.rustok("down")

    assert titles
    assert revenue == report["revenue"]["source_minor"] > 0
    assert owner == user.uid
    assert still_runs(servers)
    assert leftovers.find(one.stack.root) == []


def test_the_newest_python_beside_another_stack_of_the_same_user(
    servers: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python 3.14 is the newest that the whole lock is ready-made for; here it is the newest there is up to that."""
    python = pythons()[max(pythons())]
    with newcomer(python, user=User(os.geteuid()), umask=0o022) as one, capsys.disabled():
        show(f"{version_of(python)}, user id {one.user.uid}, in {one.clone}, beside {servers.settings.home}")
        report = first_run(one, show)
        titles, revenue = found_by_search(one, "frozn pizza"), revenue_minor(one)
        one.rustok("down")

    assert titles
    assert revenue == report["revenue"]["source_minor"] > 0
    assert one.home == one.clone / ".rustok"  # open to the servers' user, so it stays in the project
    assert still_runs(servers)
    assert leftovers.find(one.stack.root) == []


def still_runs(servers: Stack) -> bool:
    running = {state.name for state in Supervisor(servers.settings.folder).states() if state.state == "running"}
    return {"postgres", "kafka", "opensearch"} <= running
