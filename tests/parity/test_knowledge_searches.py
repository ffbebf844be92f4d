"""The shipped macros and searches over small histories, against what one counts by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from standins.splunk import conf
from standins.splunk.search import Knowledge
from support.knowledge import PACKAGE, epoch, event_row, gone, package_copy
from support.knowledge_history import AWAY, BACK, GONE_AT, HISTORY, KNOWN, NOW, SCANS, day, log_rows, scan, vuln

GOLDEN = Path(__file__).parents[1] / "golden" / "host_detection"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    hosts = {AWAY: GONE_AT, BACK: GONE_AT}
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app"), KNOWN, gone_hosts=hosts))


def shown(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


# What stands now


def current(knowledge: Knowledge, more: str = "", rows: list[dict[str, Any]] = HISTORY) -> list[dict[str, Any]]:
    return knowledge.search(f"`qualys_current_vulns` {more}", rows, now=NOW)


def test_current_findings_are_the_last_word_on_each_that_is_not_fixed(knowledge: Knowledge) -> None:
    found = {(row.get("UNIQUE_VULN_ID", row.get("PORT")), row.get("STATUS")) for row in current(knowledge)}
    assert found == {
        ("11", "RE-OPENED"),
        ("13", "ACTIVE"),
        ("14", None),
        ("80", "ACTIVE"),
        ("443", "ACTIVE"),
        ("32", "ACTIVE"),
    }
    assert len(current(knowledge)) == len(found)


def test_current_findings_do_not_depend_on_the_order_events_arrive_in(knowledge: Knowledge) -> None:
    names = {row["_raw"] for row in current(knowledge, rows=HISTORY[::-1])}
    assert names == {row["_raw"] for row in current(knowledge)}


def test_two_subscriptions_in_an_index_each_are_told_apart(knowledge: Knowledge) -> None:
    other = {**vuln(1, 12, 1, STATUS="NEW"), "index": "other"}
    assert len(current(knowledge, rows=[*HISTORY, other])) == len(current(knowledge)) + 1
    rows = [*SCANS, {**SCANS[0], "index": "other"}]
    hosts = [knowledge.search("`qualys_current_hosts`", each, now=NOW) for each in (SCANS, rows)]
    assert len(hosts[1]) == len(hosts[0]) + 1


def test_of_two_words_of_one_moment_the_one_indexed_later_counts(knowledge: Knowledge) -> None:
    found = current(knowledge, "| search UNIQUE_VULN_ID=13 | table IS_IGNORED, eventtype")
    assert shown(found) == [("1", ["qualys_vm_detection_event", "qualys_vm_ignored_finding"])]


def test_a_gone_host_has_no_findings_until_it_is_seen_again(knowledge: Knowledge) -> None:
    found = current(knowledge, "| stats count by HOST_ID")
    assert [(row["HOST_ID"], row["count"]) for row in found] == [("1", "3"), ("3", "1"), ("4", "2")]
    assert "qualys_gone" not in {name for row in current(knowledge) for name in row}


def golden_cases() -> Iterator[str]:
    """Those with summaries and findings; findings without so much as a QID are nothing to count."""
    for path in sorted(GOLDEN.glob("*.events.jsonl")):
        text = path.read_text("utf-8")
        if "HOSTSUMMARY" in text and "HOSTVULN" in text and r"QID=\"\"" not in text:
            yield path.name.partition(".")[0]


def golden_rows(case: str) -> list[dict[str, Any]]:
    lines = (GOLDEN / f"{case}.events.jsonl").read_text("utf-8").splitlines()
    events: list[dict[str, str]] = [json.loads(line) for line in lines]
    return [event_row(event["text"], time=float(event["time"] or 0)) for event in events]


@pytest.mark.parametrize("case", list(golden_cases()))
def test_d6_what_summaries_count_is_what_stands(knowledge: Knowledge, case: str) -> None:
    """Q8 too: no state is counted as another. Fixed ones that did not change are not told again."""
    rows = golden_rows(case)
    told = {str(fields["HOST_ID"]): fields for fields in map(knowledge.fields, rows) if "TOTAL_VULNS" in fields}
    counted = {row["HOST_ID"]: int(row["count"]) for row in current(knowledge, "| stats count by HOST_ID", rows)}
    by_status = {(row["HOST_ID"], row["STATUS"]): row["count"] for row in _by_status(knowledge, rows)}
    for host, fields in told.items():
        assert counted.get(host, 0) == int(fields["TOTAL_VULNS"]) - int(fields["FIXED"])
        assert int(by_status.get((host, "FIXED"), 0)) <= int(fields["FIXED"])
        for status in ("NEW", "ACTIVE", "RE-OPENED"):
            assert by_status.get((host, status), "0") == fields[status.replace("-", "_")]


def _by_status(knowledge: Knowledge, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return knowledge.search("`qualys_latest_findings` | stats count by HOST_ID, STATUS", rows, now=NOW)


# Searches about findings


def saved(knowledge: Knowledge, name: str, rows: list[dict[str, Any]], **times: str) -> list[tuple[Any, ...]]:
    return shown(knowledge.saved_search(f"Qualys: {name}", rows, now=NOW, **times))


def test_qids_by_category(knowledge: Knowledge) -> None:
    # Category, QIDs, findings, hosts: what is open of 10 (hosts 1 and 4) and of 40 (host 3)
    assert saved(knowledge, "QIDs by Category", HISTORY) == [("Web server", "1", "3", "2"), ("CGI", "1", "1", "1")]


def test_top_open_severities(knowledge: Knowledge) -> None:
    # The finding without a severity has that of the knowledge base.
    assert saved(knowledge, "Top open severities", HISTORY) == [
        ("critical", "2", "1", "2"),
        ("medium", "1", "1", "1"),
        ("low", "1", "1", "1"),
    ]


def test_an_open_finding_of_unknown_severity_is_counted(knowledge: Knowledge) -> None:
    rows = [vuln(1, 1, 1, QID="999", SEVERITY=None)]
    assert saved(knowledge, "Top open severities", rows) == [("unknown", "1", "1", "1")]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        # Severity, opened, opened again, closed
        ("2018-09-13", [("critical", "0", "1", "0"), ("medium", "1", "0", "1")]),
        ("2018-09-17", [("medium", "1", "0", "0")]),
        ("2018-09-18", []),
    ],
)
def test_newly_opened_and_closed(knowledge: Knowledge, since: str, expected: list[tuple[str, ...]]) -> None:
    earliest = str(int(epoch(f"{since}T00:00:00Z")))
    assert saved(knowledge, "Newly opened / closed since", HISTORY, earliest=earliest, latest="now") == expected


def test_what_was_closed_before_is_not_newly_closed_because_it_was_told_again(knowledge: Knowledge) -> None:
    rows = [vuln(1, 1, 17, STATUS="FIXED", LAST_FIXED_DATETIME=day(2)), vuln(1, 2, 17), vuln(1, 3, 17, STATUS="FIXED")]
    found = saved(knowledge, "Newly opened / closed since", rows, earliest=str(int(epoch(day(10)))))
    assert found == [("medium", "0", "0", "1")], "one that does not say when is closed when it was told"


def test_gone_hosts_are_those_whose_last_word_is_that_they_are_gone(knowledge: Knowledge) -> None:
    rows = [
        scan(1, 10, "Linux", 0),
        scan(AWAY, 9, "Linux", 0),
        event_row(gone(AWAY, day(10)), time=epoch(day(10))),
        event_row(gone(AWAY, day(11)), time=epoch(day(11))),
        event_row(gone(BACK, day(10)), time=epoch(day(10))),
        scan(BACK, 12, "Linux", 0),
        event_row(gone(100, day(10)), time=epoch(day(10))),
    ]
    assert saved(knowledge, "Gone hosts", rows) == [(str(AWAY), day(11)), ("100", day(10))]


def test_the_lookup_of_gone_hosts_is_emptied_when_the_last_one_is_back(knowledge: Knowledge) -> None:
    """But for one row about no host: a table without rows has no header either, and breaks what looks it up."""
    rows = [event_row(gone(AWAY, day(11)), time=1.0), {**scan(AWAY, 16, "Linux", 1), "time": 2.0}]
    assert saved(knowledge, "Gone hosts", rows) == [("none", "none")]


# Searches about hosts


@pytest.mark.parametrize("utc_offset_s", [0, 7200])
def test_time_since_last_scan(knowledge: Knowledge, utc_offset_s: int) -> None:
    rows = knowledge.saved_search("Qualys: Time since Last Scan", SCANS, now=NOW, utc_offset_s=utc_offset_s)
    told = [(row["HOST_ID"], row["ACTIVE_SEVERITY_5"], row["Time Since Last Scan"]) for row in rows]
    assert told == [("5", "3", "18+01:00:05"), ("1", "1", "10+01:00:05")]


def test_host_distribution_by_os(knowledge: Knowledge) -> None:
    rows = knowledge.saved_search("Qualys: Host Distribution by OS", [*SCANS, scan(6, 3, "", 0)], now=NOW)
    assert [(row["OS"], row["Hosts"]) for row in rows] == [("Linux", "2"), ("Windows", "1"), ("unknown", "1")]


def test_of_two_summaries_of_one_scan_the_one_indexed_later_counts(knowledge: Knowledge) -> None:
    rows = [{**scan(1, 10, os, 1), "indexed_at": at} for os, at in (("old", 1.0), ("new", 9.0), ("older", 0.5))]
    for given in (rows, rows[::-1]):
        assert saved(knowledge, "Host Distribution by OS", given) == [("new", "1")]


def test_hosts_that_are_gone_are_in_no_search_about_hosts(knowledge: Knowledge) -> None:
    rows = [scan(AWAY, 10, "Linux", 1)]
    assert saved(knowledge, "Host Distribution by OS", rows) == []
    assert saved(knowledge, "Time since Last Scan", rows) == []
    assert saved(knowledge, "Host Distribution by OS", [*rows, scan(AWAY, 16, "Linux", 1)]) == [("Linux", "1")]


def test_scan_volume(knowledge: Knowledge) -> None:
    rows = knowledge.saved_search("Qualys: Scan Volume", SCANS, now=NOW)
    assert [row["Hosts scanned"] for row in rows] == ["2", "3", *["0"] * 7, "1"]


# The log


FINISHED = "Finished: index=default since= pull=full pages=3 bytes=10 records=4 events=5 repeats_dropped=0 seconds=1.5"


@pytest.fixture
def logged(knowledge: Knowledge, tmp_path: Path) -> list[dict[str, Any]]:
    """A log with calls of two versions."""
    path = "/api/{}/fo/asset/host/vm/detection/"
    told = [
        ("info", f"POST {path.format('2.0')} action=list show_igs=1 -> 200, 512 bytes, 0.2 s"),
        ("info", f"POST {path.format('5.0')} action=list show_igs=1 -> 200, 512 bytes, 0.2 s"),
        ("info", "GET /msp/about.php  -> 401, 99 bytes, 0.1 s, 299 calls left"),
        ("warning", f"The answer to {path.format('5.0')} was cut. Waiting 2 s, then try 2 of 6."),
        ("info", FINISHED),
    ]
    return log_rows(knowledge, tmp_path, [(1_537_325_246.5, "host_detection", *line) for line in told])


def test_the_log_is_read_field_by_field(knowledge: Knowledge, logged: list[dict[str, Any]]) -> None:
    found = knowledge.fields(logged[0])
    assert (found["sourcetype"], found["_time"]) == ("qualys:log", "1537325246.5")
    assert (found["input"], found["log_level"], found["api_status"]) == ("host_detection", "INFO", "200")
    assert str(found["message"]).startswith("POST /api/2.0/")
    assert "calls_left" not in found
    assert knowledge.fields(logged[2])["calls_left"] == "299"


def test_the_log_tells_what_a_run_did(knowledge: Knowledge, logged: list[dict[str, Any]]) -> None:
    found = knowledge.fields(logged[-1])
    told = {name: value for name, value in found.items() if name.startswith("run_")}
    assert told == {"run_pages": "3", "run_records": "4", "run_events": "5", "run_seconds": "1.5"}
    assert "since" not in found
    later = {**logged[-1], "raw": logged[-1]["raw"].replace("since=", "since= until=2018-09-19T02:00:00Z")}
    assert knowledge.fields(later)["run_until"] == "2018-09-19T02:00:00Z"


def test_api_calls_being_made(knowledge: Knowledge, logged: list[dict[str, Any]]) -> None:
    rows = knowledge.saved_search("Qualys: API calls being made", [*logged, *SCANS], now=NOW)
    when = "2018-09-19 02:47:26"
    assert shown(rows) == [
        ("host_detection", "/fo/asset/host/vm/detection/", "200", "2", when),
        ("host_detection", "/msp/about.php", "401", "1", when),
    ]


# All of them


def searches() -> Mapping[str, Mapping[str, str]]:
    return conf.parse((PACKAGE / "default" / "savedsearches.conf").read_text("utf-8"))


def test_no_shipped_search_is_scheduled_or_names_an_index_of_ours() -> None:
    assert {settings["enableSched"] for settings in searches().values()} == {"0"}
    named = re.findall(r"index=(\S+)", " ".join(settings["search"] for settings in searches().values()))
    assert set(named) == {"_internal"}


def test_searches_about_the_present_state_look_at_all_time() -> None:
    """A finding that does not change may have been told only once."""
    about_now = {
        name: settings for name, settings in searches().items() if "qualys_current_vulns" in settings["search"]
    }
    assert {settings["dispatch.earliest_time"] for settings in about_now.values()} == {"0"}


@pytest.mark.parametrize("name", searches())
def test_every_search_runs_where_there_is_nothing(knowledge: Knowledge, name: str) -> None:
    nothing = [{"HOST_ID": "none", "GONE_DATETIME": "none"}] if name == "Qualys: Gone hosts" else []
    assert knowledge.saved_search(name, [], now=NOW) == nothing
