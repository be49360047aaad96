"""Carts through the API: filled, counted, checked out once; by customers, visitors and the shop's people."""

import json
import os
import signal
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from api.jobs import expire_carts
from api.store.store import Store
from api.wsgi import now
from tests.docs.pages import ROOT, blocks
from tests.integration.api.outbox import left
from tests.integration.api.served import serving
from tests.integration.api.shops import Shop
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

POST = {
    "code": "post",
    "names": [{"locale": "en", "name": "By post"}, {"locale": "de", "name": "Mit der Post"}],
    "countries": ["AT", "DE"],
    "prices": [{"currency": "EUR", "amount_minor": 490, "free_from_minor": 5000}],
}
HOME = {"line1": "Lindengasse 3", "postal_code": "1070", "city": "Wien", "country": "AT"}


def sku_of(product: dict[str, Any]) -> str:
    return str(product["variants"][0]["sku"])


def in_stock(shop: Shop, on_hand: int) -> dict[str, Any]:
    """The stock of a new product at 1.50 EUR."""
    made = shop.post("/v1/stock", {"sku": sku_of(shop.product()), "on_hand": on_hand})
    assert made.status_code == 201, made.text
    return dict(made.json)


def priced(shop: Shop, product: dict[str, Any], amount: int) -> None:
    variant = {"id": product["variants"][0]["id"], "sku": sku_of(product)}
    body = {"variants": [{**variant, "prices": [{"currency": "EUR", "amount_minor": amount}]}]}
    answer = shop.call("PATCH", f"/v1/products/{product['id']}", body)
    assert answer.status_code == 200, answer.text


def with_rules(shop: Shop, *, included: bool, rates: list[dict[str, Any]] | None = None) -> None:
    taxes = {"prices_include_tax": included, "rates": rates or [{"country": "AT", "rate": 2000}]}
    for name, body in (("taxes", taxes), ("shipping", {"methods": [POST]})):
        answer = shop.call("PUT", f"/v1/checkout/{name}", body)
        assert answer.status_code == 200, answer.text


def cart_of(shop: Shop, *lines: tuple[str, int], **how: Any) -> dict[str, Any]:
    made = shop.post("/v1/carts", {"lines": [{"sku": sku, "quantity": number} for sku, number in lines]}, **how)
    assert made.status_code == 201, made.text
    return dict(made.json)


def check_out(shop: Shop, cart: dict[str, Any], body: dict[str, Any] | None = None, **how: Any) -> Any:
    return shop.post(f"/v1/carts/{cart['id']}/checkout", body or {}, **how)


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(one["field"], one["code"]) for one in answer.get_json(force=True)["errors"]]


def test_a_visitor_fills_a_cart_and_orders_what_they_were_shown(shop: Shop, postgres: psycopg.Connection) -> None:
    with_rules(shop, included=False)
    stock, other = in_stock(shop, 10), sku_of(shop.product())
    visitor: dict[str, Any] = {"role": "anonymous"}

    cart = cart_of(shop, (stock["sku"], 1), (stock["sku"].lower(), 1), **visitor)
    visitor["X_Cart_Token"] = cart["token"]
    here = f"/v1/carts/{cart['id']}"
    added = shop.post(f"{here}/lines", {"lines": [{"sku": other, "quantity": 3}]}, **visitor).json
    fewer = shop.call("PUT", f"{here}/lines", {"lines": [{"sku": other, "quantity": 0}]}, **visitor).json
    early = check_out(shop, cart, **visitor)
    sent = {"country": "AT", "postal_code": "1070", "shipping_method": "post"}
    shown = shop.call("PATCH", here, sent, **visitor).json["counted"]
    order = check_out(shop, cart, {"total_minor": shown["total_minor"], "shipping_address": HOME}, **visitor)
    again = check_out(shop, cart, {"accept_changes": True}, **visitor)

    assert [line["quantity"] for line in cart["lines"]] == [2]
    assert [line["quantity"] for line in added["lines"]] == [2, 3]
    assert [line["quantity"] for line in fewer["lines"]] == [2]
    assert (early.status_code, codes(early)) == (422, [("country", "missing"), ("shipping_method", "missing")])
    told = ("subtotal_minor", "shipping_minor", "tax_minor", "tax_included_minor", "total_minor")
    assert [shown[name] for name in told] == [300, 490, 60 + 98, 0, 948]
    assert (order.status_code, order.json["customer_ref"], order.json["total_minor"]) == (201, None, 948)
    assert (order.json["tax_minor"], order.json["shipping_minor"]) == (158, 490)
    assert again.json["id"] == order.json["id"]
    assert shop.get(f"/v1/orders/{order.json['id']}/contacts").json["shipping_address"]["city"] == "Wien"
    assert shop.get(f"/v1/stock/{stock['id']}").json["reserved"] == 2
    ordered = shop.get(here, **visitor).json
    assert (ordered["state"], ordered["order_id"], ordered["counted"]) == ("ordered", order.json["id"], None)
    assert [one.type for one in left(postgres, shop.id, order.json["id"])] == ["order.placed"]
    late = shop.post(f"{here}/lines", {"lines": [{"sku": other, "quantity": 3}]}, **visitor)
    assert (late.status_code, late.get_json(force=True)["code"]) == (409, "cart_ordered")


