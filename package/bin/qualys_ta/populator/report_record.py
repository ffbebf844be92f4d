"""The elements of ASSET_DATA_REPORT as objects: the API's names in small letters, empty elements left out.

Source: DTD of the asset data report, API v1 guide; public samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Optional
from xml.etree.ElementTree import Element

from .jsontext import Key, Read, Spelling, attribute, grouped, inner, listed, number, text

RESULT = "result"
"""What the scan found, which may be long; it is told last."""

_NO_VALUES = frozenset(("-", "--", "N/A"))
_OF_HOST = frozenset(("ip", "tracking_method", "dns", "netbios", "qg_hostid", "operating_system"))
_OF_FINDING = frozenset((
    *("type", "service", "fqdn", "protocol", "ssl", "instance", "first_found", "last_found", "ticket_state"),
))  # fmt: skip
_OF_DETAILS = frozenset((
    *("title", "category", "customized", "pci_flag", "last_update", "impact", "solution", "compliance"),
    *("threat_comment", "impact_comment", "solution_comment"),
))  # fmt: skip
"""Elements that are told under their own names in small letters, beside those of the tables below."""


def _score(element: Element) -> Optional[str]:
    told = text(element)
    return None if told in _NO_VALUES else told


def _named(ours: frozenset[str], prefix: str, taken: str = "") -> Spelling:
    """How names are spelled: those that nobody told us of never as one that another part of the event may have."""

    def spelled(tag: str) -> str:
        name = tag.lower()
        if name in ours:
            return name
        return f"{prefix}_{name}" if name != taken else f"{prefix}_{name}_2"

    return spelled


def _keys(read: Read, tags: Iterable[str]) -> dict[str, Key]:
    return {tag: Key(tag.lower(), read) for tag in tags}


_ID = listed(inner("ID"))

_host = grouped(
    {
        "HOST_ID": Key("host_id", number),
        "ASSET_GROUPS": Key("asset_groups", listed(text)),
        "ASSET_TAGS": Key("asset_tags", listed(text)),
        "VULN_INFO_LIST": Key("", lambda _element: None),
    },
    _named(_OF_HOST, "host", taken="id"),
)

finding: Read = grouped(
    {
        **_keys(number, ("QID", "PORT", "TIMES_FOUND", "TICKET_NUMBER")),
        **_keys(_score, ("CVSS_FINAL", "CVSS3_FINAL")),
        "VULN_STATUS": Key("status", text),
        "RESULT": Key(RESULT, text),
    },
    _named(_OF_FINDING, "finding"),
)
"""VULN_INFO -> its object; None for an empty one."""

_SHORT = {
    "SEVERITY": Key("severity", number),
    "CVE_ID_LIST": Key("cve", _ID),
    "BUGTRAQ_ID_LIST": Key("bugtraq", _ID),
    "VENDOR_REFERENCE_LIST": Key("vendor_reference", _ID),
    "THREAT": Key("description", text),
}
_SCORES = {
    "CVSS_SCORE": {"CVSS_BASE": "cvss_base", "CVSS_TEMPORAL": "cvss_temporal"},
    "CVSS3_SCORE": {
        "CVSS3_BASE": "cvss3_base",
        "CVSS3_TEMPORAL": "cvss3_temporal",
        "CVSS3_VERSION": "cvss3_version",
    },
}
_IGNORED = Key("", lambda _element: None)
_details = grouped(
    {
        **_SHORT,
        **dict.fromkeys(("QID", *_SCORES), _IGNORED),
        "CORRELATION": _IGNORED,
    },
    _named(_OF_DETAILS, "detail"),
)

LONG = ("description", "threat_comment", "impact", "impact_comment", "solution", "solution_comment", "compliance")
"""Of the glossary, in this order behind everything that is short."""

EXTRA = ("threat_comment", *LONG[2:])
"""Those of them that are told by option only."""


def host(element: Element) -> dict[str, Any]:
    """HOST without its findings; `network_id` and `v6` are attributes of its address."""
    told: dict[str, Any] = _host(element) or {}
    address = element.find("IP")
    attributes = {} if address is None else {name: address.get(name, "").strip() for name in ("network_id", "v6")}
    return {**told, **{name: value for name, value in attributes.items() if value}}


def details(element: Element) -> dict[str, Any]:
    """VULN_DETAILS: what is known of a QID, scores beside the rest."""
    told: dict[str, Any] = _details(element) or {}
    for path, names in _SCORES.items():
        for tag, name in names.items():
            score = element.find(f"{path}/{tag}")
            value = None if score is None else _score(score)
            if value is not None:
                told[name] = value
    return told


def key_of(element: Element) -> str:
    """By which findings and the glossary name each other: ``qid_38173``."""
    return attribute("id")(element) or ""


def parted(told: Mapping[str, Any], extra: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is short, and what is long, of a QID; with `extra`, all of it."""
    left_out = () if extra else EXTRA
    short = {name: value for name, value in told.items() if name not in LONG}
    return short, {name: told[name] for name in LONG if name in told and name not in left_out}
