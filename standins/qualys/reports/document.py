"""ASSET_DATA_REPORT: what a finished report holds, in the order of the vendor's DTD (see the public samples)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Optional

from ..catalog import INFO, POTENTIAL
from ..clock import stamp
from ..dirt import Dirt
from ..knowledge_base import KnowledgeBase
from ..knowledge_base.draw import CATALOG
from ..knowledge_base.model import Entry, Reference, Score
from ..markup import CONFIDENTIAL, DECLARATION, EVALUATION, Markup
from ..model import Finding, Host
from ..nodes import Node
from ..population import Population
from .model import NOTHING, SEVERE, Report

ROOT, DTD = "ASSET_DATA_REPORT", "asset_data_report.dtd"
LOCAL_QIDS = 5
"""Each so many QIDs is not explained in the glossary."""

_TYPES = {INFO: "Ig", POTENTIAL: "Practice"}


class ReportDocument:
    """Writes reports on the hosts of a population."""

    def __init__(self, population: Population, knowledge: KnowledgeBase, dirt: Dirt) -> None:
        self._population = population
        self._knowledge = knowledge
        self._dirt = dirt

    def hosts(self, report: Report) -> Iterator[tuple[Host, tuple[Finding, ...]]]:
        """What the report is about: hosts with a finding that its template asks for, and these findings."""
        if report.template.reports == NOTHING:
            return
        for host in self._population.hosts():
            found = tuple(each for each in self._population.findings(host) if _is_asked(report, each))
            if found:
                yield host, found

    def pieces(self, report: Report, base_url: str, now_s: int) -> Iterator[bytes]:
        """The whole document, host by host."""
        markup = Markup(ROOT, "", self._dirt)
        comment = EVALUATION if "comments" in self._dirt else ""
        head = f'{DECLARATION}\n<!DOCTYPE {ROOT} SYSTEM "{base_url}/{DTD}">\n{comment}<{ROOT}>\n'
        told = [(host, len(found)) for host, found in self.hosts(report)]
        yield _bytes(head + markup.write(_header(report, now_s, sum(count for _, count in told)), 1) + _risks(told))
        qids: set[int] = set()
        start = "  <HOST_LIST>\n"
        for host, found in self.hosts(report):
            qids.update(each.qid for each in found)
            yield _bytes(start + markup.write(self.host_node(host, found), 2))
            start = markup.keepalive()
        if qids:
            yield from self._glossary(markup, qids)
        yield _bytes(markup.write(_appendices(report), 1) + f"</{ROOT}>\n{CONFIDENTIAL.format(year=stamp(now_s)[:4])}")

    def _glossary(self, markup: Markup, qids: Iterable[int]) -> Iterator[bytes]:
        yield _bytes("  </HOST_LIST>\n  <GLOSSARY>\n    <VULN_DETAILS_LIST>\n")
        for qid in sorted(qids):
            details = self.details_node(qid)
            if details:
                yield _bytes(markup.write(details, 3))
        yield _bytes("    </VULN_DETAILS_LIST>\n  </GLOSSARY>\n")

    def host_node(self, host: Host, found: Iterable[Finding]) -> Node:
        """HOST. Of each third the platform tells neither number nor tags."""
        soiled = self._dirt.soil_host(host)
        is_known = host.id % 3 > 0
        groups = tuple(Node("ASSET_GROUP_TITLE", f"Group {each}", cdata=True) for each in host.asset_groups)
        tags = tuple(Node("ASSET_TAG", tag.name, cdata=True) for tag in host.tags)
        names = (("DNS", soiled.dns), ("NETBIOS", soiled.netbios), ("QG_HOSTID", soiled.qg_hostid))
        children = (
            Node("IP", host.ip, attributes=(("network_id", str(host.network_id)),)),
            Node("TRACKING_METHOD", host.tracking_method),
            *((Node("ASSET_TAGS", children=tags),) if tags and is_known else ()),
            *((Node("HOST_ID", str(host.id)),) if is_known else ()),
            *(Node(name, text, cdata=True) for name, text in names if text),
            Node("OPERATING_SYSTEM", soiled.os, cdata=True),
            *((Node("ASSET_GROUPS", children=groups),) if groups else ()),
            Node("VULN_INFO_LIST", children=tuple(self._found(host, each) for each in found)),
        )
        return Node("HOST", children=children)

    def _found(self, host: Host, finding: Finding) -> Node:
        soiled = self._dirt.soil_finding(finding)
        entry = None if finding.qid % LOCAL_QIDS == 0 else self._entry(finding.qid)
        parts: tuple[tuple[str, Optional[object]], ...] = (
            ("TYPE", _TYPES.get(finding.type, "Vuln")),
            ("PORT", finding.port),
            ("SERVICE", finding.service),
            ("FQDN", finding.fqdn),
            ("PROTOCOL", finding.protocol),
            ("SSL", "true" if finding.ssl else "false"),
            ("INSTANCE", finding.instance),
        )
        seen = (
            ("FIRST_FOUND", stamp(finding.first_found_at or host.scanned_at)),
            ("LAST_FOUND", stamp(finding.last_found_at or host.scanned_at)),
            ("TIMES_FOUND", str(finding.times_found or 1)),
            ("VULN_STATUS", None if finding.type == INFO else finding.status),
            ("CVSS_FINAL", "-" if entry is None or entry.cvss is None else entry.cvss.base),
        )
        children = (
            Node("QID", str(finding.qid), attributes=(("id", f"qid_{finding.qid}"),)),
            *(Node(name, str(value)) for name, value in parts if value not in (None, "")),
            Node("RESULT", soiled.results, cdata=True, attributes=(("format", "table"),)),
            *(Node(name, value) for name, value in seen if value),
        )
        return Node("VULN_INFO", children=children)

    def details_node(self, qid: int) -> Optional[Node]:
        """VULN_DETAILS; None for a QID that the glossary does not explain."""
        entry = None if qid % LOCAL_QIDS == 0 else self._entry(qid)
        if entry is None:
            return None
        texts = (("THREAT", entry.diagnosis), ("IMPACT", entry.consequence), ("SOLUTION", entry.solution))
        lists = (
            _references("VENDOR_REFERENCE", entry.vendor_references),
            _references("CVE_ID", entry.cves),
            _references("BUGTRAQ_ID", entry.bugtraq),
        )
        children = (
            Node("QID", str(qid), attributes=(("id", f"qid_{qid}"),)),
            Node("TITLE", entry.title, cdata=True),
            Node("SEVERITY", str(entry.severity)),
            Node("CATEGORY", entry.category),
            *(Node(name, text, cdata=True) for name, text in texts if text),
            Node("PCI_FLAG", "1" if entry.pci else "0"),
            Node("LAST_UPDATE", stamp(entry.modified_at)),
            *_score("CVSS_SCORE", "CVSS", entry.cvss),
            *_score("CVSS3_SCORE", "CVSS3", entry.cvss_v3),
            *(each for each in lists if each),
        )
        return Node("VULN_DETAILS", children=children, attributes=(("id", f"qid_{qid}"),))

    def _entry(self, qid: int) -> Optional[Entry]:
        return self._knowledge.entry(qid) if qid in CATALOG else None


def _is_asked(report: Report, finding: Finding) -> bool:
    return report.template.reports != SEVERE or (finding.type != INFO and (finding.severity or 0) > 3)


def _header(report: Report, now_s: int, findings: int) -> Node:
    target = Node(
        "TARGET",
        children=(Node("USER_ASSET_GROUPS", children=(Node("ASSET_GROUP_TITLE", "All", cdata=True),)),),
    )
    summary = (("TOTAL_VULNERABILITIES", str(findings)), ("AVG_SECURITY_RISK", "2.4"), ("BUSINESS_RISK", "13/100"))
    children = (
        Node("COMPANY", "Müller & Söhne", cdata=True),
        Node("USERNAME", report.user),
        Node("GENERATION_DATETIME", stamp(now_s)),
        Node("TEMPLATE", report.template.title, cdata=True),
        target,
        Node("RISK_SCORE_SUMMARY", children=tuple(Node(*each) for each in summary)),
    )
    return Node("HEADER", children=children)


def risk(host: Host) -> str:
    """The security risk of a host."""
    return f"{host.id % 40 / 10 + 1:.1f}"


def _risks(told: Iterable[tuple[Host, int]]) -> str:
    rows = "".join(
        f'    <HOSTS>\n      <IP_ADDRESS network_id="{host.network_id}">{host.ip}</IP_ADDRESS>\n'
        f"      <TOTAL_VULNERABILITIES>{count}</TOTAL_VULNERABILITIES>\n"
        f"      <SECURITY_RISK>{risk(host)}</SECURITY_RISK>\n    </HOSTS>\n"
        for host, count in told
    )
    return f"  <RISK_SCORE_PER_HOST>\n{rows}  </RISK_SCORE_PER_HOST>\n" if rows else ""


def _appendices(report: Report) -> Node:
    lists = Node("VULN_LISTS", report.template.reports, cdata=True)
    return Node("APPENDICES", children=(Node("TEMPLATE_DETAILS", children=(lists,)),))


def _references(name: str, references: Iterable[Reference]) -> Optional[Node]:
    found = tuple(
        Node(name, children=(Node("ID", each.id, True), *((Node("URL", each.url, True),) if each.url else ())))
        for each in references
    )
    return Node(f"{name}_LIST", children=found) if found else None


def _score(name: str, short: str, score: Optional[Score]) -> tuple[Node, ...]:
    if score is None:
        return ()
    base = Node(f"{short}_BASE", score.base, attributes=(("source", score.source),) if score.source else ())
    return (Node(name, children=(base, Node(f"{short}_TEMPORAL", score.temporal or "-"))),)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
