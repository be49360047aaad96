"""Says which addresses a request that strangers ask us for may go to: public ones, and what a setting allows.

Whoever names a URL must not reach through us what only we reach: private, loopback, link-local and metadata addresses,
in IPv4, IPv6, and IPv4 that is wrapped in IPv6.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
#: Networks whose addresses have an IPv4 address in their last 32 bits (NAT64), or behind their first 16 (6to4).
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("::/96"))
_6TO4: Final = IPv6Network("2002::/16")
_TEREDO: Final = IPv6Network("2001::/32")
LONGEST_URL: Final = 2000


class NotAllowed(Exception):
    """Where a request may not go; the text says why, and nothing of who is there."""


@dataclass(frozen=True, slots=True)
class PrivateHosts:
    """What may be reached though it is not public: hosts by their names, addresses by their networks."""

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, setting: str) -> "PrivateHosts":
        """By commas; what is no address and no network is a name."""
        names, networks = set[str](), list[Network]()
        for one in filter(None, (part.strip().lower() for part in setting.split(","))):
            try:
                networks.append(ip_network(one, strict=False))
            except ValueError:
                names.add(one)
        return cls(frozenset(names), tuple(networks))

    def allow(self, host: str, address: Address) -> bool:
        """Whether `address`, which `host` has, is public or allowed."""
        return is_public(address) or host.lower() in self.names or self._has(address)

    def name(self, host: str) -> bool:
        """Whether this host is one of them as far as its name says: then plain http will do."""
        address = _address(host)
        return host.lower() in self.names or (address is not None and self._has(address))

    def _has(self, address: Address) -> bool:
        return any(address in network for network in self.networks if network.version == address.version)


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL names: `path` with its query, as it is sent."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


_PORTS: Final = {"https": 443, "http": 80}


def target_of(url: str, private: PrivateHosts) -> Target:
    """Raises `NotAllowed` for what is no URL to send something to, as far as the text alone says."""
    if len(url) > LONGEST_URL or not url.isascii() or any(letter <= " " or letter == "\x7f" for letter in url):
        raise NotAllowed(f"It is a URL of at most {LONGEST_URL} letters of ASCII, without spaces.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as wrong:
        raise NotAllowed("It is no URL.") from wrong
    if parts.scheme not in _PORTS or not host or port == 0:
        raise NotAllowed("It begins with https:// and names a host.")
    if "@" in parts.netloc or parts.fragment:
        raise NotAllowed("It has no user, no password and no fragment.")
    if parts.scheme == "http" and not private.name(host):
        raise NotAllowed("It begins with https://.")
    address = _address(host)
    if address is not None and not private.allow(host, address):
        raise NotAllowed("Nothing is sent to private addresses.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def is_public(address: Address) -> bool:
    """Whether everybody reaches it: this address, and any that is wrapped in it."""
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in _all_of(address))


def _all_of(address: Address) -> Iterator[Address]:
    if isinstance(address, IPv6Address):
        wrapped = _wrapped(address)
        if wrapped is not None:
            yield wrapped
            if address.ipv4_mapped is not None or address in _NAT64[0]:
                return  # there is nobody but the one that is wrapped
    yield address


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _6TO4:
        return address.sixtofour
    if address in _TEREDO and address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
