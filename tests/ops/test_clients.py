"""There is one way to each server: nobody but the factories builds a client, and all of them get in by the settings."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from opensearchpy import TransportError
from pydantic import SecretStr

from ops.clients import kafka_async, opensearch
from ops.clients.client_credentials import KafkaAccess, OpenSearchAccess
from ops.clients.kafka import access_config
from tests.docs.pages import ROOT
from tests.support.free_port import free_port
from tests.support.http_server import address, http_server

ROOMS = ("api", "ops", "schemas", "sinks", "streams")
BUILDERS = {
    "confluent_kafka": {"Consumer", "Producer", "SerializingProducer", "DeserializingConsumer"},
    "confluent_kafka.admin": {"AdminClient"},
    "aiokafka": {"AIOKafkaConsumer", "AIOKafkaProducer"},
    "psycopg": {"connect"},
    "psycopg_pool": {"ConnectionPool", "AsyncConnectionPool"},
    "valkey": {"Valkey"},
    "opensearchpy": {"OpenSearch", "AsyncOpenSearch"},
}
MODULES = [
    path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "clients" not in path.relative_to(ROOT).parts
]


def built(source: str) -> Iterator[str]:
    """The clients that are built, or whose builder is handed on."""
    tree = ast.parse(source)
    named: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in BUILDERS:
            named |= {a.asname or a.name: a.name for a in node.names if a.name in BUILDERS[node.module]}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in named:
                yield named[name]
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name in BUILDERS.get(module, ()):
                yield f"{module}.{name}"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_no_other_module_builds_a_client(module: Path) -> None:
    assert list(built(module.read_text())) == []


def test_one_that_would_is_found() -> None:
    assert list(built("from confluent_kafka import Consumer as C\nC({})\nimport psycopg\nf(psycopg.connect)")) == [
        "Consumer",
        "psycopg.connect",
    ]


def test_a_broker_that_wants_nothing_is_told_nothing() -> None:
    assert "security.protocol" not in access_config("127.0.0.1:9092")


def test_with_oauthbearer_the_client_asks_for_its_tokens(tmp_path: Path) -> None:
    access = KafkaAccess(
        bootstrap="kafka:9092",
        protocol="SASL_SSL",
        mechanism="OAUTHBEARER",
        user="rustok",
        password=SecretStr("hidden"),
        ca=tmp_path / "ca.pem",
        token_url="https://who.example/token",
        token_scope="kafka",
    )

    told = access_config(access)

    assert {name: value for name, value in told.items() if name.startswith("sasl.")} == {
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": "rustok",
        "sasl.oauthbearer.client.secret": "hidden",
        "sasl.oauthbearer.token.endpoint.url": "https://who.example/token",
        "sasl.oauthbearer.scope": "kafka",
    }
    assert "hidden" not in repr(access)


@pytest.mark.parametrize("tries", range(4))
def test_a_host_that_is_away_is_passed_over(tries: int) -> None:
    """Whichever of the two is asked first."""
    asked: list[str] = []
    with answering_json(asked) as url:
        client = opensearch.client(f"http://127.0.0.1:{free_port()},{url}/", timeout_s=5, connections=1)

        found = [client.info()["name"] for _ in range(3)]

    assert (found, len(asked)) == (["here"] * 3, 3)


def test_what_a_host_answers_is_the_clusters_answer() -> None:
    asked: list[str] = []
    with answering_json(asked, status=503) as one, answering_json(asked, status=503) as other:
        client = opensearch.client(f"{one},{other}", timeout_s=5, connections=1)

        with pytest.raises(TransportError):
            client.info()

    assert len(asked) == 1


@contextmanager
def answering_json(asked: list[str], status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"name": "here"}')

        def log_message(self, *_: object) -> None:
            return

    with http_server(Handler) as server:
        yield address(server)


def test_addresses_are_by_commas_and_a_password_may_have_one() -> None:
    access = OpenSearchAccess(url="https://me:a,b@one:9200/, https://two:9200")

    assert access.urls == ("https://me:a,b@one:9200", "https://two:9200")


def test_every_broker_that_is_named_is_asked() -> None:
    named = "one:9092,two:9092,three:9092"

    assert access_config(named)["bootstrap.servers"] == named
    assert kafka_async.access_config(named)["bootstrap_servers"] == named
