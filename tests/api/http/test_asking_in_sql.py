"""Over HTTP, with a real snapshot behind it: who may ask, and what a refusal says."""

import csv
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app
from api.http.dependencies import EXTENSION
from sinks.analytics.sales_facts import MODEL
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.sink import Unavailable
from sinks.sql.sql_reader import Asked, SqlLimits, SqlQuery, SqlReader, TooManyStatements
from sinks.sql.statement_tree import StatementRefused
from tests.api.conftest import SHOP, ReadModel
from tests.sinks.duckdb.test_publishing import FRESH
from tests.support.sink_contract import paid_order

Header = Callable[..., dict[str, str]]
PATH = "/v1/analytics/sql"
COUNT = {"sql": "SELECT count(*) AS orders FROM orders"}


@pytest.fixture(scope="module")
def other() -> UUID:
    return uuid4()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, other: UUID) -> Path:
    folder: Path = tmp_path_factory.mktemp("analytics")
    with closing(DuckDBSink(folder / MODEL.id, MODEL, list(MODEL.store.shape), goes_live=True)) as sink:
        sink.open()
        own = [paid_order(version=1, tenant_id=SHOP.id) for _ in range(3)]
        sink.write([*own, *(paid_order(version=1, tenant_id=other) for _ in range(5))], {})
        sink.publish(FRESH)
    return folder


@pytest.fixture
def asking(app: APIFlask, folder: Path) -> FlaskClient:
    """The application with an answering process behind it."""
    reader = SqlReader(folder, SqlLimits(time_s=60))
    return create_app(replace(app.extensions[EXTENSION], sql=reader)).test_client()


def test_a_shop_is_answered_with_its_own_rows(asking: FlaskClient, as_role: Header) -> None:
    sql = "SELECT currency, count(*) AS orders, sum(total_minor) AS total FROM orders GROUP BY currency"

    answer = asking.post(PATH, json={"sql": sql}, headers=as_role("manager"))

    assert answer.status_code == 200
    assert answer.json["rows"] == [["EUR", 3, 840]]
    assert answer.json["columns"] == [
        {"name": "currency", "type": "VARCHAR"},
        {"name": "orders", "type": "BIGINT"},
        {"name": "total", "type": "HUGEINT"},
    ]
    assert (answer.json["truncated"], answer.json["state"]) == (False, "fresh")
    assert answer.json["as_of"] == answer.headers["Rustok-As-Of"] == "2026-03-01T12:30:00.000Z"
    assert answer.json["snapshot"].startswith("sales-v5-")
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_wants_csv_gets_csv(asking: FlaskClient, as_role: Header) -> None:
    headers = {**as_role("admin"), "Accept": "text/csv"}

    answer = asking.post(PATH, json={"sql": "SELECT 1 AS a, 'x' AS \"b,c\""}, headers=headers)

    assert list(csv.reader(answer.text.splitlines())) == [["a", "b,c"], ["1", "x"]]
    assert answer.content_type == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Rustok-Truncated"] == "false"
    assert "Rustok-Snapshot" in answer.headers
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("sql", "code", "told"),
    [
        ("SELECT nosuch FROM sales", "query_error", "(line 1, column 8)"),
        ("SELECT 1,\n  'x'::INTEGER", "query_error", "(line 2, column 6)"),
        ("FROM snapshot.main.orders", "unknown_table", "without a catalogue"),
        ("FROM read_text('/etc/passwd')", "unknown_function", "not read_text"),
        ("DROP TABLE orders", "not_a_select", "Only one SELECT"),
        ("SELEC 1", "syntax_error", "syntax error"),
    ],
)
def test_a_statement_that_is_not_answered_is_told_why(
    asking: FlaskClient, as_role: Header, folder: Path, sql: str, code: str, told: str
) -> None:
    answer = asking.post(PATH, json={"sql": sql}, headers=as_role("manager"))

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert told in answer.json["detail"]
    assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [("sql", code)]
    assert str(folder) not in answer.text


@pytest.mark.parametrize("role", ["customer", "staff", "operator", "service", "super_admin"])
def test_others_may_not(client: FlaskClient, as_role: Header, read_model: ReadModel, role: str) -> None:
    assert client.post(PATH, json=COUNT, headers=as_role(role)).status_code == 403
    assert read_model.asked == []


def test_nobody_is_not_let_in(client: FlaskClient, read_model: ReadModel) -> None:
    assert client.post(PATH, json=COUNT).status_code == 401
    assert read_model.asked == []


@pytest.mark.parametrize("model", ["searches", "event-archive"])
def test_what_is_asked_is_of_the_callers_shop(
    client: FlaskClient, as_role: Header, read_model: ReadModel, model: Asked
) -> None:
    client.post(PATH, json={**COUNT, "model": model}, headers=as_role("manager"))

    assert read_model.asked == [SqlQuery(tenant_id=SHOP.id, sql=COUNT["sql"], model=model)]


def test_a_question_with_arguments_is_answered(asking: FlaskClient, as_role: Header) -> None:
    sql = "SELECT sum(orders) AS orders FROM customers_rfm(DATE '2027-12-31')"

    answer = asking.post(PATH, json={"sql": sql}, headers=as_role("manager"))

    assert (answer.status_code, answer.json["rows"]) == (200, [[3]])


@pytest.mark.parametrize("body", [{}, {"sql": ""}, {"sql": "x" * 20_001}, {**COUNT, "model": "event-archive-v1"}])
def test_what_is_no_question_is_refused(
    client: FlaskClient, as_role: Header, read_model: ReadModel, body: dict[str, str]
) -> None:
    assert client.post(PATH, json=body, headers=as_role("manager")).status_code == 422
    assert read_model.asked == []


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (StatementRefused("query_too_long", "It takes longer than 10 s."), 422, "query_too_long"),
        (StatementRefused("query_too_big", "It needs more than 512 MB of memory."), 422, "query_too_big"),
        (TooManyStatements("there is no place", 2), 503, "too_many_queries"),
        (Unavailable("the sales feed has not published a snapshot yet"), 503, "store_unavailable"),
    ],
)
def test_what_cannot_be_answered_says_so(
    client: FlaskClient, as_role: Header, read_model: ReadModel, failure: Exception, status: int, code: str
) -> None:
    read_model.failing = failure

    answer = client.post(PATH, json=COUNT, headers=as_role("manager"))

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert ("Retry-After" in answer.headers) == (status == 503)
