"""The shipped knowledge objects over findings in web applications, evaluated as Splunk would."""

from __future__ import annotations

from typing import Any

import pytest

from standins.splunk import conf
from standins.splunk.breaking import Breakers
from standins.splunk.search import Knowledge, event_time
from support.knowledge import entry, epoch, package_copy
from support.web_events import FINDING, TESTED, WAS, WEBAPP, web_finding, web_row, web_summary

DETECTED = FINDING["lastDetectedDate"]
KNOWN = entry(
    "150001",
    SEVERITY="4",
    TITLE="What the knowledge base calls it",
    CATEGORY="Web Application",
    CVE="CVE-2014-0346, CVE-2014-0160",
    CVSS_V3_BASE="6.1",
    BUGTRAQ_IDS="66690",
    VENDOR_REFERENCE="KB2953095, MS14-017",
    URL="https://vendor.example/advisory",
)
SAMPLES = {
    "finding": web_finding(),
    "all that is read": web_finding(cvssV3_base="7.2", cwe="79,80", isIgnored="true", tags="a,b"),
    "information": web_finding(type="INFORMATION_GATHERED", status="-", url=None, timesDetected=None),
    "summary": web_summary(),
}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """Before any knowledge base was pulled."""
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("fresh")))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("filled"), [KNOWN]))


def fields_of(knowledge: Knowledge, raw: str) -> dict[str, Any]:
    return dict(knowledge.event(web_row(raw)))


# Index time


@pytest.mark.parametrize(
    ("changes", "happened"),
    [
        ({}, TESTED),
        ({"lastTestedDate": None}, DETECTED),
        ({"lastTestedDate": ""}, DETECTED),
        ({"name": "x, lastTestedDate='2001-01-01T00:00:00Z'", "webapp_name": "lastTestedDate="}, TESTED),
    ],
    ids=["tested", "never tested", "tested at no time", "a text poses as the time"],
)
def test_a_finding_happened_when_it_was_tested(knowledge: Knowledge, changes: dict[str, Any], happened: str) -> None:
    raw = web_finding(**changes)
    assert event_time(knowledge.props_of(web_row(raw)), raw) == epoch(happened)


def test_events_are_broken_where_they_begin(knowledge: Knowledge) -> None:
    stanza = conf.Stanza(WAS, dict(knowledge.props[WAS]), "app", shipped=True)
    events = [web_finding(), web_summary(), web_finding(payload="x" * 20_000), web_finding(webapp_id=None)]
    assert Breakers({WAS: stanza}).of(WAS).events("\n".join(events)) == events


# Extraction


def test_every_field_is_found(knowledge: Knowledge) -> None:
    found = fields_of(knowledge, web_finding())
    told = {**WEBAPP, **FINDING}
    assert {name: found.get(name) for name in told} == {**told, "severity": "critical"}
    assert fields_of(knowledge, web_finding(cwe="79,80"))["cwe"] == ["79", "80"]


def test_counters_are_found_under_clean_names(knowledge: Knowledge) -> None:
    found = fields_of(knowledge, web_summary())
    assert (found["status__"], found["status_NEW"], found["type_INFORMATION_GATHERED"]) == ("5", "1", "5")


HOSTILE = (
    "' status='FIXED' url='http://evil.example/",
    "status=FIXED, isIgnored=true, url=http://evil.example/",
    " url=",
    " webapp_url=",
    "WAS_SUMMARY: webapp_id=9",
    "<script>alert(1)</script>; QID=1 \\ \u00e9\u4e2d\U0001f600",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["webapp_name", "name", "payload"])
def test_nothing_inside_a_value_becomes_a_field(knowledge: Knowledge, name: str, text: str) -> None:
    plain, hostile = (fields_of(knowledge, web_finding(**{name: value})) for value in ("plain", text))
    assert hostile[name] == text
    same = {"signature", "_raw", name}
    assert {n: v for n, v in hostile.items() if n not in same} == {n: v for n, v in plain.items() if n not in same}


def test_what_conf_reads_exists_in_events(knowledge: Knowledge) -> None:
    rules = knowledge.rules((WAS,))
    read = {name for _, expression in rules.calculated for name in expression.names}
    read |= {alias.old for alias in rules.aliases} | {field for lookup in rules.lookups for _, field in lookup.inputs}
    found = {name for raw in SAMPLES.values() for name in fields_of(knowledge, raw)}
    assert read - found == set()
    calculated = {name for name, _ in rules.calculated}
    assert not {other for name, one in rules.calculated for other in one.names if other != name} & calculated


def test_each_field_comes_from_one_lookup_only(knowledge: Knowledge) -> None:
    outputs = [field for lookup in knowledge.rules((WAS,)).lookups for _, field in lookup.outputs]
    assert len(outputs) == len(set(outputs))


# CIM


