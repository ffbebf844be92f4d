"""The criteria of dynamic search lists: which parameters there are, and which entries of the knowledge base fit.

Severities add to each other, everything else narrows. Source: VM/PC API guide, "Dynamic Search Lists".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ..exchange import Refusal
from ..filters import Filter, parsers
from ..knowledge_base.model import Entry
from ..parameters import Parser, flag, number, one_of, ranges, some_of, without_effect, words

POTENTIAL, INFO = "Potential Vulnerability", "Information Gathered"


def _text(text: str) -> str:
    return text.lower()


def _of(is_kind: Callable[[str], bool]) -> Filter:
    return Filter(ranges, lambda entry, levels, _: is_kind(entry.type) and entry.severity in levels)


def _names(entry: Entry) -> set[str]:
    return {cve.id for cve in entry.cves}


SEVERITIES: Mapping[str, Filter] = {
    "confirmed_severities": _of(lambda kind: kind not in (POTENTIAL, INFO)),
    "potential_severities": _of(lambda kind: POTENTIAL in kind),
    "ig_severities": _of(lambda kind: kind == INFO),
}
NARROWING: Mapping[str, Filter] = {
    "vuln_title": Filter(_text, lambda entry, part, _: part in entry.title.lower()),
    "not_vuln_title": Filter(_text, lambda entry, part, _: part not in entry.title.lower()),
    "patch_available": Filter(flag, lambda entry, wanted, _: entry.patchable == wanted),
    "cve_ids": Filter(words, lambda entry, cves, _: not _names(entry).isdisjoint(cves)),
    "not_cve_ids": Filter(words, lambda entry, cves, _: _names(entry).isdisjoint(cves)),
    "categories": Filter(words, lambda entry, categories, _: entry.category in categories),
    "not_categories": Filter(words, lambda entry, categories, _: entry.category not in categories),
}
SCORES = ("cvss_base", "cvss_temp", "cvss3_base", "cvss3_temp")
_DATES = ("user_modified_date", "service_modified_date", "published_date")
CRITERIA: Mapping[str, Parser] = {
    **parsers(SEVERITIES),
    **parsers(NARROWING),
    **without_effect(
        (
            *("discovery_methods", "auth_types", "vendor_ids", "not_vendor_ids", "products", "not_products"),
            *("exploitability", "malware_associated", "vendor_refs", "not_vendor_refs", "bugtraq_id", "not_bugtraq_id"),
            *("vuln_details", "compliance_details", "compliance_types", "supported_modules", "qualys_top_lists", "cpe"),
            *("vuln_provider", *SCORES),
            *(f"{date}_{part}" for date in _DATES for part in ("between", "today", "in_previous", "within_last_days")),
        )
    ),
    "virtual_patch_available": flag,
    "qids_not_exploitable": flag,
}
"""What by itself makes a list."""

OPTIONS: Mapping[str, Parser] = {
    "cve_ids_filter": one_of("1", "2"),
    **{f"{score}_operand": one_of("1", "2") for score in SCORES},
}
"""What says how a criterion is meant."""

ANSWERS: Mapping[str, str] = {
    "vuln_title": "VULNERABILITY_TITLE",
    "confirmed_severities": "CONFIRMED_SEVERITY",
    "potential_severities": "POTENTIAL_SEVERITY",
    "ig_severities": "INFORMATION_SEVERITY",
    "cve_ids": "CVE_ID",
}
"""Criteria whose elements have other names than their parameters in capitals."""

_USERS = ("option_profiles", "distribution_groups", "report_templates", "remediation_policies")
SHOWN: Mapping[str, Parser] = dict.fromkeys(("show_qids", *(f"show_{users}" for users in _USERS)), flag)
LISTING: Mapping[str, Parser] = {"action": some_of("list"), "echo_request": flag, "ids": ranges, **SHOWN}
OWN: Mapping[str, Parser] = {"action": str, "echo_request": flag, "title": str, "global": flag, "comments": str}
CREATION: Mapping[str, Parser] = {**OWN, **CRITERIA, **OPTIONS}
CHANGE: Mapping[str, Parser] = {**CREATION, "id": number}
DELETION: Mapping[str, Parser] = {"action": str, "echo_request": flag, "id": number}


def checked(criteria: Mapping[str, Any]) -> None:
    """Refusal for a score without the operand that says how it is meant."""
    for score in SCORES:
        if score in criteria and f"{score}_operand" not in criteria:
            raise Refusal(1903, f"Missing required parameter(s): {score}_operand")


def fits(entry: Entry, criteria: Mapping[str, Any]) -> bool:
    """Whether an entry of the knowledge base is in the list; `criteria` hold parsed values."""
    severities = [name for name in SEVERITIES if name in criteria]
    if severities and not any(SEVERITIES[name].keeps(entry, criteria[name], 0) for name in severities):
        return False
    return all(NARROWING[name].keeps(entry, value, 0) for name, value in criteria.items() if name in NARROWING)
