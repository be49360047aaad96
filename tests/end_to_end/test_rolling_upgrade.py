"""A new version of an event is deployed while the shop goes on, in every order, there and back.

What is shown here, docs/rolling-upgrades.md tells.
"""

import json
from typing import Any

import pytest

from ops.demo.shop_client import Shop
from tests.support.copies import Copy
from tests.support.examples import newest
from tests.support.shops import open_shop, put_on_sale
from tests.support.stack import Stack
from tests.support.upgraded import Upgraded
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

EVENT, FEED = "product.updated", "feed-product-search"
OLD, NEW = newest(EVENT), newest(EVENT) + 1


@pytest.fixture(scope="module")
def upgraded(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    """Code that knows, and writes, a new version of `product.updated`, made as a maintainer makes one."""
    copy = Copy.made(tmp_path_factory.mktemp("upgraded"), stack.environment)
    copy.commit()
    copy.new_version(EVENT, "shelf_note: str | None", "None")
    copy.edit("api/domain/products.py", "ProductUpdated(", 'ProductUpdated(shelf_note="by hand", ')
    copy.edit("api/domain/state_events.py", "ProductUpdated(", "ProductUpdated(shelf_note=None, ")
    copy.rustok("schemas", "render")
    return Upgraded(copy, stack)


@pytest.fixture
def shop(stack: Stack) -> Shop:
    return open_shop(stack)


@pytest.fixture
def product(shop: Shop) -> str:
    """On sale, and found."""
    made = put_on_sale(shop, "Tomatoes")
    assert shop.get("/v1/search/products", after=made["receipt"])["total"] == 1
    return str(made["id"])


def rename(shop: Shop, product: str, title: str) -> None:
    shop.patch(f"/v1/products/{product}", {"translations": [{"locale": "en", "title": title}]})


def titles(shop: Shop) -> list[str]:
    return sorted(hit["title"] for hit in shop.get("/v1/search/products")["hits"])


def is_found(shop: Shop, *expected: str) -> None:
    wait_until(lambda: titles(shop) == sorted(expected), 30, f"{expected} are found")


def dead_letters(shop: Shop) -> list[tuple[str, str, str]]:
    """Of the feed that is upgraded; others that meet the new version keep their own."""
    found = shop.get("/v1/dead-letters", state="any", feed="product-search")["items"]
    return [(dead_letter["event_type"], dead_letter["error"], dead_letter["state"]) for dead_letter in found]


def is_told(shop: Shop, *states: str) -> None:
    expected = [(EVENT, "NewerThanKnown", state) for state in states]
    wait_until(lambda: sorted(dead_letters(shop)) == expected, 30, f"there are dead letters that are {states}")


def matrix(code: Stack | Copy) -> tuple[int, Any]:
    """What the running feed makes of the new version, and who says so."""
    done = code.rustok("schemas", "matrix", "--json", check=False)
    document = json.loads(done.stdout)
    (row,) = [row for row in document["stored"] if (row["event"], row["version"]) == (EVENT, NEW)]
    (source,) = [each["source"] for each in document["consumers"] if each["consumer"] == "product-search"]
    (cell,) = [cell for cell in row["consumers"] if cell["consumer"] == "product-search"]
    return done.returncode, (cell["knows"], cell["verdict"], source)


def verified(code: Stack | Copy, shop: Shop) -> tuple[int, int]:
    """Documents compared with what is built anew from the tables, and how many are different."""
    found = json.loads(code.rustok("sinks", "verify", "product-search", "--tenant", shop.slug, "--json").stdout)
    return found["checked"], sum(found[kind] for kind in ("missing", "extra", "stale", "different"))


def test_what_would_happen_is_known_before(shop: Shop, product: str, upgraded: Upgraded) -> None:
    rename(shop, product, "Ripe tomatoes")
    is_found(shop, "Ripe tomatoes")

    said = upgraded.code.rustok("schemas", "impact", EVENT, "--recorded", "1", "--json").stdout

    found = json.loads(said)
    assert (found["events"], found["versions"]) == (1, {"running": OLD, "tree": NEW})
    impacts = [(one["model"], one["what"], one["documents"], one["changed"], one["parked"]) for one in found["impacts"]]
    assert impacts == [
        *((model, "stored", 1, 0, 0) for model in ("product-search", "sales")),
        *((model, "new", 1, 0, 1) for model in ("product-search", "sales")),
    ]


def test_a_feed_that_is_upgraded_first_changes_nothing(
    stack: Stack, shop: Shop, product: str, upgraded: Upgraded
) -> None:
    with upgraded.running(FEED):
        rename(shop, product, "Ripe tomatoes")

        is_found(shop, "Ripe tomatoes")
        assert dead_letters(shop) == []
        assert verified(stack, shop) == (1, 0)


def test_what_an_upgraded_writer_says_is_parked_until_the_feed_is_upgraded_and_both_can_go_back(
    stack: Stack, shop: Shop, product: str, upgraded: Upgraded
) -> None:
    upgraded.code.rustok("api", "migrate")
    with upgraded.running("api"):
        rename(shop, product, "Ripe tomatoes")
        is_told(shop, "open")
        put_on_sale(shop, "Pears", sku="P")
        is_found(shop, "Pears", "Tomatoes")  # it serves on
        assert matrix(stack) == (1, (OLD, "parks", "feed"))

        with upgraded.running(FEED):
            is_found(shop, "Pears", "Ripe tomatoes")
            is_told(shop, "applied")
            assert matrix(upgraded.code)[1] == (NEW, "reads", "feed")
            assert verified(upgraded.code, shop) == (2, 0)

        assert titles(shop) == ["Pears", "Ripe tomatoes"]  # what the newer feed wrote stays
        rename(shop, product, "Tomatoes on the vine")
        is_told(shop, "applied", "open")

    assert "0 of them new" in stack.rustok("api", "migrate").stdout  # the older code starts beside the newer schema
    rename(shop, product, "Dried tomatoes")
    is_found(shop, "Dried tomatoes", "Pears")  # and what it says is read by the older feed

    with upgraded.running(FEED):
        is_told(shop, "applied", "applied")
        assert titles(shop) == ["Dried tomatoes", "Pears"]  # what was parked is older, and known to be
    assert verified(stack, shop) == (2, 0)
