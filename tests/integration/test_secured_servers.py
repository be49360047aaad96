"""The chain on servers that want TLS, users and passwords, with a role of PostgreSQL for each duty."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from api.domain.permissions import Role
from ops import process_health
from ops.clients import database_roles
from ops.clients.client_credentials import KafkaAccess, KafkaMechanism
from ops.local.supervisor import Supervisor
from ops.settings import Settings
from sinks.opensearch.opensearch_client import OpenSearchStore
from sinks.sink import Unavailable
from tests.support.instances import process_named
from tests.support.secured_servers import (
    KAFKA_PASSWORD,
    PASSWORD,
    USER,
    answers,
    certificates,
    password_before_opensearch,
    secured_kafka,
    tls_before_postgres,
)
from tests.support.shops import open_shop, put_on_sale, sell, token
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

MARK = f"t{uuid4().hex[:8]}"
OWNER = f"{MARK}_owner"
RUN_HERE = ("api", "capture", "scheduler", "feed-sales", "dead-letters")
GROUPS = sorted({group for groups in database_roles.GROUPS.values() for group in groups})


@dataclass(frozen=True)
class Secured:
    stack: Stack
    kafka: KafkaAccess
    admin_url: str


@pytest.fixture(scope="module")
def secured(servers: Stack) -> Iterator[Secured]:
    """The processes run; their search is the test's own."""
    servers.rustok("api", "migrate")  # the groups of roles belong to the whole server
    admin_url = servers.settings.postgres_url
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp")))
        folder.chmod(0o755)
        certified = certificates(folder)
        kafka = opened.enter_context(secured_kafka(servers.settings, folder / "kafka", certified))
        port = opened.enter_context(tls_before_postgres(servers.settings.postgres_port, certified))
        search = opened.enter_context(password_before_opensearch(servers.settings.opensearch_url, certified))
        opened.callback(_forget, admin_url)
        _make_owner(admin_url)
        checked = f"sslmode=verify-full&sslrootcert={quote(str(certified.ca), safe='')}"

        def url(role: str) -> str:
            return f"postgresql://{role}:{quote(f'{role} & co')}@127.0.0.1:{port}/{MARK}?{checked}"

        also = {
            "RUSTOK_POSTGRES_URL": url(OWNER),
            **{f"RUSTOK_POSTGRES_{duty.upper()}_URL": url(f"{MARK}_{duty}") for duty in database_roles.GROUPS},
            "RUSTOK_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "RUSTOK_KAFKA_SECURITY_PROTOCOL": kafka.protocol,
            "RUSTOK_KAFKA_SASL_MECHANISM": kafka.mechanism,
            "RUSTOK_KAFKA_USER": USER,
            "RUSTOK_KAFKA_PASSWORD": KAFKA_PASSWORD,
            "RUSTOK_KAFKA_CA": str(certified.ca),
            "RUSTOK_OPENSEARCH_URL": search,
            "RUSTOK_OPENSEARCH_USER": USER,
            "RUSTOK_OPENSEARCH_PASSWORD": PASSWORD,
            "RUSTOK_OPENSEARCH_CA": str(certified.ca),
            "RUSTOK_CAPTURE_SLOT": MARK,
            "RUSTOK_API_WORKERS": "1",
        }
        stack = Stack(Settings(stack=f"{servers.settings.stack}-tls"), also)
        stack.rustok("down", "--delete-data")
        opened.callback(stack.rustok, "down", "--delete-data", check=False)
        stack.rustok("up", "--servers-only", "--free-ports")
        stack.rustok("api", "migrate")
        stack.rustok("streams", "topics")
        stack = Stack(Settings(stack=stack.settings.stack), also)
        Supervisor(stack.settings.folder).start_programs(RUN_HERE)
        for name in RUN_HERE:
            log = Supervisor(stack.settings.folder).log_of(name)
            try:
                wait_until(partial(process_health.works, process_named(name), stack.settings), 60, f"{name} works")
            except AssertionError as not_so:
                raise AssertionError(f"{not_so}\n{log.read_text()[-4000:]}") from not_so
        yield Secured(stack, kafka, admin_url)


