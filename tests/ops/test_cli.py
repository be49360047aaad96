"""The command line: quick to say what it can do, and two sentences when something cannot be done."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest


def rustok(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RUSTOK_")}
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", *arguments],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_the_own_verbs_and_the_rooms() -> None:
    shown = rustok("--help").stdout

    for verb in ("up", "down", "restart", "status", "demo", "test", "bench", "api", "schemas", "sinks", "streams"):
        assert f"\n  {verb} " in shown


def test_help_imports_no_room_and_no_client() -> None:
    code = (
        "import sys, ops.cli\n"
        "from click.testing import CliRunner\n"
        "CliRunner().invoke(ops.cli.rustok, ['--help'])\n"
        "print([m for m in ('api.commands', 'streams.commands', 'pydantic', 'rich', 'jgo') if m in sys.modules])\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_what_a_command_logs_is_no_part_of_its_answer() -> None:
    code = (
        "import ops.cli, structlog\n"
        "assert ops.cli.rustok.get_command(None, 'schemas')\n"
        "structlog.get_logger('a-store').info('index_made', index='products')\n"
        "print('answered')\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "answered\n"
    assert "index_made" in done.stderr


def test_a_taken_port_ends_with_two_sentences_and_code_2() -> None:
    # pytest's own folders are closed to the servers' user
    with tempfile.TemporaryDirectory(dir="/var/tmp") as open_to_all, socket.socket() as taken:
        Path(open_to_all).chmod(0o755)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        done = rustok("up", "--servers-only", RUSTOK_HOME=open_to_all, RUSTOK_POSTGRES_PORT=port)

    assert done.returncode == 2
    assert f"Port {port} is taken" in done.stderr
    assert "RUSTOK_POSTGRES_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_of_a_stack_that_does_not_run_says_so_and_gives_1(tmp_path: Path) -> None:
    done = rustok("status", RUSTOK_HOME=str(tmp_path), RUSTOK_POSTGRES_PORT="9", RUSTOK_KAFKA_PORT="9")

    assert done.returncode == 1
    assert "down" in done.stdout


def test_a_home_the_servers_cannot_reach_is_told(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    done = rustok("up", "--servers-only", RUSTOK_HOME=str(closed / "home"), RUSTOK_KAFKA_PORT="1")

    assert done.returncode == 2
    if os.geteuid() == 0:
        assert "user nobody cannot reach" in done.stderr
    assert "RUSTOK_" in done.stderr


def test_a_setting_that_cannot_be_is_named_and_what_was_set_is_not_shown() -> None:
    wrong = {
        "RUSTOK_TRUSTED_PROXIES": "10.0.0.0/8, nonsense",
        "RUSTOK_LIMITS_URL": "http://:s3cret@here",
        "RUSTOK_LIMIT_SEARCH": "s3cret",
        "RUSTOK_API_PORT": "s3cret",
    }

    done = rustok("status", **wrong)

    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines() if line.startswith("RUSTOK_")] == [
        "RUSTOK_API_PORT",
        "RUSTOK_TRUSTED_PROXIES",
        "RUSTOK_LIMITS_URL",
        "RUSTOK_LIMIT_SEARCH",
    ]
    assert "s3cret" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "given", "told"),
    [
        ("KAFKA_PARTITIONS", '{"order": 4', "it is no JSON"),
        ("OIDC_ROLES", "s3cret", "it is no JSON"),
        ("API_PORT", "99999", "less than or equal to 65535"),
        ("API_PORT", "0", "greater than or equal to 1"),
        ("FEED__SALES__METRICS_PORT", "70000", "less than or equal to 65535"),
    ],
)
def test_what_no_setting_can_be_is_a_sentence_about_it(setting: str, given: str, told: str) -> None:
    done = rustok("status", **{f"RUSTOK_{setting}": given})

    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("RUSTOK_")]
    assert line.startswith(f"RUSTOK_{setting}: ")
    assert told in line
    assert "s3cret" not in done.stderr
    assert "Traceback" not in done.stderr
