"""The page *Qualys overview*: every panel's search over a small history, against what one counts by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

import pytest

from standins.splunk.search import Knowledge, Panel, dashboard
from support.knowledge import PACKAGE, epoch, event_row, finding, package_copy
from support.knowledge_history import AWAY, BACK, GONE_AT, HISTORY, KNOWN, NOW, SCANS, day, log_rows, scan, vuln

VIEW = PACKAGE / "default" / "data" / "ui" / "views" / "qualys_overview.xml"
HOUR = 3600


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    hosts = {AWAY: GONE_AT, BACK: GONE_AT}
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app"), KNOWN, gone_hosts=hosts))


@pytest.fixture(scope="module")
def panels(knowledge: Knowledge) -> list[Panel]:
    return dashboard(VIEW, knowledge)


def shown(
    knowledge: Knowledge, panels: list[Panel], title: str, rows: list[dict[str, Any]], utc_offset_s: int = 0
) -> list[dict[str, Any]]:
    """The rows of the panel whose title begins so, as its columns show them."""
    (panel,) = [panel for panel in panels if panel.title.startswith(title)]
    times = {"earliest": panel.earliest, "latest": panel.latest}
    found = knowledge.search(panel.search, rows, now=NOW, utc_offset_s=utc_offset_s, **times)
    return [{name: row.get(name) for name in panel.fields or row} for row in found]


def test_open_findings_by_severity(knowledge: Knowledge, panels: list[Panel]) -> None:
    assert shown(knowledge, panels, "Open findings by severity", HISTORY) == [
        {"Severity": "5 critical", "critical": "2"},
        {"Severity": "3 medium", "medium": "1"},
        {"Severity": "2 low", "low": "1"},
    ]


def test_open_findings_by_status(knowledge: Knowledge, panels: list[Panel]) -> None:
    assert shown(knowledge, panels, "Open findings by status", HISTORY) == [
        {"STATUS": "ACTIVE", "critical": "1", "medium": "1", "low": "1"},
        {"STATUS": "RE-OPENED", "critical": "1"},
    ]


def trend(knowledge: Knowledge, panels: list[Panel], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """From 30 days ago to today, midnight to midnight."""
    found = shown(knowledge, panels, "Open findings per day", rows)
    assert [float(row.pop("_time")) for row in found] == [
        epoch("2018-08-21T00:00:00Z") + 86_400 * number for number in range(31)
    ]
    return found


def test_the_trend_counts_each_day_what_was_open(knowledge: Knowledge, panels: list[Panel]) -> None:
    old = {"FIRST_FOUND_DATETIME": "2017-01-01T00:00:00Z"}
    rows = [
        vuln(1, 1, 3, **old),
        vuln(1, 2, 10, SEVERITY=5, STATUS="FIXED", LAST_FIXED_DATETIME=day(10), FIRST_FOUND_DATETIME=day(5)),
        vuln(1, 3, 10, SEVERITY=5, FIRST_FOUND_DATETIME=day(8)),
        vuln(1, 4, 10, STATUS="FIXED", LAST_FIXED_DATETIME="2017-02-01T00:00:00Z", **old),
        vuln(1, 5, 10, TYPE="INFO", STATUS=None),
        vuln(AWAY, 6, 10),
    ]
    found = trend(knowledge, panels, rows)
    assert {row["medium"] for row in found} == {"1"}
    critical = [int(row.get("critical", 0)) for row in found[11:]]
    # From 1 September: opened on the 5th and the 8th, one fixed on the 10th
    assert critical == [0, 0, 0, 0, 1, 1, 1, 2, 2, *[1] * 11]


def test_the_trend_ends_with_what_is_open_now(knowledge: Knowledge, panels: list[Panel]) -> None:
    now = trend(knowledge, panels, HISTORY)[-1]
    assert {name: value for name, value in now.items() if value != "0"} == {"critical": "2", "medium": "1", "low": "1"}


def test_top_hosts(knowledge: Knowledge, panels: list[Panel]) -> None:
    title = "Hosts with the most severe open findings"
    assert [tuple(row.values()) for row in shown(knowledge, panels, title, HISTORY)] == [
        ("4", None, "1", "0", "2"),
        ("1", None, "1", "0", "1"),
        ("3", None, "0", "0", "1"),
    ]
    (row,) = shown(knowledge, panels, title, [event_row(finding())])
    assert (row["Host"], row["IP"]) == ("wordpress.example.com", "172.16.5.4")


def test_top_qids(knowledge: Knowledge, panels: list[Panel]) -> None:
    assert shown(knowledge, panels, "Open QIDs on the most hosts", HISTORY) == [
        {"QID": "10", "Title": "Title of 10", "Severity": "5", "Hosts": "2", "Findings": "3"},
        {"QID": "40", "Title": "Title of 40", "Severity": "2", "Hosts": "1", "Findings": "1"},
    ]


def test_operating_systems(knowledge: Knowledge, panels: list[Panel]) -> None:
    rows = [*SCANS, scan(AWAY, 10, "Linux", 0), scan(6, 19, "", 0)]
    assert shown(knowledge, panels, "Hosts by operating system", rows) == [
        {"OS": "Linux", "Hosts": "2"},
        {"OS": "Windows", "Hosts": "1"},
        {"OS": "unknown", "Hosts": "1"},
    ]


@pytest.mark.parametrize("utc_offset_s", [0, -7200])
def test_time_since_the_last_scan(knowledge: Knowledge, panels: list[Panel], utc_offset_s: int) -> None:
    rows = [*SCANS, scan(6, 20, "", 0), scan(7, 14, "", 0), scan(AWAY, 10, "Linux", 0)]
    assert shown(knowledge, panels, "Hosts by the time since", rows, utc_offset_s) == [
        {"Last scan": "1 within a day", "Hosts": "1"},
        {"Last scan": "2 within a week", "Hosts": "1"},
        {"Last scan": "3 within 30 days", "Hosts": "3"},
    ]


# Collection health


def finished(events: int, until: str = "") -> str:
    window = f" until={until}" if until else ""
    counts = f"pages=1 bytes=9 records=1 events={events} repeats_dropped=0"
    return f"Finished: index=default since={window} {counts} seconds=1.0"


CALL = "POST /api/5.0/fo/asset/host/vm/detection/ action=list -> 200, 123 bytes, 0.5 s, {} calls left"
LINES = [
    (NOW - 30 * HOUR, "good", "info", finished(1)),
    (NOW - 5 * HOUR, "good", "error", "Bad credentials."),
    (NOW - 4 * HOUR, "good", "info", CALL.format(297)),
    (NOW - 3 * HOUR, "good", "info", finished(7)),
    (NOW - 10 * HOUR, "bad", "info", finished(2, "2018-09-20T01:00:05Z")),
    (NOW - 2 * HOUR, "bad", "info", CALL.format(12)),
    (NOW - 2 * HOUR + 1, "bad", "error", "The platform is closed."),
    (NOW - 1 * HOUR, "never", "error", "No such account."),
    (NOW - 1 * HOUR, "fresh", "info", "The input was saved."),
    (NOW - 1 * HOUR, "account prod", "warning", "Not reachable."),
    (NOW - 200 * HOUR, "old", "info", finished(3)),
]


@pytest.fixture
def logged(knowledge: Knowledge, tmp_path: Path) -> list[dict[str, Any]]:
    return log_rows(knowledge, tmp_path, LINES)


def test_collection_health(knowledge: Knowledge, panels: list[Panel], logged: list[dict[str, Any]]) -> None:
    found = {row["Input"]: row for row in shown(knowledge, panels, "Collection health", [*logged, *HISTORY])}
    told = {
        name: (row["State"], row.get("Lag"), row["Errors"], row.get("API calls left")) for name, row in found.items()
    }
    assert told == {
        "good": ("good", "3", "1", "297"),
        "bad": ("failing", "12", "1", "12"),
        "never": ("never finished", None, "1", None),
        "fresh": ("no run yet", None, "0", None),
    }
    assert list(found) == ["bad", "never", "fresh", "good"], "what needs somebody comes first"
    assert found["good"]["Last run finished"] == "2018-09-20 10:00:05"
    assert (found["good"]["Events of that run"], found["bad"]["Last error"]) == ("7", "The platform is closed.")


def test_each_server_has_its_own_health(knowledge: Knowledge, panels: list[Panel], tmp_path: Path) -> None:
    rows = [row for host in ("a", "b") for row in log_rows(knowledge, tmp_path, LINES[:4], host)]
    found = shown(knowledge, panels, "Collection health", rows)
    assert [(row["Server"], row["Input"]) for row in found] == [("a", "good"), ("b", "good")]


def test_api_budget(knowledge: Knowledge, panels: list[Panel], logged: list[dict[str, Any]]) -> None:
    found = shown(knowledge, panels, "API calls left", logged)
    assert [{name: value for name, value in row.items() if name != "_time"} for row in found] == [
        {"good": "297"},
        {},
        {"bad": "12"},
    ]


def test_warnings_and_errors(knowledge: Knowledge, panels: list[Panel], logged: list[dict[str, Any]]) -> None:
    found = shown(knowledge, panels, "The last warnings and errors", logged)
    assert [(row["Time"], row["Level"], row["Message"]) for row in found[-2:]] == [
        ("2018-09-20 11:00:06", "ERROR", "The platform is closed."),
        ("2018-09-20 08:00:05", "ERROR", "Bad credentials."),
    ]
    assert len(found) == 4


# The page


def test_columns_that_are_chosen_or_formatted_are_there(
    knowledge: Knowledge, panels: list[Panel], logged: list[dict[str, Any]]
) -> None:
    rows = [*HISTORY, *SCANS, *logged, event_row(finding(UNIQUE_VULN_ID="99"))]
    for panel in panels:
        times = {"earliest": panel.earliest, "latest": panel.latest}
        columns = {name for row in knowledge.search(panel.search, rows, now=NOW, **times) for name in row}
        assert {*panel.fields, *panel.formatted} <= columns, panel.title


def test_every_choice_of_the_page_is_a_search_that_runs(knowledge: Knowledge, tmp_path: Path) -> None:
    text = VIEW.read_text("utf-8")
    severities = [choice.get("value", "") for choice in parse(VIEW).iterfind(".//input[@token='severity']/choice")]
    counts = []
    for value in severities:
        page = tmp_path / "page.xml"
        page.write_text(text.replace("<default>*<", f"<default>{value.replace('>', '&gt;')}<"), encoding="utf-8")
        found = shown(knowledge, dashboard(page, knowledge), "Open findings by status", HISTORY)
        counts.append(sum(int(v) for row in found for name, v in row.items() if name != "STATUS"))
    assert counts == [4, 3, 2, 2]


def test_every_spell_of_the_trend_is_known(knowledge: Knowledge, tmp_path: Path) -> None:
    text = VIEW.read_text("utf-8")
    lengths = []
    for choice in parse(VIEW).iterfind(".//input[@token='trend']/choice"):
        page = tmp_path / "page.xml"
        page.write_text(text.replace("<default>-30d@d<", f"<default>{choice.get('value')}<"), encoding="utf-8")
        lengths.append(len(shown(knowledge, dashboard(page, knowledge), "Open findings per day", HISTORY)))
    assert lengths == [31, 91, 366]
