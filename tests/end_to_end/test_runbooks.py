"""Each runbook page, on the day it is for: the damage is done, the page is followed, and everything is compared.

On a stack of their own, one after the other; what one leaves is what the next one begins with.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from confluent_kafka.admin import AdminClient

from ops import process_health
from ops.commands.test import own_stack
from ops.demo.shop_client import Shop
from ops.local.supervisor import Supervisor
from ops.settings import Settings
from schemas import topics
from sinks.opensearch.opensearch_client import OpenSearchStore, live_alias
from sinks.read_model import ReadModel
from sinks.search import page_documents, product_documents
from tests.support.cold_copies import copy_of_postgres, put_back
from tests.support.copies import Copy
from tests.support.full_search_disk import flood_stage
from tests.support.instances import process_named
from tests.support.runbooks import FOLDER, follow, see
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.stack import Stack
from tests.support.upgraded import Upgraded
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(600)]

DEADLINE_S = 90
SEARCH, SALES = "/v1/search/products", "/v1/analytics/sales"


@dataclass
class Platform:
    """A stack, and a shop in it whose figures are known."""

    stack: Stack
    shop: Shop
    sold: int = 0

    def trade(self, *, seen: bool = True) -> None:
        """One more product and one more order, which are `seen` before it goes on."""
        self.sold += 1
        shown = put_on_sale(self.shop, f"Tomatoes {self.sold}", sku=f"T-{self.sold}")
        paid = sell(self.shop, sku=f"T-{self.sold}")
        if not seen:
            return
        self.shop.get(SEARCH, after=[shown["receipt"]], wait=30)
        self.shop.get(SALES, after=[paid["receipt"]], wait=30)

    def figures(self) -> tuple[int, int, int]:
        """Products that are found, orders, and revenue."""
        (sales,) = self.shop.get(SALES)["totals"]
        return self.shop.get(SEARCH)["total"], sales["orders"], sales["revenue_minor"]

    def follow(self, name: str, *, stays: bool = True, **given: str) -> str:
        """What is damaged by now is seen as the page has it, while it `stays` so, and mended by what the page says: all
        is as before, and goes on. `given` is what the page has the reader fill in.
        """
        page = FOLDER / name
        if stays:
            see(self.stack, page)
        said = follow(self.stack, page, given)
        assert self.figures() == (self.sold, self.sold, 250 * self.sold)
        self.trade()
        assert self.figures() == (self.sold, self.sold, 250 * self.sold)
        return said


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    settings = Settings(stack=f"{own_stack()}-runbooks")
    stack, kept = Stack(settings), Supervisor(settings.folder).is_running()
    try:
        if not kept:
            stack.rustok("down", "--delete-data")
        stack.rustok("up", "--free-ports")
        yield Stack(Settings(stack=settings.stack))
    finally:
        if not kept:
            stack.rustok("down", "--delete-data", check=False)


@pytest.fixture
def platform(running: Stack) -> Platform:
    made = Platform(running, open_shop(running))
    for _ in range(2):
        made.trade()
    return made


def opensearch(stack: Stack, method: str, path: str) -> Any:
    answer = httpx.request(method, f"{stack.settings.opensearch_url}{path}", timeout=60)
    answer.raise_for_status()
    return answer.json()


def index_of(stack: Stack, model: ReadModel, collection: str) -> str:
    """That readers are led to."""
    with closing(OpenSearchStore(stack.settings.opensearch_url)) as store:
        alias = live_alias(model, collection)
        return next(name for name, also in store.aliases_of(f"{alias}-v*").items() if alias in also)


def corrupt(stack: Stack, index: str) -> None:
    """What a shard says of its files is gone from the disk."""
    uuid = opensearch(stack, "GET", f"/{index}/_settings")[index]["settings"]["index"]["uuid"]
    opensearch(stack, "POST", f"/{index}/_close")
    indices = stack.settings.folder.data("opensearch") / "data" / "nodes" / "0" / "indices"
    for file in (indices / uuid).glob("*/index/segments_*"):
        file.unlink()
    opensearch(stack, "POST", f"/{index}/_open?wait_for_active_shards=0")
    health = f"/_cluster/health/{index}"
    wait_until(lambda: opensearch(stack, "GET", health)["status"] == "red", DEADLINE_S, "the index is red")


def test_one_index_is_gone_one_is_closed_and_one_is_red(platform: Platform) -> None:
    stack = platform.stack
    with stack.without("feed-product-search"):
        corrupt(stack, index_of(stack, product_documents.MODEL, "products"))
        closed = index_of(stack, product_documents.MODEL, "categories")
        birth = opensearch(stack, "GET", f"/{closed}/_settings")[closed]["settings"]["index"]["uuid"]
        opensearch(stack, "POST", f"/{closed}/_close")
    opensearch(stack, "DELETE", f"/{index_of(stack, page_documents.MODEL, 'pages')}")

    platform.follow("index-gone.md")

    assert opensearch(stack, "GET", f"/{closed}/_settings")[closed]["settings"]["index"]["uuid"] == birth


def postgres(stack: Stack, *statements: str) -> None:
    with psycopg.connect(stack.settings.postgres_url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_the_slot_is_lost(platform: Platform) -> None:
    with platform.stack.without("capture"):
        drop = f"SELECT pg_drop_replication_slot('{platform.stack.settings.capture_slot}')"
        wait_until(lambda: was_free(platform.stack, drop), DEADLINE_S, "nobody reads the slot")
        platform.trade(seen=False)

    platform.follow("slot-lost.md")


def was_free(stack: Stack, drop: str) -> bool:
    with suppress(psycopg.errors.ObjectInUse):
        postgres(stack, drop)
        return True
    return False


def test_the_publication_is_gone_and_somebody_made_another(platform: Platform) -> None:
    name = platform.stack.settings.capture_publication
    postgres(platform.stack, f"DROP PUBLICATION {name}")
    platform.trade(seen=False)
    postgres(platform.stack, f"CREATE PUBLICATION {name} FOR TABLE outbox, orders")
    platform.trade(seen=False)

    platform.follow("publication-lost.md")


def test_a_topic_was_made_anew(platform: Platform) -> None:
    admin = AdminClient({"bootstrap.servers": platform.stack.settings.kafka_bootstrap})
    for future in admin.delete_topics([topics.ORDERS.name], operation_timeout=DEADLINE_S).values():
        future.result()
    platform.trade(seen=False)

    platform.follow("kafka-wiped.md", stays=False)


def test_kafka_lost_everything(platform: Platform) -> None:
    Supervisor(platform.stack.settings.folder).stop_programs(["kafka"])
    shutil.rmtree(platform.stack.settings.folder.data("kafka"))
    platform.trade(seen=False)

    platform.follow("kafka-wiped.md", stays=False)


def test_opensearch_was_replaced_by_an_empty_one(platform: Platform) -> None:
    Supervisor(platform.stack.settings.folder).stop_programs(["opensearch"])
    shutil.rmtree(platform.stack.settings.folder.data("opensearch"))

    platform.follow("opensearch-replaced.md", stays=False)


def test_the_analytics_folder_is_lost(platform: Platform, tmp_path: Path) -> None:
    stack = platform.stack
    stack.rustok("backup", str(tmp_path))
    platform.trade()
    thrown_away = stack.settings.analytics_dir.rename(stack.settings.analytics_dir.with_name("thrown-away"))
    shutil.rmtree(thrown_away)

    platform.follow("analytics-lost.md", stays=False, backups=str(tmp_path))


def test_poison(platform: Platform) -> None:
    """A writer is broken: nobody can read what it says of orders that were paid."""
    postgres(
        platform.stack,
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.type = 'order.paid' THEN NEW.payload := 'rubbish'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER broken BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION broken()",
    )
    platform.trade(seen=False)
    postgres(platform.stack, "DROP FUNCTION broken CASCADE")

    platform.follow("poison.md")


def test_the_registry_lost_its_schemas(platform: Platform) -> None:
    """One feed starts again while they are gone, and has something to read."""
    with platform.stack.without("feed-sales"):
        platform.trade(seen=False)
        postgres(
            platform.stack,
            "TRUNCATE schemas, schema_versions, registry_subjects, registry_settings RESTART IDENTITY CASCADE",
        )
    wait_until(lambda: "for registry" in platform.stack.rustok("status", check=False).stdout, DEADLINE_S, "it waits")

    platform.follow("registry-lost.md")


SKEWED = (
    "CREATE SCHEMA skewed",
    "CREATE TABLE skewed.clock AS SELECT 3600 AS ahead_s",
    "CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
    " 'SELECT pg_catalog.clock_timestamp() + make_interval(secs => ahead_s) FROM skewed.clock'",
    "GRANT USAGE ON SCHEMA skewed TO PUBLIC",
    "GRANT SELECT ON skewed.clock TO PUBLIC",
    "ALTER ROLE rustok_capture SET search_path = skewed, public, pg_catalog",
)


def test_the_clock_of_postgresql_jumped_and_is_set_back(platform: Platform, tmp_path: Path) -> None:
    """The capture is the one who asks for it: it is told another time than the rest."""
    stack = platform.stack
    postgres(stack, *SKEWED)
    stack.rustok("restart", "capture")
    wait_until(lambda: ahead_s(platform) > 3000, DEADLINE_S, "readers are told of a moment to come")
    set_clock = tmp_path / "set_clock"
    set_clock.write_text(
        f"#!{sys.executable}\nimport psycopg\nwith psycopg.connect('{stack.settings.postgres_url}') as connection:\n"
        "    connection.execute('UPDATE skewed.clock SET ahead_s = 0')\n"
    )
    set_clock.chmod(0o755)

    platform.follow("clock-jumped.md", set_clock=str(set_clock))

    wait_until(lambda: ahead_s(platform) < 1, DEADLINE_S, "readers are told of now")
    postgres(stack, "ALTER ROLE rustok_capture RESET search_path", "DROP SCHEMA skewed CASCADE")
    stack.rustok("restart", "capture")


def ahead_s(platform: Platform) -> float:
    """Of the fresher of search and figures: by so much the moment they are of is still to come."""
    moments = [datetime.fromisoformat(str(platform.shop.get(path)["as_of"])) for path in (SEARCH, SALES)]
    return (max(moments) - datetime.now(UTC)).total_seconds()


def test_postgresql_was_put_back(platform: Platform, tmp_path: Path) -> None:
    copy_of_postgres(platform.stack, tmp_path / "copy")
    wait_until(lambda: platform.shop.get(SALES)["as_of"], DEADLINE_S, "the chain goes on")
    kept = platform.sold
    platform.trade()
    put_back(platform.stack, tmp_path / "copy")
    platform.sold = kept

    platform.follow("postgres-restored.md")


def test_a_bad_deploy_is_rolled_back(platform: Platform, tmp_path: Path) -> None:
    """Its API writes what no feed can read; the code of before is there again when the page is followed."""
    newer = Copy.made(tmp_path, platform.stack.environment)
    newer.commit()
    newer.new_version("product.published", "shelf_note: str | None", "None")
    newer.edit("api/domain/products.py", "ProductPublished(", 'ProductPublished(shelf_note="by hand", ')
    newer.rustok("schemas", "render")
    newer.rustok("api", "migrate")
    with Upgraded(newer, platform.stack).running("api"):
        platform.trade(seen=False)

    platform.follow("bad-deploy.md")


def test_the_disk_of_search_is_full(platform: Platform) -> None:
    """Those of PostgreSQL and Kafka: tests/integration/test_full_disks.py; of the analytics: tests/sinks."""
    refused = records_refused(platform.stack)
    with flood_stage(platform.stack):
        platform.trade(seen=False)
        see(platform.stack, FOLDER / "disk-full.md")
        assert platform.shop.get(SEARCH)["total"] == platform.sold - 1

    platform.follow("disk-full.md", stays=False)

    assert records_refused(platform.stack) == refused


def records_refused(stack: Stack) -> float | None:
    """By the feed of product search."""
    page = process_health.read(process_named("feed-product-search").metrics_url(stack.settings))
    assert page is not None
    return page.value("rustok_feed_records_total", outcome="refused", feed=product_documents.MODEL.id)
