"""Whom an order is about and where it goes: in the database alone, for who may know it, until it has left."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from api.domain.order_contacts import LONGEST
from tests.integration.api.shops import Shop
from tests.integration.api.test_taking_out import nowhere

pytestmark = pytest.mark.servers

ANNA = {"name": "Anna Köhler", "email": "anna@mail.example", "phone": "+43 1 234567"}
HOME = {"name": "Anna Köhler", "line1": "Lindengasse 3", "postal_code": "1070", "city": "Wien", "country": "AT"}
GIVEN = {"contact": ANNA, "shipping_address": HOME}
SECRETS = ("Köhler", "anna@mail.example", "234567", "Lindengasse")


@pytest.fixture
def sku(shop: Shop) -> str:
    return str(shop.product()["variants"][0]["sku"])


def contacts(shop: Shop, order: dict[str, Any], **how: Any) -> Any:
    return shop.get(f"/v1/orders/{order['id']}/contacts", **how)


def test_an_address_is_known_to_the_shop_and_to_whose_order_it_is_and_in_no_event(
    shop: Shop, sku: str, postgres: psycopg.Connection
) -> None:
    body = {"lines": [{"sku": sku, "quantity": 1}], **GIVEN}
    placed = shop.post("/v1/orders", body, role="customer", actor="anna", Idempotency_Key="once")
    again = shop.post("/v1/orders", body, role="customer", actor="anna", Idempotency_Key="once")

    seen = {
        who: contacts(shop, placed.json, role=who, actor=actor)
        for who, actor in (("admin", "boss"), ("manager", "max"), ("customer", "anna"))
    }
    stranger = contacts(shop, placed.json, role="customer", actor="berta")

    assert again.data == placed.data
    assert {answer.status_code for answer in seen.values()} == {200}
    assert {answer.headers["ETag"] for answer in seen.values()} == {'"1"'}
    assert [answer.json["contact"] for answer in seen.values()] == [ANNA] * 3
    assert {name: seen["admin"].json["shipping_address"][name] for name in HOME} == HOME
    assert seen["admin"].json["billing_address"] is None
    assert stranger.status_code == 404
    for table in ("outbox", "idempotency_keys", "audit", "orders"):
        rows = postgres.execute(f"SELECT t::text FROM {table} t WHERE tenant_id::text = %s", (str(shop.id),))
        text = "".join(row for (row,) in rows)
        assert text != "" or table == "audit"
        assert [word for word in SECRETS if word in text or word.encode().hex() in text] == []


def test_it_changes_for_who_has_seen_it_until_all_has_left(shop: Shop, sku: str) -> None:
    order = shop.order(sku, contact=ANNA)
    here = f"/v1/orders/{order['id']}"
    elsewhere = {**HOME, "line1": "Neubaugasse 1"}

    changed = shop.call("PUT", f"{here}/contacts", {"shipping_address": elsewhere}, If_Match='"1"')
    stale = shop.call("PUT", f"{here}/contacts", GIVEN, If_Match='"1"')
    by_berta = shop.call("PUT", f"{here}/contacts", GIVEN, role="customer", actor="berta")
    for step, body in (("confirm", None), ("pay", {"payment_id": "p1"}), ("ship", {})):
        shop.post(f"{here}/{step}", body)
    too_late = shop.call("PUT", f"{here}/contacts", GIVEN)

    assert (changed.status_code, changed.headers["ETag"], changed.json["contact"]) == (200, '"2"', None)
    assert changed.json["shipping_address"]["line1"] == "Neubaugasse 1"
    assert (stale.status_code, by_berta.status_code) == (412, 404)
    assert (too_late.status_code, too_late.get_json(force=True)["code"]) == (409, "conflict")
    assert contacts(shop, order).json == changed.json
    assert shop.get(here).json["version"] == 4


def test_an_order_of_which_nobody_said_anything_has_version_0(shop: Shop, sku: str) -> None:
    order = shop.order(sku)

    before = contacts(shop, order)
    first = shop.call("PUT", f"/v1/orders/{order['id']}/contacts", GIVEN, If_Match='"0"')

    assert (before.headers["ETag"], before.json["version"], before.json["contact"]) == ('"0"', 0, None)
    assert (first.status_code, first.json["version"]) == (200, 1)


def test_of_many_who_have_seen_the_same_one_changes_it(shop: Shop, sku: str) -> None:
    here = f"/v1/orders/{shop.order(sku, contact=ANNA)['id']}/contacts"

    def change(number: int) -> int:
        return shop.call("PUT", here, {"contact": {"name": f"Anna {number}"}}, If_Match='"1"').status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(change, range(50)))

    assert (statuses.count(200), statuses.count(412)) == (1, 49)
    assert shop.get(here).json["version"] == 2


def test_every_field_that_is_wrong_is_named_and_what_was_said_is_not_repeated(shop: Shop, sku: str) -> None:
    wrong = {"contact": {"email": "anna", "phone": "1\n2"}, "shipping_address": {"line1": "", "country": "Austria"}}

    answer = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 1}], **wrong})

    assert answer.status_code == 422
    assert [one["field"] for one in answer.get_json(force=True)["errors"]] == [
        "contact.email",
        "contact.phone",
        "shipping_address.line1",
        "shipping_address.city",
        "shipping_address.country",
    ]
    assert "Austria" not in answer.text


def test_the_database_keeps_the_same_limits(shop: Shop, sku: str, postgres: psycopg.Connection) -> None:
    order_id = shop.order(sku, **GIVEN, billing_address=HOME)["id"]
    columns = [name for name in LONGEST if name not in ("email", "country")]
    good = [f"billing_{name} = repeat('ß', {LONGEST[name]})" for name in columns]
    bad = [f"billing_{name} = repeat('x', {LONGEST[name] + 1})" for name in columns]
    bad += [f"contact_name = 'a' || chr({sign}) || 'b'" for sign in (1, 10, 31, 127, 133, 159)]
    bad += ["contact_email = 'anna'", "shipping_country = 'at'", "shipping_city = NULL", "version = 0", "phone = ''"]

    postgres.execute(f"UPDATE order_contacts SET {', '.join(good)} WHERE order_id = %s", (order_id,))
    for change in bad:
        with pytest.raises(psycopg.errors.IntegrityError if "phone" not in change else psycopg.Error):
            postgres.execute(f"UPDATE order_contacts SET {change} WHERE order_id = %s", (order_id,))
    shop.post(f"/v1/orders/{order_id}/cancel", {"reason": "none"})

    with pytest.raises(psycopg.errors.CheckViolation, match="changes no more"):
        postgres.execute("UPDATE order_contacts SET contact_name = 'Eve' WHERE order_id = %s", (order_id,))


def test_who_is_erased_is_told_of_no_order_any_more(shop: Shop, sku: str, postgres: psycopg.Connection) -> None:
    """By what orders name them, and by their address: of a guest's order, and of a present from somebody else."""
    own = shop.order(sku, customer_ref="anna@mail.example", **GIVEN)
    guests = shop.order(sku, contact=ANNA)
    present = shop.order(sku, customer_ref="berta", **GIVEN)

    told = shop.post("/v1/users/export", {"person": "Anna@mail.example"}).json
    erased = shop.post("/v1/users/erase", {"person": "anna@mail.example"})

    assert sorted(row["order_id"] for row in told["order_contacts"]) == sorted(
        one["id"] for one in (own, guests, present)
    )
    assert [row["id"] for row in told["orders"]] == [guests["id"]]
    assert (erased.status_code, erased.json) == (200, {"account": False, "orders": 2})
    assert nowhere(postgres, shop, *SECRETS)
    kept = [shop.get(f"/v1/orders/{one['id']}").json for one in (own, guests, present)]
    assert [one["total_minor"] for one in kept] == [300, 300, 300]
    assert [(one["customer_ref"] or "")[:7] for one in kept] == ["erased:", "erased:", "berta"]
    assert [contacts(shop, one).json["contact"] for one in kept] == [None] * 3
    assert json.loads(contacts(shop, present).text)["version"] == 2
