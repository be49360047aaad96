from uuid import UUID

import pytest
from flask.testing import FlaskClient

from api.http.middleware.request_ids import trace_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_the_trace_goes_on_with_a_span_of_ours() -> None:
    trace = trace_of(f"00-{TRACE}-00f067aa0ba902b7-01", "checkout-7")

    assert (trace.trace_id, trace.correlation_id) == (TRACE, "checkout-7")
    assert trace.traceparent.startswith(f"00-{TRACE}-")
    assert "00f067aa0ba902b7" not in trace.traceparent


@pytest.mark.parametrize(
    "given", [None, "", "nonsense", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{TRACE}-{'0' * 16}-01"]
)
def test_a_malformed_trace_is_as_good_as_none(given: str | None) -> None:
    trace = trace_of(given, None)

    assert trace.trace_id != TRACE
    assert UUID(trace.correlation_id) == trace.request_id


def test_the_ids_are_echoed(client: FlaskClient) -> None:
    answer = client.get(
        "/health/live", headers={"X-Correlation-Id": "checkout-7", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    )

    assert answer.headers["X-Correlation-Id"] == "checkout-7"
    assert answer.headers["traceparent"].split("-")[1] == TRACE


@pytest.mark.parametrize("given", ["with space", "a" * 129, "ümlaut"])
def test_an_unusable_correlation_id_is_refused_by_name(client: FlaskClient, given: str) -> None:
    answer = client.get("/health/live", headers={"X-Correlation-Id": given})

    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "X-Correlation-Id"
