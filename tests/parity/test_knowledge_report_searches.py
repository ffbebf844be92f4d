"""Macros, searches and the page of scan reports over a small history."""

from __future__ import annotations

import re
from typing import Any

import pytest

from standins.splunk.search import Knowledge, Panel, dashboard
from support.doc_pages import section
from support.knowledge import PACKAGE, epoch, package_copy
from support.report_rows import report_row

VIEW = PACKAGE / "default/data/ui/views/qualys_scan_reports.xml"
NOW = epoch("2024-06-12T12:00:00Z")
OLD, NEW, OTHER = "2024-06-01T12:00:00Z", "2024-06-08T12:00:00Z", "2024-06-10T12:00:00Z"
HISTORY = [
    # What the week before held, of which 1 is fixed now and 2 is no longer in the report.
    report_row(1, severity=5, generated=OLD),
    report_row(2, severity=5, generated=OLD),
    report_row(3, severity=4, generated=OLD),
    # The newest report of this template; the same page of it twice.
    report_row(1, severity=5, generated=NEW, VULN_STATUS="Fixed"),
    report_row(3, severity=4, generated=NEW),
    report_row(3, severity=4, generated=NEW, indexed_at=9),
    report_row(3, severity=4, generated=NEW, on="db", VULN_STATUS="New"),
    report_row(4, severity=2, generated=NEW, TYPE="Ig", VULN_STATUS=None),
    # Another template, whose word on 3 is newer.
    report_row(3, severity=4, template="Servers", generated=OTHER, VULN_STATUS="Re-Opened"),
    report_row(5, severity=3, template="Servers", generated=OTHER, TYPE="Practice"),
]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app")))


@pytest.fixture(scope="module")
def panels(knowledge: Knowledge) -> dict[str, Panel]:
    return {panel.title: panel for panel in dashboard(VIEW, knowledge)}


def shown(knowledge: Knowledge, panel: Panel) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in knowledge.search(panel.search, HISTORY, now=NOW)]


def test_only_the_newest_report_of_a_template_counts(knowledge: Knowledge) -> None:
    for rows in (HISTORY, HISTORY[::-1]):
        spl = "`qualys_latest_report_findings` | sort 0 qid, dest | table qid, dest, status, qualys_report"
        assert [tuple(row.values()) for row in knowledge.search(spl, rows, now=NOW)] == [
            ("1", "web.example.com", "Fixed", "Weekly"),
            ("3", "db.example.com", "New", "Weekly"),
            ("3", "web.example.com", "Re-Opened", "Servers"),
            ("4", "web.example.com", "Weekly"),
            ("5", "web.example.com", "Active", "Servers"),
        ]
        found = knowledge.search("`qualys_current_report_findings` | stats count", rows, now=NOW)
        assert [row["count"] for row in found] == ["4"]


def test_reports(knowledge: Knowledge) -> None:
    found = knowledge.saved_search("Qualys: Open Report Findings", HISTORY, now=NOW)
    assert [(row["QID"], row["Host"], row["Severity"], row["Report"]) for row in found] == [
        ("3", "db.example.com", "high", "Weekly"),
        ("3", "web.example.com", "high", "Servers"),
        ("5", "web.example.com", "medium", "Servers"),
    ]
    found = knowledge.saved_search("Qualys: Newest Scan Reports", HISTORY, now=NOW)
    assert [tuple(row.values()) for row in found] == [
        ("Servers", OTHER, "1", "2", "2"),
        ("Weekly", NEW, "2", "4", "2"),
    ]


def test_panels(knowledge: Knowledge, panels: dict[str, Panel]) -> None:
    assert shown(knowledge, panels["Newest reports"]) == [
        ("Servers", OTHER, "2", "1", "2"),
        ("Weekly", NEW, "4", "2", "1"),
    ]
    assert shown(knowledge, panels["Hosts with the most severe open findings in reports"]) == [
        ("web.example.com", "0", "1", "2"),
        ("db.example.com", "0", "1", "1"),
    ]
    assert shown(knowledge, panels["Open QIDs in reports on the most hosts"]) == [
        ("3", "Weak cipher", "4", "2", "2"),
        ("5", "Weak cipher", "3", "1", "1"),
    ]
    assert {row[0] for row in shown(knowledge, panels["Open findings in reports by severity"])} == {
        "4 high",
        "3 medium",
    }
    assert {row[0] for row in shown(knowledge, panels["Open findings in reports by status"])} == {
        "Active",
        "New",
        "Re-Opened",
    }


def test_an_empty_report_leaves_the_one_before_and_the_searches_of_the_docs_show_it(knowledge: Knowledge) -> None:
    """Weekly is four days old, Servers two; an empty report is no event."""
    page = section("scan_report.md", "A report without findings")
    ages, young = re.findall("^```\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    found = knowledge.search(ages, HISTORY, now=NOW)
    assert [(row["report"], row["days"]) for row in found] == [("Weekly", "4"), ("Servers", "2")]
    later = NOW + 5 * 86400
    reports = {row["qualys_report"] for row in knowledge.search(young, HISTORY, now=later)}
    current = knowledge.search("`qualys_current_report_findings`", HISTORY, now=later)
    assert reports == {"Servers"}
    assert {row["qualys_report"] for row in current} == {"Servers", "Weekly"}
