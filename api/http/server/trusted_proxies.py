"""Says who asks from where, and what they asked for, behind proxies: before anything else looks at a request.

Forwarded headers count only when the peer is one of our proxies. Their list is read from the right, past our own
proxies; what is left of the first stranger was written by strangers. Whatever does not count is taken away, so nobody
behind this can read it by mistake.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, Literal

from api.http.server.wsgi_call import Environ, Wsgi

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
ProxyHeaders = Literal["X-Forwarded", "Forwarded"]
#: A longer chain of proxies is nobody's.
_MOST_HOPS: Final = 20
_SCHEMES: Final = frozenset({"http", "https"})
_DROPPED: Final = ("HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_CLIENT_IP", "HTTP_TRUE_CLIENT_IP")


@dataclass(frozen=True, slots=True)
class _Hop:
    """What one proxy says of whoever spoke to it; empty: it does not say."""

    client: str
    scheme: str
    host: str


def networks(setting: str) -> Networks:
    """As the setting has them: addresses or CIDRs by commas. Raises `ValueError` for anything else."""
    return tuple(ip_network(one.strip()) for one in setting.split(",") if one.strip())


class TrustedProxies:
    """A WSGI application around another, which sees the client where the proxy was."""

    def __init__(self, app: Wsgi, proxies: Networks, headers: ProxyHeaders = "X-Forwarded") -> None:
        self._app = app
        self._proxies = proxies
        self._read = _forwarded if headers == "Forwarded" else _x_forwarded

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        peer = _address(environ.get("REMOTE_ADDR", ""))
        told = self._read(environ) if self._proxies and self._is_ours(peer) else ()
        for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED") or name in _DROPPED]:
            del environ[name]
        if peer is not None:
            self._take(environ, peer, told)
        return self._app(environ, start_response)

    def _take(self, environ: Environ, peer: Address, told: Sequence[_Hop]) -> None:
        client, last = peer, None
        for hop in reversed(told[-_MOST_HOPS:]):
            before = _address(hop.client)
            last = hop
            if before is None:
                break  # a proxy of ours does not know, or does not say
            client = before
            if not self._is_ours(before):
                break
        environ["REMOTE_ADDR"] = str(client)
        if last is not None and last.scheme.lower() in _SCHEMES:
            environ["wsgi.url_scheme"] = last.scheme.lower()
        if last is not None and last.host:
            environ["HTTP_HOST"] = last.host

    def _is_ours(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._proxies)


def _address(text: str) -> Address | None:
    """With or without a port, in brackets or not; an IPv4 address in IPv6 clothes is what it is."""
    name = text.strip().strip('"')
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    try:
        found = ip_address(name.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _x_forwarded(environ: Environ) -> Sequence[_Hop]:
    """Scheme and host belong to the hops from the right; a proxy that sets them anew says them once, for all."""
    clients = _listed(environ.get("HTTP_X_FORWARDED_FOR", ""))
    schemes = _aligned(_listed(environ.get("HTTP_X_FORWARDED_PROTO", "")), len(clients))
    hosts = _aligned(_listed(environ.get("HTTP_X_FORWARDED_HOST", "")), len(clients))
    return [_Hop(*hop) for hop in zip(clients, schemes, hosts, strict=True)]


def _aligned(values: Sequence[str], hops: int) -> Sequence[str]:
    """So many from the right; where there are fewer, the leftmost of them stands for what is left of it."""
    if not values:
        return [""] * hops
    kept = values[-hops:] if hops else []
    return [*[values[0]] * (hops - len(kept)), *kept]


def _forwarded(environ: Environ) -> Sequence[_Hop]:
    """RFC 7239."""
    hops = []
    for element in _listed(environ.get("HTTP_FORWARDED", "")):
        pairs = (pair.partition("=") for pair in element.split(";"))
        said = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
        hops.append(_Hop(said.get("for", ""), said.get("proto", ""), said.get("host", "")))
    return hops


def _listed(header: str) -> list[str]:
    return [one.strip() for one in header.split(",")] if header else []