PLACES: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "by the finding's URL": ({}, ("pay.example.com", None, "pay.example.com")),
    "with a user": ({"url": "https://me:p@ss@pay.example.com/"}, ("pay.example.com", None, "pay.example.com")),
    "with an @ in the path": (
        {"url": "https://pay.example.com/@evil.example/"},
        ("pay.example.com", None, "pay.example.com"),
    ),
    "by an address": ({"url": "http://10.1.2.3/a"}, ("10.1.2.3", "10.1.2.3", None)),
    "by an address of version 6": ({"url": "http://[2001:DB8::1]:80/"}, ("2001:db8::1", "2001:db8::1", None)),
    "without a URL": ({"url": None}, ("shop.example.com", None, "shop.example.com")),
    "with what is no URL": ({"url": "/cart"}, ("shop.example.com", None, "shop.example.com")),
    "without any URL": ({"url": None, "webapp_url": None}, ("Shop", None, None)),
    "by its number only": ({"url": None, "webapp_url": None, "webapp_name": None}, ("7", None, None)),
    "of no web application": (
        dict.fromkeys(("url", "webapp_url", "webapp_name", "webapp_id")),
        ("11", None, None),
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_dest_is_the_host_that_was_asked(knowledge: Knowledge, place: str) -> None:
    changes, expected = PLACES[place]
    found = fields_of(knowledge, web_finding(**changes))
    assert tuple(found.get(name) for name in ("dest", "dest_ip", "dest_name")) == expected


def test_the_lookups_fill_what_a_finding_does_not_say(filled: Knowledge) -> None:
    expected = {
        "bugtraq": "66690",
        "category": "Web Application",
        "cve": ["CVE-2014-0346", "CVE-2014-0160"],
        "cvss": "6.1",
        "dvc": "Qualys",
        "msft": "MS14-017",
        "mskb": "KB2953095",
        "severity": "critical",
        "severity_id": "5",
        "signature": FINDING["name"],
        "signature_id": "150001",
        "url": FINDING["url"],
        "vendor_product": "Qualys Cloud Platform",
        "vendor_severity": "Urgent",
        "xref": "KB2953095, MS14-017",
    }
    found = fields_of(filled, web_finding())
    assert {name: found.get(name) for name in expected} == expected


def test_the_page_of_a_finding_is_never_that_of_the_vendor(filled: Knowledge) -> None:
    assert "url" not in fields_of(filled, web_finding(url=None))


def test_a_finding_without_a_name_or_a_severity_has_the_knowledge_bases(filled: Knowledge) -> None:
    found = fields_of(filled, web_finding(name="", severity=None))
    assert (found["signature"], found["severity"]) == ("What the knowledge base calls it", "high")


@pytest.mark.parametrize(("base", "cvss"), [("9.8", "9.8"), ("0.0", "6.1"), ("-", "6.1"), (None, "6.1")])
def test_the_score_of_the_finding_itself_wins(filled: Knowledge, base: str, cvss: str) -> None:
    assert fields_of(filled, web_finding(cvssV3_base=base))["cvss"] == cvss


def test_an_unknown_qid_still_has_a_category(knowledge: Knowledge) -> None:
    found = fields_of(knowledge, web_finding())
    assert (found["signature"], found["category"]) == (FINDING["name"], "QID not in the knowledge base")


# Eventtypes and tags

STATES: dict[str, tuple[dict[str, Any], str]] = {
    "new": ({"status": "NEW"}, "open_finding"),
    "active": ({}, "open_finding"),
    "reopened": ({"status": "REOPENED"}, "open_finding"),
    "sensitive content": ({"type": "SENSITIVE_CONTENT"}, "open_finding"),
    "potential": ({"potential": "true"}, "open_finding"),
    "without marks": ({"isIgnored": None}, "open_finding"),
    "fixed": ({"status": "FIXED"}, "fixed_finding"),
    "fixed and ignored": ({"status": "FIXED", "isIgnored": "true"}, "fixed_finding"),
    "protected": ({"status": "PROTECTED"}, "protected_finding"),
    "protected and ignored": ({"status": "PROTECTED", "isIgnored": "true"}, "ignored_finding"),
    "ignored": ({"isIgnored": "true"}, "ignored_finding"),
    "information": ({"type": "INFORMATION_GATHERED", "status": "-", "url": None}, "information"),
    "information with a status": ({"type": "INFORMATION_GATHERED"}, "information"),
    "without a status": ({"status": "-"}, ""),
    "unknown status": ({"status": "RETESTING"}, ""),
    "unknown type": ({"type": "MALWARE"}, ""),
}


@pytest.mark.parametrize("state", STATES)
def test_only_open_findings_are_vulnerabilities(knowledge: Knowledge, state: str) -> None:
    changes, name = STATES[state]
    row = web_row(web_finding(**changes))
    assert knowledge.eventtypes(row) == sorted(["qualys_was_finding_event", *([f"qualys_was_{name}"] if name else [])])
    assert knowledge.tags(row) == (["report", "vulnerability"] if name == "open_finding" else [])


def test_a_summary_is_no_finding(knowledge: Knowledge) -> None:
    found = fields_of(knowledge, web_summary())
    assert found["eventtype"] == ["qualys_was_summary_event"]
    assert not {"signature", "severity", "severity_id", "category", "tag"} & found.keys()