def test_what_is_not_published_is_not_there_for_a_visitor(shop: Shop) -> None:
    draft, sold = sku_of(shop.product(published=False)), in_stock(shop, 5)["sku"]
    mine = cart_of(shop, (sold, 1), role="anonymous")
    visitor = {"role": "anonymous", "X_Cart_Token": mine["token"]}

    def refused(sku: str, **how: Any) -> list[Any]:
        lines = {"lines": [{"sku": sku, "quantity": 1}]}
        return [
            [(one["code"], one["message"].replace(sku, "it")) for one in answer.json["errors"]]
            for answer in (
                shop.post("/v1/carts", lines, **how),
                shop.post(f"/v1/carts/{mine['id']}/lines", lines, **(how | visitor)),
                shop.call("PUT", f"/v1/carts/{mine['id']}/lines", lines, **(how | visitor)),
            )
        ]

    assert refused(draft, role="anonymous") == refused("nobodys-sku", role="anonymous")
    assert refused(draft, role="customer", actor="anna") == refused("nobodys-sku", role="customer", actor="anna")
    assert codes(shop.post("/v1/carts", {"lines": [{"sku": draft, "quantity": 1}]})) == [("lines.0.sku", "not_on_sale")]


def test_a_visitor_gets_a_token_that_claims_the_order_later(shop: Shop) -> None:
    cart = cart_of(shop, (sku_of(shop.product()), 1), role="anonymous")
    visitor = {"role": "anonymous", "X_Cart_Token": cart["token"]}

    first, second = (check_out(shop, cart, Idempotency_Key="one-click", **visitor) for _ in range(2))
    others = [check_out(shop, cart, **how).json for how in ({"X_Cart_Token": "rtc_x"}, {})]
    shown = [
        shop.get("/v1/orders/claimed", role="anonymous", Claim_Token=one.json["claim_token"]).status_code
        for one in (first, second)
    ]
    brought = {"claim_token": second.json["claim_token"]}
    claimed = shop.post("/v1/orders/claim", brought, role="customer", actor="anna")
    again = check_out(shop, cart, **visitor)

    assert (first.status_code, second.status_code, first.json["id"]) == (201, 201, second.json["id"])
    assert [(one["id"], one["claim_token"]) for one in others] == [(first.json["id"], None)] * 2
    assert shown == [404, 200]
    assert (claimed.status_code, claimed.json["customer_ref"]) == (200, "anna")
    assert (again.json["id"], again.json["claim_token"]) == (first.json["id"], None)


def test_included_tax_is_told_and_not_added_and_the_method_is_named_in_ones_language(shop: Shop) -> None:
    category = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Food"}]}).json["id"]
    product = shop.product(category_ids=[category])
    with_rules(
        shop,
        included=True,
        rates=[{"country": "AT", "rate": 2000}, {"country": "AT", "rate": 1000, "category_id": category}],
    )
    cart = cart_of(shop, (sku_of(product), 1))

    shop.call("PATCH", f"/v1/carts/{cart['id']}", {"country": "AT", "shipping_method": "post"})
    shown = shop.get(f"/v1/carts/{cart['id']}?locale=de-AT").json["counted"]
    order = check_out(shop, cart).json

    assert [(line["tax_rate"], line["tax_minor"]) for line in shown["lines"]] == [(1000, 14)]
    assert (shown["tax_minor"], shown["tax_included_minor"], shown["total_minor"]) == (0, 14 + 82, 640)
    assert shown["shipping_methods"] == [{"code": "post", "name": "Mit der Post", "amount_minor": 490}]
    assert (order["tax_minor"], order["total_minor"]) == (0, 640)
    kept = shop.get(f"/v1/carts/{cart['id']}").json
    assert (kept["tax_included_minor"], kept["shipping_method"]) == (96, "post")


