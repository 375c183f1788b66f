"""Addresses of this machine, told without looking up any name."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """Return the host that a URL, or a host with a port, names."""
    return (urlsplit(url if "//" in url else f"//{url}").hostname or "").rstrip(".")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine's loopback: localhost, names under it, 127.0.0.0/8."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return any(each.is_loopback for each in _addresses(host))


def is_unspecified(host: str) -> bool:
    """Return whether a host is an address that stands for all of this machine's, as 0.0.0.0."""
    return any(each.is_unspecified for each in _addresses(host))


def _addresses(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Return the address that a host is, with the one of IPv4 that it maps; none for a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return []
    mapped = getattr(address, "ipv4_mapped", None)
    return [address] if mapped is None else [address, mapped]
