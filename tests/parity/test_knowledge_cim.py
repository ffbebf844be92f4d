"""What a finding tells the CIM by itself, by the lookups and where it was enriched; D3 … are defects of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from standins.splunk.search import Knowledge
from support.knowledge import (
    ENRICHED,
    HEARTBLEED,
    SOURCETYPE,
    entry,
    event_row,
    finding,
    package_copy,
    summary,
)

KNOWN = (
    HEARTBLEED,
    entry("1", CVSS_V3_BASE="-", CVSS_BASE="4.6"),
    entry("2", CVSS_V3_BASE="0", CVSS_BASE="-"),
    entry("3", TITLE=""),
)


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """Before any knowledge base was pulled."""
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("fresh")))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("filled"), KNOWN))


def fields_of(knowledge: Knowledge, raw: str) -> dict[str, Any]:
    return dict(knowledge.event(event_row(raw)))


def test_each_field_comes_from_one_lookup_only(knowledge: Knowledge) -> None:
    outputs = [field for lookup in knowledge.rules((SOURCETYPE,)).lookups for _, field in lookup.outputs]
    assert len(outputs) == len(set(outputs))


def test_a_calculated_field_does_not_see_a_lookup(tmp_path: Path) -> None:
    app = package_copy(tmp_path, KNOWN)
    (app / "local").mkdir()
    (app / "local" / "props.conf").write_text(f"[{SOURCETYPE}]\nEVAL-loud = upper(category)\n", encoding="utf-8")
    found = fields_of(Knowledge.load(app), finding())
    assert found["category"] == "General remote services"
    assert "loud" not in found


def test_a_finding_has_its_cim_fields(knowledge: Knowledge) -> None:
    expected = {
        "dest": "wordpress.example.com",
        "dest_ip": "172.16.5.4",
        "dest_name": "wordpress.example.com",
        "dvc": "Qualys",
        "severity": "medium",
        "severity_id": "3",
        "signature": "QID not in the knowledge base",
        "signature_id": "370845",
        "vendor_product": "Qualys Cloud Platform",
        "vendor_severity": "Serious",
    }
    found = fields_of(knowledge, finding())
    assert {name: found.get(name) for name in expected} == expected


def test_d3_the_knowledge_base_fills_what_the_cim_knows(filled: Knowledge) -> None:
    expected = {
        "bugtraq": "66690",
        "category": "General remote services",
        "cve": ["CVE-2014-0346", "CVE-2014-0160"],
        "cvss": "7.5",
        "dest_ip": "172.16.5.4",
        "dest_name": "wordpress.example.com",
        "msft": "MS14-017",
        "mskb": "KB2953095",
        "severity": "medium",
        "severity_id": "3",
        "signature": "OpenSSL heartbeat, 'Heartbleed'",
        "signature_id": "370845",
        "url": "https://example.com/heartbleed",
        "xref": "KB2953095, MS14-017",
    }
    found = fields_of(filled, finding())
    assert {name: found.get(name) for name in expected} == expected


def test_the_knowledge_bases_severity_counts_only_where_the_event_has_none(filled: Knowledge) -> None:
    found = fields_of(filled, finding(SEVERITY=None))
    assert [found[name] for name in ("severity_id", "severity", "vendor_severity")] == ["5", "critical", "Urgent"]


def test_what_was_known_when_it_was_pulled_wins_over_the_lookup(filled: Knowledge) -> None:
    """The values need no lookup, and none replaces them."""
    expected = {
        "category": "General remote services",
        "cve": ["CVE-2014-0346", "CVE-2014-0160"],
        "cvss": "7.5",
        "msft": "MS14-017",
        "mskb": "KB2953095, KB29",
        "signature": "OpenSSL, 'Heartbleed'",
        "xref": "KB2953095, MS14-017, KB29, openssl",
    }
    for qid in ("370845", "1", "unheard of"):
        found = fields_of(filled, finding(QID=qid, **ENRICHED))
        assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("scores", "cvss"),
    [
        ({"CVSS3": "9.8", "CVSS": "10.0"}, "9.8"),
        ({"CVSS3": "0", "CVSS": "4.6"}, "4.6"),
        ({"CVSS3": "-", "CVSS": "4.6"}, "4.6"),
        ({"CVSS": "4.6"}, "4.6"),
        ({"CVSS3": "0", "CVSS": "-"}, "0"),
        ({"CVSS": "0.0"}, "0.0"),
        ({"CVSS3": "-"}, None),
        ({}, None),
    ],
)
def test_d4_cvss_is_version_3_first_and_a_number(knowledge: Knowledge, scores: dict[str, str], cvss: str) -> None:
    assert fields_of(knowledge, finding(**scores)).get("cvss") == cvss


@pytest.mark.parametrize(("qid", "cvss"), [("370845", "7.5"), ("1", "4.6"), ("2", "0"), ("3", None)])
def test_d4_cvss_of_the_knowledge_base(filled: Knowledge, qid: str, cvss: str) -> None:
    assert fields_of(filled, finding(QID=qid)).get("cvss") == cvss


def test_d5_each_cve_is_a_value_of_its_own(knowledge: Knowledge, filled: Knowledge) -> None:
    both = ["CVE-2014-0346", "CVE-2014-0160"]
    assert fields_of(filled, finding())["cve"] == fields_of(knowledge, finding(**ENRICHED))["cve"] == both
    assert fields_of(knowledge, finding(CVE="CVE-1999-1"))["cve"] == ["CVE-1999-1"]
    assert "cve" not in fields_of(filled, finding(QID="1"))
    assert filled.search("cve=CVE-2014-0160 | stats count", [event_row(finding())], now=0) == [{"count": "1"}]


@pytest.mark.parametrize(
    ("missing", "dest"),
    [
        ((), "wordpress.example.com"),
        (("DNS",), "WORDPRESS"),
        (("DNS", "NETBIOS"), "172.16.5.4"),
        (("DNS", "NETBIOS", "IP"), "2001:db8::4"),
        (("DNS", "NETBIOS", "IP", "IPV6"), "190339320"),
    ],
)
def test_d6_dest_is_the_best_name_there_is(knowledge: Knowledge, missing: tuple[str, ...], dest: str) -> None:
    for nothing in ("", "-", None):
        assert fields_of(knowledge, finding(**dict.fromkeys(missing, nothing)))["dest"] == dest


def test_a_name_or_an_address_that_is_not_known_is_no_field(knowledge: Knowledge) -> None:
    found = fields_of(knowledge, finding(DNS="-", NETBIOS="", IP="-", IPV6=None))
    assert not {"dest_name", "dest_ip"} & found.keys()


def test_d7_category_is_the_knowledge_bases_and_never_the_type(knowledge: Knowledge, filled: Knowledge) -> None:
    assert fields_of(filled, finding())["category"] == "General remote services"
    assert fields_of(knowledge, finding(**ENRICHED))["category"] == "General remote services"
    assert fields_of(filled, finding(QID="999"))["category"] == "QID not in the knowledge base"


def test_an_unknown_qid_still_has_a_signature(filled: Knowledge) -> None:
    found = fields_of(filled, finding(QID="999"))
    assert (found["signature"], found["signature_id"]) == ("QID not in the knowledge base", "999")
    assert fields_of(filled, finding(QID="3"))["signature"] == "QID 3"


def test_every_severity_has_its_cim_name(knowledge: Knowledge) -> None:
    names = [fields_of(knowledge, finding(SEVERITY=level)).get("severity") for level in range(1, 7)]
    assert names == ["informational", "low", "medium", "high", "critical", None]


def test_severities_are_those_of_the_lookup_that_is_kept(knowledge: Knowledge) -> None:
    rows = knowledge.tables["qualys_severity_lookup"].rows
    for row in rows:
        found = fields_of(knowledge, finding(SEVERITY=int(row["severity_id"])))
        assert {name: found[name] for name in row} == row
    assert len(rows) == 5


def test_a_summary_is_no_finding(knowledge: Knowledge) -> None:
    assert not {"signature", "severity", "severity_id", "tag"} & fields_of(knowledge, summary()).keys()


def test_people_can_look_up_all_of_the_knowledge_base(filled: Knowledge) -> None:
    spl = "* | lookup local=true qualys_kb_lookup QID OUTPUT TITLE AS t, CVE, EXPLOIT | table t, CVE, EXPLOIT"
    (row,) = filled.search(spl, [event_row(finding())], now=0)
    assert row == {"t": "OpenSSL heartbeat, 'Heartbleed'", "CVE": "CVE-2014-0346, CVE-2014-0160"}
