from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, imported_order

pytestmark = pytest.mark.servers


def sku_of(product: dict[str, object]) -> str:
    return str(product["variants"][0]["sku"])  # type: ignore[index]  # JSON


def test_an_order_goes_from_placed_to_cancelled(shop: Shop, postgres: psycopg.Connection) -> None:
    placed = shop.order(sku_of(shop.product()), customer_ref="household-1")
    here = f"/v1/orders/{placed['id']}"

    shop.post(f"{here}/confirm")
    shop.post(f"{here}/pay", {"payment_id": "p1"})
    cancelled = shop.post(f"{here}/cancel", {"reason": "returned"}).json

    assert (placed["total_minor"], cancelled["refund_minor"], cancelled["status"]) == (300, 300, "cancelled")
    told = left(postgres, shop.id, placed["id"])
    assert [(one.type, one.version) for one in told] == [
        ("order.placed", 1),
        ("order.confirmed", 2),
        ("order.paid", 3),
        ("order.cancelled", 4),
    ]
    assert told[-1].event.reason == "returned"
    assert told[-1].event.order.payment_id == "p1"
    assert shop.get(here).json | {"receipt": cancelled["receipt"]} == cancelled


def test_price_title_and_department_are_the_shops(shop: Shop) -> None:
    root = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Dairy"}]}).json["id"]
    leaf = shop.post("/v1/categories", {"parent_id": root, "translations": [{"locale": "en", "name": "Cheese"}]}).json
    product = shop.product(category_ids=[leaf["id"]])

    line = shop.order(sku_of(product))["lines"][0]

    assert (line["title"], line["category"], line["unit_price_minor"]) == ("Blue cheese", "Dairy", 150)
    cheaper = {"lines": [{"sku": sku_of(product), "quantity": 1, "unit_price_minor": 1}]}
    assert shop.post("/v1/orders", cheaper).status_code == 422


def test_a_line_says_what_was_sold_whatever_becomes_of_it(shop: Shop, postgres: psycopg.Connection) -> None:
    root = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Dairy"}]}).json["id"]
    texts = [{"locale": "de", "name": "Käse"}, {"locale": "en", "name": "Cheese"}]
    leaf = shop.post("/v1/categories", {"parent_id": root, "translations": texts}).json["id"]
    other = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Presents"}]}).json["id"]
    prices = [{"currency": "EUR", "amount_minor": 150, "compare_at_minor": 180}]
    product = shop.product(
        brand="Verde", category_ids=[leaf, other], variants=[{"sku": f"CHEESE-{shop.id.hex[:8]}", "prices": prices}]
    )
    order = shop.order(sku_of(product))

    for category in (root, leaf):
        renamed = {"translations": [{"locale": "en", "name": "Milk"}]}
        assert shop.call("PATCH", f"/v1/categories/{category}", renamed).status_code == 200
    assert shop.call("PATCH", f"/v1/products/{product['id']}", {"brand": "Rosso"}).status_code == 200

    line = shop.get(f"/v1/orders/{order['id']}").json["lines"][0]
    assert line == order["lines"][0]
    assert (line["category"], line["category_path"], line["brand"]) == ("Dairy", ["Dairy", "Cheese"], "Verde")
    assert (line["unit"], line["list_price_minor"], line["discount_minor"]) == ("piece", 180, 0)
    (told,) = left(postgres, shop.id, order["id"])
    assert told.event.order.lines[0].category_path == ("Dairy", "Cheese")
    assert shop.order(sku_of(product))["lines"][0]["category_path"] == ["Milk", "Milk"]


def test_an_order_of_a_product_in_no_category_has_no_path(shop: Shop) -> None:
    line = shop.order(sku_of(shop.product()))["lines"][0]

    assert (line["category"], line["category_path"], line["brand"], line["list_price_minor"]) == (None, [], None, 150)


