"""Metrics over HTTP: the catalogue, one by period and split beside another time, CSV, and what is refused."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from api.app import create_app
from api.domain.users import Role
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to
from ops.settings import Settings
from schemas.events.order import OrderPaid
from sinks.analytics.metrics_catalogue import METRICS
from sinks.analytics.sales_facts import MODEL, order_facts
from sinks.analytics.sales_questions import SalesReader
from sinks.analytics.search_questions import SearchesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.shops import Shop, opened_shop
from tests.support.examples import envelope, line, order
from tests.support.whole import whole

pytestmark = pytest.mark.servers

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def shop(settings: Settings, store: Store, tokens: AccessTokens, tmp_path: Path) -> Shop:
    """Sold 280 a day for three days, of a brand that a spreadsheet would run, and 280 to another shop."""
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(tmp_path)
    made = connect_to(store, tokens, search, sales, searches=SearchesReader(tmp_path))
    opened = opened_shop(create_app(made).test_client(), tokens)
    facts = MODEL.sink(Settings(analytics_dir=tmp_path))
    facts.open()
    for day, tenant_id in ((0, opened.id), (1, opened.id), (7, opened.id), (0, uuid4())):
        at = MONDAY + timedelta(days=day)
        sold = order(lines=(line(brand="=1+1"),), placed_at=at, confirmed_at=at, paid_at=at)
        facts.write([order_facts(envelope(tenant_id=tenant_id, aggregate_id=sold.id), OrderPaid(order=sold))], {})
    facts.publish(whole(MODEL))
    facts.close()
    return opened


def asked_of(shop: Shop, metric: str, **asked: str) -> TestResponse:
    return shop.get(f"/v1/analytics/metrics/{metric}?{urlencode(asked)}")


def test_the_catalogue_says_of_each_what_it_means_and_how_it_is_worked_out(shop: Shop) -> None:
    found = {one["name"]: one for one in shop.get("/v1/analytics/metrics").json["metrics"]}

    assert found.keys() == METRICS.keys()
    assert found["net_sales"]["expression"] == "sum(net_minor)"
    assert found["orders"]["additive_over"] == ["time"]
    assert all(one["meaning"] and one["splits"] for one in found.values())


def test_a_metric_by_week_beside_the_time_before_has_weeks_without_a_sale_too(shop: Shop) -> None:
    asked = {"from": "2026-03-09", "to": "2026-03-22", "by": "week", "compare": "previous"}

    found = asked_of(shop, "net_sales", **asked).json

    now, before = found["now"], found["before"]
    assert [(row["period"], row["value"]) for row in now["rows"]] == [("2026-03-09", 280), ("2026-03-16", 0)]
    assert (before["first_day"], before["last_day"]) == ("2026-02-23", "2026-03-08")
    assert [(row["currency"], row["value"]) for row in before["totals"]] == [("EUR", 560)]
    assert (found["state"], found["timezone"], found["metric"]["unit"]) == ("fresh", "UTC", "minor")
    assert found["as_of"]


def test_last_year_is_fifty_two_weeks_ago_so_that_mondays_lie_beside_mondays(shop: Shop) -> None:
    asked = {"from": "2027-03-01", "to": "2027-03-01", "compare": "last_year"}

    found = asked_of(shop, "orders", **asked).json

    assert found["before"]["first_day"] == "2026-03-02"
    assert [row["value"] for row in found["before"]["totals"]] == [1]


def test_as_csv_it_has_a_line_for_each_row_and_no_formula(shop: Shop) -> None:
    answer = shop.client.get(
        "/v1/analytics/metrics/net_sales?split=brand", headers=shop.headers(Role.ADMIN) | {"Accept": "text/csv"}
    )

    assert answer.content_type.startswith("text/csv")
    assert list(csv.DictReader(io.StringIO(answer.text))) == [
        {"time": "now", "period": "", "split": "'=1+1", "currency": "EUR", "value": "840", "unit": ""}
    ]
    assert answer.headers["Rustok-As-Of"]


def test_it_is_narrowed_to_what_is_asked_for(shop: Shop) -> None:
    found = asked_of(shop, "net_sales", brand="=1+1").json

    assert [row["value"] for row in found["now"]["totals"]] == [840]
    assert asked_of(shop, "net_sales", brand="Other").json["now"]["totals"] == []
    assert asked_of(shop, "net_sales", currency="JPY").json["now"]["totals"] == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"split": "customer_kind"}, "split"),
        ({"customer_kind": "new"}, "customer_kind"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ({"compare": "previous"}, "compare"),
        ({"from": "1900-01-01", "to": "2026-03-01", "by": "day"}, "by"),
        ({"from": "0001-01-01", "to": "0001-01-02", "compare": "previous"}, "from"),
        ({"by": "fortnight"}, "by"),
        ({"split": "'; DROP TABLE orders"}, "split"),
    ],
)
def test_what_does_not_fit_the_metric_is_said_with_the_field(shop: Shop, asked: dict[str, str], field: str) -> None:
    refused = asked_of(shop, "net_sales", **asked)

    assert refused.status_code == 422
    assert [one["field"] for one in refused.json["errors"]] == [field]


def test_a_metric_that_is_not_there_is_not_found(shop: Shop) -> None:
    assert shop.get("/v1/analytics/metrics/happiness").status_code == 404


def test_who_may_not_read_analytics_is_shown_no_metric(shop: Shop) -> None:
    for path in ("/v1/analytics/metrics", "/v1/analytics/metrics/net_sales"):
        assert shop.client.get(path, headers=shop.headers(Role.CUSTOMER)).status_code == 403


def test_a_quantity_has_a_row_for_each_unit_and_says_so(shop: Shop) -> None:
    found = asked_of(shop, "quantity_sold", measure="count").json

    assert (found["metric"]["by_unit"], found["metric"]["by_currency"]) == (True, False)
    assert [(row["unit"], row["value"]) for row in found["now"]["totals"]] == [("piece", 6)]
    assert asked_of(shop, "quantity_sold", measure="mass").json["now"]["totals"] == []
    assert asked_of(shop, "quantity_sold", measure="weight").status_code == 422
