"""What a feed asks a registry, with what it comes, and what it makes of the answers."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import jwt
import pytest

from ops.service_token import SERVICE_AUDIENCE
from ops.settings import Settings
from schemas.event_codec import Decoder, NewerThanKnown
from sinks.sink import Unavailable
from streams.schema_source import RegistryClient, authorization
from tests.support.http_server import address, http_server

KEY = "a key for tests, long enough to sign"


@contextmanager
def answering(status: int, body: object) -> Iterator[tuple[str, list[str]]]:
    """Its URL, and the authorizations it has been asked with."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers.get("Authorization", ""))
            told = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    with http_server(Handler) as server:
        yield address(server), heard


@pytest.mark.parametrize("status", [401, 403])
def test_a_registry_that_refuses_us_is_waited_for(status: int) -> None:
    with answering(status, {}) as (url, _), pytest.raises(Unavailable, match="RUSTOK_REGISTRY_TOKEN"):
        RegistryClient(url).text_of(1)


def test_a_registry_that_is_down_is_waited_for() -> None:
    with answering(200, {}) as (url, _):
        pass
    with pytest.raises(Unavailable, match="does not answer"):
        RegistryClient(url).text_of(1)


def test_a_registry_that_does_not_know_an_id_says_so() -> None:
    with answering(404, {"error_code": 40403, "message": "Schema 1 not found"}) as (url, _):
        assert RegistryClient(url).text_of(1) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, "nothing here"),
        (404, {"error": "no route"}),
        (404, {"error_code": 404, "message": "HTTP 404 Not Found"}),
        (404, {"error_code": 40401, "message": "Subject not found"}),
        (404, [40403]),
        (301, {}),
        (204, {}),
        (500, {"error_code": 40403}),
        (200, "welcome"),
        (200, {}),
        (200, {"schema": None}),
        (200, {"schema": {"type": "record"}}),
        (200, {"schema": "<html></html>"}),
        (200, {"schema": "{}"}),
        (200, {"schema": "7"}),
        (200, {"schema": "[" * 100_000}),
    ],
)
def test_what_does_not_speak_like_a_registry_is_waited_for(status: int, body: object) -> None:
    with answering(status, body) as (url, _), pytest.raises(Unavailable, match="schema registry"):
        RegistryClient(url).text_of(1)


def test_a_page_in_the_registrys_place_is_waited_for() -> None:
    with answering(200, "<html>") as (url, _), pytest.raises(Unavailable):
        RegistryClient(url).text_of(1)


def test_a_schema_in_another_language_is_no_event_and_stops_nobody() -> None:
    with (
        answering(200, {"schema": 'syntax = "proto3";', "schemaType": "PROTOBUF"}) as (url, _),
        pytest.raises(NewerThanKnown),
    ):
        Decoder(RegistryClient(url)).decode(b"\x00\x00\x00\x00\x01")


def test_the_api_is_asked_with_a_token_of_our_own_that_is_good_for_a_minute() -> None:
    with answering(200, {"schema": '"int"'}) as (url, heard):
        told = RegistryClient.of(Settings(api_url=url, service_key=KEY), "feed-sales").text_of(1)

    claims = jwt.decode(heard[0].removeprefix("Bearer "), KEY, algorithms=["HS256"], audience=SERVICE_AUDIENCE)
    assert told == '"int"'
    assert (claims["sub"], claims["role"], claims["exp"] - claims["iat"]) == ("feed-sales", "service", 60)


def test_somebody_elses_registry_never_sees_a_token_of_ours() -> None:
    with answering(200, {"schema": '"int"'}) as (url, heard):
        RegistryClient.of(Settings(registry_url=url, service_key=KEY), "feed-sales").text_of(1)

    assert heard == [""]


def test_without_a_key_there_is_no_token_and_the_registry_may_refuse_us() -> None:
    assert authorization(Settings(api_url="http://elsewhere", service_key=""), "feed-sales") == ""


def test_a_token_that_is_given_is_sent_as_it_is_or_as_a_password() -> None:
    given = Settings(registry_url="http://elsewhere", registry_token="secret", service_key=KEY)
    as_password = given.model_copy(update={"registry_user": "key"})

    assert authorization(given, "feed-sales") == "Bearer secret"
    assert authorization(as_password, "feed-sales") == "Basic " + base64.b64encode(b"key:secret").decode()
