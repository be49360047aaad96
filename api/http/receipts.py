"""A receipt names one version of one aggregate, for one tenant, and is signed: nobody can make one up and have us wait.

    1 byte   how it is written (1)
    1 byte   length of the aggregate's name, and the name
    16 bytes the aggregate's id
    varint   its version
    varint   its epoch: versions are compared inside an epoch only
    16 bytes HMAC-SHA-256 of all that and the tenant's id, cut short

as base64url without padding: about 60 characters, so that fifty of them fit into the address of a request.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.domain.errors import Invalid, Refused
from api.store import epochs

HEADER: Final = "Rustok-Receipt"
_WRITTEN_AS: Final = 1
_MAC_BYTES: Final = 16
_ID_BYTES: Final = 16
_LONGEST: Final = 200


class NotVisibleYet(Refused):
    """The read model does not show the change yet; nothing is lost, ask again."""

    code = "not_visible_yet"
    retry_after_s = 1


class TooManyWaiting(Refused):
    """There is no place for another request that waits. Without receipts it is answered at once."""

    code = "too_many_waiting"
    retry_after_s = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    aggregate: str
    id: UUID
    version: int
    epoch: int = 0


def receipt_of(aggregate: str, id_: UUID, version: int) -> Receipt:
    """Of the change that was just written, or of what was just read."""
    return Receipt(aggregate, id_, version, epochs.current())


class Receipts:
    """Signs and reads receipts with a key of their own, made from the one that signs tokens."""

    def __init__(self, token_key: str) -> None:
        self._key = hmac.digest(token_key.encode(), b"rustok receipts", "sha256")

    def text(self, tenant_id: UUID, receipt: Receipt) -> str:
        name = receipt.aggregate.encode()
        plain = (
            bytes((_WRITTEN_AS, len(name)))
            + name
            + receipt.id.bytes
            + _varint(receipt.version)
            + _varint(receipt.epoch)
        )
        return base64.urlsafe_b64encode(plain + self._mac(tenant_id, plain)).rstrip(b"=").decode()

    def read(self, tenant_id: UUID, text: str) -> Receipt:
        """Raises `Invalid` for everything but what `text` gave for this tenant. Asks nobody."""
        try:
            if len(text) > _LONGEST:
                raise ValueError("too long")
            given = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            plain, mac = given[:-_MAC_BYTES], given[-_MAC_BYTES:]
            if not hmac.compare_digest(mac, self._mac(tenant_id, plain)):
                raise ValueError("not signed by us for this tenant")
            return _parse(plain)
        except (binascii.Error, ValueError, IndexError) as wrong:
            raise Invalid.field("after", "malformed", "It is not a receipt of this shop.") from wrong

    def _mac(self, tenant_id: UUID, plain: bytes) -> bytes:
        return hmac.digest(self._key, tenant_id.bytes + plain, "sha256")[:_MAC_BYTES]


def _parse(plain: bytes) -> Receipt:
    if plain[0] != _WRITTEN_AS:
        raise ValueError("written in another way")
    end = 2 + plain[1]
    id_end = end + _ID_BYTES
    version, next_ = _read_varint(plain, id_end)
    epoch, after = _read_varint(plain, next_)
    if after != len(plain):
        raise ValueError("something follows")
    return Receipt(plain[2:end].decode(), UUID(bytes=plain[end:id_end]), version, epoch)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that another byte follows."""
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*made, number))


def _read_varint(plain: bytes, at: int) -> tuple[int, int]:
    """The number, and where the next thing is."""
    number = shift = 0
    while plain[at] > 0x7F:
        number |= (plain[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return number | plain[at] << shift, at + 1