def test_an_edited_order_says_what_is_sold_now(shop: Shop) -> None:
    category = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Dairy"}]}).json["id"]
    product = shop.product(category_ids=[category])
    order = shop.order(sku_of(product))
    shop.call("PATCH", f"/v1/products/{product['id']}", {"brand": "Verde"})

    edited = shop.call(
        "PUT", f"/v1/orders/{order['id']}/lines", {"lines": [{"sku": sku_of(product), "quantity": 3}]}
    ).json

    before, after = order["lines"][0], edited["lines"][0]
    assert after == {**before, "brand": "Verde", "quantity": 3, "total_minor": 450}
    assert shop.get(f"/v1/orders/{order['id']}").json["lines"] == [after]


def test_a_line_of_code_before_this_has_its_root_category_and_takes_off_a_discount(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    shop.product(variants=[{"sku": "OLD"}])
    items = shop.post("/v1/imports/orders", {"items": [imported_order("o", "OLD")]}).json["items"]
    as_then = {"order": items[0]["id"], "copy": uuid4()}
    with postgres.transaction():
        postgres.execute(
            """
            INSERT INTO orders (tenant_id, id, version, status, currency, tax_minor, shipping_minor, discount_minor,
                total_minor, placed_at)
            SELECT tenant_id, %(copy)s, 1, 'pending', currency, 0, 0, 0, total_minor, placed_at
            FROM orders WHERE id = %(order)s
            """,
            as_then,
        )
        postgres.execute(
            """
            INSERT INTO order_lines (tenant_id, order_id, position, product_id, variant_id, sku, title, category,
                quantity, unit_price_minor, adjustment_minor, total_minor)
            SELECT tenant_id, %(copy)s, 0, product_id, variant_id, sku, title, 'Dairy',
                quantity, unit_price_minor, adjustment_minor, total_minor
            FROM order_lines WHERE order_id = %(order)s
            """,
            as_then,
        )

    (line,) = shop.get(f"/v1/orders/{as_then['copy']}").json["lines"]

    assert (line["category"], line["category_path"], line["brand"]) == ("Dairy", ["Dairy"], None)
    assert (line["unit"], line["list_price_minor"], line["discount_minor"]) == ("piece", None, 20)


def test_what_cannot_be_ordered_is_named(shop: Shop) -> None:
    draft, priceless = shop.product(published=False), shop.product(variants=[{"sku": "PRICELESS"}])
    lines = [{"sku": sku, "quantity": 1} for sku in ("NOTHING", sku_of(draft), sku_of(priceless))]

    answer = shop.post("/v1/orders", {"lines": lines})

    assert [(one["field"], one["code"]) for one in answer.get_json(force=True)["errors"]] == [
        ("lines.0.sku", "unknown_sku"),
        ("lines.1.sku", "not_on_sale"),
        ("lines.2.sku", "no_price"),
    ]


def test_illegal_steps_are_conflicts(shop: Shop) -> None:
    here = f"/v1/orders/{shop.order(sku_of(shop.product()))['id']}"

    too_early = shop.post(f"{here}/pay", {"payment_id": "p1"})
    shop.post(f"{here}/cancel", {"reason": "changed my mind"})
    too_late = shop.post(f"{here}/confirm")

    for answer in (too_early, too_late):
        assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "illegal_transition")


def test_of_many_payments_at_once_one_succeeds_and_one_event_leaves(shop: Shop, postgres: psycopg.Connection) -> None:
    order_id = shop.order(sku_of(shop.product()))["id"]
    shop.post(f"/v1/orders/{order_id}/confirm")

    def pay(number: int) -> int:
        return shop.post(f"/v1/orders/{order_id}/pay", {"payment_id": f"p{number}"}).status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(pay, range(50)))

    assert sorted(set(statuses)) == [200, 409]
    assert statuses.count(200) == 1
    assert [one.type for one in left(postgres, shop.id, order_id)].count("order.paid") == 1


