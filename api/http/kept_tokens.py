"""Keeps who a token was found to be of, by the hash of its text: a signature is checked once in each process.

The token itself is kept nowhere. Whether its key is still believed, and who it is of still let in, is asked every time.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Generic, TypeVar

V = TypeVar("V")
MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class KeptToken(Generic[V]):
    """`ends_s` counts from 1970; `kid` names the published key it was signed with, if it was one."""

    verified: V
    ends_s: float
    kid: str | None


class KeptTokens(Generic[V]):
    """Those that were used last, `most` of them."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, KeptToken[V]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, token: str, now_s: float) -> KeptToken[V] | None:
        """None for one that has ended."""
        name = _name(token)
        with self._lock:
            found = self._kept.get(name)
            if found is None or found.ends_s <= now_s:
                self._kept.pop(name, None)
                return None
            self._kept.move_to_end(name)
        return found

    def keep(self, token: str, kept: KeptToken[V]) -> None:
        with self._lock:
            self._kept[_name(token)] = kept
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _name(token: str) -> bytes:
    return sha256(token.encode(errors="surrogatepass")).digest()