def test_a_price_stays_where_tax_is_in_it_and_where_it_is_added(shop: Shop, postgres: psycopg.Connection) -> None:
    sku = sku_of(shop.product())
    rates = [{"country": "AT", "rate": 2000}, {"country": "US", "rate": 800}]
    said = {"prices_include_tax": True, "by_country": {"US": False}, "rates": rates}
    here = "/v1/checkout/taxes"

    put = shop.call("PUT", here, said)
    same = shop.call("PUT", here, said)
    refused = [shop.call("PUT", here, {**said, "by_country": one}) for one in ({"us": False}, {"US": 1}, ["US"])]

    assert (put.json, same.json["version"]) == (shop.get(here).json, 1)
    assert put.json["by_country"] == {"US": False}
    assert [one.status_code for one in refused] == [422] * 3
    sent = {
        country: shop.post("/v1/carts", {"lines": [{"sku": sku, "quantity": 2}], "country": country}).json["counted"]
        for country in ("AT", "US")
    }
    summed = {
        country: (one["subtotal_minor"], one["tax_minor"], one["tax_included_minor"], one["total_minor"])
        for country, one in sent.items()
    }
    assert summed == {"AT": (300, 0, 50, 300), "US": (300, 24, 0, 324)}
    for country, included in (("AT", True), ("US", False)):
        shown = shop.get(f"/v1/products/by-sku/{sku}?country={country}").json["variants"][0]["price"]
        assert (shown["amount_minor"], shown["tax_included"]) == (150, included)
    for wrong in ('{"us": true}', '{"US": 1}', "[]"):
        with pytest.raises(psycopg.errors.CheckViolation):
            postgres.execute(
                "UPDATE checkout_settings SET include_tax_by_country = %s::jsonb WHERE tenant_id = %s", (wrong, shop.id)
            )


def test_what_changed_since_it_was_put_in_is_named_with_old_and_new(shop: Shop) -> None:
    dearer, gone, few = shop.product(), shop.product(), in_stock(shop, 3)
    cart = cart_of(shop, (sku_of(dearer), 1), (sku_of(gone), 1), (few["sku"], 3))
    priced(shop, dearer, 170)
    shop.post(f"/v1/products/{gone['id']}/unpublish")
    shop.post("/v1/orders", {"lines": [{"sku": few["sku"], "quantity": 1}]})

    shown = shop.get(f"/v1/carts/{cart['id']}").json["counted"]
    refused = check_out(shop, cart)
    accepted = check_out(shop, cart, {"accept_changes": True})
    lines = [{"sku": sku_of(gone), "quantity": 0}, {"sku": few["sku"], "quantity": 2}]
    shop.call("PUT", f"/v1/carts/{cart['id']}/lines", {"lines": lines})
    dear = check_out(shop, cart)
    other = check_out(shop, cart, {"accept_changes": True, "total_minor": 450})
    order = check_out(shop, cart, {"accept_changes": True, "total_minor": 470})

    assert [line["price_changed"] for line in shown["lines"]] == [True, False, False]
    assert [line["problem"] and line["problem"]["code"] for line in shown["lines"]] == [None, "not_on_sale", "short"]
    hindered = [("lines.1.sku", "not_on_sale"), ("lines.2.quantity", "short")]
    assert (refused.status_code, codes(refused)) == (409, [*hindered, ("lines.0.unit_price_minor", "price_changed")])
    assert "it was 150, and is 170" in refused.text
    assert "2 available, 3 wanted" in refused.text
    assert (accepted.status_code, codes(accepted)) == (409, hindered)
    assert (dear.status_code, codes(dear)) == (409, [("lines.0.unit_price_minor", "price_changed")])
    assert (other.status_code, codes(other)) == (409, [("total_minor", "total_changed")])
    assert (order.status_code, order.json["total_minor"]) == (201, 470)