def test_an_order_leaves_in_parcels_until_all_of_it_is_there(shop: Shop, postgres: psycopg.Connection) -> None:
    skus = [sku_of(shop.product()), sku_of(shop.product())]
    placed = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 2} for sku in skus]}).json
    here = f"/v1/orders/{placed['id']}"
    shop.post(f"{here}/confirm")
    shop.post(f"{here}/pay", {"payment_id": "p1"})
    first = {"carrier": "Parcel Post", "tracking_number": "PP-1", "lines": [{"line_no": 2, "quantity": 1}]}

    partly = shop.post(f"{here}/ship", first).json
    refused = [shop.post(f"{here}/{step}", {"reason": "too late"}) for step in ("deliver", "cancel")]
    too_many = shop.post(f"{here}/ship", {"lines": [{"line_no": 2, "quantity": 2}, {"line_no": 3, "quantity": 1}]})
    shipped = shop.post(f"{here}/ship", {}).json
    nothing_left = shop.post(f"{here}/ship", {})
    delivered = shop.post(f"{here}/deliver").json

    assert [one["status"] for one in (partly, shipped, delivered)] == ["partly_shipped", "shipped", "delivered"]
    assert {answer.status_code for answer in (*refused, nothing_left)} == {409}
    assert [(one["field"], one["code"]) for one in too_many.get_json(force=True)["errors"]] == [
        ("lines.0.quantity", "out_of_range"),
        ("lines.1.line_no", "unknown_line"),
    ]
    assert partly["parcels"] == [{"parcel_no": 1, **first, "shipped_at": partly["parcels"][0]["shipped_at"]}]
    assert (partly["shipped_at"], partly["delivered_at"]) == (None, None)
    assert shipped["parcels"][0] == partly["parcels"][0]
    assert shipped["parcels"][1]["lines"] == [{"line_no": 1, "quantity": 2}, {"line_no": 2, "quantity": 1}]
    assert shop.get(here).json | {"receipt": delivered["receipt"]} == delivered
    assert [one["id"] for one in shop.get("/v1/orders?status=delivered").json["items"]] == [placed["id"]]
    told = left(postgres, shop.id, placed["id"])[3:]
    assert [(one.type, one.version) for one in told] == [
        ("order.shipped", 4),
        ("order.shipped", 5),
        ("order.delivered", 6),
    ]
    assert [one.event.parcel.tracking_number for one in told[:2]] == ["PP-1", None]
    assert [len(one.event.order.parcels) for one in told] == [1, 2, 2]


def test_a_parcel_leaves_once_for_a_key_and_for_the_version_that_was_seen(shop: Shop) -> None:
    order = shop.post("/v1/orders", {"lines": [{"sku": sku_of(shop.product()), "quantity": 3}]}).json
    here = f"/v1/orders/{order['id']}"
    shop.post(f"{here}/confirm")
    seen = shop.post(f"{here}/pay", {"payment_id": "p1"}).headers["ETag"]
    one = {"lines": [{"line_no": 1, "quantity": 1}]}

    first = shop.post(f"{here}/ship", one, If_Match=seen, Idempotency_Key="parcel-1")
    again = shop.post(f"{here}/ship", one, If_Match=seen, Idempotency_Key="parcel-1")
    stale = shop.post(f"{here}/ship", one, If_Match=seen, Idempotency_Key="parcel-2")

    assert (first.status_code, again.data) == (200, first.data)
    assert stale.status_code == 412
    assert len(shop.get(here).json["parcels"]) == 1


def test_of_many_who_ship_the_same_order_at_once_one_succeeds(shop: Shop, postgres: psycopg.Connection) -> None:
    order_id = shop.order(sku_of(shop.product()))["id"]
    shop.post(f"/v1/orders/{order_id}/confirm")
    shop.post(f"/v1/orders/{order_id}/pay", {"payment_id": "p1"})

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(lambda _: shop.post(f"/v1/orders/{order_id}/ship", {}).status_code, range(50)))

    assert sorted(set(statuses)) == [200, 409]
    assert statuses.count(200) == 1
    assert [one.type for one in left(postgres, shop.id, order_id)].count("order.shipped") == 1


