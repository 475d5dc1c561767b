"""Which addresses are the internet's, and which are somebody's own network."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IPv6 of the internet is in here alone. Within it: protocol assignments with Teredo, documentation, 6to4.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_GLOBAL = tuple(IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# How a network that speaks IPv6 alone writes the addresses of IPv4 (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
# What the interpreter may take for global: anycast of 6to4, and "this network", whatever its version says.
_NOT_GLOBAL_4 = tuple(IPv4Network(each) for each in ("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4"))


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)


def is_public(address: Address) -> bool:
    """Whether it leads to the internet: not private, loopback, link-local, shared, multicast, reserved, nor an IPv6 form of
    such an IPv4 address."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not _within(address, _NOT_GLOBAL_4)
    inner = embedded(address)
    if inner is not None:
        return is_public(inner)
    return address in _GLOBAL_UNICAST and not _within(address, _NOT_GLOBAL)


def is_permitted(address: Address, allowed: Sequence[Network]) -> bool:
    """Public, or within what whoever runs the service allowed; an IPv6 form of an IPv4 address is that address."""
    plain = (embedded(address) or address) if isinstance(address, IPv6Address) else address
    return is_public(address) or _within(plain, allowed) or _within(address, allowed)


def embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that such an address reaches."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _within(address: Address, ranges: Sequence[Network]) -> bool:
    return any(address.version == each.version and address in each for each in ranges)
