"""Price lists through the API: made, filled, asked, ordered at; told by the clock; and what was paid before."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from api.app import create_app
from api.domain.price_lists import MOST_GROUPS
from api.http.tokens import AccessTokens
from api.jobs import prune_price_history, renew_prices
from api.store.store import Store
from api.wsgi import connect_to, now, price_history
from ops.settings import Settings
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop
from tests.support.price_examples import BASE, EXAMPLES, LISTS
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def sku_of(product: dict[str, Any]) -> str:
    return str(product["variants"][0]["sku"])


def on_sale(shop: Shop, amount_minor: int = 1000, currency: str = "EUR") -> str:
    """The SKU of a new product."""
    prices = [{"currency": currency, "amount_minor": amount_minor}]
    return sku_of(shop.product(variants=[{"sku": f"SKU-{now().timestamp()}", "prices": prices}]))


def price_list(shop: Shop, name: str = "Sale", **more: Any) -> dict[str, Any]:
    made = shop.post("/v1/price-lists", {"name": name, **more})
    assert made.status_code == 201, made.text
    return dict(made.json)


def put(shop: Shop, list_: dict[str, Any], *items: dict[str, Any]) -> dict[str, Any]:
    done = shop.call("PATCH", f"/v1/price-lists/{list_['id']}/prices", {"items": list(items)})
    assert done.status_code == 200, done.text
    return dict(done.json)


def asked(shop: Shop, sku: str, role: str = "admin", **more: Any) -> dict[str, Any]:
    answer = shop.client.get("/v1/prices", query_string={"sku": sku, **more}, headers=shop.headers(role))
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def amount(shop: Shop, sku: str, role: str = "anonymous", **more: Any) -> int | None:
    found: int | None = asked(shop, sku, role, **more)["amount_minor"]
    return found


def lowest(shop: Shop, sku: str, **more: Any) -> dict[str, Any]:
    answer = shop.client.get("/v1/prices/lowest", query_string={"sku": sku, **more}, headers=shop.headers("anonymous"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def told(postgres: psycopg.Connection, shop: Shop) -> list[Any]:
    """The events about prices of products, in order."""
    return [one for one in left(postgres, shop.id) if one.type.startswith("product_prices.")]


@pytest.fixture
def scheduler(settings: Settings) -> Iterator[Store]:
    """As the scheduler has it, with a role of its own."""
    made = Store(settings.postgres_scheduler_url, connections=2, clock=now, duty="scheduler")
    made.open()
    yield made
    made.close()


def test_the_examples_of_the_documentation_are_answered_by_the_api(shop: Shop) -> None:
    prices = [{"currency": one.currency, "amount_minor": one.amount_minor} for one in BASE]
    shop.product(variants=[{"sku": "MUG", "prices": prices}])
    made = {}
    for one in LISTS:
        moments = {"starts_at": one.starts_at and f"{one.starts_at}", "ends_at": one.ends_at and f"{one.ends_at}"}
        group = {"customer_group": one.customer_group, "priority": one.priority, "currency": one.currency}
        made[one.name] = price_list(shop, one.name, **group, **moments)
        put(
            shop,
            made[one.name],
            *({"sku": "MUG", "from_quantity": n, "amount_minor": minor} for n, minor in one.prices),
        )

    for example in EXAMPLES:
        more = {"customer_group": example.customer_group, "at": example.at.isoformat(), "quantity": example.quantity}
        more |= {"price_list_id": made[example.list_asked]["id"]} if example.list_asked else {}
        found = asked(shop, "mug", currency=example.currency, **{k: v for k, v in more.items() if v is not None})

        by = made[example.decided_by]["id"] if example.decided_by else None
        assert (found["amount_minor"], found["price_list_id"]) == (example.amount_minor, by), example


def test_a_list_is_made_changed_and_deleted(shop: Shop, postgres: psycopg.Connection) -> None:
    body = {"name": "Week 9", "currency": "JPY"}
    first, again = (shop.post("/v1/price-lists", body, Idempotency_Key="k") for _ in range(2))
    path = f"/v1/price-lists/{first.json['id']}"

    seen = shop.get(path)
    unchanged = shop.get(path, If_None_Match=seen.headers["ETag"])
    changed = shop.call("PATCH", path, {"ends_at": "2030-01-01T00:00:00Z", "priority": 7}, If_Match='"1"')
    stale = shop.call("PATCH", path, {"priority": 8}, If_Match='"1"')
    same = shop.call("PATCH", path, {"priority": 7})
    open_again = shop.call("PATCH", path, {"ends_at": None})
    deleted = shop.call("DELETE", path)

    assert (first.json, first.headers["Location"]) == (again.json, path)
    assert (seen.json["currency"], unchanged.status_code) == ("JPY", 304)
    assert (changed.json["version"], stale.status_code, same.json["version"]) == (2, 412, 2)
    assert (open_again.json["ends_at"], deleted.status_code, shop.get(path).status_code) == (None, 200, 404)
    events = left(postgres, shop.id, first.json["id"])
    assert [(one.type, one.version) for one in events] == [
        ("price_list.created", 1),
        ("price_list.updated", 2),
        ("price_list.updated", 3),
        ("price_list.deleted", 4),
    ]
    assert events[1].event.changed == ("ends_at", "priority")


def test_a_list_that_breaks_a_rule_is_refused_naming_the_field(shop: Shop, postgres: psycopg.Connection) -> None:
    price_list(shop, "Sale")
    bad = {
        "name": {"name": "Sale"},
        "currency": {"currency": "XXX"},
        "ends_at": {"starts_at": "2026-03-01T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"},
        "priority": {"priority": -1},
        "customer_group": {"customer_group": "Trade Partners"},
        "starts_at": {"starts_at": "2026-03-01T00:00:00"},
        "active": {"active": "yes"},
    }

    for field, body in bad.items():
        refused = shop.post("/v1/price-lists", {"name": "Another", **body})
        assert refused.status_code in (409, 422), (field, refused.text)
        assert field in [one["field"] for one in refused.get_json(force=True)["errors"]], refused.text
    for column in ("ends_at = now()", "priority = -1", "customer_group = 'A B'"):
        with pytest.raises(psycopg.errors.CheckViolation):
            postgres.execute(
                f"UPDATE price_lists SET starts_at = now(), {column} WHERE tenant_id = %s",  # type: ignore[arg-type]
                (shop.id,),
            )


def test_prices_are_set_each_with_its_own_outcome(shop: Shop, postgres: psycopg.Connection) -> None:
    mug, plate, yen, dinar = on_sale(shop), on_sale(shop, 999), on_sale(shop, 999, "JPY"), on_sale(shop, 1005, "KWD")
    euros, tokyo, kuwait = (
        price_list(shop),
        price_list(shop, "T", currency="JPY"),
        price_list(shop, "K", currency="KWD"),
    )
    items = [
        {"sku": mug, "amount_minor": 800, "compare_at_minor": 1000},
        {"sku": mug.lower(), "from_quantity": 10, "amount_minor": 700},
        {"sku": plate, "off_bp": 1500},
        {"sku": mug, "amount_minor": 1},
        {"sku": "NOTHING", "amount_minor": 1},
        {"sku": yen, "off_bp": 100},
        {"sku": mug, "from_quantity": 2, "amount_minor": 800, "compare_at_minor": 799},
        {"sku": mug, "from_quantity": 3, "amount_minor": 1.5},
        {"sku": mug, "from_quantity": 4},
        {"sku": plate, "from_quantity": 9, "remove": True},
    ]

    first = put(shop, euros, *items)
    again = put(shop, euros, *items[:3])
    put(shop, tokyo, {"sku": yen, "off_bp": 5000})
    put(shop, kuwait, {"sku": dinar, "off_bp": 3333})
    removed = put(shop, euros, {"sku": mug, "from_quantity": 10, "remove": True})

    outcomes = [one["outcome"] for one in first["items"]]
    assert outcomes == ["created", "created", "created", *["refused"] * 6, "unchanged"]
    assert again["unchanged"] == 3
    assert (amount(shop, plate), asked(shop, plate)["compare_at_minor"]) == (849, 999)
    assert (amount(shop, yen, currency="JPY"), amount(shop, dinar, currency="KWD")) == (500, 670)
    assert removed["updated"] == 1
    events = told(postgres, shop)
    assert [one.version for one in events if one.aggregate_id == events[0].aggregate_id] in ([1], [1, 2])
    assert len(events) == 5
    page = shop.get(f"/v1/price-lists/{euros['id']}/prices?limit=1").json
    rest = shop.get(f"/v1/price-lists/{euros['id']}/prices?limit=1&cursor={page['next_cursor']}").json
    listed = {one["sku"]: one["prices"] for one in (*page["items"], *rest["items"])}
    assert rest["next_cursor"] is None
    assert listed[mug] == [{"from_quantity": 1, "amount_minor": 800, "compare_at_minor": 1000}]
    assert listed.keys() == {mug, plate}


def test_prices_come_in_as_json_lines_for_several_lists(shop: Shop) -> None:
    sku = on_sale(shop)
    price_list(shop, "A"), price_list(shop, "B", currency="JPY")
    lines = [
        f'{{"price_list": "A", "sku": "{sku}", "amount_minor": 900}}',
        f'{{"price_list": "B", "sku": "{sku}", "amount_minor": 90}}',
        f'{{"price_list": "C", "sku": "{sku}", "amount_minor": 9}}',
        "nonsense",
    ]

    answer = shop.client.post(
        "/v1/imports/prices/lines",
        data="\n".join(lines),
        headers={**shop.headers("admin"), "Content-Type": "application/x-ndjson"},
    )

    assert answer.text.count('"outcome":"created"') == 2, answer.text
    assert answer.text.count('"outcome":"refused"') == 2
    assert (amount(shop, sku), amount(shop, sku, currency="JPY")) == (900, 90)


def test_nobody_but_the_shops_own_people_learns_what_a_group_pays(shop: Shop) -> None:
    sku, hidden = on_sale(shop), sku_of(shop.product(published=False))
    trade = price_list(shop, "Trade", customer_group="trade")
    put(shop, trade, {"sku": sku, "amount_minor": 1})

    for role in ("anonymous", "customer"):
        for more in ({"customer_group": "trade"}, {"price_list_id": trade["id"]}):
            query = {"sku": sku, **more}
            assert shop.client.get("/v1/prices", query_string=query, headers=shop.headers(role)).status_code == 403, (
                role
            )
        assert amount(shop, sku, role) == 1000
        for path in ("/v1/prices", "/v1/prices/lowest"):
            assert shop.get(f"{path}?sku={hidden}", role=role).status_code == 404
        assert shop.get("/v1/price-lists", role=role).status_code in (401, 403)
    assert amount(shop, sku, "manager", customer_group="trade") == 1
    assert lowest(shop, sku)["lowest_minor"] == 1000


def test_an_order_is_placed_at_the_price_of_its_group_and_quantity(shop: Shop) -> None:
    sku = on_sale(shop)
    put(shop, price_list(shop), {"sku": sku, "from_quantity": 5, "amount_minor": 900})
    put(shop, price_list(shop, "T", customer_group="trade", priority=1), {"sku": sku, "amount_minor": 600})

    def paid(quantity: int, **more: Any) -> Any:
        return shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": quantity}], **more})

    totals = [paid(4).json["total_minor"], paid(5).json["total_minor"]]
    for_trade = paid(5, customer_group="trade").json["total_minor"]
    own = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 1}], "customer_group": "trade"}, role="customer")

    assert (totals, for_trade) == ([4000, 4500], 3000)
    assert (own.status_code, own.get_json(force=True)["errors"][0]["field"]) == (422, "customer_group")


def test_a_sale_begins_and_ends_by_the_clock_whoever_sleeps(
    shop: Shop, scheduler: Store, postgres: psycopg.Connection
) -> None:
    sku = on_sale(shop)
    starts = datetime.now(UTC) + timedelta(seconds=2)
    ends = starts + timedelta(seconds=2)
    sale = price_list(shop, starts_at=starts.isoformat(), ends_at=ends.isoformat())
    put(shop, sale, {"sku": sku, "amount_minor": 800})

    before = amount(shop, sku)
    renew_prices.renew_all(scheduler)
    too_early = len(told(postgres, shop))
    wait_until(lambda: amount(shop, sku) == 800, 10, "the sale has begun")
    ordered = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 1}]}).json["total_minor"]
    with ThreadPoolExecutor(2) as threads:  # two schedulers
        list(threads.map(lambda _: renew_prices.renew_all(scheduler), range(4)))
    during = told(postgres, shop)
    reduced = lowest(shop, sku)
    wait_until(lambda: amount(shop, sku) == 1000, 10, "the sale is over")
    renew_prices.renew_all(scheduler)
    after = told(postgres, shop)

    assert (before, ordered, too_early) == (1000, 800, 1)
    assert [one.version for one in after] == [1, 2, 3]
    public = [one.event.product_prices.public_prices[0].amount_minor for one in after]
    assert public == [1000, 800, 1000]
    assert [one.event.product_prices.next_change_at for one in after] == [starts, ends, None]
    assert (len(during), during[1].event.changed) == (2, ("public_prices", "next_change_at"))
    assert (reduced["current_minor"], reduced["lowest_minor"]) == (800, 1000)
    assert datetime.fromisoformat(reduced["reduced_at"]) == starts


def test_what_a_group_pays_is_told_by_the_clock_and_when_its_list_or_the_products_price_changes(
    shop: Shop, scheduler: Store, postgres: psycopg.Connection
) -> None:
    sku = on_sale(shop)
    starts = datetime.now(UTC) + timedelta(seconds=2)
    ends = starts + timedelta(seconds=2)
    moments = {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
    trade = price_list(shop, "Trade", customer_group="trade", priority=1)
    put(shop, trade, {"sku": sku, "amount_minor": 600}, {"sku": sku, "from_quantity": 10, "amount_minor": 1})
    put(shop, price_list(shop, "Week", customer_group="press", **moments), {"sku": sku, "amount_minor": 500})

    def paid() -> dict[str, int]:
        renew_prices.renew_all(scheduler)
        newest = told(postgres, shop)[-1].event.product_prices
        assert [one.amount_minor for one in newest.public_prices] == [1000]
        return {one.customer_group: one.amount_minor for one in newest.group_prices}

    before = paid()
    during = wait_until(lambda: its if "press" in (its := paid()) else None, 10, "the week begins")
    after = wait_until(lambda: its if "press" not in (its := paid()) else None, 10, "the week is over")
    put(shop, price_list(shop, "For all", priority=2, active=False), {"sku": sku, "amount_minor": 1000})
    (for_all,) = [one for one in shop.get("/v1/price-lists").json["items"] if one["name"] == "For all"]
    shop.call("PATCH", f"/v1/price-lists/{for_all['id']}", {"active": True})
    overruled = paid()
    shop.call("DELETE", f"/v1/price-lists/{for_all['id']}")
    again = paid()
    shop.call("DELETE", f"/v1/price-lists/{trade['id']}")

    assert (before, during, after) == ({"trade": 600}, {"trade": 600, "press": 500}, {"trade": 600})
    assert (overruled, again, paid()) == ({}, {"trade": 600}, {})
    assert "group_prices" in told(postgres, shop)[-1].event.changed


def test_what_older_code_told_of_prices_beside_this_is_told_again_with_what_groups_pay(
    shop: Shop, scheduler: Store, postgres: psycopg.Connection
) -> None:
    sku = on_sale(shop)
    put(shop, price_list(shop, "Trade", customer_group="trade"), {"sku": sku, "amount_minor": 600})
    older = "UPDATE product_prices SET version = version + 1, group_prices = '[]', due_at = NULL WHERE tenant_id = %s"
    postgres.execute(older, (shop.id,))

    renew_prices.renew_all(scheduler)
    again = told(postgres, shop)
    renew_prices.renew_all(scheduler)

    assert [(one.version, len(one.event.product_prices.group_prices)) for one in again] == [(1, 1), (3, 1)]
    assert len(told(postgres, shop)) == len(again)


def test_a_product_has_prices_for_a_hundred_groups_and_no_more(shop: Shop) -> None:
    product = shop.product(
        variants=[{"sku": one, "prices": [{"currency": "EUR", "amount_minor": 1000}]} for one in "AB"]
    )
    skus, other = [one["sku"] for one in product["variants"]], on_sale(shop)
    lists = [price_list(shop, f"List {n}", customer_group=f"g{n}") for n in range(MOST_GROUPS + 1)]
    items = [{"price_list": one["name"], "sku": skus[n % 2], "amount_minor": n} for n, one in enumerate(lists)]

    done = shop.post("/v1/imports/prices", {"items": items}).json
    known = put(shop, lists[0], {"sku": skus[1], "amount_minor": 3})
    elsewhere = put(shop, lists[-1], {"sku": other, "amount_minor": 3})
    everybody = put(shop, price_list(shop, "Sale"), {"sku": skus[0], "amount_minor": 3})
    refused = put(shop, lists[-1], {"sku": skus[0], "amount_minor": 3})["items"][0]
    put(shop, lists[2], {"sku": skus[0], "remove": True})
    freed = put(shop, lists[-1], {"sku": skus[0], "amount_minor": 3})

    assert (done["created"], done["refused"]) == (MOST_GROUPS, 1)
    assert [one["outcome"] for one in done["items"]][-1] == "refused"
    assert (known["created"], elsewhere["created"], everybody["created"], freed["created"]) == (1, 1, 1, 1)
    assert (refused["outcome"], refused["problem"]["errors"][0]["code"]) == ("refused", "too_many_groups")


def test_what_a_price_is_made_of_is_looked_at_again_when_it_changes(
    shop: Shop, scheduler: Store, postgres: psycopg.Connection
) -> None:
    product = shop.product(
        variants=[{"sku": one, "prices": [{"currency": "EUR", "amount_minor": 1000}]} for one in "AB"]
    )
    first, second = product["variants"]
    sale = price_list(shop, active=False)
    put(shop, sale, {"sku": "A", "amount_minor": 800})

    def public() -> dict[str, int]:
        renew_prices.renew_all(scheduler)
        newest = told(postgres, shop)[-1].event.product_prices.public_prices
        return {str(one.variant_id): one.amount_minor for one in newest}

    shop.call("PATCH", f"/v1/price-lists/{sale['id']}", {"active": True})
    active = public()
    changed = [{**one, "prices": [{"currency": "EUR", "amount_minor": 1100}]} for one in (first, second)]
    for one in changed:
        del one["barcode"]
    assert shop.call("PATCH", f"/v1/products/{product['id']}", {"variants": changed}).status_code == 200
    repriced = public()
    assert shop.call("PATCH", f"/v1/products/{product['id']}", {"variants": changed[:1]}).status_code == 200
    shorter = public()
    shop.call("DELETE", f"/v1/price-lists/{sale['id']}")
    without = public()
    count = len(told(postgres, shop))
    renew_prices.renew_all(scheduler)

    assert active == {first["id"]: 800, second["id"]: 1000}
    assert repriced == {first["id"]: 800, second["id"]: 1100}
    assert (shorter, without) == ({first["id"]: 800}, {first["id"]: 1100})
    assert len(told(postgres, shop)) == count
    shop.post(f"/v1/products/{product['id']}/unpublish")
    assert shop.call("DELETE", f"/v1/products/{product['id']}").status_code == 200
    assert told(postgres, shop)[-1].type == "product_prices.deleted"


def test_the_lowest_price_is_that_of_the_thirty_days_before(shop: Shop, postgres: psycopg.Connection) -> None:
    product = shop.product(variants=[{"sku": "C", "prices": [{"currency": "EUR", "amount_minor": 1000}]}])
    (variant,) = product["variants"]
    del variant["barcode"]

    def reprice(minor: int) -> None:
        body = {"variants": [{**variant, "prices": [{"currency": "EUR", "amount_minor": minor}]}]}
        assert shop.call("PATCH", f"/v1/products/{product['id']}", body).status_code == 200

    for minor in (900, 950, 950, 850):
        reprice(minor)
    put(shop, price_list(shop), {"sku": "C", "amount_minor": 700})
    found = lowest(shop, "C")
    history = postgres.execute(
        "SELECT amount_minor FROM base_price_history WHERE variant_id = %s ORDER BY during", (variant["id"],)
    ).fetchall()

    assert (found["current_minor"], found["lowest_minor"]) == (700, 850)
    assert datetime.fromisoformat(found["until"]) - datetime.fromisoformat(found["since"]) == timedelta(days=30)
    assert [minor for (minor,) in history] == [1000, 900, 950]
    assert lowest(shop, "C", before=LONG_AGO.isoformat())["lowest_minor"] is None
    with pytest.raises(psycopg.errors.ExclusionViolation):
        postgres.execute(
            "INSERT INTO base_price_history SELECT tenant_id, variant_id, currency, 1, during FROM base_price_history"
            " WHERE variant_id = %s LIMIT 1",
            (variant["id"],),
        )


def test_a_price_of_long_ago_is_told_for_a_year_and_then_removed(
    settings: Settings, store: Store, tokens: AccessTokens, shop: Shop, postgres: psycopg.Connection
) -> None:
    """As the API and the scheduler are run. What ended a moment longer ago than is kept goes, and nothing else."""
    sku, list_ = on_sale(shop), price_list(shop, active=False)
    for minor in (700, 710):
        put(shop, list_, {"sku": sku, "amount_minor": minor})
    assert shop.call("PATCH", f"/v1/price-lists/{list_['id']}", {"priority": 1}).status_code == 200
    (variant_id,) = postgres.execute("SELECT id FROM variants WHERE sku = %s", (sku,)).fetchone() or ()
    ages = {393: 900, 396: 800}
    for days, minor in ages.items():
        postgres.execute(
            "INSERT INTO base_price_history SELECT %s, %s, 'EUR', %s,"
            " tstzrange(now() - make_interval(days => %s), now() - make_interval(days => %s))",
            (shop.id, variant_id, minor, days + 1, days),
        )
    for table in ("list_price_history", "price_list_history"):
        postgres.execute(
            f"INSERT INTO {table} SELECT (jsonb_populate_record("  # constants
            f" NULL::{table}, to_jsonb(t) || jsonb_build_object('during', tstzrange("
            " now() - interval '397 days', now() - interval '396 days')))).*"
            f" FROM {table} t WHERE tenant_id = %s",
            (shop.id,),
        )

    def kept(table: str) -> int:
        (rows,) = postgres.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", (shop.id,)).fetchone() or (0,)
        return int(rows)

    before = {table: kept(table) for table in ("base_price_history", "list_price_history", "price_list_history")}
    prune_price_history.turn(settings)
    after = {table: kept(table) for table in before}
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(settings.analytics_dir)
    served = replace(connect_to(store, tokens, search, sales), price_history=price_history(settings))
    asked_of = Shop(create_app(served).test_client(), tokens, shop.tenant)
    told = [
        lowest(asked_of, sku, before=(now() - timedelta(days=days)).isoformat())["lowest_minor"] for days in (364, 366)
    ]

    assert before == {"base_price_history": 2, "list_price_history": 2, "price_list_history": 2}
    assert after == dict.fromkeys(before, 1)
    assert told == [900, None]


def test_parallel_changes_of_one_price_are_one_after_another(
    shop: Shop, scheduler: Store, postgres: psycopg.Connection
) -> None:
    sku, lists = on_sale(shop), [price_list(shop, f"L{n}", priority=n) for n in range(4)]

    def change(number: int) -> int:
        list_ = lists[number % 4]
        if number % 5 == 4:
            return shop.call("PATCH", f"/v1/price-lists/{list_['id']}", {"name": f"N{number}"}).status_code
        item = {"sku": sku, "amount_minor": number, "from_quantity": 1 + number % 2}
        return shop.call("PATCH", f"/v1/price-lists/{list_['id']}/prices", {"items": [item]}).status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(change, range(1, 51)))
    renew_prices.renew_all(scheduler)

    assert set(statuses) == {200}
    events = told(postgres, shop)
    assert [one.version for one in events] == list(range(1, len(events) + 1))
    newest = events[-1].event.product_prices
    assert newest.public_prices[0].amount_minor == amount(shop, sku)
    assert len(newest.list_prices) == sum(
        len(shop.get(f"/v1/price-lists/{one['id']}/prices").json["items"][0]["prices"]) for one in lists
    )
