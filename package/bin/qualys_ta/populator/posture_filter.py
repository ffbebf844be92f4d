"""A person's filters, applied once more on our side: platforms have been seen to ignore `status` and others.

What says nothing of a filtered property fits: it was sent although it was filtered there, and nothing shows that it
does not belong. Filters that no property of a posture tells of (tags, asset groups) are the platform's alone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from typing import Callable, NamedTuple, Optional

from ..errors import ConfigError
from .posture_text import is_number

_SPAN = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?")

Span = tuple[int, int]
Address = tuple[int, int]
"""Version and number, so that addresses of one kind stand together."""

Test = Callable[[str], bool]


class Facts(NamedTuple):
    """What a posture can be filtered by; "" is not known. A host may have several addresses, by commas."""

    id: str
    host: str
    addresses: str
    control: str
    status: str
    criticality: str
    criticality_value: str


Fits = Callable[[Facts], bool]


def posture_filter(params: Mapping[str, str], setting: str = "") -> Optional[Fits]:
    """What tells whether a posture fits a person's parameters; None where these filter nothing.

    Raises ConfigError, naming `setting`, for a filter that cannot be read.
    """
    tests = [
        (Facts._fields.index(fact), made(params[name], name, setting))
        for name, (fact, made) in _FILTERS.items()
        if params.get(name, "").strip()
    ]
    if not tests:
        return None

    def fits(facts: Facts) -> bool:
        return all(not facts[fact] or test(facts[fact]) for fact, test in tests)

    return fits


def spans(text: str, name: str, setting: str) -> list[Span]:
    """Ids and ranges of ids (``1,5-9``). Raises ConfigError."""
    found = []
    for item in _items(text):
        match = _SPAN.fullmatch(item)
        if not match:
            raise ConfigError(f"{name}: {item[:80]!r} is neither a number nor a range such as 5-9.", setting)
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise ConfigError(f"{name}: {item!r} ends before it starts.", setting)
        found.append((first, last))
    return found


def numbers(text: str, name: str, setting: str) -> Test:
    return _among(spans(text, name, setting))


def _among(wanted: Collection[Span]) -> Test:
    single = {first for first, last in wanted if first == last}
    ranges = [(first, last) for first, last in wanted if first != last]

    def test(text: str) -> bool:
        if not is_number(text):
            return True
        number = int(text)
        return number in single or any(first <= number <= last for first, last in ranges)

    return test


def _words(text: str, _name: str, _setting: str) -> Test:
    wanted = {item.casefold() for item in _items(text)}
    return lambda word: word.casefold() in wanted


def _addresses(text: str, name: str, setting: str) -> Test:
    """IPv4 and IPv6: addresses, ranges (``10.0.0.1-10.0.0.9``) and networks (``10.0.0.0/8``)."""
    wanted = []
    for item in _items(text):
        try:
            wanted.append(_span(item))
        except ValueError:
            raise ConfigError(f"{name}: {item[:80]!r} is no IP address, range or network.", setting) from None

    def test(addresses: str) -> bool:
        known = [address for address in map(_address, addresses.split(",")) if address]
        return not known or any(first <= address <= last for address in known for first, last in wanted)

    return test


def _span(text: str) -> tuple[Address, Address]:
    """First and last address. Raises ValueError."""
    if "/" in text:
        network = ipaddress.ip_network(text, strict=False)
        ends = str(network.network_address), str(network.broadcast_address)
    else:
        first, dash, last = text.partition("-")
        ends = first, last if dash else first
    first_found, last_found = (_address(end.strip()) for end in ends)
    if not first_found or not last_found or first_found[0] != last_found[0]:
        raise ValueError(text)
    return first_found, last_found


def _address(text: str) -> Optional[Address]:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.version, int(address)


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


_FILTERS: Mapping[str, tuple[str, Callable[[str, str, str], Test]]] = {
    "ids": ("id", numbers),
    "host_ids": ("host", numbers),
    "ips": ("addresses", _addresses),
    "control_ids": ("control", numbers),
    "status": ("status", _words),
    "criticality_labels": ("criticality", _words),
    "criticality_values": ("criticality_value", numbers),
}
"""API parameter -> the fact it filters by, and what makes its test."""
