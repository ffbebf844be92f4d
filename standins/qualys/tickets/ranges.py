"""``/msp/asset_range_info.php``: the hosts with some addresses, and all that was found on them.

No recording of it is public; the shape is that of the report on assets, and the texts of the glossary are short.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterable, Iterator
from typing import Optional

from ..catalog import INFO, POTENTIAL
from ..clock import PlatformClock, stamp
from ..dirt import Dirt
from ..exchange import Answer, Call
from ..knowledge_base.draw import CATALOG, draw_entry
from ..markup import DECLARATION, Markup
from ..model import Finding, Host
from ..nodes import Node
from ..parameters import addresses, words
from ..population import Population

ROOT = "ASSET_RANGE_INFO"
DTD = "asset_range_info.dtd"
LAST_USER_QID = 105_311
USERS = ("Administrator", 'ACME\\müller "x"', "O'Neill & <Søn>")
_TYPES = {INFO: "IG", POTENTIAL: "POSS"}


class RangeInfo:
    """Answers for the hosts of a population."""

    def __init__(self, population: Population, clock: PlatformClock, dirt: Dirt) -> None:
        self._population = population
        self._clock = clock
        self._dirt = dirt

    def answer(self, call: Call, base_url: str) -> Answer:
        """The document of one call, or the ERROR in it."""
        error = ""
        hosts: tuple[Host, ...] = ()
        try:
            hosts = tuple(self._chosen(call))
        except ValueError as wrong:
            error = f'  <ERROR number="1905">{wrong}</ERROR>\n'
        head = f'{DECLARATION}<!DOCTYPE {ROOT} SYSTEM "{base_url}/{DTD}">\n<{ROOT}>\n{error}'
        return Answer(200, self._pieces(head, hosts))

    def expected_users(self) -> dict[str, str]:
        """Address -> who logged on last, of the hosts that tell it."""
        told = ((host.ip, last_user(host)) for host in self._population.hosts())
        return {ip: user for ip, user in told if user}

    def _chosen(self, call: Call) -> Iterator[Host]:
        groups = words(call.params.get("target_asset_groups", ""))
        if call.params.get("target_ips"):
            spans = addresses(call.params["target_ips"])
            yield from (host for host in self._population.hosts() if int(ipaddress.IPv4Address(host.ip)) in spans)
        elif any(groups):
            yield from (self._population.hosts() if "All" in groups else ())
        else:
            raise ValueError("Please specify target_ips or target_asset_groups.")

    def _pieces(self, head: str, hosts: Iterable[Host]) -> Iterator[bytes]:
        markup = Markup(ROOT, "", self._dirt)
        header = Node("HEADER", children=(Node("DATETIME", stamp(self._clock.now())),))
        yield _bytes(head + markup.write(header, 1))
        qids: set[int] = set()
        start = "  <HOST_LIST>\n"
        for host in hosts:
            found = self._population.findings(host)
            qids.update(finding.qid for finding in found)
            yield _bytes(start + markup.write(_host(host, found), 2))
            start = ""
        end = "" if start else "  </HOST_LIST>\n" + markup.write(_glossary(sorted(qids)), 1)
        yield _bytes(f"{end}</{ROOT}>\n")


def last_user(host: Host) -> str:
    """Who logged on to the host last; "" where no scan could tell."""
    rng = random.Random(f"last user/{host.id}")
    return rng.choice(USERS) if rng.random() < 0.7 else ""


def _host(host: Host, findings: Iterable[Finding]) -> Node:
    user = last_user(host)
    result = f'Winlogon\\DefaultUserName\t=\t"{user}"\nAutoAdminLogon\t=\t0'
    told = (_information(host, LAST_USER_QID, result),) if user else ()
    children = (
        Node("IP", host.ip, attributes=(("network_id", str(host.network_id)),)),
        Node("TRACKING_METHOD", host.tracking_method),
        *(Node(name, text, cdata=True) for name, text in (("DNS", host.dns), ("NETBIOS", host.netbios)) if text),
        Node("OPERATING_SYSTEM", host.os, cdata=True),
        Node("ASSET_GROUPS", children=(Node("ASSET_GROUP_TITLE", "All", cdata=True),)),
        Node("VULN_INFO_LIST", children=(*told, *(_found(host, finding) for finding in findings))),
    )
    return Node("HOST", children=children)


def _information(host: Host, qid: int, result: str) -> Node:
    at = stamp(host.scanned_at)
    children = (
        _qid(qid),
        Node("TYPE", "IG"),
        Node("RESULT", result, cdata=True, attributes=(("format", "table"),)),
        Node("FIRST_FOUND", at),
        Node("LAST_FOUND", at),
        Node("TIMES_FOUND", "1"),
    )
    return Node("VULN_INFO", children=children)


def _found(host: Host, finding: Finding) -> Node:
    at = stamp(host.scanned_at)
    parts: tuple[tuple[str, Optional[str]], ...] = (
        ("TYPE", _TYPES.get(finding.type, "VULN")),
        ("PORT", str(finding.port) if finding.port else None),
        ("PROTOCOL", finding.protocol),
    )
    children = (
        _qid(finding.qid),
        *(Node(name, text) for name, text in parts if text),
        Node("RESULT", finding.results, cdata=True),
        Node("FIRST_FOUND", at),
        Node("LAST_FOUND", at),
        Node("TIMES_FOUND", "1"),
        Node("VULN_STATUS", finding.status or ""),
    )
    return Node("VULN_INFO", children=children)


def _qid(qid: int) -> Node:
    return Node("QID", str(qid), attributes=(("id", f"qid_{qid}"),))


def _glossary(qids: Iterable[int]) -> Node:
    details = tuple(
        Node(
            "VULN_DETAILS",
            attributes=(("id", f"qid_{qid}"),),
            children=(_qid(qid), Node("TITLE", draw_entry(qid).title, cdata=True), Node("SEVERITY", "1")),
        )
        for qid in qids
        if qid in CATALOG
    )
    return Node("GLOSSARY", children=(Node("VULN_DETAILS_LIST", children=details),))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
