"""What is told of the hosts that tickets are about: their system, their groups, and who logged on last.

Source: API v1 guide, "Asset Range Info"; the guide of the vendor's Ticket Notification Engine, which reads the last
user from the result of QID 105311. No public sample shows such an answer.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, Optional
from xml.etree.ElementTree import Element

from ..feed import MSP, Resource

NEEDS = (
    "For tickets and their hosts the subscription needs the oldest part of the API (/msp/), and the user API access: "
    "ask Qualys."
)
RESOURCE = Resource(
    name="ticket_hosts",
    path="/msp/asset_range_info.php",
    version_setting="",
    root="ASSET_RANGE_INFO",
    record=("HOST_LIST", "HOST"),
    glossary=("GLOSSARY",),
    needs=NEEDS,
    dialect=MSP,
)
SETTING = "ticket_host_data"
LAST_USER_QID = "105311"

Host = Mapping[str, Any]

_TEXTS = ("TRACKING_METHOD", "DNS", "NETBIOS", "OPERATING_SYSTEM")
_USER = re.compile(r"DefaultUserName\b\"?[ \t]*(?:[=:][ \t]*)?([^\s=:].*)", re.IGNORECASE)


def params(addresses: Sequence[str]) -> dict[str, str]:
    return {"target_ips": ",".join(addresses)}


def is_address(text: str) -> bool:
    """Whether the platform can be asked for it; one that is none would spoil the whole call."""
    try:
        return bool(ipaddress.IPv4Address(text))
    except ValueError:
        return False


def told(element: Element) -> Optional[Host]:
    """HOST -> what an event says of it; None for one without an address, and for what is no host."""
    address = _text(element, "IP")
    if element.tag != RESOURCE.record[-1] or not address:
        return None
    network = next((ip.get("network_id", "") for ip in element.iterfind("IP")), "").strip()
    groups = [_text(title, ".") for title in element.iterfind("ASSET_GROUPS/ASSET_GROUP_TITLE")]
    found: dict[str, Any] = {
        "ip": address,
        "network_id": int(network) if network.isascii() and network.isdecimal() else network,
        **{name.lower(): _text(element, name) for name in _TEXTS},
        "asset_groups": [group for group in groups if group],
        "last_logged_on_user": _last_user(element),
    }
    return {name: value for name, value in found.items() if value not in ("", [])}


def of_ticket(hosts: Sequence[Host], detection: Mapping[str, Any]) -> Optional[Host]:
    """The host that a ticket is about, of those with its address; None where it may be several.

    An address may stand in several networks, and a ticket names none: then names decide.
    """
    if len(hosts) < 2:
        return hosts[0] if hosts else None
    names = (("dns", "dnsname"), ("netbios", "nbhname"))
    pairs = [(ours, detection[theirs]) for ours, theirs in names if detection.get(theirs)]
    found = [host for host in hosts if pairs and all(host.get(ours) == name for ours, name in pairs)]
    return found[0] if len(found) == 1 else None


def _last_user(element: Element) -> str:
    results = (
        info.findtext("RESULT") or ""
        for info in element.iterfind("VULN_INFO_LIST/VULN_INFO")
        if _text(info, "QID") == LAST_USER_QID
    )
    return next(filter(None, map(user, results)), "")


def user(result: str) -> str:
    """Who is named in a result of QID 105311; "" where nobody is."""
    found = _USER.search(result)
    text = found.group(1).strip() if found else ""
    is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1].strip() if is_quoted else text


def _text(element: Element, path: str) -> str:
    return ((element.text if path == "." else element.findtext(path)) or "").strip()
