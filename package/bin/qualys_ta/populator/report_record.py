"""The elements of ASSET_DATA_REPORT as objects: the API's names in small letters, empty elements left out.

Source: DTD of the asset data report, API v1 guide; public samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple, Optional
from xml.etree.ElementTree import Element, SubElement

from .jsontext import Key, Read, Spelling, attribute, event_text, grouped, inner, listed, number, text
from .keyvalue import SEPARATOR
from .remembered import Remembered

RESULT = "result"
"""What the scan found, which may be long; it is told last."""

PARTS = 3
"""What a `FindingReader` tells of a finding."""

_SEEN = "last_found"

_NO_VALUES = frozenset(("-", "--", "N/A"))
_OF_HOST = frozenset(("ip", "tracking_method", "dns", "netbios", "qg_hostid", "operating_system"))
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

_FINDING = {
    **_keys(text, ("TYPE", "SERVICE", "FQDN", "PROTOCOL", "SSL", "INSTANCE")),
    **_keys(text, ("FIRST_FOUND", "LAST_FOUND", "TICKET_STATE")),
    **_keys(number, ("QID", "PORT", "TIMES_FOUND", "TICKET_NUMBER")),
    **_keys(_score, ("CVSS_FINAL", "CVSS3_FINAL")),
    "VULN_STATUS": Key("status", text),
    "RESULT": Key(RESULT, text),
}
finding: Read = grouped(_FINDING, _named(frozenset(), "finding"))
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

LONG = ("description", "threat_comment", "impact", "impact_comment", "solution", "solution_comment", "compliance")
"""Of the glossary, in this order behind everything that is short."""

_EXTRA = ("THREAT_COMMENT", *(name.upper() for name in LONG[2:]))
"""Those of them that are told by option only."""

_IGNORED = Key("", lambda _element: None)
_DETAILS = {
    **_SHORT,
    **_keys(text, ("TITLE", "CATEGORY", "PCI_FLAG", "LAST_UPDATE")),
    **dict.fromkeys(("QID", *_SCORES, "CORRELATION"), _IGNORED),
}
_all_details = grouped(_DETAILS, _named(_OF_DETAILS, "detail"))
_short_details = grouped({**_DETAILS, **dict.fromkeys(_EXTRA, _IGNORED)}, _named(_OF_DETAILS, "detail"))


def host(element: Element) -> dict[str, Any]:
    """HOST without its findings; `network_id` and `v6` are attributes of its address."""
    told: dict[str, Any] = _host(element) or {}
    address = element.find("IP")
    attributes = {} if address is None else {name: address.get(name, "").strip() for name in ("network_id", "v6")}
    return {**told, **{name: value for name, value in attributes.items() if value}}


def details(element: Element, extra: bool) -> dict[str, Any]:
    """VULN_DETAILS: what is known of a QID, scores beside the rest, what is long last; with `extra`, all of it."""
    told: dict[str, Any] = (_all_details if extra else _short_details)(element) or {}
    long = {name: told.pop(name) for name in LONG if name in told}
    for tag, names in _SCORES.items():
        for child in chain.from_iterable(element.findall(tag)):
            value = _score(child) if child.tag in names else None
            if value is not None:
                told.setdefault(names[child.tag], value)
    return {**told, **long}


def key_of(element: Element) -> str:
    """By which findings and the glossary name each other: ``qid_38173``."""
    return attribute("id")(element) or ""


class _Plan(NamedTuple):
    """What to do with findings of one shape: where the QID, the time and the result stand (-1: there is none), the tags
    of all but the result, and whether the API is known to send nothing but texts there."""

    qid: int
    seen: int
    result: int
    tags: tuple[str, ...]
    is_flat: bool


class FindingReader:
    """Reads the findings of a report. What the tables say of a child is worked out once for all that say the same."""

    def __init__(self) -> None:
        self._plans = Remembered(_plan)
        self._member = Remembered(_member)

    def read(self, elements: Iterable[Element]) -> tuple[list[Optional[str]], list[str]]:
        """When each was last found; and its `PARTS`, joined by `SEPARATOR`: by what the glossary names its QID, its
        members but for the result, the result."""
        plans, member = self._plans, self._member.__getitem__
        moments: list[Optional[str]] = []
        found: list[str] = []
        for element in elements:
            children = element[:]
            plan = plans[tuple([child.tag for child in children])]
            if plan is None or (not plan.is_flat and any(map(len, children))):
                moment, told = _told(element)
                moments.append(moment)
                found.append(told)
                continue
            qid, seen, result, tags, _ = plan
            texts = [child.text for child in children]
            texts.append(None)  # what stands at -1
            moments.append(texts[seen])
            long = (texts.pop(result) or "").strip()
            shown = f',"{RESULT}":{encode_basestring_ascii(long)}' if long else ""
            key = children[qid].get("id", "").strip() or key_of(children[qid])
            found.append(f"{key}{SEPARATOR}{''.join(map(member, zip(tags, texts)))}{SEPARATOR}{shown}")
        return moments, found


def _told(element: Element) -> tuple[str, str]:
    """The same of one finding, whatever is in it."""
    told = finding(element) or {}
    result, qid = told.pop(RESULT, None), element.find("QID")
    key = "" if qid is None else key_of(qid)
    return str(told.get(_SEEN, "")), SEPARATOR.join((key, members(told), members({RESULT: result} if result else {})))


def _plan(*tags: str) -> Optional[_Plan]:
    """None where there is no QID, or where two children are told under one name."""
    names = [name for tag in tags for name in _alone(tag, "1")]
    if "qid" not in names or len(set(names)) < len(names):
        return None
    qid, seen, result = (names.index(name) if name in names else -1 for name in ("qid", _SEEN, RESULT))
    rest = tuple([tag for tag, name in zip(tags, names) if name != RESULT])
    return _Plan(qid, seen, result, rest, _FINDING.keys() >= set(tags))


def _member(tag: str, told: Optional[str]) -> str:
    return members(_alone(tag, told))


def _alone(tag: str, told: Optional[str]) -> dict[str, Any]:
    """What a finding says that has one child."""
    element = Element("VULN_INFO")
    SubElement(element, tag).text = told
    return finding(element) or {}


def members(told: Mapping[str, Any]) -> str:
    """The members of an object as text, each behind a comma."""
    return f",{event_text(told)[1:-1]}" if told else ""
