"""What checks found is told to the platform's own people, and to nobody else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from api.app import create_app
from api.http.dependencies import EXTENSION
from sinks.analytics import sales_facts
from sinks.quality import check_history, check_snapshot
from sinks.quality.quality_folder import docs_folder
from sinks.quality.suites import suite_of
from tests.support.sound_snapshots import published, sound_sales

Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(app: APIFlask, as_role: Callable[..., dict[str, str]], tmp_path: Path) -> Ask:
    served = create_app(replace(app.extensions[EXTENSION], analytics=tmp_path))

    def get(path: str = "", role: str = "operator") -> Any:
        headers = {**as_role(role), "Host": "cheese.example"}
        return served.test_client().get(f"/v1/analytics/quality{path}", headers=headers)

    return get


def check(app: APIFlask, analytics: Path) -> str:
    """As the scheduler has it done; returns the snapshot's name."""
    now = app.extensions[EXTENSION].clock()
    snapshot = published(analytics, sales_facts.MODEL, sound_sales(), now - timedelta(seconds=30))
    check_history.keep(
        analytics, check_snapshot.check_newest(analytics, suite_of("sales"), now, docs_folder(analytics))
    )
    return snapshot.path.name


def test_what_was_found_is_told_with_what_is_certified_and_how_old_that_is(app, ask, tmp_path):
    snapshot = check(app, tmp_path)

    sales, searches, archive = ask().json["items"]

    assert (sales["model"], sales["newest"]["is_sound"], sales["newest"]["failed"]) == ("sales", True, 0)
    assert {one["outcome"] for one in sales["newest"]["results"]} == {"passed"}
    assert (sales["certified"]["snapshot"], sales["certified"]["age_s"]) == (snapshot, 30)
    assert searches == {"model": "searches", "newest": None, "certified": None}
    assert archive == {"model": "event-archive", "newest": None, "certified": None}


def test_its_pages_lead_to_each_other_and_run_nothing(app, ask, tmp_path):
    check(app, tmp_path)

    index = ask("/docs?model=sales")
    orders = ask("/docs?model=sales&page=orders")

    assert index.status_code == orders.status_code == 200
    assert 'href="?model=sales&amp;page=orders"' in index.text
    assert 'href="?model=sales&amp;page=index"' in orders.text
    assert index.content_type == "text/html; charset=utf-8"
    assert index.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_before_the_first_check_the_page_says_so(ask):
    answer = ask("/docs")

    assert (answer.status_code, "Nothing was checked yet" in answer.text) == (200, True)


@pytest.mark.parametrize("role", ["anonymous", "customer", "manager", "admin", "service"])
@pytest.mark.parametrize("path", ["", "/docs"])
def test_a_shops_people_and_programs_are_not_told(ask, role, path):
    assert ask(path, role).status_code in (401, 403)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("?page=tills", 404),
        ("?page=../sales", 422),
        ("?page=..%2F..%2Fsales", 422),
        ("?page=/etc/passwd", 422),
        ("?page=index%00", 422),
        ("?model=../sales-v2", 422),
        ("/../CURRENT", 404),
    ],
)
def test_no_other_file_is_shown(app, ask, tmp_path, asked, status):
    check(app, tmp_path)

    assert ask(f"/docs{asked}").status_code == status