def test_what_was_paid_goes_back_by_line_and_never_more(shop: Shop, postgres: psycopg.Connection) -> None:
    skus = [sku_of(shop.product()), sku_of(shop.product())]
    placed = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 2} for sku in skus]}).json
    here = f"/v1/orders/{placed['id']}"
    too_early = shop.post(f"{here}/refund", {"reason": "broken", "other_minor": 1})
    shop.post(f"{here}/confirm")
    shop.post(f"{here}/pay", {"payment_id": "p1"})
    shop.post(f"{here}/ship", {"lines": [{"line_no": 1, "quantity": 2}]})

    sold_out = shop.post(f"{here}/refund", {"reason": "sold out", "lines": [{"line_no": 2, "not_sent": 2}]}).json
    returned = {"reason": "broken", "lines": [{"line_no": 1, "returned": 1}], "other_minor": 50}
    some = shop.post(f"{here}/refund", returned, Idempotency_Key="refund-1")
    again = shop.post(f"{here}/refund", returned, Idempotency_Key="refund-1")
    too_much = shop.post(f"{here}/refund", {"reason": "more", "other_minor": 101})
    twice = shop.post(f"{here}/refund", {"reason": "more", "lines": [{"line_no": 2, "not_sent": 1}]})

    assert too_early.status_code == 409
    assert (sold_out["status"], sold_out["refunded_minor"]) == ("shipped", 300)
    assert (again.data, some.json["refunded_minor"], some.json["total_minor"]) == (some.data, 500, 600)
    assert [one["field"] for answer in (too_much, twice) for one in answer.get_json(force=True)["errors"]] == [
        "amount_minor",
        "lines.0.not_sent",
    ]
    assert some.json["refunds"][1]["lines"] == [{"line_no": 1, "returned": 1, "not_sent": 0, "amount_minor": 150}]
    assert shop.get(here).json | {"receipt": some.json["receipt"]} == some.json
    told = left(postgres, shop.id, placed["id"])[4:]
    assert [(one.type, one.version) for one in told] == [("order.refunded", 5), ("order.refunded", 6)]
    assert [(one.event.refund.amount_minor, one.event.order.refunded_minor) for one in told] == [(300, 300), (200, 500)]


def test_of_many_refunds_at_once_no_more_goes_back_than_was_paid(shop: Shop) -> None:
    here = f"/v1/orders/{shop.order(sku_of(shop.product()))['id']}"
    shop.post(f"{here}/confirm")
    shop.post(f"{here}/pay", {"payment_id": "p1"})

    def ask(_: int) -> int:
        return shop.post(f"{here}/refund", {"reason": "goodwill", "other_minor": 100}).status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(ask, range(50)))

    assert set(statuses) <= {200, 409, 422}
    assert shop.get(here).json["refunded_minor"] == 100 * statuses.count(200) <= 300
    assert shop.post(f"{here}/cancel", {"reason": "after all"}).json["refunded_minor"] == 300


def test_an_order_that_was_imported_and_shipped_since_comes_in_again_unchanged(shop: Shop) -> None:
    sku = sku_of(shop.product())
    (order_id,) = [
        one["id"] for one in shop.post("/v1/imports/orders", {"items": [imported_order("o", sku)]}).json["items"]
    ]
    shop.post(f"/v1/orders/{order_id}/ship", {})

    (again,) = shop.post("/v1/imports/orders", {"items": [imported_order("o", sku, payment_id="p1")]}).json["items"]
    (other,) = shop.post("/v1/imports/orders", {"items": [imported_order("o", sku, payment_id="p2")]}).json["items"]

    assert (again["outcome"], other["outcome"]) == ("unchanged", "refused")
    assert shop.get(f"/v1/orders/{order_id}").json["status"] == "shipped"


