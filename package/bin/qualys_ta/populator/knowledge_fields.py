"""A VULN's elements as the texts of the knowledge base's columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Callable, Optional
from xml.etree.ElementTree import Element

from .knowledge_tables import LIST_SEPARATOR, TEXTS

_CVE = re.compile(r"CVE-(\d+)-(\d+)", re.ASCII | re.IGNORECASE)

Children = Mapping[str, Element]
"""The children of a VULN by tag."""

Read = Callable[[Children], str]
Readers = Sequence[Read]

# No paths below: ElementTree walks them in Python, and this runs for every QID there is.


def _text(tag: str) -> Read:
    def read(children: Children) -> str:
        child = children.get(tag)
        return (child.text or "") if child is not None else ""

    return read


def _yes_no(tag: str) -> Read:
    def read(children: Children) -> str:
        child = children.get(tag)
        return "YES" if child is not None and (child.text or "").strip() == "1" else "NO"

    return read


def _inner(tag: str, inner: str) -> Read:
    def read(children: Children) -> str:
        child = children.get(tag)
        return (child.findtext(inner) or "") if child is not None else ""

    return read


def _list(tag: str, inner: str) -> Read:
    def read(children: Children) -> str:
        child = children.get(tag)
        return _joined([item.findtext(inner) for item in child]) if child is not None else ""

    return read


def _joined(texts: Iterable[Optional[str]]) -> str:
    return LIST_SEPARATOR.join(filter(None, [text.strip() for text in texts if text]))


def _has(tag: str, inner: str) -> Read:
    """Whether there is anything below that says something: recorded answers hold empty exploits."""

    def read(children: Children) -> str:
        child = children.get(tag)
        found = child.find(inner) if child is not None else None
        return "YES" if found is not None and any(map(str.strip, found.itertext())) else "NO"

    return read


def _cves(children: Children) -> str:
    """Newest first; an id of another form comes last."""
    found = _cves_listed(children)
    if LIST_SEPARATOR not in found:
        return found
    return LIST_SEPARATOR.join(sorted(dict.fromkeys(found.split(LIST_SEPARATOR)), key=_age, reverse=True))


_cves_listed = _list("CVE_LIST", "ID")


def _age(cve: str) -> tuple[int, int]:
    told = _CVE.fullmatch(cve)
    return (int(told.group(1)), int(told.group(2))) if told else (0, 0)


def _reference_url(children: Children) -> str:
    """The vendor's first page on it."""
    child = children.get("VENDOR_REFERENCE_LIST")
    first = child.find("VENDOR_REFERENCE") if child is not None else None
    return (first.findtext("URL") or "") if first is not None else ""


def _is_remote(children: Children) -> str:
    return "YES" if _remote(children).strip() == "1" else "NO"


_remote = _inner("DISCOVERY", "REMOTE")


def _authentication(children: Children) -> str:
    child = children.get("DISCOVERY")
    types = child.find("AUTH_TYPE_LIST") if child is not None else None
    return _joined([item.text for item in types]) if types is not None else ""


def _threat_ids(children: Children) -> str:
    child = children.get("THREAT_INTELLIGENCE")
    return _joined([item.get("id") for item in child]) if child is not None else ""


def _threats(children: Children) -> str:
    child = children.get("THREAT_INTELLIGENCE")
    return _joined([item.text for item in child]) if child is not None else ""


READERS: Mapping[str, Read] = {
    "SEVERITY": _text("SEVERITY_LEVEL"),
    "VULN_TYPE": _text("VULN_TYPE"),
    "PATCHABLE": _yes_no("PATCHABLE"),
    "PCI_FLAG": _yes_no("PCI_FLAG"),
    "TITLE": _text("TITLE"),
    "CATEGORY": _text("CATEGORY"),
    "PUBLISHED_DATETIME": _text("PUBLISHED_DATETIME"),
    "LAST_SERVICE_MODIFICATION_DATETIME": _text("LAST_SERVICE_MODIFICATION_DATETIME"),
    "AUTHENTICATION": _authentication,
    "DISCOVERY_REMOTE": _is_remote,
    "SUPPORTED_MODULES": _text("SUPPORTED_MODULES"),
    "CVSS_BASE": _inner("CVSS", "BASE"),
    "CVSS_TEMPORAL": _inner("CVSS", "TEMPORAL"),
    "CVSS_VECTOR_STRING": _inner("CVSS", "VECTOR_STRING"),
    "CVSS_V3_BASE": _inner("CVSS_V3", "BASE"),
    "CVSS_V3_TEMPORAL": _inner("CVSS_V3", "TEMPORAL"),
    "CVSS_V3_VECTOR_STRING": _inner("CVSS_V3", "VECTOR_STRING"),
    "CVE": _cves,
    "VENDOR_REFERENCE": _list("VENDOR_REFERENCE_LIST", "ID"),
    "THREAT_INTEL_IDS": _threat_ids,
    "THREAT_INTEL_VALUES": _threats,
    "BUGTRAQ_IDS": _list("BUGTRAQ_LIST", "ID"),
    "EXPLOIT": _has("CORRELATION", "EXPLOITS"),
    "MALWARE": _has("CORRELATION", "MALWARE"),
    "URL": _reference_url,
    **{name: _text(name) for name in TEXTS},
}
"""Column -> how it is read, but for QID. What comes is not yet cleaned."""
