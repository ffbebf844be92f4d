"""Public reports and recordings: every finding becomes an event, field by field what an independent parser finds.

They are not part of this repository; they lie in ../shared/samples beside a checkout, or the tests are left out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from qualys_ta.api.codes import Answer, code_and_text, error_for
from qualys_ta.errors import NotReady
from qualys_ta.model import Request
from qualys_ta.populator import report_api
from standins.qualys.reports import TEMPLATES
from standins.qualys.standin import QualysStandin
from support.core import inspected
from support.recordings import MISSING, SAMPLES
from support.reports import REPORT, report_events

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=MISSING)


def body(name: str) -> bytes:
    return (SAMPLES / "report-asset-data" / name).read_bytes()


def recorded(name: str) -> bytes:
    """The answer in a recording."""
    text = (SAMPLES / "report-launch" / name).read_text("utf-8")
    told = text.partition("string: |\n")[2].partition("http_version")[0]
    return re.sub(r"^ {8}", "", told, flags=re.MULTILINE).encode()


def text_of(element: Any, path: str) -> str:
    return (element.findtext(path) or "").strip()


def test_every_finding_of_the_sample_is_an_event_with_what_is_known_of_its_qid() -> None:
    root = etree.fromstring(body("defectdojo_Qualys_Sample_Report.xml"))
    known = {each.get("id"): each for each in root.iterfind("GLOSSARY/VULN_DETAILS_LIST/VULN_DETAILS")}
    pairs = [
        (host, finding)
        for host in root.iterfind("HOST_LIST/HOST")
        for finding in host.iterfind("VULN_INFO_LIST/VULN_INFO")
    ]
    found = [json.loads(event.text) for event in report_events(body("defectdojo_Qualys_Sample_Report.xml"))]
    assert len(found) == len(pairs) == 301
    for told, (host, finding) in zip(found, pairs):
        details = known[finding.find("QID").get("id")]
        assert (told["ip"], told.get("dns", "")) == (text_of(host, "IP"), text_of(host, "DNS"))
        assert str(told["qid"]) == text_of(finding, "QID")
        assert told.get("status", "") == text_of(finding, "VULN_STATUS")
        assert told.get("result", "") == text_of(finding, "RESULT")
        assert told["title"] == text_of(details, "TITLE")
        assert told.get("description", "") == text_of(details, "THREAT")
        assert told.get("cve", []) == [text_of(each, "ID") for each in details.iterfind("CVE_ID_LIST/CVE_ID")]
        wanted = [text_of(each, "ID") for each in details.iterfind("BUGTRAQ_ID_LIST/BUGTRAQ_ID")]
        assert told.get("bugtraq", []) == wanted
    assert Counter(told["type"] for told in found) == {"Ig": 209, "Vuln": 90, "Practice": 2}
    assert {told["security_risk"] for told in found if told["ip"] == "64.41.200.243"} == {"1.8"}


def test_the_empty_sample_is_a_report_without_findings() -> None:
    assert report_events(body("defectdojo_empty.xml")) == []


def test_the_recorded_launch_tells_the_number() -> None:
    told = inspected(recorded("rubyqualys_create_global_report.yml"), ("nothing",)).told
    assert code_and_text(told.texts) == ("", "New report launched")
    items = etree.fromstring(recorded("rubyqualys_create_global_report.yml")).iterfind("RESPONSE/ITEM_LIST/ITEM")
    assert report_api.launched_number(items, Request("/p")) == "4888438"


def test_the_recorded_answer_for_a_report_that_is_not_there_means_wait() -> None:
    told = inspected(recorded("rubyqualys_try_load_not_existing_report.yml"), REPORT.record).told
    error = error_for(Answer(200, told.root, *code_and_text(told.texts)), "/p", "", {}, "")
    assert isinstance(error, NotReady)


def test_the_stand_in_writes_the_elements_of_the_samples(tmp_path: Path) -> None:
    """In their order; of what the samples do not have, nothing but what the DTD does."""
    with QualysStandin(tmp_path, hosts=20, findings=12) as platform:
        report = platform.reports.launch(TEMPLATES[0], "t", "acme_ab1")
        ours = etree.fromstring(b"".join(platform.report_document.pieces(report, platform.url, 1_700_000_000)))
    sample = etree.fromstring(body("defectdojo_Qualys_Sample_Report.xml"))
    in_dtd_only = {"ASSET_TAGS", "HOST_ID", "QG_HOSTID", "USERNAME", "INSTANCE", "FQDN", "NETBIOS"}
    for path in (".", "HEADER", "HOST_LIST/HOST", "HOST_LIST/HOST/VULN_INFO_LIST/VULN_INFO", "GLOSSARY/*/VULN_DETAILS"):
        assert tags(ours, path) - tags(sample, path) <= in_dtd_only, path
        assert in_order(ours, path, sample), path


def tags(root: Any, path: str) -> set[str]:
    return {child.tag for element in root.iterfind(path) for child in element if isinstance(child.tag, str)}


def in_order(ours: Any, path: str, sample: Any) -> bool:
    """Whether no two elements stand in the other order than in the sample."""
    before = {pair for element in sample.iterfind(path) for pair in pairs(element)}
    return not {(after, first) for element in ours.iterfind(path) for first, after in pairs(element)} & before


def pairs(element: Any) -> set[tuple[str, str]]:
    names = list(dict.fromkeys(child.tag for child in element if isinstance(child.tag, str)))
    return {(names[i], names[j]) for i in range(len(names)) for j in range(i + 1, len(names))}
