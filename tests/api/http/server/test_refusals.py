from api.http.server import refusals
from api.http.server.refusals import QUEUE_FULL


def test_a_page_of_any_origin_reads_when_to_ask_again() -> None:
    headers = dict(refusals.answer(QUEUE_FULL).headers)

    assert headers[b"access-control-allow-origin"] == b"*"
    assert b"Retry-After" in headers[b"access-control-expose-headers"]
