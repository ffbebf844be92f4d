"""Macros, searches and the page about web applications over a small history, against what one counts by hand."""

from __future__ import annotations

from typing import Any

import pytest

from standins.splunk.search import Knowledge, Panel, dashboard
from support.knowledge import PACKAGE, epoch, package_copy
from support.web_events import web_row, web_summary, web_vuln

VIEW = PACKAGE / "default/data/ui/views/qualys_web_applications.xml"
NOW = epoch("2018-09-20T13:00:05Z")

HISTORY = [
    # Application 1: found, fixed, back again; one fixed; one ignored since; one sensitive; one information; a summary.
    web_vuln(1, 11, 1, status="NEW", qid="1", firstDetectedDate="2017-01-01T00:00:00Z"),
    web_vuln(1, 11, 5, status="FIXED", qid="1"),
    web_vuln(1, 11, 14, status="REOPENED", qid="1", firstDetectedDate="2017-01-01T00:00:00Z"),
    web_vuln(1, 12, 2, qid="2"),
    web_vuln(1, 12, 16, qid="2", status="FIXED"),
    web_vuln(1, 13, 3, qid="2"),
    web_vuln(1, 13, 4, qid="2", isIgnored="true"),
    web_vuln(1, 14, 3, qid="3", type="SENSITIVE_CONTENT", severity="3", firstDetectedDate="2018-09-18T00:00:00Z"),
    web_vuln(1, 15, 3, qid="4", type="INFORMATION_GATHERED", status="-", severity="1", url=None),
    web_row(web_summary(webapp_id="1"), time=NOW),
    # Application 2: one that a firewall keeps off, one open, the same QID as in application 1.
    web_vuln(2, 21, 6, qid="5", status="PROTECTED"),
    web_vuln(2, 22, 6, qid="1", severity="4", firstDetectedDate="2018-08-30T00:00:00Z"),
]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app")))


@pytest.fixture(scope="module")
def panels(knowledge: Knowledge) -> list[Panel]:
    return dashboard(VIEW, knowledge)


def listed(knowledge: Knowledge, spl: str, rows: list[dict[str, Any]] = HISTORY) -> list[tuple[Any, ...]]:
    found = knowledge.search(f"{spl} | sort 0 finding_id | table finding_id, status", rows, now=NOW)
    return [tuple(row.values()) for row in found]


def test_current_findings_are_the_last_word_on_each_that_is_not_fixed(knowledge: Knowledge) -> None:
    expected = [("11", "REOPENED"), ("13", "ACTIVE"), ("14", "ACTIVE"), ("15", "-"), ("21", "PROTECTED")]
    for rows in (HISTORY, HISTORY[::-1]):
        assert listed(knowledge, "`qualys_current_was_findings`", rows) == [*expected, ("22", "ACTIVE")]
    latest = listed(knowledge, "`qualys_latest_was_findings`")
    assert set(latest) == {*expected, ("22", "ACTIVE"), ("12", "FIXED")}


def test_two_subscriptions_in_an_index_each_are_told_apart(knowledge: Knowledge) -> None:
    rows = [web_vuln(1, 11, 5, status="FIXED"), {**web_vuln(9, 11, 4, status="NEW"), "index": "other"}]
    assert listed(knowledge, "`qualys_current_was_findings`", rows) == [("11", "NEW")]
    assert len(listed(knowledge, "`qualys_latest_was_findings`", rows)) == 2


def test_of_two_words_of_one_test_the_one_indexed_later_counts(knowledge: Knowledge) -> None:
    rows = [{**web_vuln(1, 1, 1, status=status), "indexed_at": at} for status, at in (("FIXED", 9.0), ("NEW", 1.0))]
    assert listed(knowledge, "`qualys_latest_was_findings`", rows) == [("1", "FIXED")]
    assert listed(knowledge, "`qualys_current_was_findings`", rows) == []


def saved(knowledge: Knowledge, name: str) -> list[dict[str, Any]]:
    return knowledge.saved_search(f"Qualys: {name}", HISTORY, now=NOW)


def test_open_web_findings(knowledge: Knowledge) -> None:
    found = saved(knowledge, "Open Web Findings")
    assert [(row["finding_id"], row["Application"], row["Severity"]) for row in found] == [
        ("11", "App 1", "critical"),
        ("22", "App 2", "high"),
        ("14", "App 1", "medium"),
    ]


def test_open_web_findings_by_application(knowledge: Knowledge) -> None:
    found = saved(knowledge, "Open Web Findings by Application")
    counts = ("Application", "Severity 5", "Severity 4", "Severity 3", "QIDs", "Findings")
    assert [tuple(row[name] for name in counts) for row in found] == [
        ("App 1", "1", "0", "1", "2", "2"),
        ("App 2", "0", "1", "0", "1", "1"),
    ]


# The page


def shown(knowledge: Knowledge, panels: list[Panel], title: str) -> list[tuple[Any, ...]]:
    (panel,) = [panel for panel in panels if panel.title.startswith(title)]
    found = knowledge.search(panel.search, HISTORY, now=NOW, earliest=panel.earliest, latest=panel.latest)
    return [tuple(row.get(name) for name in panel.fields or row) for row in found]


PANELS = {
    "Open web findings by severity": [("5 critical", "1"), ("4 high", "1"), ("3 medium", "1")],
    "Open web findings by status": [("ACTIVE", "1", "1"), ("REOPENED", "1")],
    "Open web findings by age": [("1. week", "1"), ("2. month", "1"), ("5. older", "1")],
    "Web applications with the most severe": [
        ("App 1", "https://shop.example.com/", "1", "0", "2"),
        ("App 2", "https://shop.example.com/", "0", "1", "1"),
    ],
    "Open QIDs in the most": [
        ("1", "Reflected Cross-Site Scripting (XSS)", "5", "2", "2"),
        ("3", "Reflected Cross-Site Scripting (XSS)", "3", "1", "1"),
    ],
    "Web applications that were not tested": [
        ("App 2", "https://shop.example.com/", "2018-09-06T12:00:00Z", "14"),
        ("App 1", "https://shop.example.com/", "2018-09-16T12:00:00Z", "4"),
    ],
}


@pytest.mark.parametrize("title", PANELS)
def test_panels(knowledge: Knowledge, panels: list[Panel], title: str) -> None:
    assert shown(knowledge, panels, title) == PANELS[title]


def test_no_panel_is_forgotten(panels: list[Panel]) -> None:
    assert len(panels) == len(PANELS)
