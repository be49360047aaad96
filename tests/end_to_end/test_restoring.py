"""PostgreSQL is put back to a copy of its files under the running chain: it is seen, and one command mends it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ops.local.supervision import Supervisor
from ops.processes import PROCESSES
from ops.state import look
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(600)]

DEADLINE_S = 90
KEPT, LOST = 3, 5


@pytest.fixture
def shop(stack):
    return open_shop(stack)


def stopped(stack, *names):
    supervisor = Supervisor(stack.settings.folder)
    supervisor.stop_programs(list(names))
    return supervisor


def copy_of_postgres(stack, to: Path) -> None:
    """As a cold backup is taken."""
    supervisor = stopped(stack, "postgres")
    subprocess.run(["cp", "-a", str(data(stack)), str(to)], check=True)
    supervisor.start_programs(["postgres"])


def put_back(stack, copy: Path) -> None:
    names = [process.name for process in PROCESSES]
    supervisor = stopped(stack, *names, "postgres")
    shutil.rmtree(data(stack))
    subprocess.run(["cp", "-a", str(copy), str(data(stack))], check=True)
    supervisor.start_programs(["postgres"])
    stack.rustok("up")


def data(stack) -> Path:
    return stack.settings.folder.data("postgres")


def orders(shop):
    totals = shop.get("/v1/analytics/sales")["totals"]
    return totals[0]["orders"] if totals else 0


def kinds(stack):
    return [one["kind"] for one in json.loads(stack.rustok("streams", "gaps", "--json", check=False).stdout)]


def test_a_database_that_was_put_back_has_the_history_that_counts(stack, shop, tmp_path):
    product = put_on_sale(shop, "Tomatoes", amount_minor=250)
    kept = [sell(shop) for _ in range(KEPT)]
    shop.get("/v1/analytics/sales", after=[one["receipt"] for one in kept], wait=30)
    copy = tmp_path / "copy"
    copy_of_postgres(stack, copy)
    wait_until(lambda: shop.get("/v1/analytics/sales").get("as_of"), DEADLINE_S, "the chain goes on")
    ghosts = [sell(shop) for _ in range(LOST)]
    renamed = rename(shop, product["id"], "Ghost tomatoes", "Ghosts once more", "And again")
    shop.get("/v1/analytics/sales", after=[one["receipt"] for one in ghosts], wait=30)
    shop.get("/v1/search/products", after=[renamed["receipt"]], wait=30)
    assert orders(shop) == KEPT + LOST

    put_back(stack, copy)

    wait_until(lambda: "database" in kinds(stack), DEADLINE_S, "capture opens a gap")
    wait_until(lambda: shop.get("/v1/analytics/sales")["as_of"] is None, DEADLINE_S, "sales are not vouched for")
    wait_until(lambda: shop.get("/v1/search/products")["as_of"] is None, DEADLINE_S, "search is not vouched for")
    wait_until(lambda: "database" in (look(stack.settings).capture.gaps or ()), DEADLINE_S, "status says so")
    assert not shop.get("/health/ready")["checks"]["log"]["ok"]
    refused = stack.rustok("streams", "resync", "--since-gap", check=False)
    assert (refused.returncode, "rustok after-restore" in refused.stderr) == (2, True)

    done = json.loads(stack.rustok("after-restore", "--json").stdout)
    wait_until(lambda: shop.get("/v1/analytics/sales")["as_of"], DEADLINE_S, "sales are vouched for again")

    assert done["closed"] == done["gaps"] >= 1
    assert (done["epoch"], done["withdrawn"]["order"], done["unreadable"]) == (1, LOST, 0)
    assert orders(shop) == KEPT
    assert titles(shop) == ["Tomatoes"]
    assert kinds(stack) == []

    edited = rename(shop, product["id"], "Tomatoes after all")
    shop.get("/v1/search/products", after=[edited["receipt"]], wait=30)
    assert titles(shop) == ["Tomatoes after all"]
    assert edited["version"] < renamed["version"]
    for model in ("sales", "product-search"):
        assert stack.rustok("sinks", "verify", model).returncode == 0

    again = json.loads(stack.rustok("after-restore", "--json").stdout)
    assert (again["epoch"], again["withdrawn"]) == (2, {})

    throw_away_sales(stack)
    wait_until(lambda: rebuilt(shop), DEADLINE_S, "sales are built from Kafka alone")
    assert orders(shop) == KEPT


def rename(shop, product_id, *titles):
    done = None
    for title in titles:
        done = shop.patch(f"/v1/products/{product_id}", {"translations": [{"locale": "en", "title": title}]})
    return done


def titles(shop):
    return [one["title"] for one in shop.get("/v1/search/products")["items"]]


def throw_away_sales(stack):
    supervisor = stopped(stack, "feed-sales")
    shutil.rmtree(stack.settings.analytics_dir)
    stack.settings.analytics_dir.mkdir()
    supervisor.start_programs(["feed-sales"])


def rebuilt(shop):
    return shop.get("/v1/analytics/sales")["as_of"]