def test_an_address_where_other_tax_is_due_is_a_change(shop: Shop) -> None:
    with_rules(shop, included=False, rates=[{"country": "AT", "rate": 2000}, {"country": "DE", "rate": 1900}])
    cart = cart_of(shop, (sku_of(shop.product()), 2))
    shop.call("PATCH", f"/v1/carts/{cart['id']}", {"country": "AT", "shipping_method": "post"})
    abroad = {**HOME, "country": "DE"}

    refused = check_out(shop, cart, {"shipping_address": abroad})
    order = check_out(shop, cart, {"shipping_address": abroad, "total_minor": 790 + 57 + 93})

    assert (refused.status_code, codes(refused)) == (409, [("total_minor", "total_changed")])
    assert (order.status_code, order.json["tax_minor"]) == (201, 150)


def test_a_cart_is_there_for_who_has_its_token_or_whose_it_is_and_for_nobody_else(shop: Shop) -> None:
    sku = sku_of(shop.product())
    visitors, annas = cart_of(shop, (sku, 1), role="anonymous"), cart_of(shop, (sku, 1), role="customer", actor="anna")
    token = visitors["token"]

    def status(cart: dict[str, Any], **how: Any) -> int:
        return shop.get(f"/v1/carts/{cart['id']}", **how).status_code

    assert annas["token"] is None
    assert status(visitors, role="anonymous", X_Cart_Token=token) == 200
    assert [status(visitors, role="anonymous", X_Cart_Token=one) for one in ("", "rtc_x", token[:-1], "ü")] == [404] * 4
    assert [status(visitors, role="anonymous"), status(visitors, role="customer", actor="anna")] == [404, 404]
    assert status(annas, role="anonymous", X_Cart_Token=token) == 404
    assert [status(annas, role="customer", actor=one) for one in ("anna", "berta")] == [200, 404]
    assert [status(one) for one in (visitors, annas)] == [200, 200]
    listed = shop.get("/v1/carts", role="customer", actor="anna").json["items"]
    assert [one["id"] for one in listed] == [annas["id"]]
    theirs = shop.post("/v1/carts", {"customer_ref": "berta"}, role="customer", actor="anna")
    nobodys = shop.post("/v1/carts", {"customer_ref": "anonymous"}, role="anonymous")
    assert (theirs.status_code, nobodys.status_code) == (403, 403)
    order = check_out(shop, visitors, role="customer", actor="anna", X_Cart_Token=token)
    assert (order.status_code, order.json["customer_ref"]) == (201, "anna")
    assert shop.get(f"/v1/orders/{order.json['id']}", role="customer", actor="anna").status_code == 200


def test_a_kept_answer_is_not_for_who_shows_another_token(shop: Shop) -> None:
    cart = cart_of(shop, (sku_of(shop.product()), 1), role="anonymous")
    key = {"Idempotency_Key": "once"}

    first = check_out(shop, cart, role="anonymous", X_Cart_Token=cart["token"], **key)
    again = check_out(shop, cart, role="anonymous", X_Cart_Token=cart["token"], **key)
    without = check_out(shop, cart, role="anonymous", **key)

    assert (first.status_code, again.json["id"]) == (201, first.json["id"])
    assert without.status_code == 409
    assert first.json["id"] not in without.text


def coded(shop: Shop, sku: str, code: str, **how: Any) -> dict[str, Any]:
    cart = cart_of(shop, (sku, 2), **how)
    changed = shop.call("PATCH", f"/v1/carts/{cart['id']}", {"discount_code": code}, **how)
    assert changed.status_code == 200, changed.text
    return dict(changed.json)


