"""Every answer tells a browser what it may do with it: nothing, and of the pages about the API what they need."""

import re
from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.http.server import refusals
from api.http.server.trusted_proxies import TrustedProxies, networks

#: ASVS 3.4.3 to 3.4.6 and 3.4.8.
TOLD = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
HTTPS = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (one.split() for one in policy.split(";"))}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/health/live", 200),
        ("/openapi.json", 200),
        ("/docs", 200),
        ("/docs/start.js", 200),
        ("/docs/swagger-ui.css", 200),
        ("/docs/nothing.css", 404),
        ("/metrics", 200),
        ("/v1/products", 401),
        ("/nowhere", 404),
        ("/subjects", 401),
        ("/", 200),
    ],
)
def test_every_answer_says_what_a_browser_may_do_with_it(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)

    policy = directives(answer.headers["Content-Security-Policy"])
    assert answer.status_code == status
    assert TOLD.items() <= dict(answer.headers).items()
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert "'unsafe-inline'" not in policy.get("script-src", ["'unsafe-inline'"] if path == "/docs" else [])


def test_what_is_refused_before_the_application_says_it_too() -> None:
    for refusal in (refusals.MALFORMED, refusals.QUEUE_FULL):
        told = {name.decode(): value.decode() for name, value in refusals.answer(refusal).headers}

        assert {name.lower(): value for name, value in TOLD.items()}.items() <= told.items()
        assert "default-src 'none'" in told["content-security-policy"]


def test_the_page_about_the_api_has_no_script_in_it(client: FlaskClient) -> None:
    page = client.get("/docs").text

    assert re.findall(r"<script(?![^>]*\bsrc=\"/docs/)[^>]*>", page) == []
    assert re.findall(r"<script[^>]*>[^<]+</script>|\son\w+=|javascript:|<style", page) == []


def test_who_came_by_tls_through_our_proxy_is_told_to_stay_with_it(
    app: APIFlask, as_role: Callable[..., dict[str, str]]
) -> None:
    app.wsgi_app = TrustedProxies(app.wsgi_app, networks("10.0.0.0/8"))  # type: ignore[method-assign]
    client = app.test_client()

    def said(peer: str) -> str | None:
        answer = client.get("/health/live", headers=HTTPS, environ_base={"REMOTE_ADDR": peer})
        return answer.headers.get("Strict-Transport-Security")

    assert (said("10.0.0.1"), said("203.0.113.7")) == ("max-age=31536000", None)
