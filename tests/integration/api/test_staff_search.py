"""Staff find orders and customers by what they have in hand, as far as they reach, and nobody who was erased."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import psycopg
import pytest
from apiflask import APIFlask

from api.wsgi import now
from tests.integration.api.people import People, people_of
from tests.integration.api.shops import Shop
from tests.integration.api.test_conditions import clerk, grant
from tests.integration.api.test_statement_counts import statements

pytestmark = pytest.mark.servers

HOME = {"name": "Zoë Müller", "line1": "Lindengasse 3", "postal_code": "1070", "city": "Wien", "country": "AT"}
ZOE = {"name": "Zoë Müller", "email": "zoe.m@mail.example", "phone": "+43 660 1234567"}


@pytest.fixture
def people(app: APIFlask, shop: Shop) -> Iterator[People]:
    yield from people_of(app, shop)


def orders(shop: Shop, q: str, **how: Any) -> list[dict[str, Any]]:
    answer = shop.get(f"/v1/search/orders?q={quote(q)}", **how)
    assert answer.status_code == 200, answer.text
    return list(answer.json["items"])


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in found]


def test_an_order_is_found_by_whatever_a_clerk_has_in_hand(shop: Shop) -> None:
    sku, number = f"QX-{uuid4().hex[:6]}-RED", f"2026-{uuid4().hex[:8]}"
    shop.product(
        translations=[{"locale": "en", "title": "Éclair au café"}],
        variants=[{"sku": sku, "prices": [{"currency": "EUR", "amount_minor": 150}]}],
    )
    order = shop.order(sku, external_id=number, contact=ZOE, shipping_address=HOME)
    here = f"/v1/orders/{order['id']}"
    shop.order(shop.product()["variants"][0]["sku"], contact={"name": "Anna Berg"})
    for step, body in (
        ("confirm", None),
        ("pay", {"payment_id": "TX.998-1"}),
        ("ship", {"carrier": "Post", "tracking_number": "PP 4711 0815"}),
    ):
        assert shop.post(f"{here}/{step}", body).status_code == 200

    asked = {
        number: ["external_id"],
        number[-5:]: ["external_id"],
        order["id"]: ["id"],
        order["id"].replace("-", "").upper(): ["id"],
        order["id"][-6:]: ["id"],
        "muller": ["contact.name", "shipping_address.name"],
        "MUELLER zoe wien": ["contact.email", "contact.name", "shipping_address.city", "shipping_address.name"],
        "zoe.m@mail.example": ["contact.email"],
        "0660 1234567": ["contact.phone"],
        "234567": ["contact.phone"],
        "1070 linden": ["shipping_address.line1", "shipping_address.postal_code"],
        sku.lower(): ["lines.sku"],
        sku.replace("-", ""): ["lines.sku"],
        "eclair cafe": ["lines.title"],
        "tx.998-1": ["payment_id"],
        "47110815": ["parcels.tracking_number"],
        "0815": ["parcels.tracking_number"],
    }
    found = {q: orders(shop, q) for q in asked}

    assert {q: ids(some) for q, some in found.items()} == {q: [order["id"]] for q in asked}
    assert {q: set(fields) - set(found[q][0]["matched"]) for q, fields in asked.items()} == {q: set() for q in asked}
    assert found["muller"][0]["matched"] == asked["muller"]
    assert [orders(shop, q) for q in ("muller berg", "nowhere", "!!!")] == [[], [], []]
    assert ids(orders(shop, "muller&status=paid")) == []
    assert found[number][0]["status"] == "shipped"


def test_what_is_typed_is_limited_and_a_page_has_the_lists_filters_and_cursors(shop: Shop) -> None:
    sku = shop.product()["variants"][0]["sku"]
    made = [shop.order(sku, contact={"name": "Anna Berg"})["id"] for _ in range(3)]
    shop.post(f"/v1/orders/{made[1]}/confirm")

    def page(**asked: Any) -> Any:
        return shop.get(f"/v1/search/orders?{urlencode({'q': 'berg', **asked})}")

    first = page(limit=2)
    second = page(limit=2, cursor=first.json["next_cursor"])
    refused = {
        "long": page(q="x" * 201),
        "words": page(q="a b c d e f g h i j k"),
        "null": page(q="a\0b"),
        "other": page(q="anna", cursor=first.json["next_cursor"]),
    }

    one, many = (min(statements(shop, f"/v1/search/orders?q=anna&limit={limit}") for _ in range(3)) for limit in (1, 3))

    assert (one[1], many[1]) == (1, 3)
    assert 0 < many[0] <= one[0] + 1
    assert ids(first.json["items"]) + ids(second.json["items"]) == made[::-1]
    assert second.json["next_cursor"] is None
    assert ids(page(sort="oldest").json["items"]) == made
    assert ids(page(status="confirmed").json["items"]) == [made[1]]
    assert ids(page(placed_until="2020-01-01T00:00:00Z").json["items"]) == []
    assert {answer.status_code for answer in refused.values()} == {422}
    assert {name: answer.get_json(force=True)["errors"][0]["field"] for name, answer in refused.items()} == {
        "long": "q",
        "words": "q",
        "null": "q",
        "other": "cursor",
    }


def test_nobody_finds_by_what_they_may_not_see(shop: Shop, postgres: psycopg.Connection) -> None:
    sku = shop.product()["variants"][0]["sku"]
    theirs = shop.order(sku, customer_ref="zoe", contact=ZOE)["id"]
    paid = shop.order(sku, contact=ZOE)["id"]
    for step, body in (("confirm", None), ("pay", {"payment_id": "p1"})):
        shop.post(f"/v1/orders/{paid}/{step}", body)
    ends = f"{now() + timedelta(days=1):%FT%TZ}"
    body = {"name": "counts", "permissions": ["orders:list"], "expires_at": ends}
    program = shop.post("/v1/service-tokens", body).json["token"]

    def as_program(q: str) -> list[str]:
        headers = {"Authorization": f"Bearer {program}"}
        return ids(shop.client.get(f"/v1/search/orders?q={quote(q)}", headers=headers).json["items"])

    assert ids(orders(shop, "zoe", role="manager", actor="max")) == [paid, theirs]
    assert ids(orders(shop, "zoe", role="customer", actor="zoe")) == [theirs]
    assert orders(shop, "zoe", role="customer", actor="berta") == []
    assert (as_program("zoe"), as_program(sku)) == ([], [paid, theirs])
    assert shop.get("/v1/search/customers?q=zoe", role="manager", actor="max").status_code == 403
    assert shop.get("/v1/search/orders?q=zoe", role="anonymous").status_code in (401, 403)


def test_who_is_restricted_by_conditions_finds_within_them(people: People) -> None:
    shop = people.shop
    sku = shop.product()["variants"][0]["sku"]
    pending, confirmed = (shop.order(sku, contact=ZOE)["id"] for _ in range(2))
    shop.post(f"/v1/orders/{confirmed}/confirm")
    when = {"field": "status", "op": "eq", "value": "confirmed"}
    both, _ = clerk(people, grant("orders", "contact list", when))
    grants = [grant("orders", "list"), grant("orders", "contact", when)]
    role = shop.post("/v1/roles", {"name": "wider", "grants": grants}).json["id"]
    wider = people.signed_in(people.invite("staff", role_ids=[role])["email"])

    def found(who: dict[str, Any], q: str) -> list[str]:
        return ids(people.call(who, "GET", f"/v1/search/orders?q={q}").json["items"])

    assert (found(both, "zoe"), found(both, sku)) == ([confirmed], [confirmed])
    assert (found(wider, "zoe"), found(wider, sku)) == ([], [confirmed, pending])


def test_a_customer_is_found_by_address_name_and_telephone_with_what_they_ordered(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    sku = shop.product()["variants"][0]["sku"]
    zoe, other, colleague = uuid4(), uuid4(), uuid4()
    for user, email, name, role in (
        (zoe, "zoe.m@mail.example", "Zoë Müller", "customer"),
        (other, "max@mail.example", "Max Zoeller", "customer"),
        (colleague, "muller@shop.example", "Zoë Müller", "manager"),
    ):
        postgres.execute(
            "INSERT INTO users (tenant_id, id, version, email, name, role, status, verified)"
            " VALUES (%s, %s, 1, %s, %s, %s, 'active', true)",
            (shop.id, user, email, name, role),
        )
    made = [shop.order(sku, customer_ref=str(zoe), contact=ZOE) for _ in range(2)]

    def found(q: str, **how: Any) -> list[Any]:
        answer = shop.get(f"/v1/search/customers?q={quote(q)}", **how)
        assert answer.status_code == 200, answer.text
        return list(answer.json["items"])

    by = {q: found(q) for q in ("muller", "mueller zoe", "zoe.m@mail.example", "0660 1234567", "4567", str(zoe)[-6:])}
    both = found("mail.example")
    shop.client.patch(f"/v1/users/{zoe}", json={"name": "Zoë Berg"}, headers=shop.headers("admin"))
    renamed = {q: ids(found(q)) for q in ("muller", "berg")}
    erased = shop.post("/v1/users/erase", {"person": str(zoe)})

    assert {q: ids(some) for q, some in by.items() if q != str(zoe)[-6:]} == {
        q: [str(zoe)] for q in by if q != str(zoe)[-6:]
    }
    assert set(ids(both)) == {str(zoe), str(other)}
    assert by["muller"][0]["matched"] == ["name"]
    assert by["0660 1234567"][0]["matched"] == ["orders.phone"]
    assert by["muller"][0]["ordered"]["orders"] == 2
    assert by["muller"][0]["ordered"]["last_order_id"] == made[1]["id"]
    assert renamed == {"muller": [], "berg": [str(zoe)]}
    assert erased.status_code == 200, erased.text
    assert [orders(shop, q) for q in ("muller", "zoe", "1234567", "wien")] == [[], [], [], []]
    assert ids(found("berg")) == []
    assert ids(orders(shop, sku)) == [one["id"] for one in made[::-1]]
    left = "SELECT count(*) FROM order_words WHERE tenant_id = %s AND field LIKE 'contact.%%'"
    assert postgres.execute(left, (shop.id,)).fetchone() == (0,)


def test_an_edited_order_is_found_by_the_lines_it_has(shop: Shop) -> None:
    was, now = (shop.product()["variants"][0]["sku"] for _ in range(2))
    order = shop.order(was)["id"]

    changed = shop.call("PUT", f"/v1/orders/{order}/lines", {"lines": [{"sku": now, "quantity": 1}]})

    assert changed.status_code == 200, changed.text
    assert (ids(orders(shop, was)), ids(orders(shop, now))) == ([], [order])
