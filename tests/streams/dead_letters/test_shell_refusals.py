"""Who asks about dead letters from the shell is told what is wrong in words of the shell."""

import subprocess
from typing import Any

import pytest
from click.testing import CliRunner

from ops.failure import Failure
from streams.dead_letters import dead_letters_client
from streams.dead_letters.commands import dead_letters


@pytest.mark.parametrize("command", [("show",), ("edit", "--file", "-"), ("replay",), ("discard", "--reason", "no")])
def test_an_id_that_is_none_is_refused_before_anybody_is_asked(command: tuple[str, ...]) -> None:
    told = CliRunner().invoke(dead_letters, [command[0], "123", *command[1:]])

    assert told.exit_code == 2
    assert "'123' is not a valid UUID" in told.output


@pytest.mark.parametrize("logged", ["", '{"event": "slow", "level": "warning"}\n'])
def test_a_shop_that_is_none_is_said_with_its_own_remedy(monkeypatch: pytest.MonkeyPatch, logged: str) -> None:
    def refused(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        said = f"{logged}\nThere is no tenant nobody.\nGET /v1/tenants lists them.\n"
        return subprocess.CompletedProcess(command, 2, stdout="", stderr=said)

    monkeypatch.setattr(dead_letters_client.subprocess, "run", refused)

    told = CliRunner().invoke(dead_letters, ["list", "--tenant", "nobody"])

    assert isinstance(told.exception, Failure)
    assert (told.exception.what, told.exception.remedy) == ("There is no tenant nobody.", "GET /v1/tenants lists them.")
