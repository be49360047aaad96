"""Over HTTP: who asks too often is told to wait, in the draft's words; whoever asks beside them is not."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app
from api.domain.service_tokens import TokenKind
from api.http.dependencies import EXTENSION, Dependencies
from api.http.limits.counters import Counters
from api.http.limits.quotas import SETTINGS, Quota, unlimited
from api.http.limits.shared_counters import CountersDown
from api.http.limits.window import Window
from api.http.server.trusted_proxies import TrustedProxies, networks
from tests.api.conftest import Clock, KnownServiceTokens
from tests.api.http.test_security import shown

SEARCH = "/v1/search/products"
HOST = {"Host": "cheese.example"}
FIELD = re.compile(r'"([a-z_-]+)"((?:;[a-z]+=\d+)+)')


class Away:
    """A store that does not answer."""

    def hit(self, key: str, amount: int, window_s: int, cost: int) -> tuple[bool, Window]:
        raise CountersDown

    def forget(self, key: str) -> None:
        raise CountersDown

    def close(self) -> None:
        return None


@pytest.fixture
def limited(app: APIFlask, clock: Clock) -> Callable[..., APIFlask]:
    """The same API with these quotas a minute, by name."""

    def make(shared: Away | None = None, **amounts: int) -> APIFlask:
        own: Dependencies = app.extensions[EXTENSION]
        named = {name.replace("_", "-") if "sign_in" in name else name: n for name, n in amounts.items()}
        quotas = dict(unlimited())
        quotas |= {name: Quota(name, n, 60, needs_store=quotas[name].needs_store) for name, n in named.items()}
        counters = Counters(quotas, shared=shared, now_s=clock.now_s)
        return create_app(replace(own, counters=counters, counter_key=b"k"))

    return make


def parameters(header: str) -> dict[str, dict[str, int]]:
    """A list of strings with parameters (RFC 9651), as the draft has it."""
    assert re.fullmatch(rf"{FIELD.pattern}(, {FIELD.pattern})*", header), header
    return {
        name: {key: int(value) for key, _, value in (one.partition("=") for one in told[1:].split(";"))}
        for name, told in FIELD.findall(header)
    }


def test_the_fourth_of_three_is_refused_until_there_is_room(
    limited: Callable[..., APIFlask], as_role: Callable[..., dict[str, str]], clock: Clock
) -> None:
    client, manager = limited(search=3).test_client(), as_role("manager")

    answers = [client.get(SEARCH, headers=manager) for _ in range(4)]
    last = answers[-1]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    left = [parameters(answer.headers["RateLimit"])["search"] for answer in answers]
    assert [one["r"] for one in left] == [2, 1, 0, 0]
    assert parameters(answers[0].headers["RateLimit-Policy"]) == {"search": {"q": 3, "w": 60}}
    assert all("Retry-After" not in answer.headers for answer in answers[:3])
    assert int(last.headers["Retry-After"]) == left[3]["t"] > 0
    assert last.content_type == "application/problem+json"
    assert last.json["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert (last.json["code"], last.json["violated-policies"]) == ("quota_exceeded", ["search"])
    assert not [name for answer in answers for name, _ in answer.headers if name.startswith("X-RateLimit")]

    clock.sleep(int(last.headers["Retry-After"]))
    assert client.get(SEARCH, headers=manager).status_code == 200


def test_each_principal_shop_and_kind_of_request_has_its_own(
    limited: Callable[..., APIFlask], as_role: Callable[..., dict[str, str]]
) -> None:
    client = limited(search=1, analytics=1).test_client()
    asked = [
        (SEARCH, as_role("manager")),
        (SEARCH, HOST),
        ("/v1/analytics/sales?from=2026-01-01&to=2026-02-01", as_role("manager")),
    ]

    first = [client.get(path, headers=headers).status_code for path, headers in asked]

    assert 429 not in first
    assert client.get(SEARCH, headers=as_role("manager")).status_code == 429


def test_a_thousand_made_up_addresses_are_one_client(limited: Callable[..., APIFlask]) -> None:
    app = limited(**{"search-anonymous": 5})
    app.wsgi_app = TrustedProxies(app.wsgi_app, networks("10.0.0.0/8"))  # type: ignore[method-assign]
    client = app.test_client()

    def ask(peer: str, forwarded: str) -> int:
        sent = {**HOST, "X-Forwarded-For": forwarded}
        return client.get(SEARCH, headers=sent, environ_base={"REMOTE_ADDR": peer}).status_code

    direct = [ask("203.0.113.9", f"198.51.{n // 250}.{n % 250}") for n in range(500)]
    behind = [ask("10.0.0.1", f"198.51.{n // 250}.{n % 250}, 203.0.113.8") for n in range(500)]
    of_one_network = [ask("10.0.0.1", f"2001:db8::{n:x}") for n in range(10)]

    assert [each.count(200) for each in (direct, behind, of_one_network)] == [5, 5, 5]
    assert set(direct + behind + of_one_network) == {200, 429}


def test_who_cannot_be_named_is_refused_and_not_let_through(limited: Callable[..., APIFlask]) -> None:
    answer = limited().test_client().get(SEARCH, headers=HOST, environ_base={"REMOTE_ADDR": ""})

    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_each_reader_of_a_page_with_a_search_key_counts_alone_and_a_program_as_one(
    limited: Callable[..., APIFlask], service_tokens: KnownServiceTokens
) -> None:
    client = limited(search=2).test_client()
    key = shown(service_tokens, TokenKind.SEARCH)
    program = shown(service_tokens, TokenKind.SERVICE, "search:read")

    def ask(header: dict[str, str], address: str) -> int:
        return client.get(SEARCH, headers=header, environ_base={"REMOTE_ADDR": address}).status_code

    readers = [ask(key, f"203.0.113.{reader}") for reader in range(3) for _ in range(3)]
    hosts = [ask(program, f"203.0.113.{host}") for host in range(3)]

    assert (readers, hosts) == ([200, 200, 429] * 3, [200, 200, 429])


def test_addresses_without_a_route_are_counted_and_health_is_not(limited: Callable[..., APIFlask]) -> None:
    client = limited(**{"pages-anonymous": 2}).test_client()

    nowhere = [client.get("/nowhere").status_code for _ in range(3)]
    health = [client.get(path) for path in ["/health/live"] * 20 + ["/metrics"] * 5]

    assert nowhere == [404, 404, 429]
    assert {answer.status_code for answer in health} == {200}
    assert not [answer for answer in health if "RateLimit" in answer.headers]


def test_who_goes_on_with_bad_tokens_is_told_to_wait_and_good_ones_go_through(
    limited: Callable[..., APIFlask], as_role: Callable[..., dict[str, str]]
) -> None:
    client = limited(unauthenticated=2).test_client()
    bad = {"Authorization": "Bearer nonsense"}

    answers = [client.get("/v1/products", headers=bad) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[2].json["violated-policies"] == ["unauthenticated"]
    assert client.get("/subjects", headers=bad).json["error_code"] == 429
    assert client.get(SEARCH, headers=as_role("manager")).status_code == 200


def test_who_goes_on_asking_for_what_they_may_not_have_is_told_to_wait(
    limited: Callable[..., APIFlask], as_role: Callable[..., dict[str, str]]
) -> None:
    client = limited(unauthenticated=2).test_client()

    answers = [client.get("/v1/dead-letters", headers=as_role("customer")).status_code for _ in range(3)]

    assert answers == [403, 403, 429]
    assert client.get(SEARCH, headers=as_role("customer")).status_code == 200


def test_the_registry_says_so_in_its_own_words(
    limited: Callable[..., APIFlask], as_role: Callable[..., dict[str, str]]
) -> None:
    client = limited(registry=1).test_client()
    client.get("/contexts", headers=as_role("schema"))

    answer = client.get("/contexts", headers=as_role("schema"))

    assert (answer.status_code, answer.json["error_code"]) == (429, 429)
    assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= {name for name, _ in answer.headers}


def test_without_counters_nobody_signs_in_and_everything_else_goes_on(
    limited: Callable[..., APIFlask], as_role: Callable[..., dict[str, str]]
) -> None:
    client = limited(shared=Away(), search=3).test_client()

    login = client.post("/v1/auth/login", json={"email": "a@b.example", "password": "x"}, headers=HOST)
    reads = [client.get(SEARCH, headers=as_role("manager")).status_code for _ in range(4)]

    assert (login.status_code, reads) == (503, [200, 200, 200, 429])
    assert "Retry-After" in login.headers


def test_every_quota_has_a_setting_and_every_kind_of_request_a_quota(limited: Callable[..., APIFlask]) -> None:
    told: dict[str, Any] = unlimited()  # type: ignore[assignment]

    assert set(told) == set(SETTINGS)
    for method, path in (("POST", "/v1/products"), ("POST", "/v1/imports/orders"), ("PUT", "/config")):
        answer: Any = FlaskClient.open(limited().test_client(), path, method=method, json={})
        assert answer.status_code < 500
