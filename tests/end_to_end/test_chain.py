import json
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from api.http.receipts import Receipt
from api.http.tokens import AccessTokens
from ops.demo.shop_client import as_of
from ops.failure import Failure
from sinks.document_differences import KINDS
from tests.support.shops import open_shop, put_on_sale, sell, token
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

SEARCH, SALES = "/v1/search/products", "/v1/analytics/sales"


@pytest.fixture
def shop(stack):
    return open_shop(stack)


def test_a_published_product_is_found(shop):
    done = put_on_sale(shop, "Sun-ripened tomatoes")

    found = shop.get(SEARCH, q="ripened tomato", after=done["receipt"])

    (hit,) = found["hits"]
    assert (hit["id"], hit["price_min_minor"], hit["currency"]) == (done["id"], 250, "EUR")
    assert hit["highlight"] == "Sun-<em>ripened</em> <em>tomatoes</em>"


def test_a_paid_order_is_a_sale(shop):
    put_on_sale(shop, "Tomatoes", amount_minor=250)
    paid = sell(shop, quantity=3)

    sales = shop.get(SALES, by="day", after=paid["receipt"], wait=20)

    (row,) = sales["rows"]
    assert (row["orders"], row["units"], row["revenue_minor"], row["currency"]) == (1, 3, 750, "EUR")


def test_what_was_sent_and_came_back_stays_a_sale(shop):
    put_on_sale(shop, "Tomatoes", amount_minor=250)
    here = f"/v1/orders/{sell(shop, quantity=3)['id']}"
    shop.post(f"{here}/ship", {"lines": [{"line_no": 1, "quantity": 1}]})
    shop.post(f"{here}/refund", {"reason": "sold out", "lines": [{"line_no": 1, "not_sent": 2}]})
    delivered = shop.post(f"{here}/deliver", {})

    sales = shop.get(SALES, by="day", after=delivered["receipt"], wait=20)

    (row,) = sales["rows"]
    assert (row["orders"], row["units"], row["revenue_minor"]) == (1, 3, 750)


def test_of_three_lines_one_is_refunded_in_part_and_net_is_gross_less_the_refund_on_both_days(stack, shop):
    skus = [put_on_sale(shop, name, sku=name)["variants"][0]["sku"] for name in ("Tomatoes", "Bread", "Cheese")]
    past = dict.fromkeys(("placed_at", "confirmed_at", "paid_at"), "2026-03-01T10:00:00Z")
    lines = [{"sku": sku, "quantity": 3, "unit_price_minor": 199} for sku in skus]
    (item,) = shop.take_in("orders", [{"external_id": "o1", "lines": lines, "payment_id": "p1", **past}])["items"]
    back = {"reason": "one was broken", "lines": [{"line_no": 2, "not_sent": 1, "amount_minor": 101}]}
    refunded = shop.post(f"/v1/orders/{item['id']}/refund", back)

    sales = shop.get(SALES, by="day", timezone="UTC", after=refunded["receipt"], wait=20)
    verified = json.loads(stack.rustok("sinks", "verify", "sales", "--tenant", shop.slug, "--json").stdout)

    gross, reversal = sales["rows"]
    assert (gross["period"], gross["revenue_minor"], gross["net_revenue_minor"]) == ("2026-03-01", 1791, 1791)
    assert reversal["period"] == refunded["refunds"][0]["refunded_at"][:10]
    assert (reversal["orders"], reversal["revenue_minor"], reversal["reversed_units"]) == (0, 0, 1)
    assert (reversal["reversed_minor"], reversal["refunded_minor"], reversal["net_revenue_minor"]) == (101, 101, -101)
    (total,) = sales["totals"]
    assert (total["orders"], total["net_revenue_minor"]) == (1, 1791 - 101)
    assert {kind: verified[kind] for kind in KINDS} == dict.fromkeys(KINDS, 0)


def test_a_cancelled_order_is_no_sale_any_more(shop):
    put_on_sale(shop, "Tomatoes")
    paid = sell(shop)
    cancelled = shop.post(f"/v1/orders/{paid['id']}/cancel", {"reason": "changed their mind"})

    sales = shop.get(SALES, after=cancelled["receipt"], wait=20)

    assert sales["rows"] == []


