"""The element TICKET as an object: the API's names in small letters, lists without ``_LIST``, empty elements left out.

The history comes as the platform lists it, the newest entry first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element

from .jsontext import Key, Read, attribute, grouped, inner, listed, number, text

HISTORY_LIST = "HISTORY_LIST"
"""The list of a ticket that is read for itself: no two are of one length."""

REFERENCE = ("VENDOR_REF", attribute("ref"))


def _keys(read: Read, tags: Iterable[str]) -> dict[str, Key]:
    return {tag: Key(tag.lower(), read) for tag in tags}


def _group(table: dict[str, Key]) -> Read:
    return grouped(table, str.lower)


_USER = _group(_keys(text, ("NAME", "EMAIL", "LOGIN")))

_HISTORY = _group(
    {
        "STATE": Key("state", _group(_keys(text, ("OLD", "NEW")))),
        "SCAN": Key("scan", _group(_keys(text, ("REF", "DATETIME")))),
        **{tag: Key(tag.lower(), _USER) for tag in ("ADDED_ASSIGNEE", "REMOVED_ASSIGNEE")},
    }
)


def histories(element: Element) -> list[Any]:
    """What the entries of a ticket's history say; those that say nothing are left out."""
    return listed(_HISTORY)(element) or []


_VULN = _group(
    {
        **_keys(number, ("QID", "SEVERITY", "STANDARD_SEVERITY")),
        "CVE_ID_LIST": Key("cve", listed(inner("ID"))),
        "VENDOR_REF_LIST": Key("vendor_ref", listed(REFERENCE[1])),
    }
)

ticket: Read = _group(
    {
        **_keys(number, ("NUMBER", "INVALID")),
        "ASSIGNEE": Key("assignee", _USER),
        "DETECTION": Key("detection", _group(_keys(number, ("HOST_ID", "PORT", "SSL")))),
        "STATS": Key("stats", _group(_keys(number, ("TIMES_FOUND", "TIMES_NOT_FOUND")))),
        "VULNINFO": Key("vuln", _VULN),
    }
)
"""TICKET without its history -> its object; None for an empty one."""
