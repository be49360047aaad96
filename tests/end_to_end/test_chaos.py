"""Everything is killed, frozen and restarted at random while shops sell, and in the end the accounts are right."""

import json

import pytest

pytestmark = [pytest.mark.chain, pytest.mark.timeout(600)]

SEED = "20261124"


@pytest.fixture(scope="module")
def outcome(stack):
    done = stack.rustok("chaos", "--minutes", "0.6", "--seed", SEED, "--json", check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_something_was_struck_and_something_was_written(outcome):
    assert outcome["kills"] > 0
    assert outcome["writes"] > 0
    assert outcome["committed"] > 0


def test_kafka_holds_what_was_committed_and_nothing_else(outcome):
    assert [outcome[name] for name in ("missing", "out_of_order", "rolled_back_seen")] == [0, 0, 0]


def test_every_poison_has_its_dead_letter(outcome):
    assert outcome["dead_letters_found"] == outcome["dead_letters_expected"]


def test_no_read_model_differs_from_what_was_written(outcome):
    assert set(outcome["differences"].values()) == {0}, outcome


def test_no_shop_was_told_something_that_did_not_happen(outcome):
    assert outcome["failures"] == []
