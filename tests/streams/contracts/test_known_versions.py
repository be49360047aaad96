from http.server import BaseHTTPRequestHandler

import pytest
from prometheus_client import REGISTRY

from ops.settings import Settings
from sinks.analytics.sales_facts import MODEL
from streams.contracts import known_versions
from tests.support.examples import newest
from tests.support.http_server import http_server

PAGE = """\
# TYPE rustok_feed_knows_version gauge
rustok_feed_knows_version{feed="sales-v1",event_type="order.placed"} 3.0
"""


@pytest.fixture
def page():
    """The port of a feed's page of metrics, and what it shows."""
    shown = [PAGE]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name http.server calls
            self.send_response(200)
            self.end_headers()
            self.wfile.write(shown[0].encode())

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    with http_server(Handler) as server:
        yield server.server_port, shown


def asked(port):
    consumers = known_versions.everybody(Settings(feed={"sales": {"metrics_port": port}}), ask=True)
    return next(each for each in consumers if each.name == "sales")


def test_a_running_feed_is_believed_whatever_this_code_knows(page):
    port, _ = page

    sales = asked(port)

    assert (sales.source, sales.knows("order.placed")) == ("feed", 3)
    assert sales.knows("order.cancelled") == 0  # it does not name it


@pytest.mark.parametrize("text", ["", "# TYPE rustok_other gauge\nrustok_other 1\n"])
def test_of_a_feed_that_does_not_say_it_the_code_is_asked(page, text):
    port, shown = page
    shown[0] = text

    sales = asked(port)

    assert (sales.source, sales.knows("order.cancelled")) == ("code", newest("order.cancelled"))


def test_of_a_feed_that_is_down_the_code_is_asked():
    assert asked(9).source == "code"


def test_a_feed_says_what_its_code_knows():
    known_versions.tell(MODEL)

    labels = {"feed": MODEL.id, "event_type": "order.cancelled"}
    assert REGISTRY.get_sample_value("rustok_feed_knows_version", labels) == newest("order.cancelled")
