"""The address somebody asks from, as limits count it: of IPv6 the network of 64 bits, which one customer has whole."""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

_PREFIX: Final = 64


def counted(address: str) -> str:
    """Empty for what is no address: whoever counts refuses that."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, _PREFIX), strict=False))
