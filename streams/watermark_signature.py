"""Signs watermarks, so that whoever may write to their topic cannot make an answer look fresher than it is.

The header `mac` of a watermark is HMAC-SHA-256 over the record's key, a zero byte and the value. Capture and the feeds
have the key, `RUSTOK_WATERMARK_KEY`.
"""

import hmac
from collections.abc import Iterable
from typing import Final

from ops.failure import Failure
from ops.settings import Settings

HEADER: Final = "mac"
SHORTEST: Final = 32


class WatermarkSignature:
    def __init__(self, key: str) -> None:
        """Raises `ValueError` for a key of fewer than 32 characters."""
        if len(key) < SHORTEST:
            raise ValueError(f"the key that signs watermarks has fewer than {SHORTEST} characters")
        self._key = hmac.digest(key.encode(), b"rustok watermarks", "sha256")

    @classmethod
    def of(cls, settings: Settings) -> "WatermarkSignature":
        """Raises a `Failure` where there is no good key."""
        try:
            return cls(settings.watermark_key.get_secret_value())
        except ValueError as short:
            raise Failure(
                f"There is no good key for watermarks: {short}.",
                "`rustok up` makes one; capture and feeds need the same RUSTOK_WATERMARK_KEY.",
            ) from short

    def header(self, key: bytes, value: bytes) -> tuple[str, bytes]:
        return HEADER, hmac.digest(self._key, key + b"\0" + value, "sha256")

    def is_on(self, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> bool:
        """Whether one of the headers is the one that we would have made."""
        _, wanted = self.header(key or b"", value or b"")
        return any(name == HEADER and mac and hmac.compare_digest(mac, wanted) for name, mac in headers)
