"""A registry that lost its schemas: no id is given to another one, and those of records come back from the records."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest

from api.domain.permissions import Role
from api.http.tokens import AccessTokens
from api.migrations import migrate
from api.registry.app import create_registry
from api.registry.deployed_schemas import IdsAreLost, register_known
from api.registry.ids_in_records import IdsInRecords, see_outbox
from api.registry.recover_ids import APART, carry_out, plan
from api.store.schema_ids import pins
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.settings import Settings
from schemas import avro_schema
from schemas.event_codec import FRAME, Encoder
from schemas.events.order import OrderPaid
from schemas.outbox_row import row
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.own_database import database_of_its_own
from tests.integration.api.registry.calling import Caller, named, unique
from tests.support.examples import envelope, newest, order

pytestmark = pytest.mark.servers

FIRST_ID = 500
NOBODYS = 99_999_999
PAID = "order.paid", newest("order.paid")


@pytest.fixture(scope="module")
def database(settings: Settings) -> Iterator[str]:
    """Its ids are none that a registry made today would give."""
    with database_of_its_own(settings) as url:
        migrate.migrate(url, "rustok_outbox")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SELECT setval('schemas_id_seq', %s, false)", (FIRST_ID,))
            register_known(connection)
        yield url


@pytest.fixture
def registry(database: str) -> Iterator[psycopg.Connection]:
    """What a test does to it is undone."""
    with psycopg.connect(database) as connection, connection.transaction(force_rollback=True):
        yield connection


def write(registry: psycopg.Connection, payload: bytes, **different: object) -> None:
    told = replace(row(envelope("order.paid"), payload), **different)
    names = told.__slots__
    registry.execute(
        f"INSERT INTO outbox ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})",
        [getattr(told, name) for name in names],
    )


def lose(registry: psycopg.Connection) -> None:
    registry.execute("TRUNCATE schemas, registry_subjects, registry_settings RESTART IDENTITY CASCADE")


def paid(registry: psycopg.Connection) -> bytes:
    return Encoder(pins(registry)).encode(OrderPaid(order=order()))


def seen(registry: psycopg.Connection) -> IdsInRecords:
    found = IdsInRecords()
    see_outbox(found, registry)
    return found


def recovered(registry: psycopg.Connection) -> dict[tuple[str, int], str]:
    found = seen(registry)
    planned = plan(registry, found)
    if all(one.state != "differs" for one in planned):
        carry_out(registry, planned, found)
    return {(one.event_type, one.version): one.state for one in planned}


def test_a_deploy_gives_no_new_ids_to_what_was_written(registry: psycopg.Connection) -> None:
    write(registry, paid(registry))
    lose(registry)

    with pytest.raises(IdsAreLost, match=r"order\.paid v"):
        register_known(registry)

    assert pins(registry) == {}


def test_a_deploy_gives_none_either_when_there_were_shops_and_nothing_of_ours_is_left(
    registry: psycopg.Connection,
) -> None:
    registry.execute(
        "INSERT INTO tenants (id, version, slug, name, default_locale, locales, currency, modules, active)"
        " VALUES (gen_random_uuid(), 1, 'corner-shop', 'Corner', 'en', '{en}', 'EUR', '{}', true)"
    )
    lose(registry)

    with pytest.raises(IdsAreLost, match=r"and .* more were written"):
        register_known(registry)


def test_a_deploy_gives_none_to_a_version_that_its_subject_has_had(registry: psycopg.Connection) -> None:
    registry.execute("DELETE FROM schema_versions WHERE subject = 'order.paid' AND version = 1")

    with pytest.raises(IdsAreLost, match=r"order\.paid v1 were written"):
        register_known(registry)


def test_a_schema_gets_the_id_of_its_records_again_and_what_nobody_wrote_one_far_away(
    registry: psycopg.Connection,
) -> None:
    before = pins(registry)
    write(registry, paid(registry))
    lose(registry)

    states = recovered(registry)

    after = pins(registry)
    assert states.pop(PAID) == "recovered"
    assert set(states.values()) == {"new"}
    assert after[PAID] == before[PAID] >= FIRST_ID
    assert min(id_ for name, id_ in after.items() if name != PAID) > before[PAID] + APART
    assert register_known(registry) == 0
    told = registry.execute("SELECT subject, version, schema_id FROM registry_changes WHERE action = 'recovered'")
    assert told.fetchall() == [(*PAID, before[PAID])]


def test_one_record_that_can_be_read_is_enough(registry: psycopg.Connection) -> None:
    event = paid(registry)
    for rubbish in (b"", b"?", event[5:] + b"?"):
        write(registry, event[: FRAME.size] + rubbish)
    write(registry, event)

    assert seen(registry).ids == {PAID: {pins(registry)[PAID]}}


def test_what_is_there_stays(registry: psycopg.Connection) -> None:
    before = pins(registry)
    write(registry, paid(registry))

    assert set(recovered(registry).values()) == {"there"}
    assert pins(registry) == before


def test_rubbish_and_what_says_that_it_is_something_else_are_not_believed(registry: psycopg.Connection) -> None:
    event = paid(registry)
    for payload in (b"", b"rubbish", FRAME.pack(0, 7) + b"rubbish", FRAME.pack(1, 8) + event[5:], event + b"!"):
        write(registry, payload)
    for version in ("0", "-1", "", "1e3", "²"):
        write(registry, event, schema_version=version)

    assert seen(registry).ids == {}


@pytest.mark.parametrize("second", [7, 100_000])
def test_two_ids_of_one_version_are_told_and_nothing_is_written(registry: psycopg.Connection, second: int) -> None:
    event = paid(registry)
    write(registry, event)
    write(registry, FRAME.pack(0, second) + event[FRAME.size :])
    lose(registry)

    assert recovered(registry)[PAID] == "differs"
    assert pins(registry) == {}


def test_an_id_that_is_somebody_elses_by_now_is_told(registry: psycopg.Connection) -> None:
    write(registry, paid(registry))
    id_ = pins(registry)[PAID]
    lose(registry)
    registry.execute(
        "INSERT INTO schemas (id, content, digest) OVERRIDING SYSTEM VALUE VALUES (%s, '\"string\"', sha256('else'))",
        (id_,),
    )

    (differs,) = (one for one in plan(registry, seen(registry)) if one.state == "differs")

    assert (differs.event_type, differs.version, differs.schema_id) == (*PAID, id_)
    assert "another schema's by now" in differs.why


def test_a_version_of_newer_code_is_told_and_its_id_stays_free(registry: psycopg.Connection) -> None:
    write(registry, FRAME.pack(0, 90_000) + b"?", type="order.paid", schema_version="99")
    write(registry, FRAME.pack(0, 90_001) + b"?", type="nobody.knows", id=uuid4())
    lose(registry)

    found = seen(registry)
    recovered(registry)

    assert found.unknown == {("order.paid", 99): {90_000}, ("nobody.knows", newest("order.paid")): {90_001}}
    assert len(pins(registry)) == len(avro_schema.every_version())
    assert found.largest == 90_001


def test_while_it_lacks_some_nobody_is_told_that_there_is_no_such_schema_and_nobody_gets_a_new_id(
    database: str, served: Callable[[Role], Caller]
) -> None:
    service, maintainer = served(Role.SERVICE), served(Role.SCHEMA)
    kept = service.told("GET", "/subjects/order.paid/versions/1")["id"]
    assert service.refused("GET", f"/schemas/ids/{NOBODYS}") == (404, 40403)

    with without_a_version(database):
        assert service.told("GET", f"/schemas/ids/{kept}")
        assert service.refused("GET", f"/schemas/ids/{NOBODYS}") == (503, 50001)
        assert maintainer.refused("POST", f"/subjects/{named()}/versions", {"schema": unique("x")}) == (503, 50001)


@contextmanager
def without_a_version(database: str) -> Iterator[None]:
    of_it = "FROM schema_versions WHERE subject = 'tenant.created' AND version = 1"
    with psycopg.connect(database, autocommit=True) as connection:
        (schema_id,) = connection.execute(f"SELECT schema_id {of_it}").fetchone()
        connection.execute(f"DELETE {of_it}")
        yield
        connection.execute(
            "INSERT INTO schema_versions (subject, version, schema_id) VALUES ('tenant.created', 1, %s)", (schema_id,)
        )


@pytest.fixture
def served(settings: Settings, database: str, tokens: AccessTokens) -> Iterator[Callable[[Role], Caller]]:
    """Whoever calls a registry on that database."""
    store = Store(database, connections=2, clock=now)
    store.open()
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(settings.analytics_dir)
    client = create_registry(connect_to(store, tokens, search, sales)).test_client()
    yield lambda role: Caller(client, tokens, role)
    store.close()