def test_what_is_archived_is_not_found_any_more(shop):
    done = put_on_sale(shop, "Tomatoes")
    shop.get(SEARCH, after=done["receipt"])
    archived = shop.post(f"/v1/products/{done['id']}/archive", {})

    assert shop.get(SEARCH, after=archived["receipt"])["total"] == 0


def test_a_draft_is_never_found(shop):
    secret = {"translations": [{"locale": "en", "title": "Secret"}], "variants": [{"sku": "S"}]}
    draft = shop.post("/v1/products", secret)

    assert shop.get(SEARCH, after=draft["receipt"])["total"] == 0


def test_facets_say_what_else_there_is(shop):
    fruit = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Fruit"}]})
    apples = put_on_sale(shop, "Apples", sku="A", amount_minor=100, brand="Verde", category_ids=[fruit["id"]])
    pears = put_on_sale(shop, "Pears", sku="P", amount_minor=300, brand="Rosso", category_ids=[fruit["id"]])
    all_three = [done["receipt"] for done in (fruit, apples, pears)]

    found = shop.get(SEARCH, brand="Verde", category=fruit["id"], after=all_three)

    assert [hit["title"] for hit in found["hits"]] == ["Apples"]
    assert [(bucket["label"], bucket["count"]) for bucket in found["facets"]["categories"]] == [("Fruit", 1)]
    assert {(bucket["value"], bucket["count"]) for bucket in found["facets"]["brands"]} == {("Rosso", 1), ("Verde", 1)}
    assert found["facets"]["price"] == {"min_minor": 100, "max_minor": 100}


def test_a_typo_still_finds_it_and_a_sku_finds_it_exactly(shop):
    chocolate = put_on_sale(shop, "Chocolate cake", sku="CAKE-1")
    cheese = put_on_sale(shop, "Cheese cake", sku="CAKE-2")
    both = [chocolate["receipt"], cheese["receipt"]]

    def titles(words):
        return [hit["title"] for hit in shop.get(SEARCH, q=words, after=both)["hits"]]

    assert titles("choclate") == ["Chocolate cake"]
    assert titles("CAKE-2") == ["Cheese cake"]


def test_two_shops_see_nothing_of_each_other(stack, shop):
    other = open_shop(stack)
    done = put_on_sale(shop, "Only here")
    paid = sell(shop)
    shop.get(SEARCH, after=done["receipt"])
    shop.get(SALES, after=paid["receipt"], wait=20)

    assert other.get(SEARCH)["total"] == 0
    assert other.get(SALES)["rows"] == []
    for path in (f"/v1/products/{done['id']}", f"/v1/orders/{paid['id']}"):
        with pytest.raises(Failure, match="404"):
            other.get(path)


def test_every_answer_says_how_fresh_it_is(shop):
    def both_are_younger_than(moment):
        answers = [shop.get(path) for path in (SEARCH, SALES)]
        return all(as_of(answer) and as_of(answer) > moment for answer in answers) and answers

    began = datetime.now(UTC)
    answers = wait_until(lambda: both_are_younger_than(began), 20, "read models younger than the test")

    assert all(0 <= answer["lag_ms"] < 15_000 for answer in answers)


def test_a_read_that_waits_in_vain_says_so(stack, shop):
    done = put_on_sale(shop, "Tomatoes")
    future = shop.get(f"/v1/products/{done['id']}")

    bearer = token(stack, shop.slug)
    headers = {"Authorization": f"Bearer {bearer}"}
    tokens = AccessTokens(stack.settings.token_key.get_secret_value(), stack.settings.service_key.get_secret_value())
    receipt = tokens.receipts().text(
        tokens.verify(bearer).tenant_id, Receipt("product", UUID(future["id"]), future["version"] + 1)
    )
    answer = httpx.get(
        stack.settings.api_url + SEARCH, params={"after": receipt, "wait": 1}, headers=headers, timeout=10
    )

    assert answer.status_code == 504
    assert answer.json()["code"] == "not_visible_yet"
    assert "Retry-After" in answer.headers