def test_a_code_takes_off_in_any_case_and_tax_is_due_on_what_is_left(shop: Shop) -> None:
    with_rules(shop, included=False)
    sku = sku_of(shop.product())
    for body in ({"kind": "percentage", "value": 1000}, {"kind": "free_shipping"}):
        assert shop.post("/v1/discounts", {"code": f"{body['kind']}", **body}).status_code == 201
    cart, free = coded(shop, sku, " PERCENTAGE "), coded(shop, sku, "Free_Shipping")
    for one in (cart, free):
        shop.call("PATCH", f"/v1/carts/{one['id']}", {"country": "AT", "shipping_method": "post"})

    shown = shop.get(f"/v1/carts/{cart['id']}").json["counted"]
    order = check_out(shop, cart, {"total_minor": shown["total_minor"]}).json
    other = check_out(shop, free).json
    unknown = shop.call("PATCH", f"/v1/carts/{cart_of(shop, (sku, 1))['id']}", {"discount_code": "nothing"})
    again = shop.post("/v1/discounts", {"code": "Percentage", "kind": "free_shipping"})

    assert (shown["discount_minor"], shown["tax_minor"], shown["total_minor"]) == (30, 54 + 98, 300 - 30 + 490 + 152)
    assert (order["discount_minor"], order["tax_minor"], order["total_minor"]) == (30, 152, 912)
    assert (other["discount_minor"], other["shipping_minor"], other["total_minor"]) == (0, 0, 360)
    assert (unknown.status_code, codes(unknown)) == (422, [("discount_code", "unknown_code")])
    assert (again.status_code, codes(again)) == (409, [("code", "taken")])


def test_of_fifty_orders_at_once_ten_use_a_code_that_can_be_used_ten_times(shop: Shop) -> None:
    sku = sku_of(shop.product())
    limited = {"code": "TEN", "kind": "amount", "value": 100, "currency": "EUR", "most_uses": 10}
    code = shop.post("/v1/discounts", limited).json
    carts = [coded(shop, sku, "ten") for _ in range(50)]

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda cart: check_out(shop, cart), carts))

    used = shop.get(f"/v1/discounts/{code['id']}").json
    first = next(one for one in answers if one.status_code == 201).json
    shop.post(f"/v1/orders/{first['id']}/cancel", {"reason": "changed my mind"})
    assert Counter(one.status_code for one in answers) == {201: 10, 409: 40}
    assert {tuple(codes(one)) for one in answers if one.status_code == 409} == {(("discount_code", "used_up"),)}
    assert (used["uses"], shop.get(f"/v1/discounts/{code['id']}").json["uses"]) == (10, 9)
    late = next(cart for cart, one in zip(carts, answers, strict=True) if one.status_code == 409)
    assert check_out(shop, late).json["discount_minor"] == 100


def test_a_code_for_each_customer_once_is_for_who_is_signed_in(shop: Shop) -> None:
    sku = sku_of(shop.product())
    shop.post("/v1/discounts", {"code": "ONCE", "kind": "percentage", "value": 5000, "most_each": 1})
    anna: dict[str, Any] = {"role": "customer", "actor": "anna"}

    first, second = coded(shop, sku, "once", **anna), coded(shop, sku, "once", **anna)
    nobodys = cart_of(shop, (sku, 1), role="anonymous")
    visitor: dict[str, Any] = {"role": "anonymous", "X_Cart_Token": nobodys["token"]}
    shown = shop.call("PATCH", f"/v1/carts/{nobodys['id']}", {"discount_code": "once"}, **visitor).json["counted"]
    order = check_out(shop, first, **anna)
    refused = check_out(shop, second, **anna)

    assert (order.status_code, order.json["discount_minor"]) == (201, 150)
    assert (refused.status_code, codes(refused)) == (409, [("discount_code", "used_up")])
    assert ([one["code"] for one in shown["problems"]], shown["discount_minor"]) == (["sign_in"], 0)


def test_of_fifty_checkouts_of_one_cart_at_once_one_order_comes(shop: Shop, postgres: psycopg.Connection) -> None:
    stock = in_stock(shop, 100)
    cart = cart_of(shop, (stock["sku"], 2))

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda one: check_out(shop, cart, Idempotency_Key=f"key-{one % 25}"), range(50)))

    assert Counter(one.status_code for one in answers) == {201: 50}
    assert len({one.json["id"] for one in answers}) == 1
    assert len(shop.get("/v1/orders").json["items"]) == 1
    assert shop.get(f"/v1/stock/{stock['id']}").json["reserved"] == 2
    assert [one.type for one in left(postgres, shop.id, answers[0].json["id"])] == ["order.placed"]


