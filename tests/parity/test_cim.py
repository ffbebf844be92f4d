"""Findings of every kind against the CIM's own list of fields: what is open is complete, what is not has no tags."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

import pytest

from standins import cim
from standins.splunk.search import Knowledge
from support.knowledge import ENRICHED, HOST, SOURCETYPE, entry, event_row, finding, gone, package_copy, summary
from support.posture_events import policy, policy_row, policy_summary, posture, posture_row
from support.web_events import WAS, web_finding, web_row, web_summary

GOLDEN = Path(__file__).parents[1] / "golden"
SOURCETYPES = {"host_detection": SOURCETYPE, "was_findings": WAS}
"""Golden folder -> the sourcetype of its events."""

CASES = sorted(
    f"{folder}/{path.name.partition('.')[0]}"
    for folder in SOURCETYPES
    for path in (GOLDEN / folder).glob("*.events.jsonl")
)
KNOWN = {
    kept["QID"]: kept
    for kept in (
        entry(
            "370845",
            CVSS_BASE="5.0",
            CVSS_V3_BASE="7.5",
            CVE="CVE-2014-0346, CVE-2014-0160",
            BUGTRAQ_IDS="66690, 66691",
            VENDOR_REFERENCE="KB2953095, MS14-017",
            URL="https://example.com/a",
        ),
        entry("38170", CVSS_BASE="9.4"),
        entry("38173", CVE="CVE-2020-1", CVSS_BASE="-"),
        entry("45038", SEVERITY="1"),
        entry("5", TITLE="", CVSS_V3_BASE="0", CVSS_BASE="0"),
    )
}
NAMELESS = {**HOST, "DNS": None, "NETBIOS": None, "HOSTNAME": None}
WITHOUT_NUMBER = {"UNIQUE_VULN_ID": None, "PORT": "443", "PROTOCOL": "TCP"}

OPEN: Mapping[str, str] = {
    "active": finding(),
    "new": finding(STATUS="NEW"),
    "re-opened": finding(STATUS="RE-OPENED"),
    "potential": finding(TYPE="POTENTIAL", SEVERITY=2),
    "unknown QID": finding(QID="999"),
    "unknown QID, enriched": finding(QID="999", **ENRICHED),
    "known QID, enriched": finding(**{**ENRICHED, "CVE": "CVE-2014-0346, CVE-2014-0160"}),
    "without a severity": finding(SEVERITY=None),
    "without a severity, enriched": finding(SEVERITY=None, **{**ENRICHED, "CVE": "CVE-2014-0346, CVE-2014-0160"}),
    "without a CVE": finding(QID="38170"),
    "without a score": finding(QID="38173"),
    "without a title": finding(QID="5"),
    "without a name": finding(NAMELESS),
    "by IPv6 only": finding({**NAMELESS, "IP": None}),
    "without a name, as dashes": finding({**HOST, "DNS": "-", "NETBIOS": "-"}),
    "by its number only": finding({"HOST_ID": 7}),
    "of an old platform": finding(**WITHOUT_NUMBER),
    "without marks": finding(IS_IGNORED=None, IS_DISABLED=None),
    "with results": finding(RESULTS="user='x' severity='unknown' cve=CVE-1"),
}
NOT_OPEN: Mapping[str, str] = {
    "fixed": finding(STATUS="FIXED"),
    "fixed potential": finding(STATUS="FIXED", TYPE="POTENTIAL"),
    "ignored": finding(IS_IGNORED="1"),
    "disabled": finding(IS_DISABLED="1"),
    "information": finding(TYPE="INFO", STATUS=None, SEVERITY=1, QID="45038"),
    "information with a status": finding(TYPE="INFO"),
    "fixed, enriched": finding(STATUS="FIXED", **ENRICHED),
    "unheard-of status": finding(STATUS="MITIGATED"),
    "summary": summary(),
    "gone host": gone(7, "2018-09-25T09:00:00Z"),
}


WEB_OPEN: Mapping[str, str] = {
    "active": web_finding(),
    "new": web_finding(status="NEW"),
    "reopened": web_finding(status="REOPENED"),
    "sensitive content": web_finding(type="SENSITIVE_CONTENT"),
    "known QID": web_finding(qid="370845"),
    "known QID, with a score of its own": web_finding(qid="370845", cvssV3_base="9.8"),
    "without a name": web_finding(qid="370845", name=""),
    "without a CVE": web_finding(qid="38170"),
    "without a severity": web_finding(qid="370845", severity=None),
    "without a URL": web_finding(url=None),
    "of no web application": web_finding(url=None, webapp_url=None, webapp_name="-"),
    "without marks": web_finding(isIgnored=None),
}
NOT_IN_THE_MODEL: Mapping[str, dict[str, Any]] = {
    "fixed": web_row(web_finding(status="FIXED")),
    "protected": web_row(web_finding(status="PROTECTED")),
    "ignored": web_row(web_finding(isIgnored="true")),
    "information": web_row(web_finding(type="INFORMATION_GATHERED", status="-", url=None)),
    "unheard-of status": web_row(web_finding(status="RETESTING")),
    "summary of a web application": web_row(web_summary()),
    "policy": policy_row(policy()),
    "failed control": posture_row(posture()),
    "summary of a policy": posture_row(policy_summary(7, 1, 0, 1)),
}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app"), KNOWN.values()))


@pytest.mark.parametrize("name", OPEN)
def test_an_open_finding_is_complete(knowledge: Knowledge, name: str) -> None:
    row = event_row(OPEN[name])
    assert knowledge.tags(row) == sorted(cim.TAGS)
    assert list(cim.faults(knowledge, [row], KNOWN.get)) == []
    assert cim.is_open(knowledge.event(row))


@pytest.mark.parametrize("name", WEB_OPEN)
def test_an_open_finding_in_a_web_application_is_complete(knowledge: Knowledge, name: str) -> None:
    row = web_row(WEB_OPEN[name])
    assert knowledge.tags(row) == sorted(cim.TAGS)
    assert list(cim.faults(knowledge, [row], KNOWN.get)) == []
    assert cim.is_open(knowledge.event(row))


@pytest.mark.parametrize("name", NOT_OPEN)
def test_what_is_not_open_is_not_in_the_model(knowledge: Knowledge, name: str) -> None:
    _not_in_the_model(knowledge, event_row(NOT_OPEN[name]))


@pytest.mark.parametrize("name", NOT_IN_THE_MODEL)
def test_what_is_no_open_finding_in_a_web_application_is_not_in_the_model(knowledge: Knowledge, name: str) -> None:
    _not_in_the_model(knowledge, NOT_IN_THE_MODEL[name])


def _not_in_the_model(knowledge: Knowledge, row: dict[str, Any]) -> None:
    assert knowledge.tags(row) == []
    assert list(cim.faults(knowledge, [row], KNOWN.get)) == []
    assert not cim.is_open(knowledge.event(row))


def test_before_the_knowledge_base_was_pulled_only_cve_and_score_lack(tmp_path: Path) -> None:
    """And the severity, where the platform sends none: there is nobody to say it."""
    knowledge = Knowledge.load(package_copy(tmp_path))
    rows = [event_row(raw) for name, raw in OPEN.items() if not name.startswith("without a severity")]
    assert list(cim.faults(knowledge, rows, lambda _qid: None)) == []
    (fault,) = cim.faults(knowledge, [event_row(finding(SEVERITY=None))], lambda _qid: None)
    assert fault.endswith("severity is missing")


def test_a_field_may_lack_only_where_the_knowledge_base_has_nothing(tmp_path: Path) -> None:
    """The same events with empty lookups, held against a knowledge base that knows."""
    knowledge = Knowledge.load(package_copy(tmp_path))
    found = list(cim.faults(knowledge, [event_row(finding())], KNOWN.get))
    told = " ".join(found)
    assert "cve is missing" in told
    assert "cvss is missing" in told
    assert cim.may_lack(KNOWN["370845"]) == frozenset()
    assert cim.may_lack(KNOWN["38170"]) == {"cve"}
    assert cim.may_lack(KNOWN["38173"]) == {"cvss"}
    assert cim.may_lack(None) == {"cve", "cvss"}


def golden_rows(case: str) -> list[dict[str, Any]]:
    sourcetype = SOURCETYPES[case.partition("/")[0]]
    lines = (GOLDEN / f"{case}.events.jsonl").read_text("utf-8").split("\n")
    return [event_row(json.loads(line)["text"], sourcetype=sourcetype) for line in lines if line]


@pytest.mark.parametrize("case", CASES)
def test_the_golden_events_of_open_findings_are_complete(tmp_path: Path, case: str) -> None:
    """With a knowledge base that knows their QIDs; those that are not open have no tags."""
    rows = golden_rows(case)
    qids = {qid for row in rows for qid in re.findall(r' (?:QID|qid)="(\d+)"', row["raw"])}
    beside = GOLDEN / f"{case}.knowledge.json"
    told = json.loads(beside.read_text("utf-8")) if beside.exists() else {}
    known = {qid: entry(qid, **{"CVE": f"CVE-2024-{qid}", "CVSS_V3_BASE": "7.5", **told.get(qid, {})}) for qid in qids}
    knowledge = Knowledge.load(package_copy(tmp_path, known.values()))
    assert list(cim.faults(knowledge, rows, known.get)) == []
    for row in rows:
        assert (knowledge.tags(row) == sorted(cim.TAGS)) is cim.is_open(knowledge.event(row))


GOOD: dict[str, Any] = {
    "tag": ["report", "vulnerability"],
    "category": "Web",
    "cve": ["CVE-2014-0346", "CVE-2014-0160"],
    "cvss": "7.5",
    "dest": "d",
    "dvc": "Qualys",
    "severity": "high",
    "signature": "s",
    "vendor_product": "v",
}
SPOILED: dict[str, tuple[dict[str, Any], str]] = {
    "no tag": ({"tag": ["report"]}, "lacks the tag vulnerability"),
    "no dest": ({"dest": None}, "dest is missing"),
    "empty": ({"dvc": ""}, "dvc is ''"),
    "unknown": ({"category": "Unknown"}, "category is 'Unknown'"),
    "a dash": ({"url": "-"}, "url is '-'"),
    "a severity of its own": ({"severity": "urgent"}, "severity is 'urgent', not one of"),
    "no number": ({"cvss": "high"}, "cvss is 'high', which is not valid"),
    "two scores": ({"cvss": ["5", "7"]}, "cvss has several values"),
    "joined CVEs": ({"cve": "CVE-2014-0346, CVE-2014-0160"}, "the knowledge base says"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_the_check_finds(name: str) -> None:
    changes, fault = SPOILED[name]
    event = {field: value for field, value in {**GOOD, **changes}.items() if value is not None}
    (found,) = cim.event_faults(event, KNOWN["370845"])
    assert fault in found


def test_the_check_finds_nothing_in_a_good_event() -> None:
    assert list(cim.event_faults(GOOD, KNOWN["370845"])) == []


def test_an_events_own_fields_do_not_excuse_what_the_knowledge_base_knows() -> None:
    told: Optional[Mapping[str, str]] = KNOWN["38173"]
    assert list(cim.event_faults({**GOOD, "cve": "CVE-2020-1"}, told)) == []
    without = {name: value for name, value in GOOD.items() if name != "cve"}
    assert "cve is missing" in list(cim.event_faults(without, told))
