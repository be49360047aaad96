"""Who guesses passwords is stopped before anything is hashed; who has the right one gets in from elsewhere."""

from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from api.http.dependencies import EXTENSION, Dependencies
from api.http.limits.counters import Counters
from api.http.limits.quotas import quotas
from ops.settings import Settings
from tests.integration.api.people import PASSWORD, People, people_of
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

HERE, THERE = "203.0.113.9", "198.51.100.4"


@pytest.fixture
def people(app: APIFlask, settings: Settings, shop: Shop) -> People:
    """With the quotas that the settings have when nobody sets any."""
    own: Dependencies = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(own, counters=Counters(quotas(settings)), counter_key=b"k" * 32)
    try:
        (found,) = people_of(app, shop)
    finally:
        app.extensions[EXTENSION] = own
    return found


def log_in(people: People, email: str, password: str = PASSWORD, address: str = HERE) -> TestResponse:
    body = {"email": email, "password": password, "shop": people.shop.tenant["slug"]}
    return people.client.post("/v1/auth/login", json=body, environ_base={"REMOTE_ADDR": address})


def test_the_eleventh_guess_waits_and_the_right_password_works_from_elsewhere(people: People) -> None:
    email = people.invite()["email"]

    guesses = [log_in(people, email, f"guess number {n}") for n in range(11)]
    last = guesses[-1]

    assert [answer.status_code for answer in guesses] == [401] * 10 + [429]
    assert 0 < int(last.headers["Retry-After"]) <= 900
    assert last.json["violated-policies"] == ["sign-in-account"]
    assert log_in(people, email).status_code == 429
    assert log_in(people, email, address=THERE).status_code == 200
    assert log_in(people, people.invite()["email"]).status_code == 200


def test_who_is_not_there_is_counted_like_everybody(people: People) -> None:
    guesses = [log_in(people, "nobody@shop.example", f"guess number {n}").status_code for n in range(11)]

    assert guesses == [401] * 10 + [429]


def test_success_forgets_the_tries(people: People) -> None:
    email = people.invite()["email"]

    for _ in range(3):
        assert [log_in(people, email, "wrong").status_code for _ in range(9)] == [401] * 9
        assert log_in(people, email).status_code == 200


def test_many_addresses_together_shut_nobody_out_of_where_they_have_been(people: People) -> None:
    email = people.invite()["email"]
    log_in(people, email)

    guesses = [log_in(people, email, "wrong", f"2001:db8:0:{n:x}::1").status_code for n in range(101)]

    assert guesses == [401] * 100 + [429]
    assert log_in(people, email).status_code == 200
    assert log_in(people, email, address=THERE).status_code == 200  # it was them: the guesses of others are forgotten


def test_of_one_network_all_addresses_count_as_one(people: People) -> None:
    email = people.invite()["email"]

    guesses = [log_in(people, email, "wrong", f"2001:db8:1:2::{n:x}").status_code for n in range(11)]

    assert guesses == [401] * 10 + [429]


def test_nobody_is_mailed_without_end(people: People) -> None:
    anna = people.invite()
    body = {"email": anna["email"], "shop": people.shop.tenant["slug"]}

    answers = [people.post("/v1/auth/reset", body).status_code for _ in range(12)]
    nobody = [people.post("/v1/auth/reset", {**body, "email": "x@y.example"}).status_code for _ in range(12)]

    assert answers == nobody == [202] * 10 + [429] * 2
    assert [mail.about for mail in people.mailbox.mails].count("password") == 10


def test_an_old_password_is_not_guessed_with_somebodys_token(people: People) -> None:
    given = people.signed_in(people.invite()["email"])

    def change(old: str) -> Any:
        return people.call(given, "POST", "/v1/account/password", {"old": old, "new": "another good one"})

    assert [change(f"guess {n}").status_code for n in range(11)] == [422] * 10 + [429]
    assert people.call(given, "GET", "/v1/account").status_code == 200


def test_a_refresh_token_may_be_brought_by_twenty_tabs_and_not_for_ever(people: People) -> None:
    given = people.signed_in(people.invite()["email"])

    answers = [people.refresh(given["refresh_token"]).status_code for _ in range(61)]

    assert (answers[:20], answers[60]) == ([200] * 20, 429)


@pytest.mark.parametrize("easy", ["password1", "anna shop-{} anna", "{}2026!"])
def test_a_password_that_is_guessed_at_once_is_not_taken(people: People, easy: str) -> None:
    body = {
        "email": people.email(),
        "password": easy.format(people.shop.tenant["slug"]),
        "name": "Anna",
        "shop": people.shop.tenant["slug"],
    }

    answer = people.post("/v1/auth/register", body)

    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "too_easy")
