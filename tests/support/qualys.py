"""A small client of the Qualys stand-in: what a correct client would read, by other means than the add-on's."""

from __future__ import annotations

import base64
import http.client
import re
import ssl
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Optional
from urllib.parse import parse_qsl, urlencode, urlsplit

from standins.qualys import EVERYTHING, ExpectedEntry, ExpectedScore, QualysStandin

DETECTION = "/api/5.0/fo/asset/host/vm/detection/"
HOST_LIST = "/api/5.0/fo/asset/host/"
KNOWLEDGE = "/api/4.0/fo/knowledge_base/vuln/"
ALL_ELEMENTS = {
    **EVERYTHING,
    "show_asset_id": "1",
    "show_tags": "1",
    "host_metadata": "all",
    "show_cloud_tags": "1",
    "show_qds": "1",
    "show_qds_factors": "1",
    "show_reopened_info": "1",
    "show_host_services": "1",
}
"""Parameters of a pull that brings every finding with every element."""
EVERY_DETAIL = {"details": "All", "show_supported_modules_info": "1", "show_disabled_flag": "1"}
"""Parameters of a knowledge base pull that brings all that the ledger knows."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Reply:
    """An answer; header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(_FORBIDDEN.sub("", self.text))

    @property
    def code(self) -> str:
        """The CODE of a SIMPLE_RETURN, else ""."""
        return str(self.xml.findtext("RESPONSE/CODE", ""))

    @property
    def qids(self) -> list[int]:
        """Of each entry of a knowledge base answer."""
        return [int(vuln.findtext("QID", "")) for vuln in self.xml.iter("VULN")]


