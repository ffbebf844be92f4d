"""The shipped knowledge objects over scan reports, evaluated as Splunk would: time, fields, the CIM, eventtypes."""

from __future__ import annotations

from typing import Any

import pytest

from standins import cim
from standins.splunk.search import Knowledge, event_time
from standins.splunk.search.values import values_of
from support.core import leaves, tag
from support.knowledge import entry, epoch, event_row, package_copy
from support.reports import GENERATED, SEEN, details, host, listed, report, report_events, vuln

REPORT = "qualys:scanReport"
SCORES = tag("CVSS_SCORE", leaves({"CVSS_BASE": "5.0"})) + tag("CVSS3_SCORE", leaves({"CVSS3_BASE": "7.5"}))
LISTS = (
    listed("CVE_ID", "CVE-2014-0160", "CVE-2014-0346"),
    listed("BUGTRAQ_ID", "66690", "66691"),
    listed("VENDOR_REFERENCE", "KB2953095", "MS14-017", "RHSA-1"),
)
KNOWN = {"38173": entry("38173", CVE="CVE-2020-1", CVSS_BASE="5.0", TITLE="Known", BUGTRAQ_IDS="7")}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app"), KNOWN.values()))


def row(*markup: str, qid: int = 38170, of_host: Any = None, **values: object) -> dict[str, Any]:
    """The event of one finding, as it is indexed."""
    body = report(host(vuln(qid, *markup, **values), **(of_host or {})), explained=(details(38170, SCORES, *LISTS),))
    (event,) = report_events(body, report_details="1")
    return event_row(event.text, sourcetype=REPORT, time=float(event.time))


@pytest.mark.parametrize("text", ["plain", '","last_found":"1999-01-01T00:00:00Z', '{"report_generated":"1999-01-01'])
def test_a_finding_happened_when_it_was_last_seen_else_with_its_report(knowledge: Knowledge, text: str) -> None:
    seen, never = row(INSTANCE=text), row(INSTANCE=text, LAST_FOUND=None)
    assert event_time(knowledge.props_of(seen), seen["raw"]) == epoch(SEEN)
    assert event_time(knowledge.props_of(never), never["raw"]) == epoch(GENERATED)


def test_an_open_finding_has_what_the_cim_asks_for(knowledge: Knowledge) -> None:
    event = knowledge.event(row())
    assert list(cim.event_faults(event, None)) == []
    expected = {
        "signature": "Weak cipher",
        "signature_id": "38170",
        "category": "General remote services",
        "severity": "medium",
        "severity_id": "3",
        "cve": ["CVE-2014-0160", "CVE-2014-0346"],
        "cvss": "7.5",
        "bugtraq": "66690, 66691",
        "mskb": "KB2953095",
        "msft": "MS14-017",
        "xref": "KB2953095, MS14-017, RHSA-1",
        "dest": "web.example.com",
        "dest_ip": "10.0.0.5",
        "vendor_product": "Qualys Cloud Platform",
    }
    assert {name: event.get(name) for name in expected} == expected


def test_what_the_report_does_not_explain_comes_from_the_knowledge_base(knowledge: Knowledge) -> None:
    event = knowledge.event(row(qid=38173))
    assert list(cim.event_faults(event, KNOWN["38173"])) == []
    assert (event["signature"], event["cve"], event["cvss"], event["bugtraq"]) == ("Known", "CVE-2020-1", "5.0", "7")


def test_a_qid_that_nobody_knows_lacks_its_severity_alone(knowledge: Knowledge) -> None:
    assert list(cim.event_faults(knowledge.event(row(qid=999)), None)) == ["severity is missing"]


@pytest.mark.parametrize(
    ("names", "dest"),
    [({"DNS": None, "NETBIOS": "WEB"}, "WEB"), ({"DNS": "-", "NETBIOS": "-"}, "10.0.0.5"), ({"DNS": None}, "10.0.0.5")],
)
def test_dest_is_the_best_name_there_is(knowledge: Knowledge, names: Any, dest: str) -> None:
    assert knowledge.event(row(of_host=names))["dest"] == dest


KINDS = {
    ("Vuln", "Active"): "open_finding",
    ("Vuln", "New"): "open_finding",
    ("Practice", "Re-Opened"): "open_finding",
    ("Vuln", "Fixed"): "fixed_finding",
    ("Ig", None): "information",
    ("Ig", "Active"): "information",
    ("Vuln", "Mitigated"): "",
}


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_a_finding_is_of_one_kind_and_only_open_ones_are_in_the_model(
    knowledge: Knowledge, kind: str, status: Any
) -> None:
    event = knowledge.event(row(TYPE=kind, VULN_STATUS=status))
    wanted = KINDS[kind, status]
    more = {f"qualys_report_{wanted}"} if wanted else set()
    assert set(values_of(event, "eventtype")) == {"qualys_report_event", *more}
    assert set(values_of(event, "tag")) == (set(cim.TAGS) if wanted == "open_finding" else set())
    assert cim.is_open(event) is (wanted == "open_finding")


def test_long_texts_hide_no_field_of_the_model(knowledge: Knowledge) -> None:
    """Splunk reads the first 5,000 bytes."""
    short, long = knowledge.event(row()), knowledge.event(row(tag("RESULT", "x\ty\n" * 5000)))
    names = [field["name"] for field in cim.FIELDS]
    assert {name: long.get(name) for name in names} == {name: short.get(name) for name in names}


def test_a_finding_is_the_same_in_each_report(knowledge: Knowledge) -> None:
    first, later = row(), row(VULN_STATUS="Fixed", TIMES_FOUND=9)
    other = row(PORT=8443)
    told = [str(knowledge.event(each)["qualys_finding"]) for each in (first, later, other)]
    assert told[0] == told[1] != told[2]
    assert told[0].startswith("7,38170,443,")
