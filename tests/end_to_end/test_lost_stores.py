"""A store that is thrown away or replaced is never told as fresh and empty, and is whole again by itself."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from opensearchpy import OpenSearch

from ops.demo.shop_client import Shop
from ops.stack_state import look
from sinks.analytics import sales_facts
from sinks.opensearch.opensearch_client import index_name
from sinks.search import product_documents
from tests.support.shops import open_shop, put_on_sale, sell, token
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

NUMBER = 6
DEADLINE_S = 60
PRODUCTS, CATEGORIES = (index_name(product_documents.MODEL, name) for name in ("products", "categories"))
SEARCH, SALES = "/v1/search/products", "/v1/analytics/sales"


@dataclass
class Seen:
    """What a reader was answered: each status, or state with how many there were."""

    refused: set[int] = field(default_factory=set)
    told: set[tuple[str, int]] = field(default_factory=set)
    vouched: list[str | None] = field(default_factory=list)

    @property
    def untrue(self) -> set[tuple[str, int]]:
        """Answers that were vouched for and lacked something that was there long before."""
        return {(state, found) for state, found in self.told if state == "fresh" and found < NUMBER}


@pytest.fixture(scope="module")
def shop(stack: Stack) -> Shop:
    """With so many products and one sale of each, all of it seen."""
    made = open_shop(stack)
    on_sale = [put_on_sale(made, f"Tomatoes {n}", sku=f"T-{n}") for n in range(NUMBER)]
    sold = [sell(made, sku=f"T-{n}") for n in range(NUMBER)]
    made.get(SEARCH, after=[one["receipt"] for one in on_sale], wait=20)
    made.get(SALES, after=[one["receipt"] for one in sold], wait=20)
    return made


@contextmanager
def reading(stack: Stack, shop: Shop, path: str) -> Iterator[Seen]:
    """Asks again and again, as a customer would, until it is left; then everything is there, and vouched for."""
    seen, enough = Seen(), threading.Event()
    headers = {"Authorization": f"Bearer {token(stack, shop.slug)}"}
    with httpx.Client(base_url=stack.settings.api_url, headers=headers, timeout=30) as client:

        def look_once() -> Any:
            answer = client.get(path)
            if answer.is_error:
                seen.refused.add(answer.status_code)
                return None
            told = answer.json()
            seen.told.add((told["state"], count(told)))
            seen.vouched.append(told["as_of"])
            return told

        def keep_looking() -> None:
            while not enough.wait(0.02):
                look_once()

        reader = threading.Thread(target=keep_looking)
        reader.start()
        try:
            yield seen
            wait_until(
                lambda: (told := look_once()) and told["state"] == "fresh" and count(told) == NUMBER,
                DEADLINE_S,
                "everything is there again, and vouched for",
            )
        finally:
            enough.set()
            reader.join()


def count(told: Any) -> int:
    return int(told["total"] if "total" in told else sum(one["orders"] for one in told["totals"]))


def is_not_vouched_for(seen: Seen) -> Callable[[], bool]:
    return lambda: bool(seen.refused) or any(state != "fresh" for state, _ in seen.told)


def sales_are_as_of(stack: Stack) -> datetime | None:
    """As their feed says; readers may still be shown what it had published before."""
    return next(one.as_of for one in look(stack.settings).read_models if one.name == "sales")


def opensearch(stack: Stack) -> OpenSearch:
    return OpenSearch(stack.settings.opensearch_url)


def folder(stack: Stack) -> Path:
    return stack.settings.analytics_dir / sales_facts.MODEL.id


def throw_both_away(stack: Stack) -> None:
    opensearch(stack).indices.delete(index=f"{PRODUCTS},{CATEGORIES}")


def replace_by_hand(stack: Stack) -> None:
    opensearch(stack).indices.delete(index=PRODUCTS)
    opensearch(stack).indices.create(index=PRODUCTS)


def forget_the_state(stack: Stack) -> None:
    opensearch(stack).delete(index=PRODUCTS, id="store", params={"refresh": "true"})


@pytest.mark.parametrize("damage", [throw_both_away, replace_by_hand, forget_the_state])
def test_a_search_that_is_thrown_away_under_its_feed_is_built_again(
    stack: Stack, shop: Shop, damage: Callable[[Stack], None]
) -> None:
    with reading(stack, shop, SEARCH) as seen:
        damage(stack)
        wait_until(is_not_vouched_for(seen), DEADLINE_S, "it is seen that nobody vouches")

    assert seen.untrue == set()
    assert seen.refused <= {503}


def test_a_search_that_is_thrown_away_while_its_feed_is_away_is_built_again(stack: Stack, shop: Shop) -> None:
    with reading(stack, shop, SEARCH) as seen, stack.without("feed-product-search"):
        throw_both_away(stack)
        wait_until(lambda: seen.refused, DEADLINE_S, "there is no answer")
        health = shop.get("/health/ready")

    assert (health["status"], health["checks"]["search"]["ok"]) == ("degraded", False)
    assert seen.untrue == set()
    assert seen.refused <= {503}


def test_sales_that_are_thrown_away_under_their_feed_are_built_again(stack: Stack, shop: Shop) -> None:
    with reading(stack, shop, SALES) as seen:
        thrown_away = folder(stack).rename(folder(stack).with_name("thrown-away"))  # at once: the feed goes on writing
        shutil.rmtree(thrown_away)
        wait_until(is_not_vouched_for(seen), DEADLINE_S, "it is seen that nobody vouches")

    assert seen.untrue == set()
    assert seen.refused <= {503}


def test_sales_that_are_thrown_away_while_their_feed_is_away_are_built_again(stack: Stack, shop: Shop) -> None:
    with reading(stack, shop, SALES) as seen, stack.without("feed-sales"):
        shutil.rmtree(folder(stack))
        wait_until(lambda: seen.refused, DEADLINE_S, "there is no answer")
        health = shop.get("/health/ready")

    assert (health["status"], health["checks"]["sales"]["ok"]) == ("degraded", False)
    assert seen.untrue == set()
    assert seen.refused <= {503}


def test_a_live_file_that_is_lost_with_its_copies_left_never_publishes_backwards(stack: Stack, shop: Shop) -> None:
    live = folder(stack) / f"{sales_facts.MODEL.id}.live.duckdb"
    with reading(stack, shop, SALES) as seen:
        with stack.without("feed-sales"):
            for file in (live, live.with_suffix(".duckdb.wal")):
                file.unlink(missing_ok=True)
        wait_until(lambda: sales_are_as_of(stack), DEADLINE_S, "the feed is back, and has built it")

    assert seen.untrue == set()


@pytest.mark.parametrize(("process", "path"), [("feed-product-search", SEARCH), ("feed-sales", SALES)])
def test_a_feed_that_is_restarted_takes_nothing_back(stack: Stack, shop: Shop, process: str, path: str) -> None:
    with reading(stack, shop, path) as seen:
        stack.rustok("restart", process)

    moments = [moment for moment in seen.vouched if moment is not None]
    assert len(moments) == len(seen.vouched)
    assert moments == sorted(moments)
