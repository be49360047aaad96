"""Writes and reads the text of a token that a shop gives to a program: a prefix, an id, a secret, a checksum.

    rtk_live_0198c5f3a1b27c10a0b1c2d3e4f50617_<43 letters and digits><6 of the checksum>

The prefix is what scanners for leaked secrets look for. The checksum (CRC-32 of all before it) tells a typing error
without looking anything up. The secret has 256 bits, so a plain hash is all that needs to be kept of it.
"""

import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

_LETTERS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET: Final = 43
CHECKSUM: Final = 6
_TEXT: Final = re.compile(rf"rtk_(live|pub)_([0-9a-f]{{32}})_([0-9A-Za-z]{{{SECRET}}})([0-9A-Za-z]{{{CHECKSUM}}})")
PREFIX: Final = "rtk_"


class TokenKind(StrEnum):
    """`service`: a secret, of a program. `search`: for a storefront's pages, where everybody can read it."""

    SERVICE = "service"
    SEARCH = "search"


_PREFIXES: Final = {TokenKind.SERVICE: "live", TokenKind.SEARCH: "pub"}
_KINDS: Final = {prefix: kind for kind, prefix in _PREFIXES.items()}


@dataclass(frozen=True, slots=True)
class TokenText:
    kind: TokenKind
    id: UUID
    secret: str

    @classmethod
    def new(cls, kind: TokenKind, id_: UUID) -> "TokenText":
        return cls(kind, id_, new_secret())

    @classmethod
    def read(cls, text: str) -> "TokenText | None":
        """None: it is no such text, or somebody mistyped it."""
        found = _TEXT.fullmatch(text)
        if found is None or checksum(text[:-CHECKSUM]) != found[4]:
            return None
        return cls(_KINDS[found[1]], UUID(found[2]), found[3])

    @property
    def text(self) -> str:
        before = f"{PREFIX}{_PREFIXES[self.kind]}_{self.id.hex}_{self.secret}"
        return before + checksum(before)

    @property
    def ending(self) -> str:
        """By which people tell it from others."""
        return self.text[-4:]

    @property
    def hash(self) -> bytes:
        """All that is kept of the secret."""
        return sha256(self.secret.encode()).digest()

    def has(self, kept: bytes) -> bool:
        return hmac.compare_digest(self.hash, kept)


def new_secret() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(SECRET))


def checksum(text: str) -> str:
    rest, letters = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM):
        rest, digit = divmod(rest, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    return letters