def test_a_customer_sees_and_places_their_own_only(shop: Shop) -> None:
    sku = sku_of(shop.product())
    mine = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 1}]}, role="customer", actor="anna").json
    theirs = shop.order(sku, customer_ref="bert")

    assert mine["customer_ref"] == "anna"
    assert [one["id"] for one in shop.get("/v1/orders", role="customer", actor="anna").json["items"]] == [mine["id"]]
    assert shop.get(f"/v1/orders/{theirs['id']}", role="customer", actor="anna").status_code == 404
    assert shop.get("/v1/orders?customer_ref=bert", role="customer", actor="anna").status_code == 403
    assert len(shop.get("/v1/orders").json["items"]) == 2


def test_orders_are_listed_newest_first(shop: Shop) -> None:
    sku = sku_of(shop.product())
    placed = [shop.order(sku)["id"] for _ in range(3)]

    first = shop.get("/v1/orders?limit=2").json
    second = shop.get(f"/v1/orders?limit=2&cursor={first['next_cursor']}").json

    assert [order["id"] for order in first["items"] + second["items"]] == placed[::-1]


def test_whose_order_it_is_sees_what_became_of_it_and_the_shop_also_why(shop: Shop) -> None:
    lines = [{"sku": sku_of(shop.product()), "quantity": 2}]
    placed = shop.post("/v1/orders", {"lines": lines}, role="customer", actor="anna").json
    here = f"/v1/orders/{placed['id']}"
    for step, body in (("confirm", None), ("pay", {"payment_id": "p1"}), ("ship", {"tracking_number": "PP-1"})):
        shop.post(f"{here}/{step}", body)
    shop.post(f"{here}/refund", {"reason": "came late", "other_minor": 20})

    by_shop, by_anna, by_berta = (
        shop.get(f"{here}/timeline", role=role, actor=actor)
        for role, actor in (("manager", "max"), ("customer", "anna"), ("customer", "berta"))
    )

    assert [one["step"] for one in by_shop.json["items"]] == ["placed", "confirmed", "paid", "shipped", "refunded"]
    assert [one["amount_minor"] for one in by_shop.json["items"]] == [300, None, 300, None, 20]
    assert [one["reason"] for one in by_shop.json["items"]] == [None] * 4 + ["came late"]
    assert by_shop.json["items"][3]["parcel"]["tracking_number"] == "PP-1"
    assert by_anna.json["items"] == [{**one, "reason": None} for one in by_shop.json["items"]]
    again = shop.get(f"{here}/timeline", role="manager", actor="max", If_None_Match=by_shop.headers["ETag"])
    assert (by_shop.json["currency"], again.status_code, by_berta.status_code) == ("EUR", 304, 404)
    assert by_shop.headers["ETag"] != by_anna.headers["ETag"]


def reserved(shop: Shop) -> dict[str, int]:
    return {one["sku"]: one["reserved"] for one in shop.get("/v1/stock").json["items"]}


