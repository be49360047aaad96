"""What changes about a shop is known in every worker within a second, and a worker that could not hear asks again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

import psycopg
import pytest

from api.http.tenant_cache import StoredTenants
from api.store import notices as notices_module
from api.store.answer_timeouts import AnswerTimeouts
from api.store.notices import TENANTS, Notices
from api.store.store import Store
from ops.settings import Settings
from schemas.events.tenant import Tenant
from tests.integration.api.shops import Shop
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


@contextmanager
def worker(store: Store, url: str) -> Iterator[StoredTenants]:
    """A cache whose own clock stands still, so that only what it hears changes it."""
    known = StoredTenants(store, lambda: 1000.0)
    notices = Notices(url, TENANTS, known.changed, known.anything_changed)
    notices.begin()
    try:
        assert notices.listening.wait(10)
        yield known
    finally:
        notices.close()


def seconds_until(is_so: Callable[[], bool]) -> float:
    began = time.monotonic()
    wait_until(is_so, 10, "every worker knows")
    return time.monotonic() - began


def is_closed(tenant: Tenant | None) -> bool:
    return tenant is not None and not tenant.active


def test_a_shop_that_is_closed_is_so_within_a_second_in_every_worker(
    shop: Shop, store: Store, settings: Settings, postgres: psycopg.Connection
) -> None:
    host = shop.tenant["domains"][0]
    with worker(store, settings.postgres_url) as one, worker(store, settings.postgres_url) as other:
        known = [one.by_id(shop.id), one.by_host(host), other.by_host(host)]

        postgres.execute("UPDATE tenants SET active = false WHERE id = %s", (shop.id,))
        took = seconds_until(
            lambda: all(map(is_closed, (one.by_id(shop.id), one.by_host(host), other.by_host(host.upper()))))
        )

    assert not any(map(is_closed, known))
    assert took < 1


def test_a_host_that_becomes_somebodys_is_so_at_once(
    open_shop: Callable[..., Shop], store: Store, settings: Settings
) -> None:
    name = f"{uuid4().hex}.example"
    with worker(store, settings.postgres_url) as known:
        before = known.by_host(name)
        later = open_shop(domains=[name])

        assert seconds_until(lambda: known.by_host(name) is not None) < 1

    assert before is None
    assert later.tenant["domains"] == [name]


def test_who_could_not_hear_asks_again(
    shop: Shop, store: Store, settings: Settings, postgres: psycopg.Connection
) -> None:
    with worker(store, settings.postgres_url) as known:
        known.by_id(shop.id)
        with postgres.transaction():
            postgres.execute("ALTER TABLE tenants DISABLE TRIGGER say_tenant_changed")
            postgres.execute("UPDATE tenants SET name = 'Renamed' WHERE id = %s", (shop.id,))
            postgres.execute("ALTER TABLE tenants ENABLE TRIGGER say_tenant_changed")
        unheard = known.by_id(shop.id)

        with suppress(psycopg.Error):
            postgres.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rustok api notices'"
            )
        wait_until(lambda: name_of(known.by_id(shop.id)) == "Renamed", 10, "it is asked again")

    assert name_of(unheard) == "Shop"


def test_who_hears_nothing_for_longer_than_an_answer_may_take_goes_on_listening(
    settings: Settings, postgres: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices_module, "_PATIENCE", AnswerTimeouts(connect_s=3, statement_s=0.1, lock_s=0.1))
    monkeypatch.setattr(notices_module, "_CHECKED_S", 1.5)
    missed: list[float] = []
    notices = Notices(settings.postgres_url, f"t{uuid4().hex}", lambda _: None, lambda: missed.append(time.monotonic()))
    notices.begin()
    try:
        assert notices.listening.wait(10)
        pid = listening_on(notices)
        looked = "SELECT query = 'SELECT 1' FROM pg_stat_activity WHERE pid = %s"
        wait_until(lambda: postgres.execute(looked, (pid,)).fetchone() == (True,), 10, "it looked after the server")
    finally:
        notices.close()

    assert len(missed) == 1


def listening_on(notices: Notices) -> int:
    connection = notices._connection  # noqa: SLF001  # of several that are called so, this one's
    assert connection is not None
    return connection.info.backend_pid


def name_of(tenant: Tenant | None) -> str:
    return "" if tenant is None else tenant.name
