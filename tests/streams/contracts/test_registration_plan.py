import json
from base64 import b64encode

import pytest
from click.testing import CliRunner

from ops.failure import Failure
from schemas import avro_schema
from schemas.event_catalogue import BY_TYPE
from schemas.schema_equality import spelled_out
from streams.contracts.commands import register
from streams.contracts.registration_plan import carry_out, plan
from streams.contracts.registry_writer import ConfluentRegistry
from tests.support.confluent_registry import Foreign, serving

EVERY = len(avro_schema.every_version())


@pytest.fixture
def foreign():
    with serving(Foreign()) as registry:
        yield registry


def said(foreign, *arguments, url="", exit_code=0):
    result = CliRunner().invoke(register, ["--registry", url or foreign.url, "--json", *arguments])
    if isinstance(result.exception, Failure):
        raise result.exception
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


def counts(answer):
    return {name: answer[name] for name in ("registered", "there", "missing", "differs")}


def test_everything_is_registered_once_oldest_first(foreign):
    first, second = said(foreign), said(foreign)

    assert counts(first) == {"registered": EVERY, "there": 0, "missing": 0, "differs": 0}
    assert counts(second) == {"registered": 0, "there": EVERY, "missing": 0, "differs": 0}
    assert foreign.writes == EVERY
    assert [(one["id"], one["version"]) for one in first["versions"]] == [
        (one["id"], one["version"]) for one in second["versions"]
    ]
    cancelled = BY_TYPE["order.cancelled"]
    texts = [text for _, text in foreign.subjects["order.cancelled"]]
    assert texts == [avro_schema.text(cancelled, number) for number in range(1, cancelled.newest_version + 1)]


def test_a_dry_run_says_what_is_missing_and_writes_nothing(foreign):
    assert counts(said(foreign, "--dry-run"))["missing"] == EVERY
    assert foreign.writes == 0


def test_another_spelling_of_the_same_schema_is_the_same(foreign):
    schema = avro_schema.schema(BY_TYPE["order.paid"], 1)
    foreign.subjects["order.paid"] = [(7, json.dumps(spelled_out(schema)))]

    assert counts(said(foreign))["there"] == 1


@pytest.mark.parametrize("text", ['{"type":"record","name":"order.paid","fields":[]}', '"string"'])
def test_something_else_under_our_number_is_refused_and_nothing_is_written(foreign, text):
    foreign.subjects["order.paid"] = [(7, text)]

    answer = said(foreign, exit_code=1)

    assert counts(answer) == {"registered": 0, "there": 0, "missing": EVERY - 1, "differs": 1}
    assert foreign.writes == 0


@pytest.mark.parametrize(
    ("takes", "url", "arguments"),
    [
        ("Bearer a.b.c", "http://", ["--token", "a.b.c"]),
        (f"Basic {b64encode(b'me:s3cret').decode()}", "http://me:s3cret@", []),
    ],
)
def test_who_asks_is_said_as_the_registry_wants_it(foreign, takes, url, arguments):
    foreign.takes = takes

    answer = said(foreign, *arguments, url=foreign.url.replace("http://", url))

    assert answer["registered"] == EVERY
    assert "s3cret" not in answer["registry"]
    with pytest.raises(Failure, match="Unauthorized"):
        said(foreign)


def test_a_level_that_forbids_a_version_says_what_helps(foreign):
    foreign.level = "BACKWARD"

    with pytest.raises(Failure, match="incompatible") as refused:
        said(foreign)

    assert "--compatibility NONE" in refused.value.remedy
    assert said(foreign, "--compatibility", "NONE")["differs"] == 0


def test_a_registry_that_is_not_there_is_named():
    with pytest.raises(Failure, match="does not answer"):
        said(None, url="http://127.0.0.1:9")


def test_the_ids_of_our_records_can_be_kept(foreign):
    ids = {(history.event_type, number): 40 + n for n, (history, number) in enumerate(avro_schema.every_version())}
    registry = ConfluentRegistry(foreign.url)

    done = carry_out(registry, plan(registry, ids), ids)

    assert {(each.event_type, each.version): each.schema_id for each in done} == ids
    assert {id_ for versions in foreign.subjects.values() for id_, _ in versions} == set(ids.values())
    assert set(foreign.modes.values()) == {"READWRITE"}
    assert {each.state for each in plan(registry, ids)} == {"there"}
    other = {key: id_ + 1 for key, id_ in ids.items()}
    assert {each.state for each in plan(registry, other)} == {"differs"}
    registry.close()
