"""Shows whose a domain is: whoever has it publishes a proof there, in the DNS or in a file.

The file is asked for at public addresses only, without redirects: a name that leads into our own network is not
followed. In development nobody has to show anything.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final

import dns.exception
import dns.rdatatype
import dns.resolver

from ops.failure import Failure
from ops.settings import Settings

#: Where the TXT record is, before the domain, and what stands before the proof in it.
DNS_LABEL: Final = "_rustok"
DNS_PREFIX: Final = "rustok-domain="
FILE_PATH: Final = "/.well-known/rustok-domain"
_HTTP_PORT: Final = 80
_MOST_ADDRESSES: Final = 2
#: For the DNS, and for the file of each address.
_PATIENCE_S: Final = 3.0
_MOST_BYTES: Final = 4096


class TrustedDomains:
    """Nothing has to be shown: for development."""

    at_once: Final = True

    def proves(self, domain: str, proof: str) -> bool:
        return True


class PublishedProof:
    """`resolver` is that of the host when it is not given; `may_ask` says which addresses the file is asked for at."""

    at_once: Final = False

    def __init__(
        self,
        resolver: dns.resolver.Resolver | None = None,
        *,
        http_port: int = _HTTP_PORT,
        may_ask: Callable[[str], bool] = lambda address: ipaddress.ip_address(address).is_global,
    ) -> None:
        self._resolver = resolver
        self._http_port = http_port
        self._may_ask = may_ask

    def proves(self, domain: str, proof: str) -> bool:
        """Takes up to 15 seconds, when nobody answers."""
        if f"{DNS_PREFIX}{proof}" in self._records(f"{DNS_LABEL}.{domain}", "TXT"):
            return True
        addresses = [*self._records(domain, "A"), *self._records(domain, "AAAA")]
        allowed = [address for address in addresses if self._may_ask(address)]
        return any(self._has_file(address, domain, proof) for address in allowed[:_MOST_ADDRESSES])

    def _records(self, name: str, kind: str) -> Sequence[str]:
        try:
            resolver = self._resolver or dns.resolver.Resolver()
            found = resolver.resolve(name, kind, lifetime=_PATIENCE_S, search=False)
        except dns.exception.DNSException:
            return ()
        if kind == "TXT":
            return [b"".join(one.strings).decode("ascii", "replace") for one in found]
        return [str(one.address) for one in found]

    def _has_file(self, address: str, domain: str, proof: str) -> bool:
        request = f"GET {FILE_PATH} HTTP/1.0\r\nHost: {domain}\r\nUser-Agent: rustok-domain-check\r\n\r\n"
        until = time.monotonic() + _PATIENCE_S
        try:
            with closing(socket.create_connection((address, self._http_port), timeout=_PATIENCE_S)) as connection:
                connection.sendall(request.encode())
                return _is_answer(connection, until, proof.encode())
        except OSError:
            return False


def domain_check(settings: Settings) -> TrustedDomains | PublishedProof:
    """As the settings say. Raises `Failure` for what must not be."""
    if settings.domain_check == "proof":
        return PublishedProof()
    if settings.environment == "production":
        raise Failure(
            "RUSTOK_DOMAIN_CHECK is none, which is for development: any shop could take any domain.",
            "Leave it out, or set it to proof.",
        )
    return TrustedDomains()


def _is_answer(connection: socket.socket, until: float, proof: bytes) -> bool:
    """Whether what comes until then is a document that is the proof."""
    answer = b""
    while len(answer) < _MOST_BYTES and (left_s := until - time.monotonic()) > 0:
        connection.settimeout(left_s)
        part = connection.recv(_MOST_BYTES)
        if not part:
            break
        answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.startswith((b"HTTP/1.0 200 ", b"HTTP/1.1 200 ")) and body.strip() == proof
