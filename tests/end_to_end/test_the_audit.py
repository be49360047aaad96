import json

import pytest

from tests.support.shops import open_shop, put_on_sale, sell

pytestmark = pytest.mark.chain


def test_all_that_was_committed_is_in_kafka_whatever_ran_before(stack):
    shop = open_shop(stack)
    put_on_sale(shop, "Tomatoes")
    sell(shop)

    audit = json.loads(stack.rustok("streams", "audit", "--json").stdout)

    assert audit["committed"] - audit["in_gaps"] == audit["in_kafka"] - audit["outlived"] > 0
    assert [audit[name] for name in ("missing", "out_of_order", "rolled_back_seen")] == [0, 0, 0], audit["examples"]


def test_it_says_the_same_to_people(stack):
    told = stack.rustok("streams", "audit").stdout

    assert "0 missing, 0 out of order, 0 never committed" in told
