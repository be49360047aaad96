"""The API as it is run, with a real Valkey and behind a proxy: workers count together, and go on without it."""

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import httpx
import pytest

from api.domain.permissions import Role
from tests.integration.api.served import Served, serving
from tests.integration.api.shops import Shop
from tests.support.mail_server import MailServer, mail_server
from tests.support.stack import Stack
from tests.support.valkey import ValkeyServer, valkey_server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

ADDRESSES = (f"203.0.113.{n}" for n in count(1))
SECRET = "zebra-Moon-7-Q"
GUESS = "not this one"


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with valkey_server() as server:
        yield server


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "log"


@pytest.fixture(scope="module")
def served(servers: Stack, settings: object, valkey: ValkeyServer, mail: MailServer, log: Path) -> Iterator[Served]:
    also = {
        "RUSTOK_LIMITS_URL": valkey.url,
        "RUSTOK_LIMIT_ANONYMOUS": "30 per minute",
        "RUSTOK_TRUSTED_PROXIES": "127.0.0.1",
        "RUSTOK_SMTP_HOST": "127.0.0.1",
        "RUSTOK_SMTP_PORT": str(mail.port),
        "RUSTOK_SMTP_SECURITY": "none",
        "RUSTOK_LOG_LEVEL": "debug",
        "RUSTOK_LOG_FORMAT": "json",
    }
    with log.open("wb") as file, serving(servers, also, log=file) as running:
        yield running


def visit(served: Served, shop: Shop, forwarded: str) -> httpx.Response:
    """Over a connection of its own, so that any worker may get it."""
    headers = {**shop.headers(Role.ANONYMOUS), "X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
    return httpx.get(f"{served.url}/v1/products", headers=headers)


def log_in(served: Served, shop: Shop, email: str = "nobody@shop.example", password: str = GUESS) -> httpx.Response:
    body = {"email": email, "password": password, "shop": shop.tenant["slug"]}
    return httpx.post(f"{served.url}/v1/auth/login", json=body, headers={"X-Forwarded-For": next(ADDRESSES)})


def test_two_workers_count_together_whatever_address_is_made_up(served: Served, shop: Shop) -> None:
    address = next(ADDRESSES)

    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(lambda n: visit(served, shop, f"198.51.100.{n}, {address}"), range(50)))

    codes = [answer.status_code for answer in answers]
    assert codes.count(200) in (30, 31)  # a new window may begin meanwhile
    assert set(codes) == {200, 429}
    assert all(answer.headers["Strict-Transport-Security"] for answer in answers)
    assert visit(served, shop, next(ADDRESSES)).status_code == 200


def test_reads_go_on_without_the_store_and_nobody_signs_in(served: Served, shop: Shop, valkey: ValkeyServer) -> None:
    ends = time.monotonic() + 2.5
    headers = {"Authorization": f"Bearer {shop.token()}"}

    def read_on() -> list[int]:
        codes = []
        with httpx.Client(base_url=served.url, headers=headers) as client:
            while time.monotonic() < ends:
                codes.append(client.get("/v1/products").status_code)
        return codes

    before = log_in(served, shop).status_code
    with ThreadPoolExecutor(4) as readers:
        reading = [readers.submit(read_on) for _ in range(4)]
        wait_until(lambda: time.monotonic() > ends - 2, 5, "they read")
        valkey.kill()
        without = log_in(served, shop)
        codes = {code for one in reading for code in one.result()}
    health = httpx.get(f"{served.url}/health/ready").status_code
    alone = served.metric("rustok_http_counted_alone_total")
    valkey.start()
    wait_until(lambda: log_in(served, shop).status_code == 401, 10, "people sign in again")
    address = next(ADDRESSES)
    again = wait_until(lambda: together(served, shop, address), 10, "workers count together again")

    assert (before, codes, without.status_code, health) == (401, {200}, 503, 200)
    assert int(without.headers["Retry-After"]) > 0
    assert alone > 0
    assert again


def together(served: Served, shop: Shop, address: str) -> bool:
    """Two workers that count alone let each other through half of the quota: what is left sinks by two."""
    left = [int(visit(served, shop, address).headers["RateLimit"].split(";r=")[1].split(";")[0]) for _ in range(2)]
    return left[0] - left[1] == 1


def test_the_database_is_measured_and_health_is_neither_counted_nor_bare(served: Served, shop: Shop) -> None:
    httpx.get(f"{served.url}/v1/products", headers={"Authorization": f"Bearer {shop.token()}"})
    live = [httpx.get(f"{served.url}/health/live") for _ in range(60)]

    assert {answer.status_code for answer in live} == {200}
    assert "RateLimit" not in live[0].headers
    assert live[0].headers["X-Content-Type-Options"] == "nosniff"
    assert served.metric("rustok_db_query_duration_seconds_count") > 0
    assert served.metric("rustok_db_connections_idle") > 0
    assert served.metric("rustok_db_connections_active") == 0


