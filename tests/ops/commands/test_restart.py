"""`rustok restart` names what it cannot restart."""

import pytest
from click.testing import CliRunner

from ops.commands.restart import restart
from ops.failure import Failure


def test_a_name_of_no_process_is_answered_with_those_there_are() -> None:
    done = CliRunner().invoke(restart, ["feed-nothing"])

    assert isinstance(done.exception, Failure)
    assert done.exception.what == "There is no process feed-nothing."
    assert "feed-sales" in done.exception.remedy


def test_a_stack_that_does_not_run_has_nothing_to_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")

    done = CliRunner(env={"RUSTOK_HOME": str(home)}).invoke(restart, ["feed-sales"])

    assert isinstance(done.exception, Failure)
    assert "does not run" in done.exception.what
