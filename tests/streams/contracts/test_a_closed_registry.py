"""Where nothing can be registered, that is known before anything is written, and the sentence says what helps."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from ops.failure import Failure
from schemas import avro_schema
from schemas.event_catalogue import HISTORIES
from streams.contracts.commands import register
from tests.support.confluent_registry import Foreign, serving

EVERY = len(avro_schema.every_version())
FIRST = HISTORIES[0]


@pytest.fixture
def foreign() -> Iterator[Foreign]:
    with serving(Foreign()) as registry:
        yield registry


def run(foreign: Foreign, *arguments: str, url: str = "", **environment: str) -> Result:
    return CliRunner(env=environment).invoke(register, [*(("--registry", url) if url else ()), *arguments])


@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_an_event_whose_mode_is_read_only_is_closed(foreign: Foreign, dry: list[str]) -> None:
    foreign.modes[FIRST.event_type] = "READONLY"

    done = run(foreign, "--json", *dry, url=foreign.url)

    told = json.loads(done.stdout)
    assert (done.exit_code, told["closed"], foreign.writes) == (1, FIRST.newest_version, 0)
    assert told["versions"][0]["why"] == "its mode there is READONLY"


@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_our_own_registry_takes_what_a_deploy_brings(foreign: Foreign, dry: list[str]) -> None:
    port = foreign.url.rpartition(":")[2]

    done = run(foreign, *dry, RUSTOK_API_PORT=port, RUSTOK_REGISTRY_URL="")

    assert (done.exit_code, foreign.writes) == (1, 0)
    assert sum(" closed " in line for line in done.stdout.splitlines()[1:-1]) == EVERY
    assert "run `rustok api migrate`" in done.stdout.splitlines()[-1]


def test_a_full_stop_of_the_registrys_is_enough(foreign: Foreign) -> None:
    foreign.takes, foreign.refusal = "Bearer other", "A bearer token is needed here."

    failed = run(foreign, url=foreign.url).exception

    assert isinstance(failed, Failure)
    assert failed.what == "A bearer token is needed here."


def test_an_address_without_a_protocol_is_told_how_to_be_one(foreign: Foreign) -> None:
    failed = run(foreign, url="registry.example:8081").exception

    assert isinstance(failed, Failure)
    assert "http://registry.example:8081" in failed.remedy