def test_a_pending_order_gets_other_lines_and_its_stock_follows(shop: Shop, postgres: psycopg.Connection) -> None:
    bread, butter, milk = (sku_of(shop.product()) for _ in range(3))
    for sku in (bread, butter, milk):
        shop.post("/v1/stock", {"sku": sku, "on_hand": 5})
    lines = [{"sku": bread, "quantity": 2}, {"sku": butter, "quantity": 1}]
    placed = shop.post("/v1/orders", {"lines": lines}).json
    here = f"/v1/orders/{placed['id']}"
    other = [{"sku": bread, "quantity": 1}, {"sku": milk, "quantity": 4}, {"sku": bread, "quantity": 3}]

    edited = shop.call("PUT", f"{here}/lines", {"lines": other}, If_Match='"1"')
    stale = shop.call("PUT", f"{here}/lines", {"lines": lines}, If_Match='"1"')
    short = shop.call("PUT", f"{here}/lines", {"lines": [{"sku": butter, "quantity": 6}]})
    unknown = shop.call("PUT", f"{here}/lines", {"lines": [*lines, {"sku": "NOTHING", "quantity": 1}]})

    assert (edited.status_code, edited.json["status"], edited.json["total_minor"]) == (200, "pending", 8 * 150)
    assert [(one["sku"], one["quantity"]) for one in edited.json["lines"]] == [(bread, 1), (milk, 4), (bread, 3)]
    assert (stale.status_code, short.status_code, unknown.status_code) == (412, 409, 422)
    assert short.get_json(force=True)["errors"][0]["field"] == "lines.0.quantity"
    assert unknown.get_json(force=True)["errors"][0]["field"] == "lines.2.sku"
    assert reserved(shop) == {bread: 4, butter: 0, milk: 4}
    assert shop.get(here).json | {"receipt": edited.json["receipt"]} == edited.json
    told = left(postgres, shop.id, placed["id"])
    assert [(one.type, one.version) for one in told] == [("order.placed", 1), ("order.edited", 2)]
    assert told[-1].event.order.total_minor == 8 * 150
    shop.post(f"{here}/confirm")
    too_late = shop.call("PUT", f"{here}/lines", {"lines": lines})
    assert (too_late.status_code, too_late.get_json(force=True)["code"]) == (409, "illegal_transition")
    shop.post(f"{here}/cancel", {"reason": "none"})
    assert reserved(shop) == {bread: 0, butter: 0, milk: 0}


def test_an_order_whose_tax_or_discount_was_worked_out_elsewhere_is_not_edited(shop: Shop) -> None:
    sku = sku_of(shop.product())
    past = imported_order("o", sku, confirmed_at=None, paid_at=None, payment_id=None)
    order_id = shop.post("/v1/imports/orders", {"items": [past]}).json["items"][0]["id"]

    answer = shop.call("PUT", f"/v1/orders/{order_id}/lines", {"lines": [{"sku": sku, "quantity": 1}]})

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "conflict")


def test_of_many_edits_and_one_confirmation_at_once_the_order_is_what_was_last_said(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    skus = [sku_of(shop.product()) for _ in range(3)]
    for sku in skus:
        shop.post("/v1/stock", {"sku": sku, "on_hand": 1000})
    here = f"/v1/orders/{shop.order(skus[0])['id']}"

    def do(number: int) -> int:
        if number == 25:
            return shop.post(f"{here}/confirm").status_code
        lines = [{"sku": sku, "quantity": 1 + number % 7} for sku in (skus, skus[::-1])[number % 2][: 1 + number % 3]]
        return shop.call("PUT", f"{here}/lines", {"lines": lines}).status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(do, range(50)))
    shop.post(f"{here}/confirm")

    order = shop.get(here).json
    wanted = {sku: sum(line["quantity"] for line in order["lines"] if line["sku"] == sku) for sku in skus}
    assert set(statuses) <= {200, 409}
    assert (order["status"], order["total_minor"]) == ("confirmed", 150 * sum(wanted.values()))
    assert reserved(shop) == wanted
    told = left(postgres, shop.id, order["id"])
    assert [one.version for one in told] == list(range(1, order["version"] + 1))
    assert [one.type for one in told].count("order.confirmed") == 1
    assert [line.sku for line in told[-1].event.order.lines] == [line["sku"] for line in order["lines"]]
    assert (told[-1].type, len(told)) == ("order.confirmed", statuses.count(200) + 2 - (statuses[25] == 200))
    kept = postgres.execute(
        "SELECT coalesce(sum(quantity), 0) FROM reservations WHERE order_id = %s", (order["id"],)
    ).fetchone()
    assert kept == (sum(wanted.values()),)
