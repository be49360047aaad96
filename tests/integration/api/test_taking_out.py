"""Everything of a shop, and everything about a person, is taken out whole, without secrets; a person is erased."""

import gzip
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import psycopg
import pytest
from apiflask import APIFlask

from api.domain.errors import Conflict
from api.http.packed_lines import pack
from api.store.whole_tenant import LEFT_OUT
from schemas.events.order import OrderAnonymised
from sinks.analytics.sales_facts import ORDER_FACTS
from tests.integration.api.outbox import left
from tests.integration.api.people import PASSWORD, People, people_of
from tests.integration.api.shops import Shop, imported_order
from tests.integration.api.test_row_level_security import busy_shop, owned_tables
from tests.support.stack import Stack

pytestmark = pytest.mark.servers
__all__ = ["busy_shop"]


@pytest.fixture
def people(app: APIFlask, shop: Shop) -> Iterator[People]:
    yield from people_of(app, shop)


def lines_of(packed: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(packed).splitlines()]


def tables(lines: list[dict[str, Any]]) -> dict[str, int]:
    named = [line["table"] for line in lines if "table" in line]
    return {table: named.count(table) for table in named}


def test_an_export_has_every_table_and_nobodys_secrets(
    busy_shop: Shop, servers: Stack, postgres: psycopg.Connection
) -> None:
    shop = busy_shop
    assert shop.post(f"/subjects/:.{shop.tenant['slug']}:mine/versions", {"schema": '"string"'}).status_code == 200

    answer = shop.get("/v1/shop/export")
    by_platform = shop.for_platform("GET", f"/v1/tenants/{shop.id}/export")
    by_command = servers.rustok("api", "export", shop.tenant["slug"])

    lines = lines_of(answer.data)
    found = tables(lines)
    assert (answer.status_code, answer.content_type) == (200, "application/gzip")
    assert lines[0]["tenant_id"] == str(shop.id)
    assert lines[-1] == {"end": True, "rows": len(lines) - 2}
    assert set(owned_tables(postgres)) - LEFT_OUT.keys() <= found.keys()
    assert {"tenants", "schema_versions"} <= found.keys()
    text = gzip.decompress(answer.data).decode()
    assert not [secret for secret in ("argon2", "password_hash", '"hash"', '"proof"', '"secret"') if secret in text]
    for other in (
        tables(lines_of(by_platform.data)),
        tables([json.loads(line) for line in by_command.stdout.splitlines()]),
    ):
        assert {table for table in other if table != "audit"} == {table for table in found if table != "audit"}
        assert other["orders"] == found["orders"]


def test_an_export_is_of_one_shop(open_shop: Callable[..., Shop]) -> None:
    own, other = open_shop(), open_shop()
    other.product()

    text = gzip.decompress(own.get("/v1/shop/export").data).decode()

    assert str(other.id) not in text
    assert own.call("GET", f"/v1/tenants/{other.id}/export").status_code == 403
    assert own.call("GET", "/v1/shop/export", role="manager").status_code == 403


def test_what_does_not_fit_into_an_answer_is_refused() -> None:
    noise = (Random(number).randbytes(1000) for number in range(1000))

    with pytest.raises(Conflict):
        pack(noise, most_bytes=100)


def bought(people: People, given: dict[str, Any]) -> dict[str, Any]:
    sku = people.shop.product()["variants"][0]["sku"]
    answer = people.call(given, "POST", "/v1/orders", {"lines": [{"sku": sku, "quantity": 2}]})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def customer(people: People) -> tuple[dict[str, Any], dict[str, Any]]:
    email = people.email()
    body = {"email": email, "password": PASSWORD, "name": "Carla Customer", "shop": people.shop.tenant["slug"]}
    assert people.post("/v1/auth/register", body).status_code == 202
    people.post("/v1/auth/verify", {"token": people.mailbox.token(email, "verification")})
    given = people.signed_in(email)
    return people.call(given, "GET", "/v1/account").json, given


def test_all_that_is_there_about_somebody_is_shown(people: People) -> None:
    account, given = customer(people)
    order = bought(people, given)

    found = people.shop.post("/v1/users/export", {"person": account["id"]}).json

    assert found["account"][0]["email"] == account["email"]
    assert "password_hash" not in found["account"][0]
    assert [one["id"] for one in found["orders"]] == [order["id"]]
    assert (len(found["sessions"]), len(found["order_lines"])) == (1, 1)
    assert people.shop.post("/v1/users/export", {"person": account["id"]}, role="manager").status_code == 403
    assert people.shop.post("/v1/users/export", {"person": account["email"].upper()}).json["orders"] == found["orders"]


