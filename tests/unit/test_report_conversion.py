"""What a finding in a report becomes: itself, its host, and what the glossary says of its QID, in one event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Optional

import pytest

from qualys_ta.glossary import PageGlossary
from qualys_ta.model import knows_nothing
from qualys_ta.populator.scan_report import FEED
from qualys_ta.splunk.forms import SEED
from qualys_ta.spool import Asked, batches, spool_path
from qualys_ta.times import epoch
from qualys_ta.work import conversion
from qualys_ta.work.conversion import Converter, Recipe
from support.core import leaves, tag
from support.reports import (
    GENERATED,
    SEEN,
    converted,
    details,
    host,
    listed,
    qid_of,
    report,
    report_events,
    report_settings,
    told,
    vuln,
)


def test_one_event_for_each_finding_of_each_host() -> None:
    found = told(host(vuln(), vuln(38173)), host(vuln(), ip="10.0.0.6", HOST_ID=8))
    assert [(each["ip"], each["qid"]) for each in found] == [
        ("10.0.0.5", 38170),
        ("10.0.0.5", 38173),
        ("10.0.0.6", 38170),
    ]


def test_an_event_says_report_host_finding_and_what_is_known() -> None:
    known = details(38170, listed("CVE_ID", "CVE-2014-0160", "CVE-2014-0346"), listed("BUGTRAQ_ID", "66690"))
    (found,) = told(host(vuln(38170, tag("RESULT", "a\tb\nc", format="table"))), explained=(known,))
    assert found == {
        "report_generated": GENERATED,
        "report_template": "Weekly",
        "report_id": 17,
        "ip": "10.0.0.5",
        "tracking_method": "IP",
        "host_id": 7,
        "dns": "web.example.com",
        "operating_system": "Linux",
        "qid": 38170,
        "type": "Vuln",
        "port": 443,
        "protocol": "tcp",
        "ssl": "true",
        "first_found": SEEN,
        "last_found": SEEN,
        "times_found": 3,
        "status": "Active",
        "title": "Weak cipher",
        "severity": 3,
        "category": "General remote services",
        "cve": ["CVE-2014-0160", "CVE-2014-0346"],
        "bugtraq": ["66690"],
        "description": "It is weak.",
        "result": "a\tb\nc",
    }


def test_what_is_long_stands_last() -> None:
    """Splunk makes fields of the first 5,000 bytes."""
    (event,) = report_events(
        report(host(vuln(38170, leaves({"RESULT": "x" * 9000}))), explained=(details(THREAT="y" * 9000),))
    )
    names = list(json.loads(event.text))
    assert names[-2:] == ["description", "result"]


def test_a_qid_that_the_glossary_does_not_explain_is_told_all_the_same() -> None:
    (found,) = told(host(vuln(999)))
    assert (found["qid"], found.get("title"), found.get("cve")) == (999, None, None)


def test_scores_lie_beside_the_rest_and_dashes_are_none() -> None:
    scores = tag("CVSS_SCORE", leaves({"CVSS_BASE": "5.0", "CVSS_TEMPORAL": "-"}))
    scores += tag("CVSS3_SCORE", leaves({"CVSS3_BASE": "7.5", "CVSS3_TEMPORAL": "6.6"}))
    (found,) = told(host(vuln(CVSS_FINAL="-", CVSS3_FINAL="7.1")), explained=(details(38170, scores),))
    assert {name: value for name, value in found.items() if "cvss" in name} == {
        "cvss3_final": "7.1",
        "cvss_base": "5.0",
        "cvss3_base": "7.5",
        "cvss3_temporal": "6.6",
    }


def test_impact_solution_and_results_are_a_matter_of_choice() -> None:
    known = details(IMPACT="bad", SOLUTION="patch", THREAT_COMMENT="ours")
    body = report(host(vuln(RESULT="r")), explained=(known,))
    names = [set(json.loads(event.text)) for event in (*report_events(body), *report_events(body, report_details="1"))]
    assert not names[0] & {"impact", "solution", "threat_comment"}
    assert names[1] >= {"impact", "solution", "threat_comment", "description", "result"}
    (event,) = report_events(body, report_results="0")
    assert "result" not in json.loads(event.text)


def test_a_finding_happened_when_it_was_last_seen_else_when_the_report_was_made() -> None:
    seen, never = report_events(report(host(vuln(), vuln(LAST_FOUND=None))))
    assert (seen.time, never.time) == (epoch(SEEN), epoch(GENERATED))


def test_risk_stands_before_the_hosts_and_is_told_with_them() -> None:
    def risk(ip: str, value: str, **network: str) -> str:
        return tag(
            "HOSTS", tag("IP_ADDRESS", ip, **network), leaves({"TOTAL_VULNERABILITIES": 2, "SECURITY_RISK": value})
        )

    risks = tag("RISK_SCORE_PER_HOST", risk("10.0.0.5", "1.8"), risk("10.0.0.5", "4.4", network_id="9"))
    hosts = (host(vuln()), host(vuln(), network="9", HOST_ID=8), host(vuln(), ip="10.0.0.6", HOST_ID=9))
    found = [json.loads(event.text) for event in report_events(report(*hosts, risks=risks))]
    assert [each.get("security_risk") for each in found] == ["1.8", "4.4", None]
    assert [each.get("network_id") for each in found] == [None, "9", None]


def test_lists_of_a_host_are_lists() -> None:
    groups = tag("ASSET_GROUPS", *(tag("ASSET_GROUP_TITLE", title) for title in ("Büro", "DMZ")))
    (found,) = told(host(vuln(), more=groups + tag("ASSET_TAGS", tag("ASSET_TAG", "Prod"))))
    assert (found["asset_groups"], found["asset_tags"]) == (["Büro", "DMZ"], ["Prod"])


def test_what_nobody_told_us_of_is_passed_on_and_takes_no_name_that_is_taken() -> None:
    """A name stands in an object once."""
    more = leaves({"QID": "q", "ID": "i", "NEW": "h"})
    body = report(host(vuln(NEW="n", STATUS="s"), more=more), explained=(details(PORT="p", NEW="d"),))
    (event,) = report_events(body)
    pairs = json.loads(event.text, object_pairs_hook=lambda pairs: pairs)
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names))
    found = dict(pairs)
    spelled = ("finding_new", "finding_status", "host_qid", "host_id_2", "host_new", "detail_port", "detail_new")
    assert [found[name] for name in spelled] == list("nsqihpd")
    assert (found["status"], found["port"], found["qid"], found["host_id"]) == ("Active", 443, 38170, 7)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<VULN_INFO/>", None),
        ('<VULN_INFO><QID id=" qid_1 ">1</QID></VULN_INFO>', {"qid": 1, "title": "T"}),
        ("<VULN_INFO><QID>qid_1</QID></VULN_INFO>", {"qid": "qid_1", "title": "T"}),
        ("<VULN_INFO><TYPE>Ig</TYPE><RESULT>r</RESULT></VULN_INFO>", {"type": "Ig", "result": "r"}),
        (f"<VULN_INFO>{qid_of(1)}<RESULT> </RESULT><SSL/></VULN_INFO>", {"qid": 1, "title": "T"}),
        (
            f"<VULN_INFO><RESULT>r</RESULT>{qid_of(1)}<NEW>n</NEW></VULN_INFO>",
            {"qid": 1, "finding_new": "n", "title": "T", "result": "r"},
        ),
        (
            f"<VULN_INFO>{qid_of(1)}<NEW><A>a</A></NEW></VULN_INFO>",
            {"qid": 1, "finding_new": {"finding_a": "a"}, "title": "T"},
        ),
        (
            f"<VULN_INFO>{qid_of(1)}<RESULT>r</RESULT><RESULT>s</RESULT></VULN_INFO>",
            {"qid": 1, "title": "T", "result": ["r", "s"]},
        ),
    ],
    ids=range(8),
)
def test_findings_of_all_shapes(markup: str, expected: Optional[dict[str, object]]) -> None:
    """Also beside one that is as most are."""
    glossary = (tag("VULN_DETAILS", leaves({"TITLE": "T"}), id="qid_1"),)
    (bare,) = told(host("<VULN_INFO><SSL/></VULN_INFO>"), explained=())
    found = told(host(vuln(2), markup, vuln(2)), explained=glossary)
    assert [each["qid"] for each in (found[0], found[-1])] == [2, 2]
    assert found[1:-1] == ([] if expected is None else [{**bare, **expected}])


@pytest.mark.parametrize(
    "bad", [tag("HOST", leaves({"ERROR": "no such host"})), host(vuln(), ip=None, DNS=None, HOST_ID=None), "<HOST/>"]
)
def test_what_is_no_host_is_left_out(bad: str) -> None:
    assert [each.record for each in converted(report(bad, host(vuln())))] == [7]


def test_a_host_without_a_number_has_the_same_in_each_report() -> None:
    def number(**changes: str) -> int:
        (found,) = converted(report(host(vuln(), HOST_ID=None, **changes)))
        return found.record

    assert number() == number() > 0
    assert number() != number(ip="10.0.0.9")
    assert number() != number(network="3")


def test_its_moment_is_that_of_its_latest_finding() -> None:
    (found,) = converted(report(host(vuln(LAST_FOUND="2024-01-01T00:00:00Z"), vuln(), vuln(LAST_FOUND=None))))
    assert found.moment == SEEN


def test_a_report_without_hosts_or_findings_is_whole() -> None:
    assert converted(report(explained=())) == []
    assert report_events(report(host())) == []


# Through the core


def converter(tmp_path: Path, body: bytes) -> tuple[Converter, Path]:
    page = tmp_path / "page.xml"
    page.write_bytes(body)
    return Converter(Recipe(FEED.name, report_settings(), "", {"name": SEED}), knows_nothing), page


def read(page: Path) -> list[dict[str, object]]:
    with spool_path(page).open("rb") as file:
        return [json.loads(event) for batch in batches(file) for frame in batch.frames() for event in frame.events()]


def test_a_page_is_converted_like_that(tmp_path: Path) -> None:
    here, page = converter(
        tmp_path, report(host(vuln(), vuln(38173)), explained=(details(), details(38173, TITLE="T2")))
    )
    spooled = here.convert(page, None, 1 << 20, Asked("", {"id": "17"}))
    assert (spooled.bad, spooled.told.root) == (0, "ASSET_DATA_REPORT")
    assert [each["title"] for each in read(page)] == ["Weak cipher", "T2"]
    assert {each["report_id"] for each in read(page)} == {17}


def test_a_large_glossary_waits_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than memory may hold: the join goes by SQLite, and nothing stays."""
    spilled = []

    def small(path: Path, room: int) -> PageGlossary:
        spilled.append(PageGlossary(path, room, most=2000))
        return spilled[-1]

    monkeypatch.setattr(conversion, "PageGlossary", small)
    qids = range(1, 200)
    hosts = [host(*(vuln(qid) for qid in qids), ip=f"10.0.0.{n}", HOST_ID=n) for n in range(1, 25)]
    here, page = converter(tmp_path, report(*hosts, explained=tuple(details(qid, TITLE=f"T{qid}") for qid in qids)))
    here.convert(page, None, 1 << 30, Asked())
    assert [(each["host_id"], each["title"]) for each in read(page)] == [
        (n, f"T{qid}") for n in range(1, 25) for qid in qids
    ]
    assert spilled[0]._disk is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.xml", "page.xml.events"]
