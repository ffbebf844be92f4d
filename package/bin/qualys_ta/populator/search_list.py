"""Search lists: lists of QIDs that Qualys keeps, and that host detections can be chosen by.

A dynamic one is made of criteria and follows the knowledge base; of a static one somebody chose the QIDs. Source: VM/PC
API guide, "Dynamic Search Lists" and "Static Search Lists".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Callable
from xml.etree.ElementTree import Element

from ..errors import ConfigError
from ..feed import Resource
from .comma_list import comma_list, is_number

LONGEST_TITLE = 256
DYNAMIC, STATIC = (
    Resource(
        name="search_list",
        path=f"/api/{{version}}/fo/qid/search_list/{kind}/",
        version_setting="search_list_api_version",
        root=f"{kind.upper()}_SEARCH_LIST_OUTPUT",
        record=("RESPONSE", f"{kind.upper()}_LISTS", f"{kind.upper()}_LIST"),
    )
    for kind in ("dynamic", "static")
)

_NAME = re.compile(r"[a-z0-9_]{1,64}")
_OWN = frozenset(("action", "echo_request", "id", "ids", "title", "global", "comments"))


def _severities(text: str) -> str:
    return comma_list(text, lambda part: part in ("1", "2", "3", "4", "5"), "severities from 1 to 5, such as 4,5")


def _numbers(text: str) -> str:
    return comma_list(text, is_number, "numbers such as 23,42")


def _text(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ConfigError(f"{text[:80]!r} is empty, or holds control characters.")
    return text.strip()


def _one_of(*choices: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in choices:
            raise ConfigError(f"{text[:80]!r} is none of {', '.join(choices)}.")
        return text

    return check


def _score(text: str) -> str:
    if not re.fullmatch(r"(10(\.0)?|[0-9](\.[0-9])?)", text, re.ASCII):
        raise ConfigError(f"{text[:80]!r} is no score from 0 to 10, such as 7.5.")
    return text


@dataclass(frozen=True)
class Criterion:
    """A parameter that says which QIDs are in a list. One that `only_adds` says how another is meant."""

    about: str
    check: Callable[[str], str] = _text
    only_adds: bool = False


_FLAG, _OPERAND = _one_of("0", "1"), _one_of("1", "2")
SCORES = ("cvss_base", "cvss_temp", "cvss3_base", "cvss3_temp")

CRITERIA: Mapping[str, Criterion] = {
    "confirmed_severities": Criterion("confirmed vulnerabilities of these severities, such as 4,5", _severities),
    "potential_severities": Criterion("potential vulnerabilities of these severities", _severities),
    "ig_severities": Criterion("gathered information of these severities", _severities),
    "patch_available": Criterion("1: there is a patch; 0: there is none", _FLAG),
    "virtual_patch_available": Criterion("the same of virtual patches", _FLAG),
    "vuln_title": Criterion("the title holds this"),
    "not_vuln_title": Criterion("the title does not hold this"),
    "categories": Criterion("categories of the knowledge base"),
    "not_categories": Criterion("all but these categories"),
    "cve_ids": Criterion("CVEs"),
    "not_cve_ids": Criterion("none of these CVEs"),
    "cve_ids_filter": Criterion("1: these CVEs; 2: CVEs that hold this", _OPERAND, only_adds=True),
    "vendor_ids": Criterion("vendors, by number", _numbers),
    "not_vendor_ids": Criterion("all but these vendors", _numbers),
    "products": Criterion("products"),
    "not_products": Criterion("all but these products"),
    "vendor_refs": Criterion("references of vendors, such as MS17-010"),
    "not_vendor_refs": Criterion("none of these references"),
    "bugtraq_id": Criterion("Bugtraq entries"),
    "not_bugtraq_id": Criterion("none of these Bugtraq entries"),
    "discovery_methods": Criterion("how it is found, such as Remote"),
    "auth_types": Criterion("which logins find it, such as Windows"),
    "exploitability": Criterion("who knows an exploit"),
    "malware_associated": Criterion("who knows malware that uses it"),
    "qids_not_exploitable": Criterion("1: leave out what the configuration does not let be exploited", _FLAG),
    "vuln_details": Criterion("threat, impact or solution hold this"),
    "compliance_details": Criterion("details of compliance hold this"),
    "compliance_types": Criterion("such as PCI"),
    "supported_modules": Criterion("modules that find it, such as VM"),
    "qualys_top_lists": Criterion("Qualys's own lists of the most frequent"),
    "cpe": Criterion("operating system, application or hardware"),
    "vuln_provider": Criterion("who provides the signature"),
    **{score: Criterion("a score, see its operand", _score) for score in SCORES},
    **{f"{score}_operand": Criterion("1: at least; 2: less than", _OPERAND, only_adds=True) for score in SCORES},
}
"""Parameter -> what it means. What else the API knows (dates) goes by ``--criterion``."""


def title(text: str) -> str:
    found = _text(text)
    if len(found) > LONGEST_TITLE or not found.isascii():
        raise ConfigError(f"a title has {LONGEST_TITLE} ASCII characters at most.")
    return found


def comments(text: str) -> str:
    try:
        return _text(text)
    except ConfigError as error:
        raise ConfigError(f"comments: {error}") from None


def checked(typed: Mapping[str, str], more: Iterable[str]) -> dict[str, str]:
    """Criteria to send: by name, and others as ``NAME=VALUE``. Raises ConfigError that names the wrong one."""
    found: dict[str, str] = {}
    for name, text in [*typed.items(), *map(_pair, more)]:
        if name in found:
            raise ConfigError(f"{name} is given twice.", name)
        try:
            found[name] = CRITERIA[name].check(text) if name in CRITERIA else _text(text)
        except ConfigError as error:
            raise ConfigError(f"{name}: {error}", name) from None
    for name in SCORES:
        if (name in found) != (f"{name}_operand" in found):
            raise ConfigError(f"{name} and {name}_operand go together.", name)
    return found


def makes_a_list(criteria: Iterable[str]) -> bool:
    """Whether at least one of them chooses QIDs by itself."""
    return any(name not in CRITERIA or not CRITERIA[name].only_adds for name in criteria)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not _NAME.fullmatch(name) or name in _OWN:
        raise ConfigError("A criterion looks like NAME=VALUE, with a parameter of Qualys's API as its name.")
    return name, value


def told(element: Element) -> dict[str, Any]:
    """DYNAMIC_LIST or STATIC_LIST -> what people read of it; criteria under the names that the platform gives them."""
    texts = {child.tag: (child.text or "").strip() for child in element}
    criteria = {child.tag.lower(): (child.text or "").strip() for child in element.iterfind("CRITERIA/*")}
    qids = [(qid.text or "").strip() for qid in element.iterfind("QIDS/*")]
    return {
        "id": texts.get("ID", ""),
        "title": texts.get("TITLE", ""),
        "global": texts.get("GLOBAL", "").lower() == "yes",
        "owner": texts.get("OWNER", ""),
        "modified": texts.get("MODIFIED", "") or texts.get("CREATED", ""),
        "comments": texts.get("COMMENTS", ""),
        "criteria": criteria,
        **({"qids": qids} if qids else {}),
    }
