"""No caller stops the others: the API in its own processes, over sockets."""

import json
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from api.domain.permissions import Role
from api.http.receipts import Receipt, Receipts
from api.http.tokens import AccessTokens
from api.wsgi import now
from ops.settings import Settings
from schemas.events.order import OrderPaid
from sinks.analytics import sales_facts
from sinks.search import product_documents
from tests.api.registry.avro.costly import doubling
from tests.integration.api.served import LIVE_S, Served, serving
from tests.integration.api.shops import Shop, product_body
from tests.support.endless_sales import endless
from tests.support.examples import envelope, order
from tests.support.stack import Stack
from tests.support.waiting import wait_until
from tests.support.whole import whole

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def served(servers: Stack, settings: object) -> Iterator[Served]:
    search = product_documents.MODEL.sink(servers.settings)
    search.open()
    search.close()
    with serving(servers) as running:
        yield running


@contextmanager
def hung(port: int) -> Iterator[None]:
    """The server at this port does nothing, and does not say so."""
    listening = [one.pid for one in psutil.net_connections("tcp") if one.status == "LISTEN" and one.laddr.port == port]
    server = psutil.Process(listening[0])
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


def search(served: Served, shop: Shop, receipt: str, wait: int) -> httpx.Response:
    params = {"after": receipt, "wait": str(wait)}
    return httpx.get(
        f"{served.url}/v1/search/products", params=params, headers=shop.headers(Role.ANONYMOUS), timeout=60
    )


def test_forged_receipts_are_refused_at_once_and_nobody_waits_for_them(served: Served, shop: Shop) -> None:
    forged = Receipts("-" * 40).text(shop.id, Receipt("product", uuid4(), 1))

    with ThreadPoolExecutor(40) as many:
        answers = list(many.map(lambda _: search(served, shop, forged, 30), range(40)))

    assert {one.status_code for one in answers} == {422}
    assert max(one.elapsed.total_seconds() for one in answers) < 10


def test_who_waits_for_receipts_takes_no_thread_and_only_so_many_wait(
    served: Served, shop: Shop, tokens: AccessTokens
) -> None:
    never = tokens.receipts().text(shop.id, Receipt("product", uuid4(), 1))

    with ThreadPoolExecutor(150) as many:
        waiting = [many.submit(search, served, shop, never, 8) for _ in range(150)]
        wait_until(lambda: served.metric("rustok_http_waiting") >= 32, 8, "many wait")
        slowest = served.slowest_live_s()
        beside = httpx.get(f"{served.url}/v1/search/products", headers=shop.headers(Role.ADMIN), timeout=30)
        answers = [one.result() for one in waiting]

    assert slowest < LIVE_S
    assert beside.elapsed.total_seconds() < 2
    assert {one.json()["code"] for one in answers} == {"not_visible_yet", "too_many_waiting"}
    refused = [one for one in answers if one.status_code == 503]
    assert all(one.headers["Retry-After"] == "1" for one in refused)


def test_slow_senders_and_slow_readers_cost_sockets_only(served: Served, shop: Shop) -> None:
    with ExitStack() as stack:
        for number in range(200):
            sender = stack.enter_context(served.connect())
            sender.sendall(b"POST /v1/products HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n{"[: 20 + number])
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            reader.connect(("127.0.0.1", served.port))
            reader.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n")
        slowest = served.slowest_live_s()
        beside = httpx.get(f"{served.url}/v1/search/products", headers=shop.headers(Role.ADMIN), timeout=30)

    assert slowest < LIVE_S
    assert beside.elapsed.total_seconds() < 2


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /v1/products HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n", 400),
        (b"POST /v1/products HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /v1/products HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-Nul: a\x00b\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 501),
        (b"\x16\x03\x01\x02\x00\x01\x00", 501),
        (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        (b"PROPFIND / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 501),
        (b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * 20_000), 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Many: a\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n", 431),
        (b"POST /v1/products HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n", 413),
    ],
)
def test_what_is_no_request_gets_a_problem_document_and_never_a_500(
    served: Served, request_bytes: bytes, status: int
) -> None:
    answer = served.raw(request_bytes)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), head
    assert b"application/problem+json" in head
    assert b'"type":"urn:rustok:problem:' in body


