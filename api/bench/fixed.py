"""What is the least a read can cost? The same server, answering the same bytes to everything."""

from collections.abc import Iterable
from typing import Any, Final

BODY: Final = b'{"guid":"00000000-0000-0000-0000-000000000000","schema":"' + b"-" * 1000 + b'"}'
_HEADERS: Final = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def application(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", _HEADERS)
    return (BODY,)
