"""Four findings tell more about their host than about a weakness: open ports, scan time, whether a reboot is due.

What they say becomes fields of the HOSTSUMMARY. Names of the fields: the vendor's add-on 1.10.8. Form of the RESULTS:
tables with a head and tabs between the columns (82023, 82004), one sentence (45038), free text (90126).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

from .keyvalue import single_line

OPEN_TCP, OPEN_UDP, SCAN_TIME, REBOOT = "82023", "82004", "45038", "90126"
QIDS = frozenset((OPEN_TCP, OPEN_UDP, SCAN_TIME, REBOOT))
FIELDS = ("TCP_PORT", "TCP_PORT_SERVICE", "UDP_PORT", "UDP_PORT_SERVICE", "SCAN_DURATION", "REBOOT_PENDING")

_HIGHEST_PORT = 65_535
_PORT = re.compile(r"[0-9]{1,5}")
_IANA_NAME, _DETECTED = 1, 3
"""Columns of the tables of ports; the first one is the port."""

_DURATION = re.compile(r"\s*Scan duration:\s*([0-9]{1,9})\s+second", re.IGNORECASE)
_NO_REBOOT = re.compile(
    r"\bno (?:pending )?reboot|\bnot (?:pending|required|needed)\b|\breboot[^\n]*[:=]\s*(?:no|false|0)\b", re.IGNORECASE
)


class Told(NamedTuple):
    """A finding with one of the `QIDS`, as the platform told it. `status` in capitals, "" for information gathered."""

    qid: str
    status: str
    results: str


def told_by(host: Element) -> Iterator[Told]:
    """What a HOST's findings with one of the `QIDS` tell. The platform has been seen to break numbers over lines."""
    for detection in host.iterfind("DETECTION_LIST/DETECTION"):
        qid = "".join((detection.findtext("QID") or "").split())
        if qid in QIDS:
            status = (detection.findtext("STATUS") or "").strip().upper()
            yield Told(qid, status, detection.findtext("RESULTS") or "")


def summary_fields(told: Iterable[Told]) -> Iterator[str]:
    """``TCP_PORT="22,443"``, … in the order of `FIELDS`; nothing for what no finding tells."""
    by_qid: dict[str, list[Told]] = {}
    for each in told:
        by_qid.setdefault(each.qid, []).append(each)
    yield from _ports("TCP", by_qid.get(OPEN_TCP, ()))
    yield from _ports("UDP", by_qid.get(OPEN_UDP, ()))
    yield from _scan_duration(by_qid.get(SCAN_TIME, ()))
    yield from _reboot_pending(by_qid.get(REBOOT, ()))


def _ports(protocol: str, told: Iterable[Told]) -> Iterator[str]:
    services = {port: service for each in _standing(told) for port, service in _rows(each.results)}
    if services:
        ports = sorted(services)
        yield f'{protocol}_PORT="{",".join(map(str, ports))}"'
        yield f'{protocol}_PORT_SERVICE="{",".join(f"{port}:{services[port]}" for port in ports)}"'


def _rows(results: str) -> Iterator[tuple[int, str]]:
    """Port and service of each row of the table; whatever is no such row, its head included, is left out."""
    for line in results.splitlines():
        cells = line.split("\t")
        port = cells[0].strip()
        if len(cells) > _IANA_NAME and _PORT.fullmatch(port) and 0 < int(port) <= _HIGHEST_PORT:
            detected = cells[_DETECTED] if len(cells) > _DETECTED else ""
            yield int(port), _name(detected) or _name(cells[_IANA_NAME]) or "unknown"


def _name(cell: str) -> str:
    """A service's name in a list with commas; "" where there is none."""
    name = " ".join(single_line(cell).replace(",", " ").split())
    return "" if name.lower() == "unknown" else name


def _scan_duration(told: Iterable[Told]) -> Iterator[str]:
    """Seconds; the longest where scanner and agent both tell theirs."""
    found = [_DURATION.match(each.results) for each in _standing(told)]
    seconds = [int(match.group(1)) for match in found if match]
    if seconds:
        yield f"SCAN_DURATION={max(seconds)}"


def _reboot_pending(told: Iterable[Told]) -> Iterator[str]:
    """``yes`` while a finding stands, ``no`` when it is fixed or says so itself. A host without one says nothing."""
    pending = [each.status != "FIXED" and not _NO_REBOOT.search(each.results) for each in told]
    if pending:
        yield f"REBOOT_PENDING={'yes' if any(pending) else 'no'}"


def _standing(told: Iterable[Told]) -> Iterator[Told]:
    return (each for each in told if each.status != "FIXED")
