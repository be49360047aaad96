"""Takes webhooks of the test provider to the API of this platform, over HTTP, as a provider on the internet would."""

import threading
from collections.abc import Mapping
from typing import Final

import httpx
import structlog

_PATIENCE_S: Final = 5.0
_log = structlog.get_logger(__name__)


class OwnApi:
    """A `Deliver`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, headers: Mapping[str, str], body: bytes, after_s: float) -> None:
        if after_s <= 0:
            self._send(headers, body)
            return
        timer = threading.Timer(after_s, self._send, (headers, body))
        timer.daemon = True
        timer.start()

    def _send(self, headers: Mapping[str, str], body: bytes) -> None:
        try:
            httpx.post(self._url, content=body, headers=dict(headers), timeout=_PATIENCE_S, trust_env=False)
        except httpx.HTTPError as lost:  # whoever asks the provider again has it sent again
            _log.warning("test_webhook_lost", reason=type(lost).__name__)
