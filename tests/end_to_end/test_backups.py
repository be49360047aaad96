"""The worst day of the year, rehearsed: all is destroyed, and one command brings it back from a backup and a log.

A stack of its own is backed up while it trades, goes on for a while, and is destroyed with all its data. The restore
brings another, empty stack to a moment between; it is killed twice on the way.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import psycopg
import pytest

from ops.commands.test import own_stack
from ops.demo.shop_client import Shop
from ops.settings import Settings
from sinks.analytics.event_archive import MODEL
from sinks.duckdb import snapshots
from sinks.read_models import VERIFIED
from tests.support.shops import open_shop, put_on_sale, sell, token
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(900)]

DEADLINE_S = 120
FIRST, BETWEEN, LOST = 2, 1, 3
PRICES = (250, 300)


@dataclass
class Day:
    """What is left of it: the folders of backups and log, the moment, and what somebody outside remembers."""

    root: Path
    after: Stack
    slug: str
    token: str
    product: UUID
    at: datetime
    kept: list[str]
    ghosts: list[str]
    backup: dict[str, Any]

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    def restore(self, *more: str) -> list[str]:
        return ["restore", str(self.backups), "--at", self.at.isoformat(), "--free-ports", *more]


def a_stack(name: str, log: Path) -> Stack:
    """Of this test's own; it archives its log there."""
    settings = Settings(stack=f"{own_stack()}-{name}")
    return Stack(settings, {"RUSTOK_POSTGRES_ARCHIVE_DIR": str(log)})


def as_it_runs(stack: Stack) -> Stack:
    """With the ports and keys that it has by now."""
    return Stack(Settings(stack=stack.settings.stack), stack.also)


def reprice(shop: Shop, product: str, amount_minor: int) -> None:
    variant = shop.get(f"/v1/products/{product}")["variants"][0]
    prices = [{"currency": "EUR", "amount_minor": amount_minor}]
    shop.patch(f"/v1/products/{product}", {"variants": [variant | {"prices": prices}]})


def archived(stack: Stack, question: str, *values: object) -> list[tuple[Any, ...]]:
    """The newest published snapshot of the archive, as an analyst asks it; nothing while there is none."""
    found = snapshots.current(snapshots.live_folder(stack.settings.analytics_dir, MODEL.name).resolve())
    if found is None:
        return []
    with closing(duckdb.connect(found.path, read_only=True)) as connection:
        return connection.execute(question, list(values)).fetchall()


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    """Until everything is destroyed."""
    home = Settings().home
    home.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="backups-", dir=home))
    root.chmod(0o755)  # PostgreSQL's user archives in it
    before, after = a_stack("before", root / "log"), a_stack("after", root / "log")
    try:
        for one in (before, after):
            one.rustok("down", "--delete-data")
        before.rustok("up", "--free-ports")
        before = as_it_runs(before)
        shop = open_shop(before)
        tomatoes = put_on_sale(shop, "Tomatoes", amount_minor=PRICES[0])
        kept = [sell(shop) for _ in range(FIRST)]
        tenant = UUID(shop.get("/v1/shop")["id"])
        # An order has three versions.
        question = "SELECT count(*) FROM events WHERE tenant_id = ? AND aggregate = 'order'"
        wait_until(lambda: archived(before, question, tenant) == [(FIRST * 3,)], DEADLINE_S, "the orders are archived")
        backup = json.loads(before.rustok("backup", str(root / "backups"), "--json").stdout)
        kept += [sell(shop) for _ in range(BETWEEN)]
        reprice(shop, tomatoes["id"], PRICES[1])
        with psycopg.connect(before.settings.postgres_url, autocommit=True) as postgres:
            ((at,),) = postgres.execute("SELECT clock_timestamp()").fetchall()
            ghosts = [sell(shop) for _ in range(LOST)]
            shown = put_on_sale(shop, "Ghost", sku="GHOST")
            shop.get("/v1/search/products", after=[shown["receipt"]], wait=30)
            ((segment,),) = postgres.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchall()
            archive = f"SELECT last_archived_wal >= '{segment}' FROM pg_stat_archiver"
            wait_until(lambda: postgres.execute(archive.encode()).fetchall() == [(True,)], DEADLINE_S, "it is archived")
        left = Day(
            root=root,
            after=after,
            slug=shop.slug,
            token=token(before, shop.slug),
            product=UUID(tomatoes["id"]),
            at=at.astimezone(UTC),
            kept=[one["id"] for one in kept],
            ghosts=[one["id"] for one in ghosts],
            backup=backup,
        )
        before.rustok("down", "--delete-data")
        assert not before.settings.folder.root.exists()
        yield left
    finally:
        for one in (before, after):
            one.rustok("down", "--delete-data", check=False)
        shutil.rmtree(root)