def _make_owner(admin_url: str) -> None:
    """As an administrator does it for us, who is no superuser himself after that."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEROLE REPLICATION PASSWORD {}").format(
                sql.Identifier(OWNER), sql.Literal(f"{OWNER} & co")
            )
        )
        for group in GROUPS:
            admin.execute(
                sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(group), sql.Identifier(OWNER))
            )
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(MARK), sql.Identifier(OWNER)))


def _forget(admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = %s AND active",
            (MARK,),
        )
        admin.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", (MARK,)
        )
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(MARK)))
        for (role,) in admin.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE %s ORDER BY rolname = %s", (f"{MARK}%", OWNER)
        ).fetchall():
            admin.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_an_order_comes_from_the_api_to_the_figures_over_tls(secured: Secured) -> None:
    shop = open_shop(secured.stack)
    put_on_sale(shop, "Tomatoes")

    sold = sell(shop)

    found = shop.get("/v1/analytics/sales", after=[sold["receipt"]], wait=30)
    assert [row["orders"] for row in found["rows"]] == [1]


@pytest.mark.parametrize("source", ["log", "tables"])
def test_the_scheduler_makes_figures_again_over_tls_with_the_role_of_its_duty(secured: Secured, source: str) -> None:
    shop = open_shop(secured.stack)
    put_on_sale(shop, "Tomatoes")
    shop.get("/v1/analytics/sales", after=[sell(shop)["receipt"]], wait=30)
    headers = {"Authorization": f"Bearer {token(secured.stack, role=Role.OPERATOR)}"}

    with httpx.Client(base_url=secured.stack.settings.api_url, headers=headers, timeout=30) as operator:
        asked = operator.post("/v1/rebuilds/sales/start", json={"source": source})
        done = wait_until(partial(_ended, operator, asked.json()["id"]), 120, "the rebuild has ended")

    assert asked.status_code == 202
    assert (done["state"], done["detail"], done["report"]["led"]) == ("done", "", True)
    assert [row["orders"] for row in shop.get("/v1/analytics/sales")["rows"]] == [1]


def _ended(operator: httpx.Client, id_: str) -> Any:
    found = operator.get("/v1/rebuilds/sales").json()["request"]
    return found if found["id"] == id_ and found["ended_at"] else None


@pytest.mark.parametrize(
    "command", [("streams", "gaps"), ("sinks", "verify", "sales"), ("api", "prune"), ("streams", "audit")]
)
def test_operators_need_no_superuser(secured: Secured, command: tuple[str, ...]) -> None:
    secured.stack.rustok(*command)


def test_every_session_has_the_role_of_its_duty_and_nothing_more(secured: Secured) -> None:
    with psycopg.connect(secured.admin_url, autocommit=True) as admin:
        rows = admin.execute(
            "SELECT usename, rolsuper OR rolbypassrls FROM pg_stat_activity JOIN pg_roles ON rolname = usename"
            " WHERE datname = %s",
            (MARK,),
        ).fetchall()
    settings = Settings(**_given(secured.stack))

    too_much = {}
    for duty in database_roles.GROUPS:
        with psycopg.connect(database_roles.url_of(settings, duty)) as connection:
            too_much[duty] = database_roles.too_much(connection, duty)

    assert {f"{MARK}_api", f"{MARK}_capture", f"{MARK}_dead_letters"} <= {name for name, _ in rows}
    assert not any(is_more for _, is_more in rows)
    assert too_much == {duty: [] for duty in database_roles.GROUPS}


@pytest.mark.parametrize(
    ("command", "duty"),
    [
        (("api", "serve"), "api"),
        (("streams", "capture"), "capture"),
        (("streams", "dead-letters", "collect"), "dead_letters"),
        (("scheduler",), "scheduler"),
        (("streams", "webhooks"), "webhooks"),
    ],
)
def test_a_process_does_not_start_with_a_role_that_has_more(
    secured: Secured, command: tuple[str, ...], duty: str
) -> None:
    named = f"RUSTOK_POSTGRES_{duty.upper()}_URL"
    superuser = replace(secured.stack, also={**secured.stack.also, named: secured.admin_url})
    owner = replace(secured.stack, also={**secured.stack.also, named: secured.stack.also["RUSTOK_POSTGRES_URL"]})

    refused = [stack.rustok(*command, check=False) for stack in (superuser, owner)]

    assert [done.returncode for done in refused] == [2, 2]
    assert "SUPERUSER" in refused[0].stdout + refused[0].stderr
    assert "ownership of outbox" in refused[1].stdout + refused[1].stderr


@pytest.mark.parametrize("duty", sorted(database_roles.GROUPS))
def test_a_process_that_started_before_postgres_gets_no_connection_with_a_role_that_has_more(
    secured: Secured, duty: database_roles.Duty
) -> None:
    given = Settings(**_given(secured.stack))
    superuser = given.model_copy(update={f"postgres_{duty}_url": secured.admin_url})

    with database_roles.connect(given, duty) as connection:
        works = connection.execute("SELECT 1").fetchone()

    assert works == (1,)
    with pytest.raises(database_roles.TooMuch, match="SUPERUSER"):
        database_roles.connect(superuser, duty)
    database_roles.connect(superuser.model_copy(update={"postgres_any_role": True}), duty).close()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_kafka_lets_in_who_says_who_he_is_and_nobody_else(secured: Secured, mechanism: KafkaMechanism) -> None:
    known = replace(secured.kafka, mechanism=mechanism)

    assert answers(known)
    assert not answers(replace(known, password=SecretStr("guessed")))
    assert not answers(replace(known, ca=None))
    assert not answers(KafkaAccess(bootstrap=known.bootstrap))


def test_opensearch_lets_in_who_has_the_password_and_nobody_else(secured: Secured) -> None:
    settings = Settings(**_given(secured.stack))

    assert OpenSearchStore(settings.opensearch).described(f"nothing-{MARK}") is None
    for stranger in (
        replace(settings.opensearch, password=SecretStr("guessed")),
        replace(settings.opensearch, ca=None),
    ):
        with pytest.raises(Unavailable):
            OpenSearchStore(stranger).described(f"nothing-{MARK}")


def test_postgres_is_only_believed_when_its_certificate_is_known(secured: Secured) -> None:
    known = secured.stack.also["RUSTOK_POSTGRES_API_URL"]
    unknown = {key: value for key, value in conninfo_to_dict(known).items() if key != "sslrootcert"}

    with psycopg.connect(known) as connection:
        assert connection.pgconn.ssl_in_use
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**unknown)  # type: ignore[arg-type]  # as libpq names them


def _given(stack: Stack) -> dict[str, object]:
    given = {name.removeprefix("RUSTOK_").lower(): value for name, value in stack.also.items()}
    return {"stack": stack.settings.stack, "home": stack.settings.home, **given}
