"""What the knowledge base knows of a QID in its HOSTVULN: fields, order, quoting, and what is asked of the store."""

from __future__ import annotations

from typing import Optional

import pytest

from qualys_ta.model import Knowledge, knows_nothing
from qualys_ta.populator.enrichment import FIELDS, MOST_REMEMBERED, enrichment
from support.core import answer, detection, events, extracted, host, tag
from support.knowledge import ENRICHED, entry

HEARTBLEED = entry(
    "38170",
    SEVERITY="5",
    TITLE=ENRICHED["TITLE"],
    CATEGORY=ENRICHED["CATEGORY"],
    CVE=ENRICHED["CVE"],
    CVSS_BASE=ENRICHED["CVSS"],
    CVSS_V3_BASE=ENRICHED["CVSS3"],
    PATCHABLE=ENRICHED["PATCHABLE"],
    VENDOR_REFERENCE=ENRICHED["VENDOR_REFERENCE"],
)


def knowledge(*entries: dict[str, str]) -> Knowledge:
    return {each["QID"]: each for each in entries}.get


def vulns(*findings: str, known: Knowledge, **chosen: str) -> list[str]:
    """The HOSTVULNs of one host."""
    body = answer(host(7, detections=findings))
    return [event.text for event in events(body, knowledge=known, log_host_summary="0", **chosen)]


def test_fields_stand_behind_the_apis_and_before_results() -> None:
    finding = detection(tag("RESULTS", "r"), TIMES_FOUND=3)
    (text,) = vulns(finding, known=knowledge(HEARTBLEED), detection_fields_to_log="TIMES_FOUND,RESULTS")
    expected = ", ".join(f'{name}="{value}"' for name, value in ENRICHED.items())
    assert f', {expected}, RESULT_TRUNCATED="0", RESULTS="r"' in text
    assert text.index('TIMES_FOUND="3"') < text.index("TITLE=")
    assert tuple(FIELDS) == tuple(ENRICHED)


def test_a_finding_keeps_its_severity_and_gets_one_where_it_has_none() -> None:
    own, none = vulns(detection(SEVERITY=3), detection(SEVERITY=None), known=knowledge(HEARTBLEED))
    assert (", SEVERITY=3, " in own, ", SEVERITY=5, " in none) == (True, True)


def test_a_severity_from_the_knowledge_base_is_counted_like_a_findings_own() -> None:
    body = answer(host(7, detections=[detection(SEVERITY=None)]))
    (summary,) = events(body, knowledge=knowledge(HEARTBLEED), log_detections="0")
    assert dict(extracted(summary.text))["SEVERITY_5"] == "1"


@pytest.mark.parametrize("known", [knows_nothing, knowledge(entry("1"))])
def test_an_unknown_qid_is_written_as_without_enrichment(known: Knowledge) -> None:
    finding = detection(SEVERITY=None)
    assert vulns(finding, known=known) == vulns(finding, known=knows_nothing)
    assert "TITLE" not in vulns(finding, known=known)[0]


def test_what_is_not_known_is_left_out_and_a_score_of_zero_is_known() -> None:
    known = entry("38170", TITLE="", CATEGORY="", CVSS_BASE="-", CVSS_V3_BASE="0", PATCHABLE="NO", SEVERITY="")
    (text,) = vulns(detection(SEVERITY=None), known=knowledge(known))
    found = dict(extracted(text))
    assert {name: found[name] for name in FIELDS if name in found} == {"CVSS3": "0", "PATCHABLE": "NO"}
    assert "SEVERITY" not in found


@pytest.mark.parametrize(
    "hostile", ['", SEVERITY=5, X="', "a\nHOSTVULN: HOST_ID=1", "{0} {} {QID}", "\\", "=cmd|' /C'"]
)
def test_nothing_that_the_knowledge_base_says_becomes_a_field_or_an_event(hostile: str) -> None:
    (text,) = vulns(detection(), known=knowledge(entry("38170", TITLE=hostile, CATEGORY=hostile)))
    (plain,) = vulns(detection(), known=knowledge(entry("38170")))
    pairs = extracted(text)
    assert [name for name, _ in pairs] == [name for name, _ in extracted(plain)]
    assert ("TITLE", hostile.replace('"', "'").replace("\n", " ")) in pairs


@pytest.mark.parametrize("qid", ["\n   38170\n  ", "38\n170"])
def test_a_qid_that_is_broken_over_lines_is_known_all_the_same(qid: str) -> None:
    (text,) = vulns(detection(QID=qid), known=knowledge(HEARTBLEED))
    found = dict(extracted(text))
    assert (found["QID"], found["CVSS3"]) == ("38170", ENRICHED["CVSS3"])


def test_the_store_is_asked_once_per_qid_also_for_those_it_does_not_know() -> None:
    asked: list[str] = []

    def known(qid: str) -> Optional[dict[str, str]]:
        asked.append(qid)
        return HEARTBLEED if qid == "38170" else None

    vulns(*(detection(QID=qid) for qid in (38170, 1, 38170, 1, 1)), known=known)
    assert asked == ["38170", "1"]


def test_what_is_remembered_is_bounded() -> None:
    asked = 0

    def known(_qid: str) -> None:
        nonlocal asked
        asked += 1

    enrich = enrichment(known)
    for qid in range(MOST_REMEMBERED + 1):
        enrich(str(qid))
    enrich("0")
    assert asked == MOST_REMEMBERED + 2
