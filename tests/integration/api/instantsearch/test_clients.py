"""The clients as npm has them, in a program, work with a shop's search."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
import pytest

from ops.settings import Settings
from schemas.events.search_log import LoggedAction, LoggedSearch
from tests.integration.api import priced_catalogue
from tests.integration.api.instantsearch.catalogue import Catalogue, made_catalogue, put_into_search
from tests.integration.api.search_logs import search_logs_of
from tests.integration.api.served import Served
from tests.integration.api.shops import Shop
from tests.integration.api.test_customer_groups import somebody
from tests.support.node_packages import installed, run
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

HERE: Final = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def scripts(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Beside the packages that they import."""
    packages, folder = installed(servers.settings.folder.software, HERE), tmp_path_factory.mktemp("node")
    for file in HERE.iterdir():
        shutil.copyfile(file, folder / file.name)
    (folder / "node_modules").symlink_to(packages / "node_modules")
    return folder


def test_the_client_gets_answers_and_says_what_is_wrong(
    served: Served, scripts: Path, widgets_shop: Shop, key: str, catalogue: Catalogue
) -> None:
    slug = widgets_shop.tenant["slug"]

    told = json.loads(run(scripts / "lite_client.mjs", served.url, slug, key, folder=scripts))

    found = [item for item in catalogue.items if "knife" in item.title.lower()]
    verde = sum(item.brand == "Verde" for item in catalogue.items)
    assert told == {
        "hits": len(found),
        "verde": sum(item.brand == "Verde" for item in found),
        "facetHits": [{"value": "Verde", "highlighted": "<em>Ver</em>de", "count": verde}],
        "nonsense": "ApiError: filters: a value was due at character 7, where there is ''",
        "stranger": "ApiError: Invalid Application-ID or API key",
        "keyless": "ApiError: Invalid Application-ID or API key",
        "nowhere": "ApiError: Index orders does not exist",
        "recommended": {"hits": 3, "itself": False, "best": 100},
        "trending": "ApiError: model: 'trending-items' is not recommended here; related-products and bought-together"
        " are",
    }


def test_who_signed_in_is_shown_the_prices_of_their_group(
    served: Served, scripts: Path, shop: Shop, settings: Settings
) -> None:
    priced = priced_catalogue.made_catalogue()
    priced_catalogue.put_into_search(settings, shop, priced)
    member = shop.headers("customer", somebody(shop, "trade"))["Authorization"].removeprefix("Bearer ")

    told = json.loads(run(scripts / "signed_in.mjs", served.url, shop.tenant["slug"], member, folder=scripts))

    amounts = [one.amounts("trade", "EUR") for one in priced]
    everything = [amount for its in amounts for amount in its]
    lowest = sorted(its[0] / 100 for its in amounts if its)
    assert told["prices"] == [*lowest, *[None] * (len(priced) - len(lowest))]
    assert (told["stats"]["min"], told["stats"]["max"]) == (min(everything) / 100, max(everything) / 100)


def test_search_insights_tells_what_was_clicked_and_bought(
    served: Served, scripts: Path, shop: Shop, settings: Settings, postgres: psycopg.Connection
) -> None:
    put_into_search(settings, shop, made_catalogue(20))
    key = shop.post("/v1/service-tokens", {"name": "storefront", "kind": "search"}).json["token"]

    told = json.loads(run(scripts / "insights.mjs", served.url, shop.tenant["slug"], key, folder=scripts))

    query_id, clicked, seen = (UUID(told[name]) for name in ("queryID", "clicked", "seen"))
    assert told["taken"] == [True, True, True, True, False]
    noted = wait_until(
        lambda: (found := noted_in(postgres, shop, query_id)).is_whole and found, 10, "all of it is noted"
    )
    (search,) = noted.searches
    assert (search.text, search.channel, search.counts_clicks, len(search.session or "")) == (
        "knife",
        "instantsearch",
        True,
        16,
    )
    assert [(one.kind, one.object_id, one.position, one.value_minor, one.currency) for one in noted.actions] == [
        ("click", clicked, 2, None, None),
        ("conversion", clicked, None, 900, "EUR"),
        ("view", seen, None, None, None),
    ]


@dataclass(frozen=True, slots=True)
class Noted:
    searches: tuple[LoggedSearch, ...]
    actions: tuple[LoggedAction, ...]

    @property
    def is_whole(self) -> bool:
        return len(self.searches) == 1 and len(self.actions) == 3


def noted_in(postgres: psycopg.Connection, shop: Shop, query_id: UUID) -> Noted:
    """The search of this answer, and all that was told of in its shop."""
    logs = search_logs_of(postgres, shop)
    return Noted(
        searches=tuple(one for log in logs for one in log.searches if one.query_id == query_id),
        actions=tuple(sorted((one for log in logs for one in log.actions), key=lambda one: one.kind)),
    )