def test_invented_methods_make_no_series(served: Served) -> None:
    for number in range(300):
        served.raw(b"BREW%d / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % number)
    page = httpx.get(f"{served.url}/metrics").text

    assert "BREW" not in page
    assert 'reason="unknown_method"' in page


def test_fifty_receipts_fit(served: Served, shop: Shop, tokens: AccessTokens) -> None:
    signing = tokens.receipts()
    many = [("after", signing.text(shop.id, Receipt("dead_letter", uuid4(), 2**40))) for _ in range(50)]

    answer = httpx.get(f"{served.url}/v1/search/products", params=many, headers=shop.headers(Role.ANONYMOUS))

    assert answer.status_code in (200, 503), answer.text  # 503: nothing feeds the search of this stack


def test_a_chunked_body_has_to_say_that_it_is_json(served: Served, shop: Shop) -> None:
    answer = httpx.post(f"{served.url}/v1/products", content=iter([b"a=", b"b"]), headers=shop.headers(Role.ADMIN))

    assert answer.status_code == 415


def test_a_restart_of_the_workers_drops_no_request(served: Served) -> None:
    stop, answered, failed = threading.Event(), [0], []

    def ask_on() -> None:
        with httpx.Client(base_url=served.url) as client:
            while not stop.is_set():
                try:
                    answered[0] += client.get("/health/live").status_code == 200
                    httpx.get(f"{served.url}/health/live").raise_for_status()
                except httpx.HTTPError as error:
                    failed.append(repr(error))

    since = served.metric("rustok_http_workers_since_timestamp_seconds")
    askers = [threading.Thread(target=ask_on) for _ in range(3)]
    for asker in askers:
        asker.start()
    served.process.send_signal(signal.SIGHUP)
    wait_until(
        lambda: served.metric("rustok_http_workers_since_timestamp_seconds") > since + 0.01, 90, "all workers are new"
    )
    stop.set()
    for asker in askers:
        asker.join()

    assert failed == []
    assert answered[0] > 10


@pytest.fixture
def alone(servers: Stack) -> Iterator[Served]:
    """One worker, which therefore knows every shop that was here before."""
    with serving(servers, {"RUSTOK_API_WORKERS": "1"}) as running:
        yield running


def test_a_hung_postgres_leaves_the_api_alive(servers: Stack, shop: Shop, alone: Served) -> None:
    httpx.get(f"{alone.url}/v1/products", headers=shop.headers(Role.ADMIN)).raise_for_status()
    headers = shop.headers(Role.ADMIN)

    with hung(servers.settings.postgres_port), ThreadPoolExecutor(60) as many:
        command = partial(httpx.post, f"{alone.url}/v1/products", json=product_body(), headers=headers, timeout=60)
        commands = [many.submit(command) for _ in range(60)]
        slowest = alone.slowest_live_s(60)
        ready = httpx.get(f"{alone.url}/health/ready", timeout=30)
        found = httpx.get(f"{alone.url}/v1/search/products", headers=headers, timeout=30)
        answers = [one.result() for one in commands]

    assert slowest < LIVE_S
    assert (ready.status_code, ready.json()["checks"]["postgres"]["ok"]) == (503, False)
    assert (found.status_code, found.elapsed.total_seconds() < 5) == (200, True)
    assert {one.status_code for one in answers} == {503}
    assert max(one.elapsed.total_seconds() for one in answers) < 20
    wait_until(lambda: command().status_code == 201, 30, "commands work again by themselves")


def test_a_hung_opensearch_delays_no_command(servers: Stack, shop: Shop, served: Served) -> None:
    headers = shop.headers(Role.ADMIN)
    stop = threading.Event()

    def shop_around() -> None:
        while not stop.is_set():
            httpx.get(f"{served.url}/v1/search/products", headers=shop.headers(Role.ANONYMOUS), timeout=60)

    with hung(servers.settings.opensearch_port), ThreadPoolExecutor(16) as shoppers:
        for _ in range(16):
            shoppers.submit(shop_around)
        slowest = served.slowest_live_s(60)
        done = [
            httpx.post(f"{served.url}/v1/products", json=product_body(), headers=headers, timeout=60) for _ in range(20)
        ]
        ready = httpx.get(f"{served.url}/health/ready", timeout=30).json()
        stop.set()

    assert slowest < LIVE_S
    assert {one.status_code for one in done} == {201}
    assert sorted(one.elapsed.total_seconds() for one in done)[17] < 1
    assert (ready["status"], ready["checks"]["search"]["ok"]) == ("degraded", False)


def test_schemas_that_are_dear_to_check_keep_nobody_waiting(served: Served, shop: Shop) -> None:
    path = f"{served.url}/compatibility/subjects/{shop.tenant['slug']}/versions"
    headers = shop.headers(Role.ADMIN)
    default_of_defaults = {"schema": doubling(24)}

    with ThreadPoolExecutor(24) as many:
        ask = partial(httpx.post, path, json=default_of_defaults, headers=headers, timeout=60)
        checks = [many.submit(ask) for _ in range(24)]
        slowest = served.slowest_live_s(60)
        beside = [
            httpx.get(f"{served.url}{path}", headers=headers, timeout=30)
            for path in ("/v1/products", "/docs", "/openapi.json", "/nothing")
        ]
        answers = [one.result() for one in checks]

    assert slowest < LIVE_S
    assert [one.status_code for one in beside] == [200, 200, 200, 404]
    assert max(one.elapsed.total_seconds() for one in beside) < 2
    assert {one.status_code for one in answers} == {200}, answers[0].text
    assert max(one.elapsed.total_seconds() for one in answers) < 10


def test_questions_without_an_end_give_their_threads_back(servers: Stack, shop: Shop, tmp_path: Path) -> None:
    feed = sales_facts.MODEL.sink(Settings(analytics_dir=tmp_path))
    feed.open()
    told = envelope(tenant_id=shop.id)
    feed.write([sales_facts.order_facts(told, OrderPaid(order=order(id=told.aggregate_id)))], {})
    feed.publish(whole(sales_facts.MODEL, now()))
    feed.close()
    also = {"RUSTOK_ANALYTICS_DIR": str(tmp_path), "RUSTOK_ANALYTICS_ANSWER_S": "0.5", "RUSTOK_API_WORKERS": "1"}

    with serving(servers, also) as running, ThreadPoolExecutor(8) as many:
        ask = partial(httpx.get, f"{running.url}/v1/analytics/sales", headers=shop.headers(Role.ADMIN), timeout=60)
        ask().raise_for_status()
        with endless(tmp_path):
            given_up = [one.result() for one in [many.submit(ask) for _ in range(8)]]
        after = ask()

    assert {(one.status_code, one.json()["code"]) for one in given_up} == {(503, "store_unavailable")}
    assert all(one.headers["Retry-After"] for one in given_up)
    assert (after.status_code, after.json()["totals"][0]["orders"]) == (200, 1)


def test_a_schema_that_costs_too_much_is_refused_in_words(served: Served, shop: Shop) -> None:
    """Two unions of two thousand types, each of which would be compared with each."""
    path, headers = f"{served.url}/subjects/:.{shop.tenant['slug']}:wide/versions", shop.headers(Role.ADMIN)
    first = httpx.post(path, json={"schema": wide("A")}, headers=headers, timeout=60)
    answer = httpx.post(path, json={"schema": wide("B")}, headers=headers, timeout=60)

    assert first.status_code == 200, first.text
    assert (answer.status_code, answer.json()["error_code"]) == (422, 42201)
    assert "steps to check" in answer.json()["message"]


@pytest.fixture(scope="module")
def impatient(servers: Stack, settings: object) -> Iterator[Served]:
    """One worker with room for 30 clients, who may be silent for a second and take three."""
    limits = {"WORKERS": "1", "CONNECTIONS": "30", "IDLE_S": "1", "REQUEST_S": "3"}
    with serving(servers, {f"RUSTOK_API_{name}": value for name, value in limits.items()}) as running:
        yield running


def test_a_client_that_falls_silent_in_its_request_is_told_so_and_sent_away(impatient: Served) -> None:
    for begun in (b"GET / HT", b"POST /v1/products HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"):
        answer = impatient.raw(begun)

        assert answer.startswith(b"HTTP/1.1 408 "), answer
        assert b'"code":"too_slow"' in answer


def test_a_client_that_never_falls_silent_does_not_send_for_ever(impatient: Served) -> None:
    with impatient.connect() as client:
        client.sendall(b"POST /v1/products HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")

        def sent_away() -> bool:
            with suppress(OSError):
                client.sendall(b" ")
            client.setblocking(False)
            try:
                return client.recv(100).startswith(b"HTTP/1.1 408 ")
            except BlockingIOError:
                return False
            finally:
                client.settimeout(10)

        wait_until(sent_away, 8, "the server has given up")


def test_a_client_that_does_not_read_is_cut_off(impatient: Served) -> None:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.connect(("127.0.0.1", impatient.port))
        client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 40)

        wait_until(lambda: impatient.metric("rustok_http_connections") <= 1, 15, "only the one who asks is connected")


def test_who_has_nothing_to_say_makes_room_for_who_has(impatient: Served) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(impatient.connect())
        slowest = impatient.slowest_live_s()
        rejected = httpx.get(f"{impatient.url}/metrics").text

    assert slowest < LIVE_S
    assert 'reason="connections"' in rejected


def test_workers_do_not_outlive_their_parent(servers: Stack, settings: object) -> None:
    with serving(servers) as running:
        parent = psutil.Process(running.process.pid)
        wait_until(lambda: len(parent.children()) >= 2, 20, "both workers are there")
        workers = parent.children()
        running.process.kill()
        gone, alive = psutil.wait_procs(workers, 40)

    assert len(gone) >= 2
    assert alive == []


def wide(of: str) -> str:
    return json.dumps([{"type": "fixed", "name": f"{of}{number}", "size": 4} for number in range(2000)])
