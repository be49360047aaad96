"""Says on which headers of the request an answer depends."""

from typing import Final

from flask import Response

_VARY: Final = "Vary"


def depends_on(response: Response, *headers: str) -> None:
    """Besides what it is said to depend on. Werkzeug reads and writes the whole list for each."""
    held = response.headers.get(_VARY)
    response.headers[_VARY] = ", ".join(headers if held is None else (held, *headers))
