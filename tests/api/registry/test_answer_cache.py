"""What is answered without asking anybody, to whom, and for how long."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Response
from werkzeug.test import Client

from api.registry.answer_cache import KEPT_S, AnswerCache, is_unchanging


@dataclass
class Application:
    """Answers everything with a number that goes up."""

    good_for_s: float = 3600
    asked: int = 0
    second: float = 0
    status: str = "200 OK"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        body = str(self.asked).encode()
        if self.status.startswith("200"):
            answer = Response(body, headers={"Content-Type": "text/plain", "Cache-Control": "private"})
            is_unchanging(environ, answer, self.good_for_s)
        told = [("Content-Type", "text/plain"), ("Vary", "Origin"), ("X-Correlation-Id", body.decode())]
        if origin := environ.get("HTTP_ORIGIN"):
            told.append(("Access-Control-Allow-Origin", origin))
        start_response(self.status, told)
        return [body]

    def now_s(self) -> float:
        return self.second


def read(client: Client, path: str = "/schemas/ids/1", who: str = "a", **more: Any) -> str:
    return client.get(path, headers={"Authorization": who, **more}).text


def test_a_caller_gets_what_they_got_a_moment_ago() -> None:
    application = Application()
    client = Client(AnswerCache(application, application.now_s))

    assert [read(client), read(client)] == ["1", "1"]


def test_another_caller_another_schema_and_another_question_are_asked_for() -> None:
    application = Application()
    client = Client(AnswerCache(application, application.now_s))

    told = [read(client), read(client, who="b"), read(client, "/schemas/ids/2"), read(client, "/schemas/ids/1?x=1")]

    assert told == ["1", "2", "3", "4"]
    assert read(client, Accept="application/json") == "5"
    assert read(client, Host="another-shop.example") == "6"


def test_after_a_while_it_is_asked_anew() -> None:
    application = Application()
    client = Client(AnswerCache(application, application.now_s))
    read(client)

    application.second = KEPT_S

    assert read(client) == "2"


def test_a_token_that_ran_out_gets_nothing() -> None:
    application = Application(good_for_s=1)
    client = Client(AnswerCache(application, application.now_s))
    read(client)

    application.second, application.status = 1, "401 Unauthorized"

    assert client.get("/schemas/ids/1", headers={"Authorization": "a"}).status_code == 401


def test_what_was_not_found_is_not_kept() -> None:
    application = Application(status="404 Not Found")
    client = Client(AnswerCache(application, application.now_s))

    assert [read(client), read(client)] == ["1", "2"]


def test_what_a_page_may_read_of_it_is_said_again_and_to_pages_of_the_same_origin_only() -> None:
    application = Application()
    client = Client(AnswerCache(application, application.now_s))
    origins = ("https://a.example", "https://b.example", None)

    def ask(origin: str | None) -> Any:
        return client.get("/schemas/ids/1", headers={} if origin is None else {"Origin": origin})

    first, again = [ask(one) for one in origins], [ask(one) for one in origins]

    assert [answer.text for answer in first] == [answer.text for answer in again] == ["1", "2", "3"]
    assert [answer.headers.get("Access-Control-Allow-Origin") for answer in again] == list(origins)
    assert [answer.headers["Vary"] for answer in again] == ["Origin"] * 3
    assert [answer.headers.get("X-Correlation-Id") for answer in again] == [None] * 3
