"""An answer is what the application said, whole; to a HEAD with the length that a GET would have."""

from typing import Any

import pytest
from flask import Flask, Response

from api.http.server.wsgi_call import HttpAnswer, call, environ_of


def asked(method: str, path: str) -> HttpAnswer:
    app = Flask(__name__)
    app.add_url_rule("/known", "known", lambda: Response("x" * 1357))
    app.add_url_rule("/streamed", "streamed", lambda: Response(iter(["a", "b"])))
    scope: dict[str, Any] = {
        "method": method, "raw_path": path.encode(), "query_string": b"", "http_version": "1.1", "headers": [],
    }  # fmt: skip
    return call(app, environ_of(scope, b""))


@pytest.mark.parametrize(("path", "lengths"), [("/known", [b"1357"]), ("/streamed", [])])
def test_a_head_says_the_length_of_what_a_get_answers_where_it_is_known(path: str, lengths: list[bytes]) -> None:
    head, get = asked("HEAD", path), asked("GET", path)

    assert (head.of_head, head.body) == (True, b"")
    assert [value for name, value in head.headers if name.lower() == b"content-length"] == lengths
    assert (get.of_head, [name for name, _ in get.headers if name.lower() == b"content-length"]) == (False, [])