def test_killed_in_the_middle_of_a_checkout_nothing_is_ordered_and_then_one_order_is(
    shop: Shop, servers: Stack, postgres: psycopg.Connection
) -> None:
    stock = in_stock(shop, 5)
    cart = cart_of(shop, (stock["sku"], 2))

    with serving(servers) as served, ThreadPoolExecutor(1) as thread:
        with postgres.transaction():
            # The last it does is to hold this row: the order is written, and not committed.
            postgres.execute("SELECT FROM stock WHERE id = %s FOR UPDATE", (stock["id"],))
            url = f"{served.url}/v1/carts/{cart['id']}/checkout"
            asked = thread.submit(httpx.post, url, json={}, headers=shop.headers("admin"), timeout=30)
            wait_until(lambda: waits_for_stock(servers), 20, "the checkout waits for the stock")
            kill(served.process.pid)
            assert isinstance(asked.exception(), httpx.TransportError)
        served.process.wait(20)

    assert shop.get("/v1/orders").json["items"] == []
    assert shop.get(f"/v1/carts/{cart['id']}").json["state"] == "open"
    assert check_out(shop, cart).status_code == 201
    assert shop.get(f"/v1/stock/{stock['id']}").json["reserved"] == 2


def test_every_command_of_the_page_does_what_the_page_says(shop: Shop, servers: Stack) -> None:
    shop.product(variants=[{"sku": "CHEESE-200", "prices": [{"currency": "EUR", "amount_minor": 150}]}])
    known = {"shop": str(shop.tenant["domains"][0]), "token": shop.token()}

    with serving(servers) as served:
        answers = []
        for command in commands(ROOT / "docs" / "checkout.md"):
            given = {**os.environ, **known, "api": served.url}
            done = subprocess.run(
                ["bash", "-c", f"{command} -sS --fail-with-body"],
                env=given,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            answers.append(json.loads(done.stdout))
            if answers[-1].get("token"):
                known |= {"cart": answers[-1]["id"], "cart_token": answers[-1]["token"]}
            if answers[-1].get("claim_token"):
                known |= {"order": answers[-1]["id"], "claim": answers[-1]["claim_token"]}

    counted, order, paid, shipped, as_it_is, told = [answers[-6]["counted"], *answers[-5:]]
    assert (counted["tax_minor"], counted["total_minor"], order["total_minor"]) == (152, 912, 912)
    assert (paid["status"], paid["received_minor"], shipped["status"]) == ("succeeded", 912, "shipped")
    assert (as_it_is["status"], as_it_is["parcels"][0]["tracking_number"]) == ("shipped", "PP-4711")
    assert [one["step"] for one in told["items"]] == [
        "placed",
        "payment_started",
        "payment_succeeded",
        "confirmed",
        "paid",
        "shipped",
    ]
    assert counted["shipping_methods"] == [{"code": "post", "name": "Mit der Post", "amount_minor": 490}]


def commands(page: Path) -> list[str]:
    """What comes after a `$`, with the lines that go on with it."""
    found: list[str] = []
    for line in "\n".join(blocks(page, "console")).splitlines():
        if line.startswith("$ "):
            found.append(line.removeprefix("$ "))
        elif line.startswith("    "):
            found[-1] += f"\n{line}"
    return found


def waits_for_stock(servers: Stack) -> bool:
    with psycopg.connect(servers.settings.postgres_url) as connection:
        row = connection.execute(
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM stock s%' LIMIT 1"
        ).fetchone()
    return row is not None


def kill(parent: int) -> None:
    """Its workers and itself, with no time to do anything."""
    children = map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())
    for pid in (parent, *children):
        os.kill(pid, signal.SIGKILL)


def test_a_cart_changes_for_the_version_that_was_seen_and_goes(shop: Shop) -> None:
    sku = sku_of(shop.product())
    cart = cart_of(shop, (sku, 1))
    here, more = f"/v1/carts/{cart['id']}", {"lines": [{"sku": sku, "quantity": 1}]}

    changed = shop.post(f"{here}/lines", more, If_Match='"1"')
    stale = shop.post(f"{here}/lines", more, If_Match='"1"')
    too_many = shop.post(f"{here}/lines", {"lines": [{"sku": sku, "quantity": 1_000_000}]})
    unknown = shop.post(f"{here}/lines", {"lines": [{"sku": "nothing", "quantity": 1}]})
    nowhere = shop.call("PATCH", here, {"shipping_method": "post"})
    gone = shop.call("DELETE", here)

    assert (changed.headers["ETag"], stale.status_code) == ('"2"', 412)
    assert codes(too_many) == [("lines.0.quantity", "out_of_range")]
    assert codes(unknown) == [("lines.0.sku", "unknown_sku")]
    assert codes(nowhere) == [("shipping_method", "not_offered")]
    assert (gone.status_code, shop.get(here).status_code) == (204, 404)


