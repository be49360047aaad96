"""A read model is made again beside the live one while people read and write: nobody notices, and it is the same."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.demo.shop_client import Shop
from sinks.analytics import sales_facts
from sinks.builds import Build
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.read_model import ReadModel
from sinks.rebuild import drop_builds
from sinks.search import page_documents, product_documents
from tests.support.copies import Copy
from tests.support.shops import open_shop, put_on_sale, sell, token
from tests.support.stack import Stack
from tests.support.upgraded import Upgraded
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

SEARCH, SALES = "/v1/search/products", "/v1/analytics/sales"
#: How old an answer may be while its feed moves to the new build; it takes over in one or two seconds.
OLDEST_S = 30
#: For a process to begin, or to end, on a machine that is busy.
BEGUN_S = 90


@dataclass
class Seen:
    """What a reader was answered while products were put on sale."""

    refused: list[int] = field(default_factory=list)
    lacking: list[tuple[int, int]] = field(default_factory=list)
    went_back: list[tuple[str, str]] = field(default_factory=list)
    answers: int = 0


@contextmanager
def reading_and_writing(stack: Stack, shop: Shop) -> Iterator[Seen]:
    """One puts products on sale and one counts them, as fast as they can; each counts what it was told is there."""
    seen, enough, shown = Seen(), threading.Event(), [0]
    headers = {"Authorization": f"Bearer {token(stack, shop.slug)}"}

    def write() -> None:
        while not enough.wait(0.05):
            made = put_on_sale(shop, f"Apples {shown[0]}", sku=f"A-{shop.slug}-{shown[0]}")
            shop.get(SEARCH, after=[made["receipt"]], wait=OLDEST_S)
            shown[0] += 1

    def read() -> None:
        before = ""
        with httpx.Client(base_url=stack.settings.api_url, headers=headers, timeout=30) as client:
            while not enough.wait(0.01):
                least = shown[0]
                answer = client.get(SEARCH)
                seen.answers += 1
                if answer.is_error:
                    seen.refused.append(answer.status_code)
                    continue
                told = answer.json()
                if told["total"] < least:
                    seen.lacking.append((least, told["total"]))
                if told["as_of"] < before:
                    seen.went_back.append((before, told["as_of"]))
                before = told["as_of"]

    both = [threading.Thread(target=write), threading.Thread(target=read)]
    for one in both:
        one.start()
    try:
        wait_until(lambda: shown[0] >= 2 and seen.answers >= 2, OLDEST_S, "both have begun")
        yield seen
        written = shown[0]
        wait_until(lambda: shown[0] > written, OLDEST_S, "what is written afterwards is found")
    finally:
        enough.set()
        for one in both:
            one.join()


@pytest.fixture
def shop(stack: Stack) -> Iterator[Shop]:
    yield open_shop(stack)
    for model in (product_documents.MODEL, sales_facts.MODEL):
        lead_to_the_first(stack, model)


def lead_to_the_first(stack: Stack, model: ReadModel) -> None:
    """Tests after these know it by its name."""
    builds = model.builds(stack.settings)
    assert builds is not None
    with closing(builds):
        if (led := builds.led()).live != Build(model.version):
            assert led.previous == Build(model.version)
            stack.rustok("sinks", "rebuild", "rollback", model.name)
    stack.rustok("sinks", "rebuild", "drop", model.name)


def rebuild(stack: Stack, *words: str, code: int = 0) -> Any:
    done = stack.rustok("sinks", "rebuild", *words, "--json", check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


def live(stack: Stack, model: ReadModel) -> str:
    (told,) = rebuild(stack, "status", model.name)
    (name,) = [one["build"] for one in told["builds"] if one["role"] == "live"]
    return str(name)


def is_as_its_tables(stack: Stack, model: ReadModel, shop: Shop) -> bool:
    return stack.rustok("sinks", "verify", model.name, "--tenant", shop.slug, check=False).returncode == 0


def test_search_is_made_again_and_led_back_and_no_reader_notices(stack: Stack, shop: Shop) -> None:
    model = product_documents.MODEL
    first = live(stack, model)

    with reading_and_writing(stack, shop) as seen:
        done = rebuild(stack, "start", model.name)
        second = live(stack, model)
        as_made = is_as_its_tables(stack, model, shop)
        back = rebuild(stack, "rollback", model.name)

    assert (seen.refused, seen.lacking, seen.went_back) == ([], [], [])
    assert (done["before"], done["build"], done["led"]) == (first, second, True)
    assert [(one["name"], one["holds"]) for one in done["judgements"]] == [
        ("whole", True),
        ("equals the tables", True),
        ("finds what was found", True),
    ]
    assert as_made
    assert (back["before"], back["build"], live(stack, model)) == (second, first, first)
    assert is_as_its_tables(stack, model, shop)


@pytest.mark.parametrize("source", ["log", "tables"])
def test_sales_are_made_again_to_the_cent_and_checked_before_they_are_shown(
    stack: Stack, shop: Shop, source: str
) -> None:
    model = sales_facts.MODEL
    put_on_sale(shop, "Apples", sku="A-1")
    sold = [sell(shop, "A-1", quantity) for quantity in (1, 2)]
    before = shop.get(SALES, after=[one["receipt"] for one in sold], wait=OLDEST_S)["totals"]

    done = rebuild(stack, "start", model.name, "--from", source)
    again = sell(shop, "A-1", 3)
    afterwards = shop.get(SALES, after=[again["receipt"]], wait=OLDEST_S)["totals"]

    assert [one["name"] for one in done["judgements"]] == ["whole", "equals the tables", "sound"]
    assert ([one["holds"] for one in done["judgements"]], done["led"]) == ([True] * 3, True)
    assert (before[0]["orders"], afterwards[0]["orders"]) == (2, 3)
    assert afterwards[0]["revenue_minor"] - before[0]["revenue_minor"] == 750
    assert is_as_its_tables(stack, model, shop)


def test_what_is_made_of_the_tables_and_killed_goes_on_and_no_reader_notices(
    stack: Stack, shop: Shop, tmp_path: Path
) -> None:
    model = product_documents.MODEL
    first, file = (
        live(stack, model),
        stack.settings.folder.data("rebuilds") / f"filling-{model.name}-v{model.version}-b2.json",
    )
    command = (sys.executable, "-m", "ops.cli", "sinks", "rebuild", "start", model.name, "--from", "tables")

    with reading_and_writing(stack, shop) as seen:
        killed = subprocess.Popen(command, env=stack.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            wait_until(file.exists, BEGUN_S, "it is being filled")
        finally:
            killed.kill()
            killed.communicate()
        done = rebuild(stack, "start", model.name, "--from", "tables")
        back = rebuild(stack, "rollback", model.name)

    assert (seen.refused, seen.lacking, seen.went_back) == ([], [], [])
    assert (done["before"], done["led"], [one["holds"] for one in done["judgements"]]) == (first, True, [True] * 3)
    assert (back["led"], file.exists()) == (True, False)
    assert is_as_its_tables(stack, model, shop)


def test_one_shop_alone_is_told_again_in_place(stack: Stack, shop: Shop) -> None:
    model = product_documents.MODEL
    first, made = live(stack, model), put_on_sale(shop, "Pears")
    shop.get(SEARCH, after=[made["receipt"]], wait=OLDEST_S)
    index = index_name(model, "products", Build.named(first))
    with closing(OpenSearchStore(stack.settings.opensearch_url)) as store:
        held = store.get(index, made["id"])
        store.client.update(index=index, id=made["id"], routing=held["_routing"], body={"doc": {"price_min_minor": 1}})

    done = rebuild(stack, "start", model.name, "--tenant", shop.slug)
    unknown = rebuild(stack, "start", model.name, "--tenant", "no-such-shop", code=2)
    beside = rebuild(stack, "start", model.name, "--tenant", shop.slug, "--hold", code=2)

    assert (done["model"], done["tenants"]) == (model.name, [shop.slug])
    assert done["told"] >= 1
    assert (done["found"]["checked"] >= 1, done["found"]["different"], done["found"]["examples"]) == (True, 0, [])
    assert "no-such-shop" in unknown
    assert "in place" in beside
    assert live(stack, model) == first
    assert is_as_its_tables(stack, model, shop)


def test_what_two_make_together_and_is_killed_goes_on_where_it_was_and_leaves_nobody_behind(
    stack: Stack, shop: Shop
) -> None:
    model = product_documents.MODEL
    first = live(stack, model)
    command = (sys.executable, "-m", "ops.cli", "sinks", "rebuild", "start", model.name)
    together = {**stack.environment, "RUSTOK_REBUILD_WORKERS": "2"}
    killed = subprocess.Popen(command, env=together, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: len(rebuild(stack, "status", model.name)[0]["builds"]) == 2, BEGUN_S, "one is begun beside")
        wait_until(lambda: len(fed_beside()) == 2, BEGUN_S, "two feed it")
        refused = rebuild(stack, "start", model.name, code=2)
    finally:
        killed.kill()
        killed.communicate()
    wait_until(lambda: fed_beside() == [], BEGUN_S, "they have ended with it")
    after_kill = live(stack, model)
    done = rebuild(stack, "start", model.name)

    assert "Somebody rebuilds product-search just now" in refused
    assert (after_kill, done["build"], done["led"]) == (first, f"{first}-b2", True)


def test_what_is_paused_goes_on_where_it_was_and_what_is_cancelled_is_gone(stack: Stack, shop: Shop) -> None:
    model = product_documents.MODEL
    first = live(stack, model)
    nobody = stack.rustok("sinks", "rebuild", "pause", model.name, check=False)
    nothing = stack.rustok("sinks", "rebuild", "resume", model.name, check=False)

    with begun(stack, model) as paused:
        stack.rustok("sinks", "rebuild", "pause", model.name)
        _, why = paused.communicate(timeout=BEGUN_S)
    after_pause = [one["build"] for one in rebuild(stack, "status", model.name)[0]["builds"]]
    with begun(stack, model, "resume") as cancelled:
        gone = rebuild(stack, "cancel", model.name)
        cancelled.communicate(timeout=BEGUN_S)

    assert (nobody.returncode, "Nobody makes product-search again" in nobody.stderr) == (2, True)
    assert (nothing.returncode, "No build of product-search waits" in nothing.stderr) == (2, True)
    assert (paused.returncode, "Somebody paused the rebuild" in why.replace("\n", " ")) == (2, True), why
    assert (cancelled.returncode, after_pause, gone) == (2, [first, f"{first}-b2"], [f"{first}-b2"])
    assert [one["build"] for one in rebuild(stack, "status", model.name)[0]["builds"]] == [first]
    assert fed_beside() == []


@contextmanager
def begun(stack: Stack, model: ReadModel, deed: str = "start") -> Iterator["subprocess.Popen[str]"]:
    """A rebuild that feeds its build by now."""
    command = (sys.executable, "-m", "ops.cli", "sinks", "rebuild", deed, model.name)
    before, builds = fed_beside(), model.builds(stack.settings)
    assert builds is not None
    process = subprocess.Popen(
        command, env=stack.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        with closing(builds):
            wait_until(lambda: fed_beside() != before and len(builds.all()) == 2, BEGUN_S, "it is fed beside")
        yield process
    finally:
        process.kill()
        process.wait()


def fed_beside() -> list[int]:
    """The processes that feed a build beside a live one."""
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as words:
                if b"--beside=" in words.read():
                    found.append(int(pid))
        except OSError:  # it has ended meanwhile
            continue
    return found


def test_what_is_wrong_is_not_shown_until_it_is_right(stack: Stack, shop: Shop) -> None:
    model = product_documents.MODEL
    first, made = live(stack, model), put_on_sale(shop, "Pears")
    shop.get(SEARCH, after=[made["receipt"]], wait=OLDEST_S)
    waits = rebuild(stack, "start", model.name, "--hold")
    index = index_name(model, "products", Build.named(waits["build"]))
    with closing(OpenSearchStore(stack.settings.opensearch_url)) as store:
        held = store.get(index, made["id"])
        store.client.update(index=index, id=made["id"], routing=held["_routing"], body={"doc": {"price_min_minor": 1}})

    wrong = rebuild(stack, "promote", model.name, code=1)

    assert (waits["led"], wrong["led"], live(stack, model)) == (False, False, first)
    assert [one["name"] for one in wrong["judgements"] if not one["holds"]] == ["equals the tables"]
    assert made["id"] in wrong["judgements"][1]["found"]
    assert "the index" not in rebuild(stack, "drop", model.name, waits["build"])
    assert datetime.fromisoformat(rebuild(stack, "status", model.name)[0]["last"]["at"])


def test_a_newer_version_is_made_beside_and_taken_over_with_its_feed(stack: Stack, shop: Shop, tmp_path: Path) -> None:
    model = product_documents.MODEL
    newer = Copy.made(tmp_path, stack.environment)
    newer.edit("sinks/search/product_documents.py", f"version={model.version},", f"version={model.version + 1},")
    first = live(stack, model)

    with reading_and_writing(stack, shop) as seen:
        done = newer.rustok("sinks", "rebuild", "start", model.name, "--if-newer")
        while_it_waits = live(stack, model)
        with Upgraded(newer, stack).running(f"feed-{model.name}"):
            wait_until(lambda: live(stack, model) == f"v{model.version + 1}", OLDEST_S, "readers are led to it")
            is_right = newer.rustok("sinks", "verify", model.name, "--tenant", shop.slug, check=False).returncode == 0
            back = stack.rustok("sinks", "rebuild", "rollback", model.name)
        wait_until(lambda: live(stack, model) == first, OLDEST_S, "the feed of before leads them back")

    assert f"restart feed-{model.name}" in done.stderr
    assert while_it_waits == first
    assert is_right
    assert (seen.refused, seen.lacking, seen.went_back) == ([], [], [])
    assert f"restart feed-{model.name}" in back.stderr


def test_what_was_left_long_ago_is_dropped_by_itself_and_what_readers_see_never(stack: Stack, shop: Shop) -> None:
    model = product_documents.MODEL
    first = live(stack, model)
    waits = rebuild(stack, "start", model.name, "--hold")["build"]
    a_day, a_moment = (stack.settings.model_copy(update={"rebuild_kept_h": hours}) for hours in (24, 1e-6))

    drop_builds.turn(a_day)
    after_a_day = [one["build"] for one in rebuild(stack, "status", model.name)[0]["builds"]]
    drop_builds.turn(a_moment)
    afterwards = [one["build"] for one in rebuild(stack, "status", model.name)[0]["builds"]]

    assert (after_a_day, afterwards) == ([first, waits], [first])
    assert live(stack, model) == first


def test_what_cannot_be_done_is_said(stack: Stack, shop: Shop) -> None:
    pages = page_documents.MODEL
    said = [
        rebuild(stack, *words, code=2)
        for words in (
            ("start", "event-archive"),
            ("start", "nothing"),
            ("promote", "page-search"),
            ("rollback", "page-search"),
            ("drop", "page-search", f"v{pages.version}"),
            ("drop", "page-search", f"v{pages.version}-b7"),
            ("start", "searches", "--from", "tables"),
        )
    ]

    for expected, found in zip(
        (
            "event-archive cannot be made again from the log",
            "There is no read model nothing",
            "No build of page-search waits",
            "were led to nothing else before",
            f"Readers are led to v{pages.version} of page-search",
            f"There is no build v{pages.version}-b7 of page-search",
            "No table keeps what searches is made of",
        ),
        said,
        strict=True,
    ):
        assert expected in found