def test_no_secret_is_in_any_log_or_figure(
    served: Served, shop: Shop, log: Path, mail: MailServer, valkey: ValkeyServer
) -> None:
    email, name = "annamaria.surname@shop.example", "Annamaria Surname"
    slug, token = shop.tenant["slug"], shop.token()
    with httpx.Client(base_url=served.url, headers={"X-Forwarded-For": next(ADDRESSES)}) as client:
        made = client.post(
            "/v1/auth/register", json={"email": email, "password": f"password {SECRET}", "name": name, "shop": slug}
        )
        assert made.status_code == 202, made.text
        (written,) = wait_until(lambda: mail.mails, 10, "the link is mailed")
        link = written[written.index("rtl_") :].split()[0]
        given = log_in(served, shop, email, f"password {SECRET}").json()
        bearer = {"Authorization": f"Bearer {given['access_token']}", "Cookie": f"session={SECRET}"}
        program = client.post(
            "/v1/service-tokens",
            json={"name": name, "permissions": ["products:list"], "expires_at": "2027-06-01T00:00:00Z"},
            headers={"Authorization": f"Bearer {token}"},
        ).json()["token"]
        for method, path, sent in (
            ("POST", "/v1/auth/verify", {"json": {"token": link}}),
            ("POST", "/v1/auth/verify", {"json": {"token": f"rtl_{SECRET}"}}),
            ("POST", "/v1/auth/password", {"json": {"token": link, "password": SECRET}}),
            ("POST", "/v1/auth/refresh", {"json": {"refresh_token": given["refresh_token"]}}),
            ("POST", "/v1/auth/refresh", {"json": {"refresh_token": given["refresh_token"]}}),
            ("POST", "/v1/auth/logout", {"json": {"refresh_token": f"rtr_{SECRET}"}}),
            ("POST", "/v1/auth/reset", {"json": {"email": email, "shop": slug}}),
            ("POST", "/v1/auth/login", {"json": {"email": email, "password": [SECRET], "shop": SECRET}}),
            ("POST", "/v1/auth/login", {"content": f'{{"password": "{SECRET}'}),
            ("POST", "/v1/account/password", {"json": {"old": SECRET, "new": SECRET}, "headers": bearer}),
            ("GET", "/v1/account", {"headers": bearer}),
            ("GET", "/v1/products", {"headers": {"Authorization": f"Bearer {program}"}}),
            ("GET", f"/v1/products?token={SECRET}", {"headers": bearer}),
            ("GET", f"/v1/{SECRET}", {"headers": bearer}),
            ("GET", "/v1/products", {"headers": {"Authorization": f"Bearer {SECRET}"}}),
            ("GET", "/v1/products", {"headers": {"Authorization": f"Basic {SECRET}"}}),
            ("GET", "/subjects", {"headers": {"Authorization": f"Basic {SECRET}"}}),
            ("POST", "/v1/users", {"json": {"email": email, "name": name}, "headers": {"Authorization": token}}),
            ("POST", "/v1/products", {"json": {SECRET: SECRET}, "headers": {"Authorization": f"Bearer {token}"}}),
            (SECRET.upper()[:9], "/", {}),
        ):
            answer = client.request(method, path, **sent)  # type: ignore[arg-type]  # of several kinds
            assert answer.status_code < 500 or answer.status_code == 501, (path, answer.text)
    figures = httpx.get(f"{served.url}/metrics").content
    lines = log.read_bytes()
    keys = b" ".join(valkey.keys())

    assert b'"event": "request_done"' in lines
    words = (
        SECRET,
        SECRET.upper()[:9],
        email,
        "Surname",
        name,
        token,
        given["access_token"],
        given["refresh_token"],
        link,
        program,
    )
    for place, text in {"log": lines, "figures": figures, "counters": keys}.items():
        assert [(place, word) for word in words if word.encode() in text] == []


def test_an_api_for_which_the_database_has_no_room_does_not_start(servers: Stack) -> None:
    for also in ({"RUSTOK_API_WORKERS": "40"}, {"RUSTOK_POSTGRES_MOST_CONNECTIONS": "20"}):
        stack = Stack(servers.settings, {**also, "RUSTOK_API_PORT": "1"})

        done: subprocess.CompletedProcess[str] = stack.rustok("api", "serve", check=False)

        assert done.returncode != 0
        assert "connections to PostgreSQL" in done.stderr
        assert "RUSTOK_API_WORKERS" in done.stderr
