"""What is asked for over the API is written down once, and the scheduler has it done by a process of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import now
from ops.failure import Failure
from ops.settings import Settings
from sinks.rebuild.carry_out_request import carry_out
from sinks.rebuild.one_rebuild import alone
from sinks.rebuild.requests_job import MOST_ATTEMPTS, RequestProcesses
from tests.integration.api.shops import Shop
from tests.support.free_port import free_port
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

MODEL = "page-search"
#: A process of Python begins, connects and ends.
SOON_S = 60
Call = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def nothing_asked_for(postgres: psycopg.Connection) -> Iterator[None]:
    """Neither by tests before nor for those after, whose scheduler would carry it out."""
    postgres.execute("DELETE FROM rebuild_requests")
    yield
    postgres.execute("DELETE FROM rebuild_requests")


@pytest.fixture
def call(app: APIFlask, tokens: AccessTokens) -> Call:
    """As an operator."""

    def send(method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        who = Actor(tenant_id=None, tenant_slug=None, actor_id="olga", role=Role.OPERATOR)
        token = tokens.issue(who, now=now(), valid=timedelta(hours=1))
        sent = {"Authorization": f"Bearer {token}", **{name.replace("_", "-"): text for name, text in headers.items()}}
        return app.test_client().open(
            f"/v1/rebuilds{path}", method=method, headers=sent, **({} if body is None else {"json": body})
        )

    return send


@pytest.fixture
def processes(settings: Settings) -> Iterator[RequestProcesses]:
    with scheduler() as one:
        yield one


@contextmanager
def scheduler() -> Iterator[RequestProcesses]:
    with closing(RequestProcesses()) as one:
        yield one


def state(call: Call) -> Any:
    return call("GET", f"/{MODEL}").json["request"]


def ended(call: Call, processes: RequestProcesses, settings: Settings) -> Any:
    """The request, when the scheduler has had it carried out."""

    def look() -> Any:
        processes.turn(settings)
        request = state(call)
        return request if request["ended_at"] else None

    return wait_until(look, SOON_S, "it has ended")


@contextmanager
def made_again(settings: Settings) -> Iterator[list[str]]:
    """Somebody makes it again, as the command would; gives why it ended, if somebody wanted it to."""
    begun, enough, why = threading.Event(), threading.Event(), list[str]()

    def make() -> None:
        try:
            with alone(settings, MODEL) as go_on:
                begun.set()
                while not enough.wait(0.1):
                    go_on()
        except Failure as paused:
            why.append(paused.what)

    thread = threading.Thread(target=make)
    thread.start()
    assert begun.wait(SOON_S)
    try:
        yield why
    finally:
        enough.set()
        thread.join()


def test_what_is_asked_for_is_accepted_and_shown(call: Call, postgres: psycopg.Connection) -> None:
    accepted = call("POST", f"/{MODEL}/start", {"hold": True}, X_Reason="ticket 7", X_Correlation_Id="the-rebuild")

    shown = call("GET", f"/{MODEL}")
    listed = call("GET", "").json["items"]

    assert (accepted.status_code, accepted.headers["Location"]) == (202, f"/v1/rebuilds/{MODEL}")
    assert shown.json["request"] == accepted.json
    request = shown.json["request"]
    assert (request["action"], request["state"], request["hold"]) == ("start", "waiting", True)
    assert (request["asked_by"], shown.json["is_rebuilt"]) == ("olga", False)
    assert [one["model"] for one in listed] == ["product-search", "sales", "searches", "page-search"]
    assert [one["request"] for one in listed][-1] == request
    (row,) = postgres.execute(
        "SELECT actor_id, act, object, reason FROM audit WHERE correlation_id = 'the-rebuild' ORDER BY at DESC LIMIT 1"
    ).fetchall()
    assert row == ("olga", "rebuilds:update", MODEL, "ticket 7")


def test_the_same_key_asks_once_and_another_call_is_refused_while_it_goes_on(call: Call) -> None:
    key = uuid4().hex
    first, again = (call("POST", f"/{MODEL}/start", {}, Idempotency_Key=key) for _ in range(2))
    refused = [call("POST", f"/{MODEL}/{one}", {}) for one in ("start", "resume", "promote", "rollback", "drop")]

    assert (first.status_code, again.status_code, first.json["id"]) == (202, 202, again.json["id"])
    assert {(one.status_code, one.get_json(force=True)["code"]) for one in refused} == {(409, "rebuild_goes_on")}
    assert call("POST", "/sales/drop", {}).status_code == 202


def test_what_is_not_there_and_what_cannot_be_made_again_is_said(call: Call) -> None:
    for method, end in (("GET", ""), ("POST", "/start"), ("POST", "/pause"), ("POST", "/drop")):
        body = None if method == "GET" else {}
        nowhere, archive = (call(method, f"/{name}{end}", body) for name in ("nothing", "event-archive"))

        assert nowhere.status_code == 404
        assert (archive.status_code, archive.get_json(force=True)["code"]) == (409, "not_rebuildable")
    nothing = call("POST", f"/{MODEL}/pause")
    assert (nothing.status_code, nothing.get_json(force=True)["code"]) == (409, "no_rebuild_goes_on")


def test_what_no_table_keeps_is_made_of_none_and_a_shop_has_to_be_there(call: Call, shop: Shop) -> None:
    from_tables, of_a_shop = (
        call("POST", "/searches/start", body) for body in ({"source": "tables"}, {"tenants": [shop.tenant["slug"]]})
    )
    unknown = call("POST", f"/{MODEL}/start", {"tenants": [shop.tenant["slug"], "no-such-shop"]})
    asked = call("POST", f"/{MODEL}/start", {"tenants": [shop.tenant["slug"]]})

    assert {(one.status_code, one.get_json(force=True)["code"]) for one in (from_tables, of_a_shop)} == {
        (409, "not_rebuildable")
    }
    assert unknown.status_code == 422
    assert "no-such-shop" in unknown.get_data(as_text=True)
    assert (asked.status_code, asked.json["tenants"], asked.json["source"]) == (202, [shop.tenant["slug"]], "log")


def test_a_shop_sees_and_changes_nothing_of_it(call: Call, shop: Shop, store: Store) -> None:
    call("POST", f"/{MODEL}/start", {})

    refused = [shop.get("/v1/rebuilds"), shop.post(f"/v1/rebuilds/{MODEL}/cancel")]
    with store.reading(shop.id) as connection:
        seen = connection.execute("SELECT * FROM rebuild_requests").fetchall()
        changed = connection.execute("UPDATE rebuild_requests SET state = 'waiting'").rowcount

    assert [one.status_code for one in refused] == [403, 403]
    assert (seen, changed) == ([], 0)


def test_what_cannot_be_done_fails_with_its_reason_and_is_not_tried_again(
    call: Call, processes: RequestProcesses, settings: Settings, postgres: psycopg.Connection
) -> None:
    call("POST", f"/{MODEL}/rollback")

    request = ended(call, processes, settings)
    processes.turn(settings)

    assert request["state"] == "failed"
    assert "were led to nothing else before" in request["detail"]
    assert state(call) == request
    assert postgres.execute("SELECT attempts FROM rebuild_requests").fetchone() == (1,)


def test_a_store_that_is_away_is_waited_for_until_something_else_is_asked_for(call: Call, settings: Settings) -> None:
    asked = UUID(call("POST", f"/{MODEL}/drop", {}).json["id"])
    without = settings.model_copy(update={"opensearch_url": f"http://127.0.0.1:{free_port()}"})
    waiting = threading.Thread(target=carry_out, args=(without, asked))

    waiting.start()
    try:
        told = wait_until(lambda: state(call)["step"] and state(call), SOON_S, "it says what it waits for")
    finally:
        call("POST", f"/{MODEL}/pause")
        waiting.join(SOON_S)

    assert not waiting.is_alive()
    assert (told["state"], "OpenSearch" in told["step"]) == ("running", True)


def test_two_schedulers_do_it_once(call: Call, settings: Settings, postgres: psycopg.Connection) -> None:
    with scheduler() as one, scheduler() as another:
        asked = call("POST", f"/{MODEL}/drop", {"build": "v99"}).json["id"]
        one.turn(settings)
        postgres.execute("UPDATE rebuild_requests SET tried_at = NULL")  # as if both had looked at once
        another.turn(settings)
        request = ended(call, one, settings)

    lines = (settings.folder.logs / f"rebuild-{MODEL}.log").read_text().splitlines()
    ends = [line for line in lines if asked in line and "rebuild_request_ended" in line]
    assert request["state"] == "failed"
    assert "There is no build v99" in request["detail"]
    assert len(ends) == 1


def test_what_the_command_makes_is_in_the_way_and_ends_with_a_pause(
    call: Call, processes: RequestProcesses, settings: Settings
) -> None:
    with made_again(settings) as why:
        refused = call("POST", f"/{MODEL}/start", {})
        is_rebuilt = call("GET", f"/{MODEL}").json["is_rebuilt"]
        paused = call("POST", f"/{MODEL}/pause")
        request = ended(call, processes, settings)

    assert (refused.status_code, refused.get_json(force=True)["code"]) == (409, "rebuild_goes_on")
    assert (is_rebuilt, paused.status_code) == (True, 202)
    assert (request["action"], request["state"]) == ("pause", "paused")
    assert why == [f"Somebody paused the rebuild of {MODEL}."]
    assert not call("GET", f"/{MODEL}").json["is_rebuilt"]


def test_what_was_paused_before_it_was_begun_is_not_begun(
    call: Call, processes: RequestProcesses, settings: Settings
) -> None:
    call("POST", f"/{MODEL}/start", {})
    call("POST", f"/{MODEL}/pause")

    request = ended(call, processes, settings)
    processes.turn(settings)

    assert (request["action"], request["state"]) == ("start", "paused")
    assert state(call) == request


def test_what_is_asked_for_while_the_command_makes_it_waits_for_its_end(
    call: Call, processes: RequestProcesses, settings: Settings
) -> None:
    call("POST", f"/{MODEL}/drop", {})
    with made_again(settings):
        processes.turn(settings)
        while_it_is_made = state(call)
    request = ended(call, processes, settings)

    assert while_it_is_made["state"] == "waiting"
    assert request["state"] in ("done", "failed")


def test_what_ends_again_and_again_without_saying_why_is_given_up(
    call: Call, processes: RequestProcesses, settings: Settings, postgres: psycopg.Connection
) -> None:
    call("POST", f"/{MODEL}/start", {})
    postgres.execute(
        "UPDATE rebuild_requests SET state = 'running', attempts = %s, tried_at = now() - interval '1 hour'",
        (MOST_ATTEMPTS,),
    )

    request = ended(call, processes, settings)

    assert request["state"] == "failed"
    assert f"begun {MOST_ATTEMPTS} times" in request["detail"]


@pytest.mark.parametrize(("action", "becomes"), [("pause", "paused"), ("cancel", "cancelled")])
def test_what_nobody_has_begun_is_ended_at_once_and_is_still_what_was_asked_for(
    call: Call, action: str, becomes: str
) -> None:
    asked = call("POST", f"/{MODEL}/start", {"hold": True, "source": "tables"}).json

    ended_at_once = call("POST", f"/{MODEL}/{action}")

    assert (ended_at_once.status_code, ended_at_once.json) == (202, state(call))
    assert ended_at_once.json["ended_at"] is not None
    told = {name: ended_at_once.json[name] for name in ("id", "action", "hold", "source", "state", "detail")}
    assert told == {
        "id": asked["id"],
        "action": "start",
        "hold": True,
        "source": "tables",
        "state": becomes,
        "detail": "Nobody had begun it.",
    }


@pytest.mark.parametrize("action", ["start", "rollback"])
def test_what_was_paused_before_anybody_began_is_begun_when_it_is_resumed(call: Call, action: str) -> None:
    first = call("POST", f"/{MODEL}/{action}", {"hold": True, "source": "tables"} if action == "start" else None).json
    call("POST", f"/{MODEL}/pause")

    resumed = call("POST", f"/{MODEL}/resume", {}).json

    assert resumed["id"] != first["id"]
    same = ("action", "hold", "source", "tenants")
    assert [resumed[name] for name in same] == [first[name] for name in same]
    assert resumed["state"] == "waiting"


def test_a_pause_that_waits_for_what_the_command_makes_gives_way_to_a_cancel(
    call: Call, processes: RequestProcesses, settings: Settings
) -> None:
    with made_again(settings) as why:
        paused = call("POST", f"/{MODEL}/pause")
        cancelled = call("POST", f"/{MODEL}/cancel")
        done = ended(call, processes, settings)

    assert (paused.status_code, cancelled.status_code) == (202, 202)
    assert (done["id"], done["action"]) == (cancelled.json["id"], "cancel")
    assert why == [f"Somebody paused the rebuild of {MODEL}."]


def test_an_empty_list_of_shops_is_no_wish_for_all_of_them(call: Call) -> None:
    refused = call("POST", f"/{MODEL}/start", {"tenants": []})

    assert (refused.status_code, [one["field"] for one in refused.json["errors"]]) == (422, ["tenants"])