class Client:
    """Calls the stand-in with its user's credentials, over one connection while the stand-in keeps it."""

    def __init__(
        self, standin: QualysStandin, *, password: Optional[str] = None, context: Optional[ssl.SSLContext] = None
    ) -> None:
        login = f"{standin.username}:{standin.password if password is None else password}"
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(login.encode()).decode(),
            "X-Requested-With": "tests",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        address = urlsplit(standin.url)
        context = context or ssl.create_default_context(cafile=standin.ca)
        self._connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, context=context, timeout=10
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._connection.close()

    def call(
        self,
        path: str,
        params: Optional[Mapping[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
        *,
        method: str = "POST",
        body: Optional[str] = None,
    ) -> Reply:
        """One request; a header given as "" is not sent."""
        sent = {name: value for name, value in {**self._headers, **(headers or {})}.items() if value}
        form = urlencode(params or {}) if body is None else body
        target = f"{path}?{form}" if method == "GET" and form else path
        try:
            self._connection.request(method, target, form if method == "POST" else None, sent)
            with self._connection.getresponse() as answer:
                found = {name.lower(): value for name, value in answer.getheaders()}
                return Reply(answer.status, found, answer.read())
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise

    def detections(self, version: str = "5.0", **params: str) -> Reply:
        """One page of the host detection API."""
        return self.call(DETECTION.replace("5.0", version), {"action": "list", **params})

    def knowledge(self, version: str = "4.0", *, method: str = "POST", **params: str) -> Reply:
        """The answer of the knowledge base API."""
        return self.call(KNOWLEDGE.replace("4.0", version), {"action": "list", **params}, method=method)

    def pages(self, **params: str) -> Iterator[ET.Element]:
        """All pages; a page that breaks off is asked for again once."""
        query: dict[str, str] = {"action": "list", **params}
        while query:
            try:
                root = self.call(DETECTION, query).xml
            except http.client.IncompleteRead:
                root = self.call(DETECTION, query).xml
            yield root
            query = dict(parse_qsl(urlsplit(root.findtext(".//WARNING/URL", "").strip()).query))


@dataclass(frozen=True)
class PulledHost:
    """A host as pulled: paths as in the ledger, and its findings by UNIQUE_VULN_ID."""

    elements: Mapping[str, str]
    findings: Mapping[str, Mapping[str, str]]


def pulled(roots: Iterator[ET.Element]) -> dict[int, PulledHost]:
    """Host id -> what the pages say of it; of a host on two pages, the later."""
    hosts = {}
    for root in roots:
        for host in root.iter("HOST"):
            findings = [paths(finding) for finding in host.iter("DETECTION")]
            found = {name: text for name, text in paths(host).items() if not name.startswith("DETECTION_LIST")}
            hosts[int(found["ID"])] = PulledHost(found, {each["UNIQUE_VULN_ID"]: each for each in findings})
    return hosts


def paths(element: ET.Element, above: str = "") -> dict[str, str]:
    """Path below `element` -> text; see standins.qualys.nodes.flatten."""
    values: dict[str, str] = {}
    for child in element:
        attributes = dict(child.attrib)
        label = attributes.pop("name", "")
        path = f"{above}{child.tag}[{label}]" if label else above + child.tag
        leaves = paths(child, path + "/") if len(child) else {path: (child.text or "").strip()}
        leaves.update({f"{path}@{name}": value for name, value in attributes.items()})
        for leaf, text in leaves.items():
            values[leaf] = f"{values[leaf]},{text}" if leaf in values else text
    return values


def same_as_ledger(standin: QualysStandin, client: Client, params: dict[str, str]) -> bool:
    """Whether a pull with `params` brings what the ledger says, element by element."""
    found = pulled(client.pages(**params))
    expected = standin.ledger.expected(params)
    assert found.keys() == expected.keys()
    for ident, host in expected.items():
        assert found[ident].elements == dict(host.elements)
        assert found[ident].findings == {finding.unique_vuln_id: dict(finding.elements) for finding in host.findings}
    return bool(expected)


def entries(root: ET.Element) -> dict[int, ExpectedEntry]:
    """QID -> what a knowledge base answer with `EVERY_DETAIL` says of it."""
    return {int(vuln.findtext("QID", "")): _entry(vuln) for vuln in root.iter("VULN")}


def _entry(vuln: ET.Element) -> ExpectedEntry:
    def text(path: str) -> str:
        return vuln.findtext(path, "").strip()

    def texts(path: str) -> tuple[str, ...]:
        return tuple(found for found in ((node.text or "").strip() for node in vuln.findall(path)) if found)

    def score(name: str) -> ExpectedScore:
        return ExpectedScore(text(f"{name}/BASE"), text(f"{name}/TEMPORAL"), text(f"{name}/VECTOR_STRING"))

    threats = vuln.findall("THREAT_INTELLIGENCE/THREAT_INTEL")
    return ExpectedEntry(
        qid=int(text("QID")),
        type=text("VULN_TYPE"),
        severity=int(text("SEVERITY_LEVEL")),
        title=text("TITLE"),
        category=text("CATEGORY"),
        published=text("PUBLISHED_DATETIME"),
        modified=text("LAST_SERVICE_MODIFICATION_DATETIME"),
        patchable=text("PATCHABLE") == "1",
        pci=text("PCI_FLAG") == "1",
        remote=text("DISCOVERY/REMOTE") == "1",
        disabled=text("IS_DISABLED") == "1",
        exploits=vuln.find("CORRELATION/EXPLOITS") is not None,
        malware=vuln.find("CORRELATION/MALWARE") is not None,
        cves=texts("CVE_LIST/CVE/ID"),
        vendor_references=texts("VENDOR_REFERENCE_LIST/VENDOR_REFERENCE/ID"),
        bugtraq=texts("BUGTRAQ_LIST/BUGTRAQ/ID"),
        threats=tuple((int(threat.get("id", "")), threat.text or "") for threat in threats),
        authentication=texts("DISCOVERY/AUTH_TYPE_LIST/AUTH_TYPE"),
        modules=tuple(text("SUPPORTED_MODULES").split(", ")),
        cvss=score("CVSS"),
        cvss_v3=score("CVSS_V3"),
        diagnosis=text("DIAGNOSIS"),
        consequence=text("CONSEQUENCE"),
        solution=text("SOLUTION"),
    )