def test_carts_that_nobody_came_back_to_are_thrown_away_and_orders_keep_theirs(shop: Shop, store: Store) -> None:
    sku = sku_of(shop.product())
    old, ordered = cart_of(shop, (sku, 1)), cart_of(shop, (sku, 1))
    check_out(shop, ordered)

    expire_carts.expire_all(store, now() - timedelta(days=1))
    kept = shop.get(f"/v1/carts/{old['id']}").status_code
    expire_carts.expire_all(store, now(), batch=1)

    assert (kept, shop.get(f"/v1/carts/{old['id']}").status_code) == (200, 404)
    assert shop.get(f"/v1/carts/{ordered['id']}").json["state"] == "ordered"


def test_erasing_somebody_takes_their_carts_and_whose_the_ordered_ones_were(shop: Shop) -> None:
    sku = sku_of(shop.product())
    anna: dict[str, Any] = {"role": "customer", "actor": "anna"}
    open_one, ordered = cart_of(shop, (sku, 1), **anna), cart_of(shop, (sku, 1), **anna)
    check_out(shop, ordered, **anna)

    told = shop.post("/v1/users/export", {"person": "anna"}).json
    shop.post("/v1/users/erase", {"person": "anna"})

    assert {one["id"] for one in told["carts"]} == {open_one["id"], ordered["id"]}
    assert "hash" not in told["carts"][0]
    assert shop.get(f"/v1/carts/{open_one['id']}").status_code == 404
    assert shop.get(f"/v1/carts/{ordered['id']}").json["customer_ref"] is None


def test_erasing_whom_a_visitors_order_is_about_takes_what_its_cart_knows_of_them(shop: Shop) -> None:
    cart = cart_of(shop, (sku_of(shop.product()), 1), role="anonymous")
    visitor: dict[str, Any] = {"role": "anonymous", "X_Cart_Token": cart["token"]}
    told = {"contact": {"email": "anna@example.org"}, "shipping_address": HOME}
    check_out(shop, cart, told, **visitor)
    before = shop.get(f"/v1/carts/{cart['id']}").json

    shop.post("/v1/users/erase", {"person": "anna@example.org"})

    assert before["postal_code"] == "1070"
    assert shop.get(f"/v1/carts/{cart['id']}").json["postal_code"] is None
    assert shop.get(f"/v1/carts/{cart['id']}", **visitor).status_code == 404


def test_what_a_shop_says_of_taxes_and_shipping_is_said_as_a_whole(shop: Shop) -> None:
    none = shop.get("/v1/checkout/taxes")
    with_rules(shop, included=True)
    here = "/v1/checkout/taxes"
    same = shop.call("PUT", here, {"prices_include_tax": True, "rates": [{"country": "AT", "rate": 2000}]})
    stale = shop.call("PUT", here, {"prices_include_tax": True, "rates": []}, If_Match='"0"')
    twice = shop.call("PUT", here, {"prices_include_tax": True, "rates": [{"country": "AT", "rate": 1}] * 2})
    wrong = shop.call("PUT", "/v1/checkout/shipping", {"methods": [POST, {**POST, "countries": ["DE", "DE"]}]})

    nothing = {"prices_include_tax": False, "by_country": {}, "rates": [], "version": 0}
    assert (none.json, none.headers["ETag"]) == (nothing, '"0"')
    assert (same.json["version"], same.headers["ETag"], stale.status_code) == (1, '"1"', 412)
    assert codes(twice) == [("rates.1", "twice")]
    assert codes(wrong) == [("methods.1.code", "twice"), ("methods.1.countries.1", "twice")]
    assert [one["active"] for one in shop.get("/v1/checkout/shipping").json["methods"]] == [True]
