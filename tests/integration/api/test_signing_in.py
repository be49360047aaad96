"""People come in by e-mail and password, stay in by refresh tokens, and are out when somebody says so."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from apiflask import APIFlask
from structlog.testing import capture_logs

from api.app import create_app
from api.http.dependencies import EXTENSION, Dependencies
from api.store import store
from api.use_cases.users.hash_passwords import PasswordHashes
from tests.integration.api.people import PASSWORD, People, people_of
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


@pytest.fixture
def people(app: APIFlask, shop: Shop) -> Iterator[People]:
    yield from people_of(app, shop)


def test_who_was_invited_sets_a_password_and_comes_in(people: People) -> None:
    anna = people.invite("manager")

    given = people.signed_in(anna["email"])
    account = people.call(given, "GET", "/v1/account").json

    assert (account["email"], account["role"], account["status"], account["verified"]) == (
        anna["email"],
        "manager",
        "active",
        True,
    )
    assert people.call(given, "GET", "/v1/orders").status_code == 200
    assert people.call(given, "GET", "/v1/users").status_code == 403


def test_a_customer_registers_and_confirms_their_address(people: People) -> None:
    email, shop = people.email(), people.shop.tenant["slug"]
    people.post("/v1/auth/register", {"email": email.upper(), "password": PASSWORD, "name": "Anna", "shop": shop})
    given = people.signed_in(email)

    before = people.call(given, "GET", "/v1/account").json
    done = people.post("/v1/auth/verify", {"token": people.mailbox.token(email, "verification")})
    after = people.call(given, "GET", "/v1/account").json

    assert (before["role"], before["verified"], done.status_code, after["verified"]) == ("customer", False, 204, True)


def test_registering_tells_nobody_who_is_there(people: People) -> None:
    email, shop = people.email(), people.shop.tenant["slug"]
    body = {"email": email, "password": PASSWORD, "name": "Anna", "shop": shop}

    first, second = people.post("/v1/auth/register", body), people.post("/v1/auth/register", body)

    assert (first.status_code, first.json) == (second.status_code, second.json) == (202, {"accepted": True})
    assert [mail.about for mail in people.mailbox.mails] == ["verification", "known"]


class Meanwhile(PasswordHashes):
    """Does something just after a password was found to be right."""

    def __init__(self, then: Callable[[], object]) -> None:
        super().__init__(2, passes=1, memory_kib=64)
        self._then = then

    def matches(self, password: str, stored: str | None) -> bool:
        found = super().matches(password, stored)
        self._then()
        return found


@pytest.mark.parametrize("meanwhile", ["a reset", "shut out"])
def test_a_password_that_is_taken_away_at_this_moment_opens_no_session(people: People, meanwhile: str) -> None:
    anna, shop = people.invite(), people.shop.tenant["slug"]
    people.post("/v1/auth/reset", {"email": anna["email"], "shop": shop})
    link = people.mailbox.token(anna["email"], "password")
    own: Dependencies = people.app.extensions[EXTENSION]

    def then() -> None:
        if meanwhile == "a reset":
            people.post("/v1/auth/password", {"token": link, "password": "another sentence"})
        else:
            people.shop.call("PATCH", f"/v1/users/{anna['id']}", {"status": "inactive"})

    slow = create_app(replace(own, desk=replace(own.desk, hashes=Meanwhile(then))))
    answer = slow.test_client().post(
        "/v1/auth/login", json={"email": anna["email"], "password": PASSWORD, "shop": shop}
    )

    assert (answer.status_code, answer.json["detail"]) == (401, "E-mail or password is wrong.")


@pytest.mark.parametrize("wrong", ["password", "email"])
def test_whatever_is_wrong_the_answer_is_the_same(people: People, wrong: str) -> None:
    anna = people.invite()
    right = {"email": anna["email"], "password": PASSWORD, "shop": people.shop.tenant["slug"]}

    answer = people.post("/v1/auth/login", {**right, wrong: "somebody@else.example" if wrong == "email" else "wrong"})

    assert (answer.status_code, answer.json["detail"]) == (401, "E-mail or password is wrong.")


@pytest.mark.parametrize("path", ["login", "register", "reset"])
def test_a_shop_that_is_none_is_called_so(people: People, path: str) -> None:
    body = {"email": people.email(), "shop": "no-such-shop"}
    more = {"login": {"password": PASSWORD}, "register": {"password": PASSWORD, "name": "Anna"}, "reset": {}}

    answer = people.post(f"/v1/auth/{path}", {**body, **more[path]})

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "shop")
    assert answer.json["detail"] == "There is no shop no-such-shop."


def test_a_refresh_token_gives_the_next_and_the_next(people: People) -> None:
    given = people.signed_in(people.invite()["email"])

    second = people.refresh(given["refresh_token"]).json
    third = people.refresh(second["refresh_token"]).json

    assert len({given["refresh_token"], second["refresh_token"], third["refresh_token"]}) == 3
    assert people.call(third, "GET", "/v1/account").status_code == 200


def test_twenty_tabs_that_refresh_at_once_get_the_same_answer(people: People, postgres: psycopg.Connection) -> None:
    given = people.signed_in(people.invite()["email"])

    with ThreadPoolExecutor(20) as tabs:
        answers = list(tabs.map(people.refresh, [given["refresh_token"]] * 20))

    assert {answer.status_code for answer in answers} == {200}
    assert len({(answer.json["refresh_token"], answer.json["access_token"]) for answer in answers}) == 1
    kept = postgres.execute("SELECT count(*) FROM refresh_tokens WHERE tenant_id = %s", (people.shop.id,)).fetchone()
    assert kept == (2,)


def test_a_token_that_is_used_again_after_the_grace_ends_the_session(app: APIFlask, shop: Shop) -> None:
    (people,) = people_of(app, shop, grace=timedelta(0))
    given = people.signed_in(people.invite()["email"])
    second = people.refresh(given["refresh_token"]).json

    again = people.refresh(given["refresh_token"])
    people.a_second_later()

    assert again.status_code == 401
    assert people.refresh(second["refresh_token"]).status_code == 401
    assert people.call(second, "GET", "/v1/account").status_code == 401


def test_who_signs_out_is_out_in_a_second_and_elsewhere_still_in(people: People) -> None:
    email = people.invite()["email"]
    here, there = people.signed_in(email), people.signed_in(email)

    people.call(here, "GET", "/v1/account")
    done = people.post("/v1/auth/logout", {"refresh_token": here["refresh_token"]})
    people.a_second_later()

    assert done.status_code == 204
    assert people.call(here, "GET", "/v1/account").status_code == 401
    assert people.refresh(here["refresh_token"]).status_code == 401
    assert people.call(there, "GET", "/v1/account").status_code == 200


def test_sessions_are_listed_and_ended_one_by_one(people: People) -> None:
    email = people.invite()["email"]
    here, there = people.signed_in(email), people.signed_in(email)

    listed = people.call(here, "GET", "/v1/account/sessions").json["items"]
    other = next(one["id"] for one in listed if not one["current"])
    done = people.call(here, "DELETE", f"/v1/account/sessions/{other}")
    again = people.call(here, "DELETE", f"/v1/account/sessions/{other}")

    assert (len(listed), done.status_code, again.status_code) == (2, 204, 404)
    assert people.refresh(there["refresh_token"]).status_code == 401
    assert people.refresh(here["refresh_token"]).status_code == 200


def test_nobody_ends_the_session_of_somebody_else(people: People) -> None:
    anna, bert = people.signed_in(people.invite()["email"]), people.signed_in(people.invite()["email"])
    (session,) = people.call(anna, "GET", "/v1/account/sessions").json["items"]

    assert people.call(bert, "DELETE", f"/v1/account/sessions/{session['id']}").status_code == 404
    assert people.refresh(anna["refresh_token"]).status_code == 200


def test_a_changed_password_ends_all_sessions_but_this(people: People) -> None:
    email = people.invite()["email"]
    here, there = people.signed_in(email), people.signed_in(email)
    body = {"old": PASSWORD, "new": "another good one"}

    wrong = people.call(here, "POST", "/v1/account/password", {**body, "old": "not it"})
    short = people.call(here, "POST", "/v1/account/password", {**body, "new": "short"})
    done = people.call(here, "POST", "/v1/account/password", body)

    assert (wrong.status_code, short.status_code, done.status_code) == (422, 422, 204)
    assert [answer.json["errors"][0]["field"] for answer in (wrong, short)] == ["old", "new"]
    assert people.refresh(there["refresh_token"]).status_code == 401
    assert people.refresh(here["refresh_token"]).status_code == 200
    assert [people.log_in(email).status_code, people.log_in(email, "another good one").status_code] == [401, 200]


def test_the_password_there_is_is_no_new_one(people: People) -> None:
    email = people.invite()["email"]
    given = people.signed_in(email)
    people.post("/v1/auth/reset", {"email": email, "shop": people.shop.tenant["slug"]})
    link = people.mailbox.token(email, "password")

    changed = people.call(given, "POST", "/v1/account/password", {"old": PASSWORD, "new": PASSWORD})
    guessed = people.call(given, "POST", "/v1/account/password", {"old": "not it at all", "new": "not it at all"})
    reset = people.post("/v1/auth/password", {"token": link, "password": PASSWORD})
    another = people.post("/v1/auth/password", {"token": link, "password": "another good one"})

    errors = [(answer.status_code, answer.json["errors"][0]) for answer in (changed, guessed, reset)]
    assert [(status, error["field"], error["code"]) for status, error in errors] == [
        (422, "new", "same_as_before"),
        (422, "old", "wrong"),
        (422, "password", "same_as_before"),
    ]
    assert another.status_code == 204
    assert people.log_in(email, "another good one").status_code == 200


def test_nor_when_it_is_changed_and_reset_at_the_same_moment(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ATTEMPTS", 1)  # nobody waits for somebody who waits for them
    email, other = people.invite()["email"], "another good one"
    given = people.signed_in(email)
    people.post("/v1/auth/reset", {"email": email, "shop": people.shop.tenant["slug"]})
    link = people.mailbox.token(email, "password")
    calls = [
        lambda: people.call(given, "POST", "/v1/account/password", {"old": PASSWORD, "new": other}),
        lambda: people.post("/v1/auth/password", {"token": link, "password": other}),
    ]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda call: call(), calls * 4))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 401, 422}
    assert people.log_in(email, other).status_code == 200


def test_a_reset_sets_a_new_password_once_and_ends_all_sessions(people: People) -> None:
    email = people.invite()["email"]
    given = people.signed_in(email)
    asked = people.post("/v1/auth/reset", {"email": email, "shop": people.shop.tenant["slug"]})
    body = {"token": people.mailbox.token(email, "password"), "password": "another good one"}

    short = people.post("/v1/auth/password", {**body, "password": "short"})
    done, again = people.post("/v1/auth/password", body), people.post("/v1/auth/password", body)

    assert (asked.status_code, short.status_code, done.status_code, again.status_code) == (202, 422, 204, 422)
    assert people.refresh(given["refresh_token"]).status_code == 401
    assert people.log_in(email, "another good one").status_code == 200


def test_who_does_not_exist_gets_no_mail_and_the_same_answer(people: People) -> None:
    answer = people.post("/v1/auth/reset", {"email": people.email(), "shop": people.shop.tenant["slug"]})

    assert (answer.status_code, people.mailbox.mails) == (202, [])


def test_who_is_shut_out_is_out_in_a_second_and_an_old_link_lets_nobody_in(people: People) -> None:
    anna = people.invite()
    given = people.signed_in(anna["email"])
    people.call(given, "GET", "/v1/account")
    people.post("/v1/auth/reset", {"email": anna["email"], "shop": people.shop.tenant["slug"]})
    token = people.mailbox.token(anna["email"], "password")

    done = people.shop.call("PATCH", f"/v1/users/{anna['id']}", {"status": "inactive"})
    people.a_second_later()

    assert done.json["status"] == "inactive"
    assert people.call(given, "GET", "/v1/account").status_code == 401
    assert people.refresh(given["refresh_token"]).status_code == 401
    assert people.log_in(anna["email"]).status_code == 401
    assert people.post("/v1/auth/password", {"token": token, "password": PASSWORD}).status_code == 422


def test_a_session_of_one_shop_is_nothing_at_the_host_of_another(people: People, open_shop: object) -> None:
    other: Shop = open_shop()  # type: ignore[operator]  # a fixture that makes shops
    given = people.signed_in(people.invite()["email"])
    host = {"Host": other.tenant["domains"][0]}

    refreshed = people.post("/v1/auth/refresh", {"refresh_token": given["refresh_token"]}, **host)
    signed_in = people.post(
        "/v1/auth/login", {"email": "a@b.example", "password": "x", "shop": people.shop.tenant["slug"]}, **host
    )

    assert (refreshed.status_code, signed_in.status_code) == (403, 403)


def test_the_same_address_is_somebody_else_in_another_shop(people: People, open_shop: object) -> None:
    other: Shop = open_shop()  # type: ignore[operator]  # a fixture that makes shops
    anna = people.invite()

    answer = people.post("/v1/auth/login", {"email": anna["email"], "password": PASSWORD, "shop": other.tenant["slug"]})
    again = other.post("/v1/users", {"email": anna["email"], "name": "Anna", "role": "admin"})

    assert (answer.status_code, again.status_code) == (401, 201)
    assert people.shop.get(f"/v1/users/{again.json['id']}").status_code == 404


def test_nothing_of_them_is_in_an_event_or_in_the_log(people: People, postgres: psycopg.Connection) -> None:
    with capture_logs() as logged:
        anna = people.invite(name="Annamaria Secretname")
        people.signed_in(anna["email"])
        people.shop.call("PATCH", f"/v1/users/{anna['id']}", {"name": "Annabella Secretname", "role": "staff"})
        people.shop.call("DELETE", f"/v1/users/{anna['id']}")

    told = postgres.execute(
        "SELECT type, payload FROM outbox WHERE tenant_id = %s AND aggregatetype = 'user' ORDER BY id",
        (str(people.shop.id),),
    ).fetchall()
    everything = str(logged).encode() + b"".join(bytes(payload) for _, payload in told)
    assert [event for event, _ in told] == [
        "user.registered",
        "user.updated",
        "user.updated",
        "user.role_changed",
        "user.deleted",
    ]
    assert [word for word in (b"Secretname", anna["email"].encode(), PASSWORD.encode()) if word in everything] == []


def test_who_is_deleted_leaves_nothing_behind(people: People, postgres: psycopg.Connection) -> None:
    anna = people.invite()
    people.signed_in(anna["email"])

    people.shop.call("DELETE", f"/v1/users/{anna['id']}")

    for table in ("users", "sessions", "refresh_tokens", "user_links", "user_roles"):
        left = postgres.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", (people.shop.id,)).fetchone()
        assert (table, left) == (table, (0,))
    assert people.log_in(anna["email"]).status_code == 401


def test_the_platforms_own_people_sign_in_beside_all_shops(people: People) -> None:
    email = people.email()
    made = people.shop.for_platform("POST", "/v1/users", {"email": email, "name": "Olga", "role": "operator"})
    people.come(email)

    given = people.post("/v1/auth/login", {"email": email, "password": PASSWORD}).json

    assert made.status_code == 201
    assert people.call(given, "GET", "/v1/dead-letters").status_code == 200
    assert people.call(given, "GET", "/v1/products").status_code == 403
    assert people.shop.get(f"/v1/users/{made.json['id']}").status_code == 404
