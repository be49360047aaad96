"""What was searched for and clicked comes through the whole chain to who asks what people search for."""

import pytest

from tests.support.shops import open_shop, put_on_sale
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain


def test_a_search_and_its_click_are_reported(stack):
    shop = open_shop(stack)
    done = put_on_sale(shop, "Sun-ripened tomatoes")
    found = shop.get("/v1/search/products", q="Ripened  TOMATO", after=done["receipt"])
    shop.get("/v1/search/products", q="oat milk")

    shop.post(
        "/v1/search/events",
        {"events": [{"type": "click", "query_id": found["query_id"], "product_id": done["id"], "position": 1}]},
    )

    def clicked():
        report = shop.get("/v1/analytics/searches")
        return report if report["total"] and report["total"]["clicked"] else None

    report = wait_until(clicked, 30, "the search and its click are reported")
    assert report["state"] == "fresh"
    assert [(row["query"], row["hits_mean"], row["click_position_mean"]) for row in report["top"]] == [
        ("oat milk", 0, None),
        ("ripened tomato", 1, 1),
    ]
    assert [row["query"] for row in report["without_hits"]] == ["oat milk"]
    assert (report["total"]["tracked"], report["total"]["click_through"]) == (2, 0.5)