def test_somebody_is_erased_by_their_address_and_the_trail_names_the_id(
    people: People, open_shop: Callable[..., Shop], postgres: psycopg.Connection
) -> None:
    account, given = customer(people)
    order = bought(people, given)
    shop, person = people.shop, {"person": account["email"].title()}
    found = shop.get(f"/v1/users?email={account['email'].upper()}").json["items"]
    elsewhere = [open_shop().post(f"/v1/users/{what}", person).status_code for what in ("export", "erase")]

    erased = shop.post("/v1/users/erase", person)

    assert [one["id"] for one in found] == [account["id"]]
    assert elsewhere == [404, 404]
    assert (erased.status_code, erased.json) == (200, {"account": True, "orders": 1})
    assert shop.get(f"/v1/orders/{order['id']}").json["customer_ref"].startswith("erased:")
    assert shop.get(f"/v1/users?email={account['email']}").json["items"] == []
    assert [object_ for object_, _ in acts(postgres, shop, "users:delete")] == [account["id"]]
    assert nowhere(postgres, shop, account["id"], account["email"])


def test_a_typing_error_finds_nobody_and_is_no_act(shop: Shop, postgres: psycopg.Connection) -> None:
    answers = [
        shop.post(f"/v1/users/{what}", {"person": person})
        for what in ("export", "erase")
        for person in ("nobody@mail.example", "houshold-7", "019ac5a8-0000-7000-8000-000000000000")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert acts(postgres, shop, "users:delete") + acts(postgres, shop, "users:export") == []


def test_who_is_erased_cannot_be_found_and_what_they_paid_still_counts(
    people: People, postgres: psycopg.Connection
) -> None:
    account, given = customer(people)
    order = bought(people, given)
    for step, body in (("confirm", None), ("pay", {"payment_id": "p1"}), ("ship", {"tracking_number": "PP-4711"})):
        people.shop.post(f"/v1/orders/{order['id']}/{step}", body)
    first_said = len(left(postgres, people.shop.id))

    erased = people.shop.post("/v1/users/erase", {"person": account["id"]})
    again = people.shop.post("/v1/users/erase", {"person": account["id"]})
    people.a_second_later()

    assert (erased.status_code, erased.json) == (200, {"account": True, "orders": 1})
    assert again.status_code == 404
    assert acts(postgres, people.shop, "users:delete") == [(account["id"], {"call": "POST /v1/users/erase"})]
    assert people.call(given, "GET", "/v1/account").status_code == 401
    assert people.log_in(account["email"]).status_code == 401
    kept = people.shop.get(f"/v1/orders/{order['id']}").json
    assert kept["customer_ref"].startswith("erased:")
    assert (kept["total_minor"], kept["lines"]) == (order["total_minor"], order["lines"])
    assert nowhere(postgres, people.shop, account["id"], account["email"], "Carla Customer")
    assert (kept["status"], kept["parcels"][0]["tracking_number"]) == ("shipped", None)
    told = [one for one in left(postgres, people.shop.id)[first_said:] if isinstance(one.event, OrderAnonymised)]
    assert [one.event.order.parcels[0].tracking_number for one in told] == [None]
    assert [(one.event.order.customer_ref, one.version) for one in told] == [(kept["customer_ref"], kept["version"])]
    assert "customer_ref" in ORDER_FACTS.columns  # the row of analytics follows the event


def test_a_customer_without_an_account_is_erased_by_what_orders_name_them(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    sku = shop.product()["variants"][0]["sku"]
    orders = [imported_order(f"o{n}", sku, customer_ref="erika@mail.example") for n in range(250)]
    shop.post("/v1/imports/orders", {"items": [*orders, imported_order("other", sku, customer_ref="somebody-else")]})

    erased = shop.post("/v1/users/erase", {"person": "erika@mail.example"}, Idempotency_Key="k").json

    refs = postgres.execute(
        "SELECT customer_ref, count(*) FROM orders WHERE tenant_id = %s GROUP BY 1 ORDER BY 2", (shop.id,)
    ).fetchall()
    assert erased == {"account": False, "orders": 250}
    assert [count for _, count in refs] == [1, 250]
    assert refs[0][0] == "somebody-else"
    assert [object_ for object_, _ in acts(postgres, shop, "users:delete")] == [refs[1][0]]
    assert nowhere(postgres, shop, "erika@mail.example")


def test_nobody_erases_themselves_or_who_may_do_more(people: People) -> None:
    admin = people.invite("admin")
    given = people.signed_in(admin["email"])

    assert people.call(given, "POST", "/v1/users/erase", {"person": admin["id"]}).status_code == 409


def acts(postgres: psycopg.Connection, shop: Shop, act: str) -> list[tuple[str, dict[str, Any]]]:
    return postgres.execute(
        "SELECT object, detail FROM audit WHERE tenant_id = %s AND act = %s ORDER BY at", (shop.id, act)
    ).fetchall()


def nowhere(postgres: psycopg.Connection, shop: Shop, *words: str) -> bool:
    """In no row of the shop; events before the last of a thing, and who did what, go by ids, and go in time."""
    for table in set(owned_tables(postgres)) - {"outbox", "audit", "audit_chain"}:
        rows = postgres.execute(
            f"SELECT t::text FROM {table} t WHERE tenant_id = %s",  # a table's name
            (shop.id,),
        ).fetchall()
        found = [(table, row) for (row,) in rows for word in words if word in row or word.encode().hex() in row]
        assert found == []
    return True
