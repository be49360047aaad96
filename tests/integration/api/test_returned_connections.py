"""A connection that goes back to the pool knows nobody any more, however what was done with it ended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest

from api.domain.errors import NotFound, StaleVersion
from api.store.answer_timeouts import AnswerTimeouts
from api.store.errors import StoreDown
from api.store.store import Store
from api.wsgi import now
from ops.settings import Settings
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

Connection = psycopg.Connection[Any]


class OneConnection(Store):
    """Whatever asks gets the same connection; it can be looked at as the pool has it."""

    @contextmanager
    def as_returned(self) -> Iterator[Connection]:
        with self._connection() as connection:
            yield connection


@pytest.fixture
def one(settings: Settings) -> Iterator[OneConnection]:
    quick = AnswerTimeouts(connect_s=5, statement_s=0.3, lock_s=0.3)
    store = OneConnection(settings.postgres_url, connections=1, clock=now, patience=quick)
    store.open()
    yield store
    store.close()


def raising(error: BaseException) -> Callable[[Connection], None]:
    def end(_: Connection) -> None:
        raise error

    return end


def sending(statement: str) -> Callable[[Connection], None]:
    return lambda connection: connection.execute(statement) and None  # type: ignore[call-overload]


def cut_off(connection: Connection) -> None:
    connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def spoiled(connection: Connection) -> None:
    """A transaction that is broken, and gone on with."""
    with suppress(psycopg.Error):
        connection.execute("SELECT 1/0")
    connection.execute("SELECT 1")


ENDS: dict[str, Callable[[Connection], None]] = {
    "well": lambda _: None,
    "a refusal": raising(NotFound("product", "x")),
    "a collision": raising(StaleVersion(1)),
    "a fault of ours": raising(RuntimeError("a fault")),
    "an interrupt": raising(KeyboardInterrupt()),
    "a generator that is closed": raising(GeneratorExit()),
    "no such table": sending("SELECT FROM nothing"),
    "a rule of the database": sending("INSERT INTO roles VALUES (current_tenant(), current_tenant(), 0, '')"),
    "another tenant's row": sending("INSERT INTO roles VALUES (gen_random_uuid(), gen_random_uuid(), 1, 'a')"),
    "a statement that takes too long": sending("SELECT pg_sleep(5)"),
    "a broken transaction": spoiled,
    "a cut connection": cut_off,
    "a role of its own": sending("SET LOCAL ROLE rustok_keeper"),
}


@pytest.mark.parametrize("name", ENDS)
def test_nobody_is_left_on_it(one: OneConnection, shop: Shop, name: str) -> None:
    with suppress(BaseException), one.reading(shop.id, platform=True) as connection:
        assert connection.execute("SELECT current_tenant(), is_platform()").fetchone() == (shop.id, True)
        ENDS[name](connection)

    with suppress(StoreDown), one.as_returned():
        pass  # a cut connection is found out here
    with one.as_returned() as returned:
        found = returned.execute(
            "SELECT current_tenant(), is_platform(), current_user = session_user,"
            " nullif(current_setting('rustok.tenant', true), '')"
        ).fetchone()

    assert found == (None, False, True, None)
