"""What is asked for over the API is done by the scheduler, whoever is killed meanwhile, and can be ended by anybody."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.domain.permissions import Role
from ops.demo.shop_client import Shop
from sinks.search import product_documents
from tests.end_to_end.test_rebuilding import (
    fed_beside,
    is_as_its_tables,
    lead_to_the_first,
    live,
    reading_and_writing,
)
from tests.support.shops import open_shop, put_on_sale, token
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

MODEL = product_documents.MODEL
REBUILD = f"/v1/rebuilds/{MODEL.name}"
#: The scheduler begins again, and after it what it was at.
REBUILT_S = 180


@pytest.fixture
def shop(stack: Stack) -> Iterator[Shop]:
    yield open_shop(stack)
    lead_to_the_first(stack, MODEL)


@pytest.fixture
def operator(stack: Stack) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token(stack, role=Role.OPERATOR)}"}
    with httpx.Client(base_url=stack.settings.api_url, headers=headers, timeout=30) as one:
        yield one


def ask(operator: httpx.Client, action: str, **body: Any) -> str:
    answer = operator.post(f"{REBUILD}/{action}", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def request(operator: httpx.Client) -> Any:
    return operator.get(REBUILD).json()["request"]


def ended(operator: httpx.Client, id_: str) -> Any:
    def look() -> Any:
        found = request(operator)
        return found if found["id"] == id_ and found["ended_at"] else None

    return wait_until(look, REBUILT_S, "it has ended")


def is_fed(operator: httpx.Client) -> bool:
    told = operator.get(REBUILD).json()
    return told["request"]["state"] == "running" and len(told["builds"]) == 2 and fed_beside() != []


def test_a_rebuild_outlives_its_scheduler_and_is_led_back_and_no_reader_notices(
    stack: Stack, shop: Shop, operator: httpx.Client
) -> None:
    first = live(stack, MODEL)

    with reading_and_writing(stack, shop) as seen:
        started = ask(operator, "start")
        wait_until(lambda: is_fed(operator), REBUILT_S, "it is fed beside")
        (feed,) = fed_beside()
        killed = stack.kill("scheduler")
        wait_until(lambda: feed not in fed_beside(), REBUILT_S, "what fed it has ended with the scheduler")
        left = request(operator)
        done = ended(operator, started)
        second = live(stack, MODEL)
        as_made = is_as_its_tables(stack, MODEL, shop)
        back = ended(operator, ask(operator, "rollback"))

    assert killed is not None
    assert (left["id"], left["state"]) == (started, "running")
    assert (done["state"], done["detail"], done["report"]["led"]) == ("done", "", True)
    assert (done["report"]["before"], done["report"]["build"], second) == (first, f"{first}-b2", f"{first}-b2")
    assert [one["holds"] for one in done["report"]["judgements"]] == [True, True, True]
    assert 0 < done["progress"]["done"] <= done["progress"]["records"]
    assert as_made
    assert (back["state"], back["report"]["build"], live(stack, MODEL)) == ("done", first, first)
    assert (seen.refused, seen.lacking, seen.went_back) == ([], [], [])
    assert fed_beside() == []


def test_the_command_pauses_what_the_api_began_and_it_stays_so_until_somebody_asks_for_more(
    stack: Stack, shop: Shop, operator: httpx.Client
) -> None:
    first = live(stack, MODEL)
    started = ask(operator, "start", hold=True)
    wait_until(lambda: is_fed(operator), REBUILT_S, "it is fed beside")

    stack.rustok("sinks", "rebuild", "pause", MODEL.name)
    paused = ended(operator, started)
    said = stack.rustok("sinks", "rebuild", "status", MODEL.name).stdout
    resumed = ended(operator, ask(operator, "resume", hold=True))
    dropped = ended(operator, ask(operator, "drop", build=f"{first}-b2"))

    assert (paused["state"], paused["detail"]) == ("paused", f"Somebody paused the rebuild of {MODEL.name}.")
    assert "over the API: start is paused, asked for by developer" in said
    assert (resumed["state"], resumed["report"]["build"], resumed["report"]["led"]) == ("done", f"{first}-b2", False)
    assert (dropped["state"], dropped["detail"]) == ("done", f"Gone: {first}-b2.")
    assert [one["build"] for one in operator.get(REBUILD).json()["builds"]] == [first]


def test_a_build_is_made_of_the_tables_and_one_shop_alone_is_told_again(
    stack: Stack, shop: Shop, operator: httpx.Client
) -> None:
    first = live(stack, MODEL)
    made = put_on_sale(shop, "Pears")
    shop.get("/v1/search/products", after=[made["receipt"]], wait=30)

    of_tables = ended(operator, ask(operator, "start", source="tables", hold=True))
    of_shop = ended(operator, ask(operator, "start", tenants=[shop.slug]))
    unknown = operator.post(f"{REBUILD}/start", json={"tenants": ["no-such-shop"]})

    assert (of_tables["state"], of_tables["source"], of_tables["report"]["led"]) == ("done", "tables", False)
    assert {one["holds"] for one in of_tables["report"]["judgements"]} == {True}
    assert (of_shop["state"], of_shop["report"], of_shop["tenants"]) == ("done", None, [shop.slug])
    assert of_shop["detail"].startswith(f"{shop.slug}: 1 told again; 1 documents compared: 0 missing")
    assert (unknown.status_code, live(stack, MODEL)) == (422, first)