def killed_when(day: Day, is_so: Callable[[], bool], what: str) -> None:
    command = [sys.executable, "-m", "ops.cli", *day.restore()]
    with subprocess.Popen(
        command, env=day.after.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as running:
        wait_until(lambda: running.poll() is not None or is_so(), DEADLINE_S * 3, what)
        running.kill()
        _, said = running.communicate()
    assert running.returncode == -signal.SIGKILL, said.decode()


def steps(day: Day) -> set[str]:
    """That a restore has done."""
    with suppress(FileNotFoundError):
        return set(json.loads((day.after.settings.folder.root / "restore.json").read_text())["steps"])
    return set()


@pytest.fixture(scope="module")
def restored(day: Day) -> tuple[Shop, Stack, dict[str, Any]]:
    """Killed when the base backup is there, and again while the new epoch is told."""
    killed_when(day, lambda: "postgres" in steps(day), "PostgreSQL's files are put back")
    killed_when(day, lambda: "history" in steps(day), "the new epoch begins")
    done = json.loads(day.after.rustok(*day.restore("--json")).stdout)
    stack = as_it_runs(day.after)
    return Shop(stack.settings.api_url, day.slug, day.token), stack, done


def test_read_models_are_as_the_tables_and_nothing_of_the_lost_future_returns(
    day: Day, restored: tuple[Shop, Stack, dict[str, Any]]
) -> None:
    shop, stack, done = restored

    assert (done["epoch"] >= 1, done["missing"]) == (True, 0)
    assert datetime.fromisoformat(done["newest"]) <= day.at
    for model in VERIFIED:
        assert stack.rustok("sinks", "verify", model.name).returncode == 0
    found = shop.get("/v1/search/products")
    assert ([hit["title"] for hit in found["hits"]], found["state"]) == (["Tomatoes"], "fresh")
    (sales,) = shop.get("/v1/analytics/sales")["totals"]
    assert sales["orders"] == FIRST + BETWEEN
    assert {one["id"] for one in shop.get("/v1/orders")["items"]} == set(day.kept)
    assert json.loads(stack.rustok("streams", "gaps", "--json").stdout) == []


def test_the_archive_has_its_past_and_what_came_after_its_copy(
    day: Day, restored: tuple[Shop, Stack, dict[str, Any]]
) -> None:
    _, stack, _ = restored

    orders = archived(stack, "SELECT DISTINCT aggregate_id::VARCHAR FROM kept_events WHERE aggregate = 'order'")
    prices = archived(
        stack, "SELECT amount_minor FROM dim_variant_prices WHERE product_id = ? ORDER BY version", day.product
    )
    steps_of_each = archived(stack, "SELECT list(status ORDER BY step_no) FROM fct_order_steps GROUP BY order_id")

    assert {id_ for (id_,) in orders} == set(day.kept)
    assert [amount for (amount,) in prices] == list(PRICES)
    assert steps_of_each == [(["pending", "confirmed", "paid"],)] * len(day.kept)


def test_trade_goes_on_with_the_tokens_of_before(restored: tuple[Shop, Stack, dict[str, Any]]) -> None:
    shop, stack, _ = restored

    sold = sell(shop)

    assert shop.get("/v1/analytics/sales", after=[sold["receipt"]], wait=30)["totals"][0]["orders"] == (
        FIRST + BETWEEN + 1
    )
    assert stack.is_well()


def test_the_log_is_archived_on_within_seconds(restored: tuple[Shop, Stack, dict[str, Any]]) -> None:
    """Long before the first checkpoint after a start, which is what PostgreSQL by itself would wait for."""
    shop, stack, _ = restored
    with psycopg.connect(stack.settings.postgres_url, autocommit=True) as postgres:
        sell(shop)
        ((segment,),) = postgres.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchall()
        archived_by_now = f"SELECT last_archived_wal >= '{segment}' FROM pg_stat_archiver"

        wait_until(lambda: postgres.execute(archived_by_now.encode()).fetchall() == [(True,)], 60, "it is archived")


def test_nothing_is_ever_restored_over_what_is_there(day: Day, restored: tuple[Shop, Stack, dict[str, Any]]) -> None:
    _, stack, _ = restored

    refused = stack.rustok(*day.restore(), check=False)

    assert refused.returncode == 2
    assert "has data" in refused.stderr
    assert stack.is_well()


def test_a_backup_is_its_owners_alone(day: Day) -> None:
    folder = Path(day.backup["folder"])

    assert [path.name for path in day.backups.iterdir() if not path.name.startswith(".")] == [folder.name]
    assert {oct(path.stat().st_mode & 0o777) for path in (day.backups, folder, folder / "keys")} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in (folder / "keys").iterdir()} == {"0o600"}
    assert os.listdir(folder / "read-models")
