"""What an analyst pins, holds open and exports of a chain that goes on selling."""

import duckdb
import pytest

from tests.support.shops import open_shop, put_on_sale, sell

pytestmark = pytest.mark.chain

TOTAL = "SELECT count(*), sum(revenue_minor)::BIGINT FROM sales WHERE tenant_id = ?"
WAIT_S = 30


def test_a_pin_and_an_open_snapshot_keep_their_total_while_the_shop_sells_and_an_export_has_what_is_new(
    stack, tmp_path
):
    shop = open_shop(stack)
    put_on_sale(shop, "Tomatoes")
    first = pay(shop)
    pin = stack.rustok("sinks", "pin", "sales", f"pin-{shop.slug}").stdout.strip()
    path = stack.rustok("sinks", "snapshot").stdout.strip()
    tenant = asked(path, "SELECT tenant_id FROM orders WHERE id = ?", first)[0][0]
    with duckdb.connect(path, read_only=True) as held:
        before = held.execute(TOTAL, [tenant]).fetchall()
        for _ in range(5):
            pay(shop)
        still = held.execute(TOTAL, [tenant]).fetchall()

    for kind in ("duckdb", "csv", "xlsx"):
        stack.rustok("sinks", "export", "sales", "--as", kind, "--tenant", shop.slug, "--to", str(tmp_path / kind))

    assert before[0][0] == 1
    assert still == before
    assert asked(pin, TOTAL, tenant) == before
    told = shop.get("/v1/analytics/sales")["totals"][0]
    assert asked(tmp_path / "duckdb", TOTAL, tenant) == [(6, told["revenue_minor"])]
    assert len((tmp_path / "csv" / "sales.csv").read_text().splitlines()) == 7
    assert (tmp_path / "xlsx").stat().st_size > 0
    assert f"pin-{shop.slug}" in stack.rustok("sinks", "pins").stdout
    stack.rustok("sinks", "unpin", "sales", f"pin-{shop.slug}")


def asked(path, sql, *values):
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def pay(shop):
    """The id of an order that is in sales."""
    paid = sell(shop)
    shop.get("/v1/analytics/sales", after=[paid["receipt"]], wait=WAIT_S)
    return paid["id"]
