"""Counters, in one process and in a real Valkey: no more than the quota in any window, whoever counts."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from api.http.limits.counters import Counters
from api.http.limits.own_counters import OwnCounters
from api.http.limits.quotas import Quota
from api.http.limits.shared_counters import CountersDown, SharedCounters
from api.http.limits.window import Window
from ops.metrics import HTTP_COUNTED_ALONE
from tests.support.secured_servers import certificates, tls_before
from tests.support.valkey import ValkeyServer, valkey_server
from tests.support.waiting import wait_until

TEN = Quota("ten", 10, 60, needs_store=False)
GUARDED = Quota("guarded", 10, 60, needs_store=True)


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with valkey_server() as server:
        yield server


@pytest.fixture(params=["own", "shared"])
def hit(request: pytest.FixtureRequest) -> Iterator[Callable[[int, int], tuple[bool, Window]]]:
    """Counts once more against an amount in a minute, one key a test."""
    key = uuid4().hex
    if request.param == "own":
        own = OwnCounters(time.monotonic)
        yield lambda amount, cost: own.hit(key, amount, 60, cost)
    else:
        server: ValkeyServer = request.getfixturevalue("valkey")
        shared = SharedCounters(server.url)
        yield lambda amount, cost: shared.hit(key, amount, 60, cost)
        shared.close()


def test_the_eleventh_of_ten_does_not_fit_and_is_not_counted(hit: Callable[[int, int], tuple[bool, Window]]) -> None:
    fits = [hit(10, 1)[0] for _ in range(12)]

    assert fits == [True] * 10 + [False] * 2
    assert hit(11, 1)[0]


def test_of_a_hundred_at_once_ten_fit(hit: Callable[[int, int], tuple[bool, Window]]) -> None:
    with ThreadPoolExecutor(20) as many:
        fits = list(many.map(lambda _: hit(10, 1)[0], range(100)))

    assert fits.count(True) == 10


def test_two_workers_with_one_store_have_one_quota(valkey: ValkeyServer) -> None:
    workers = [Counters({"ten": TEN}, shared=SharedCounters(valkey.url), workers=2) for _ in range(2)]
    key = uuid4().hex

    fits = [workers[n % 2].hit("ten", key).fits for n in range(20)]

    assert fits == [True] * 10 + [False] * 10


def test_two_workers_without_a_store_have_half_of_it_each() -> None:
    workers = [Counters({"ten": TEN}, workers=2) for _ in range(2)]

    counted = [[worker.hit("ten", "somebody") for _ in range(8)] for worker in workers]

    assert [[one.fits for one in each].count(True) for each in counted] == [5, 5]
    assert [one.remaining for one in counted[0]] == [8, 6, 4, 2, 0, 0, 0, 0]


def test_nobody_is_not_counted_as_somebody() -> None:
    with pytest.raises(ValueError, match="nobody"):
        Counters({"ten": TEN}).hit("ten", "")


@given(
    amount=st.integers(1, 50),
    window_s=st.integers(1, 900),
    steps=st.lists(st.floats(0, 400, allow_nan=False), max_size=120),
)
def test_there_is_room_when_it_was_promised_and_never_two_quotas(
    amount: int, window_s: int, steps: list[float]
) -> None:
    now = [0.0]
    counters = Counters({"q": Quota("q", amount, window_s, needs_store=False)}, now_s=lambda: now[0])
    went_in: list[float] = []

    for step in steps:
        now[0] += step
        counted = counters.hit("q", "somebody")
        if counted.fits:
            went_in.append(now[0])
        else:
            now[0] += counted.reset_s
            assert counters.hit("q", "somebody").fits
            went_in.append(now[0])

    for at in went_in:
        assert len([one for one in went_in if at - window_s < one <= at]) <= 2 * amount


def test_who_was_not_seen_for_longest_is_forgotten_first() -> None:
    own = OwnCounters(lambda: 0.0, most=3)
    own.hit("guesser", 1, 60, 1)

    for n in range(10):
        own.hit(f"random-{n}", 1, 60, 1)
        own.hit("guesser", 1, 60, 1)

    assert not own.hit("guesser", 1, 60, 1)[0]
    assert own.hit("random-0", 1, 60, 1)[0]


def test_while_the_store_is_away_each_counts_alone_and_what_guards_passwords_is_refused() -> None:
    with valkey_server() as valkey, capture_logs() as logged:
        counters = Counters({"ten": TEN, "guarded": GUARDED}, shared=SharedCounters(valkey.url), workers=2)
        counters.hit("guarded", "somebody")
        valkey.kill()
        alone = HTTP_COUNTED_ALONE._value.get()  # noqa: SLF001  # nothing public tells

        fits = [counters.hit("ten", "somebody").fits for _ in range(8)]
        with pytest.raises(CountersDown):
            counters.hit("guarded", "somebody")
        with pytest.raises(CountersDown):
            counters.remembers("somebody")
        counters.remember("somebody")
        counters.forget("guarded", "somebody")

        assert fits == [True] * 5 + [False] * 3
        assert HTTP_COUNTED_ALONE._value.get() - alone == 8  # noqa: SLF001

        valkey.start()
        wait_until(lambda: guards(counters), 10, "it counts together again")
        assert [line["event"] for line in logged] == ["limits_store_silent", "limits_store_back"]


def test_a_store_that_hangs_costs_a_few_calls_and_then_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        counters = Counters(
            {"ten": TEN, "guarded": GUARDED}, shared=SharedCounters(f"redis://127.0.0.1:{mute.getsockname()[1]}")
        )
        began = time.monotonic()

        for n in range(200):
            counters.hit("ten", str(n))

        assert time.monotonic() - began < 1.5


def test_what_is_remembered_is_known_to_all(valkey: ValkeyServer) -> None:
    one, other = (Counters({"ten": TEN}, shared=SharedCounters(valkey.url)) for _ in range(2))
    what = uuid4().hex
    before = other.remembers(what)

    one.remember(what)

    assert (before, other.remembers(what)) == (False, True)


def guards(counters: Counters) -> bool:
    try:
        return counters.hit("guarded", "somebody").fits
    except CountersDown:
        return False


def test_with_tls_only_who_the_certificate_names_counts(valkey: ValkeyServer, tmp_path: Path) -> None:
    own = certificates(tmp_path)
    with tls_before(valkey.port, own) as port:
        ours = SharedCounters(f"valkeys://127.0.0.1:{port}/0?ssl_ca_certs={own.ca}")
        of_nobody_we_know = SharedCounters(f"valkeys://127.0.0.1:{port}/0")
        of_another_name = SharedCounters(f"rediss://localhost:{port}/0?ssl_ca_certs={own.ca}")
        without_tls = SharedCounters(f"valkey://127.0.0.1:{port}/0")
        key = uuid4().hex

        assert [ours.hit(key, 1, 60, 1)[0] for _ in range(2)] == [True, False]
        for refused in (of_nobody_we_know, of_another_name, without_tls):
            with pytest.raises(CountersDown):
                refused.hit(key, 1, 60, 1)
        for each in (ours, of_nobody_we_know, of_another_name, without_tls):
            each.close()
