"""The elements of VULN as a table, in the order of the vendor's DTD (2.0; see the public samples).

Which details bring which elements: recordings of ``details=Basic`` hold the texts and threat intelligence, but neither
CORRELATION nor CVSS; the guide adds CVSS base and temporal to Basic. That COMPLIANCE_LIST comes with All only, what
CVSS_V4 (4.0) holds, and that AUTOMATIC_PCI_FAIL comes with PCI_REASONS are assumptions. The names and places of what
3.0 added (TECHNOLOGY, CODE_MODIFIED_DATETIME, PATCH_PUBLISHED_DATE) are those that public clients read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable, Optional

from ..clock import stamp
from ..nodes import Node, Row
from .cvss import score_node
from .model import Entry, Exploit, ExploitSource, Malware, Reference, Score
from .words import THREATS

ALL = "details_all"
BASIC = "details_basic"


def _text(name: str, text: Optional[str], *, cdata: bool = True) -> tuple[Node, ...]:
    return () if text is None else (Node(name, text, cdata),)


def _flag(on: bool) -> str:
    return "1" if on else "0"


def _date(moment_s: Optional[int]) -> Optional[str]:
    return None if moment_s is None else stamp(moment_s)


def _list(name: str, children: Iterable[Node]) -> Optional[Node]:
    found = tuple(children)
    return Node(name, children=found) if found else None


def _customization(entry: Entry) -> Optional[Node]:
    if entry.customization is None:
        return None
    made = entry.customization
    return Node("LAST_CUSTOMIZATION", children=(Node("DATETIME", stamp(made.at)), Node("USER_LOGIN", made.username)))


def _comment(entry: Entry) -> Optional[str]:
    return entry.customization.comment if entry.customization else None


def _references(name: str, read: Callable[[Entry], tuple[Reference, ...]]) -> Callable[[Entry], Optional[Node]]:
    """``CVE_LIST(CVE(ID, URL))`` and the like."""

    def listed(entry: Entry) -> Optional[Node]:
        each = (Node(name, children=(Node("ID", ref.id, True), *_text("URL", ref.url))) for ref in read(entry))
        return _list(f"{name}_LIST", each)

    return listed


def _software(entry: Entry) -> Optional[Node]:
    return _list(
        "SOFTWARE_LIST",
        (
            Node("SOFTWARE", children=(Node("PRODUCT", each.product, True), Node("VENDOR", each.vendor, True)))
            for each in entry.software
        ),
    )


def _compliance(entry: Entry) -> Optional[Node]:
    return _list(
        "COMPLIANCE_LIST",
        (
            Node(
                "COMPLIANCE",
                children=(
                    Node("TYPE", rule.type),
                    Node("SECTION", rule.section, True),
                    Node("DESCRIPTION", rule.description, True),
                ),
            )
            for rule in entry.compliance
        ),
    )


def _exploit(exploit: Exploit) -> Node:
    parts = (("REF", exploit.ref), ("DESC", exploit.desc), ("LINK", exploit.link))
    return Node("EXPLT", children=tuple(Node(name, text, True) for name, text in parts if text is not None))


def _exploit_source(source: ExploitSource) -> Node:
    name = Node("SRC_NAME", source.name, True)
    if source.exploits is None:
        return Node("EXPLT_SRC", children=(name,))
    return Node("EXPLT_SRC", children=(name, Node("EXPLT_LIST", children=tuple(map(_exploit, source.exploits)))))


def _malware(malware: Malware) -> Node:
    parts = (
        ("MW_ID", malware.id),
        ("MW_TYPE", malware.type),
        ("MW_PLATFORM", malware.platform),
        ("MW_ALIAS", malware.alias),
        ("MW_RATING", malware.rating),
        ("MW_LINK", malware.link),
    )
    return Node("MW_INFO", children=tuple(Node(name, text, True) for name, text in parts))


def _correlation(entry: Entry) -> Optional[Node]:
    malware = (
        Node(
            "MW_SRC",
            children=(
                Node("SRC_NAME", source.name, True),
                Node("MW_LIST", children=tuple(map(_malware, source.malware))),
            ),
        )
        for source in entry.malware
    )
    lists = (_list("EXPLOITS", map(_exploit_source, entry.exploits)), _list("MALWARE", malware))
    return _list("CORRELATION", (found for found in lists if found))


def _scores(
    name: str, version: str, read: Callable[[Entry], Optional[Score]], *, whole: bool
) -> Callable[[Entry], Optional[Node]]:
    def scored(entry: Entry) -> Optional[Node]:
        score = read(entry)
        return None if score is None else score_node(name, version, score, whole=whole)

    return scored


def _threats(entry: Entry) -> Optional[Node]:
    return _list(
        "THREAT_INTELLIGENCE",
        (Node("THREAT_INTEL", THREATS[ident], True, attributes=(("id", str(ident)),)) for ident in entry.threats),
    )


def _discovery(entry: Entry) -> Node:
    types = _list("AUTH_TYPE_LIST", (Node("AUTH_TYPE", name) for name in entry.authentication))
    info = _text("ADDITIONAL_INFO", ", ".join(entry.additional_info) or None, cdata=False)
    return Node("DISCOVERY", children=(Node("REMOTE", _flag(entry.remote)), *((types,) if types else ()), *info))


def _pci_reasons(entry: Entry) -> Optional[Node]:
    return _list("PCI_REASONS", (Node("PCI_REASON", reason, True) for reason in entry.pci_reasons))


def _changes(entry: Entry) -> Optional[Node]:
    return _list(
        "CHANGE_LOG_LIST",
        (
            Node(
                "CHANGE_LOG_INFO",
                children=(Node("CHANGE_DATE", stamp(change.at)), Node("COMMENTS", change.comments, True)),
            )
            for change in entry.changes
        ),
    )


VULN: tuple[Row[Entry], ...] = (
    Row("QID", lambda entry: entry.qid),
    Row("VULN_TYPE", lambda entry: entry.type),
    Row("SEVERITY_LEVEL", lambda entry: entry.severity),
    Row("TITLE", lambda entry: entry.title, cdata=True),
    Row("CATEGORY", lambda entry: entry.category),
    Row("TECHNOLOGY", lambda entry: entry.technology, cdata=True, since="3.0"),
    Row("LAST_CUSTOMIZATION", _customization),
    Row("LAST_SERVICE_MODIFICATION_DATETIME", lambda entry: stamp(entry.modified_at)),
    Row("PUBLISHED_DATETIME", lambda entry: stamp(entry.published_at)),
    Row("CODE_MODIFIED_DATETIME", lambda entry: _date(entry.code_modified_at), since="3.0"),
    Row("BUGTRAQ_LIST", _references("BUGTRAQ", lambda entry: entry.bugtraq)),
    Row("PATCHABLE", lambda entry: _flag(entry.patchable)),
    Row("PATCH_PUBLISHED_DATE", lambda entry: _date(entry.patch_published_at), since="3.0"),
    Row("SOFTWARE_LIST", _software),
    Row("VENDOR_REFERENCE_LIST", _references("VENDOR_REFERENCE", lambda entry: entry.vendor_references)),
    Row("CVE_LIST", _references("CVE", lambda entry: entry.cves)),
    Row("DIAGNOSIS", lambda entry: entry.diagnosis, cdata=True),
    Row("CONSEQUENCE", lambda entry: entry.consequence, cdata=True),
    Row("SOLUTION", lambda entry: entry.solution, cdata=True),
    Row("SOLUTION_COMMENT", _comment, cdata=True),
    Row("COMPLIANCE_LIST", _compliance, asks=ALL),
    Row("CORRELATION", _correlation, asks=ALL),
    Row("CVSS", _scores("CVSS", "2.0", lambda entry: entry.cvss, whole=False), asks=BASIC),
    Row("CVSS", _scores("CVSS", "2.0", lambda entry: entry.cvss, whole=True), asks=ALL),
    Row("CVSS_V3", _scores("CVSS_V3", "3.1", lambda entry: entry.cvss_v3, whole=False), asks=BASIC),
    Row("CVSS_V3", _scores("CVSS_V3", "3.1", lambda entry: entry.cvss_v3, whole=True), asks=ALL),
    Row("CVSS_V4", _scores("CVSS_V4", "4.0", lambda entry: entry.cvss_v4, whole=True), asks=ALL, since="4.0"),
    Row("PCI_FLAG", lambda entry: _flag(entry.pci)),
    Row("AUTOMATIC_PCI_FAIL", lambda entry: _flag(len(entry.pci_reasons) > 1), asks="show_pci_reasons"),
    Row("PCI_REASONS", _pci_reasons, asks="show_pci_reasons"),
    Row("THREAT_INTELLIGENCE", _threats),
    Row("SUPPORTED_MODULES", lambda entry: ", ".join(entry.modules), asks="show_supported_modules_info"),
    Row("DISCOVERY", _discovery),
    Row("IS_DISABLED", lambda entry: _flag(entry.disabled), asks="show_disabled_flag"),
    Row("CHANGE_LOG_LIST", _changes, asks="show_qid_change_log"),
)
