"""The shipped knowledge objects over sample events, evaluated as Splunk would; Q1, D2 … are known defects of others."""

from __future__ import annotations

import re
import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from qualys_ta.populator.keyvalue import multi_line
from qualys_ta.splunk.log import FILE_NAME, Log
from standins.splunk import conf
from standins.splunk.breaking import Breakers
from standins.splunk.search import Knowledge, event_time
from support.knowledge import SOURCETYPE, event_row

PACKAGE = Path(__file__).parents[2] / "package"
SCANNED = "2018-09-19T02:47:26Z"
UPDATED = "2018-09-20T03:00:00Z"
LOG_STANZA = "source::...ta_QualysCloudPlatform.log*"


def pairs(fields: dict[str, Any]) -> str:
    """Fields as events carry them: texts quoted, numbers not."""
    return ", ".join(
        f'{name}="{value}"' if isinstance(value, str) else f"{name}={value}" for name, value in fields.items()
    )


HOST = {
    "HOST_ID": 190339320,
    "IP": "172.16.5.4",
    "IPV6": "2001:db8::4",
    "TRACKING_METHOD": "AGENT",
    "OS": "Ubuntu Linux 14.04.5",
    "DNS": "wordpress.example.com",
    "NETBIOS": "WORDPRESS",
    "HOSTNAME": "wordpress",
    "LAST_SCAN_DATETIME": SCANNED,
    "TAGS": "Prod,DMZ",
}
FINDING = {
    "SEVERITY": 3,
    "UNIQUE_VULN_ID": "11",
    "QID": "370845",
    "TYPE": "CONFIRMED",
    "SSL": "0",
    "STATUS": "ACTIVE",
    "FIRST_FOUND_DATETIME": "2018-04-10T23:36:56Z",
    "LAST_UPDATE_DATETIME": UPDATED,
    "IS_IGNORED": "0",
    "IS_DISABLED": "0",
}
COUNTERS = {
    "SEVERITY_2": 3,
    "INFO": 5,
    "RE-OPENED": 4,
    "CONFIRMED_RE-OPENED": 2,
    "ACTIVE_SEVERITY_5": 1,
    "TOTAL_VULNS": 8,
}


def finding(host: dict[str, Any] = HOST, /, **changes: Any) -> str:
    changed = {**host, **FINDING, **changes}
    return "HOSTVULN: " + pairs({name: value for name, value in changed.items() if value is not None})


def summary(**changes: Any) -> str:
    return "HOSTSUMMARY: " + pairs({**HOST, **COUNTERS, **changes})


SAMPLES = {
    "summary": summary(),
    "finding": finding(),
    "finding without its host": finding({"HOST_ID": 7}),
    "finding never updated": finding(LAST_UPDATE_DATETIME=""),
    "finding with results": finding(RESULTS="Package\tVersion\nopenssl\t1.0\n"),
}


def epoch(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load(PACKAGE)


def fields_of(knowledge: Knowledge, raw: str) -> dict[str, Any]:
    return dict(knowledge.event(event_row(raw)))


# Index time


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_event_says_when_it_happened(knowledge: Knowledge, sample: str) -> None:
    raw = SAMPLES[sample]
    expected = UPDATED if 'LAST_UPDATE_DATETIME="2' in raw else SCANNED
    assert event_time(knowledge.props_of(event_row(raw)), raw) == epoch(expected)


@pytest.mark.parametrize(
    "forged", ["LAST_UPDATE_DATETIME=", "x, LAST_UPDATE_DATETIME=", "x, LAST_UPDATE_DATETIME='2001-01-01T00:00:00Z'"]
)
def test_a_value_that_quotes_a_time_does_not_set_the_time(knowledge: Knowledge, forged: str) -> None:
    raw = finding({**HOST, "OS": forged, "NETBIOS": "2001-01-01T00:00:00Z"}, RESULTS=forged)
    assert event_time(knowledge.props_of(event_row(raw)), raw) == epoch(UPDATED)


def test_a_stream_of_events_is_broken_where_they_begin(knowledge: Knowledge) -> None:
    stanza = conf.Stanza(SOURCETYPE, dict(knowledge.props[SOURCETYPE]), "app", shipped=True)
    results = multi_line("line\nHOSTVULN: HOST_ID=1, QID=2\r\nHOSTSUMMARY: HOST_ID=3\n")
    events = [finding(RESULTS=results), summary(), finding(RESULTS="x" * 20_000)]
    assert Breakers({SOURCETYPE: stanza}).of(SOURCETYPE).events("\n".join(events)) == events


@pytest.mark.parametrize("setting", ["LINE_BREAKER", "EVENT_BREAKER"])
def test_indexer_and_forwarder_break_alike(knowledge: Knowledge, setting: str) -> None:
    props = knowledge.props[SOURCETYPE]
    assert (props[setting], props["EVENT_BREAKER_ENABLE"]) == (props["LINE_BREAKER"], "true")


def test_a_cut_off_would_lose_results(knowledge: Knowledge) -> None:
    props = knowledge.props[SOURCETYPE]
    assert (props["TRUNCATE"], props["MAX_DAYS_AGO"], props["TZ"]) == ("0", "10951", "UTC")


# Extraction


def test_every_field_is_found(knowledge: Knowledge) -> None:
    found = fields_of(knowledge, SAMPLES["finding"])
    assert {name: found.get(name) for name in (*HOST, *FINDING)} == {n: str(v) for n, v in {**HOST, **FINDING}.items()}


def test_results_keep_their_lines_and_tabs(knowledge: Knowledge) -> None:
    assert fields_of(knowledge, SAMPLES["finding with results"])["RESULTS"] == "Package\tVersion\nopenssl\t1.0\n"


HOSTILE = (
    'user="root" QID="1" STATUS="FIXED"',
    "QID=1, STATUS=FIXED, DNS=evil.example.com",
    'x", IS_IGNORED="1", y="',
    "eventtype=qualys_host_summary_event tag=x HOSTSUMMARY: HOST_ID=1",
    "a\nHOSTSUMMARY: HOST_ID=1, IP=9",
    "\\\" \\ ' = , \u00e9\u4e2d\U0001f600",
    "x" * 200_000 + "=1",
)


@pytest.mark.parametrize("results", HOSTILE, ids=range(len(HOSTILE)))
def test_q1_nothing_inside_results_becomes_a_field(knowledge: Knowledge, results: str) -> None:
    plain = fields_of(knowledge, finding())
    hostile = fields_of(knowledge, finding(RESULTS=multi_line(results)))
    assert hostile.pop("RESULTS") == multi_line(results)
    assert {**hostile, "_raw": ""} == {**plain, "_raw": ""}


def test_q11_reopened_keeps_its_own_names(knowledge: Knowledge) -> None:
    found = fields_of(knowledge, summary())
    assert (found["RE_OPENED"], found["CONFIRMED_RE_OPENED"]) == ("4", "2")
    assert "OPENED" not in found


def test_an_event_of_the_vendors_add_on_is_still_read(knowledge: Knowledge) -> None:
    raw = ' HOSTSUMMARY: HOST_ID=227520646, IP="104.154.89.105", HOSTNAME=x, RE-OPENED=0, _SEVERITY_1=5, TOTAL_VULNS=8'
    found = fields_of(knowledge, raw)
    assert found["eventtype"] == ["qualys_host_summary_event"]
    assert (found["HOSTNAME"], found["RE_OPENED"], found["SEVERITY_1"]) == ("x", "0", "5")


def test_what_conf_reads_exists_in_events(knowledge: Knowledge) -> None:
    rules = knowledge.rules((SOURCETYPE,))
    read = {name for _, expression in rules.calculated for name in expression.names}
    read |= {alias.old for alias in rules.aliases} | {field for lookup in rules.lookups for _, field in lookup.inputs}
    found = {name for raw in SAMPLES.values() for name in fields_of(knowledge, raw)}
    assert read - found == set()
    assert not read & {name for name, _ in rules.calculated}


def test_a_calculated_field_does_not_see_a_lookup(tmp_path: Path) -> None:
    app = tmp_path / "app"
    shutil.copytree(PACKAGE / "default", app / "default")
    shutil.copytree(PACKAGE / "lookups", app / "lookups")
    (app / "local").mkdir()
    (app / "local" / "props.conf").write_text(f"[{SOURCETYPE}]\nEVAL-loud = upper(severity)\n", encoding="utf-8")
    found = fields_of(Knowledge.load(app), SAMPLES["finding"])
    assert found["severity"] == "medium"
    assert "loud" not in found


# CIM


def test_a_finding_has_its_cim_fields(knowledge: Knowledge) -> None:
    expected = {
        "dest": "wordpress.example.com",
        "dest_ip": "172.16.5.4",
        "dest_name": "wordpress.example.com",
        "dvc": "Qualys",
        "severity": "medium",
        "severity_id": "3",
        "signature": "QID 370845",
        "signature_id": "370845",
        "vendor_product": "Qualys Cloud Platform",
        "vendor_severity": "Serious",
    }
    found = fields_of(knowledge, SAMPLES["finding"])
    assert {name: found.get(name) for name in expected} == expected


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
    assert fields_of(knowledge, finding(**dict.fromkeys(missing, "")))["dest"] == dest


def test_every_severity_has_its_cim_name(knowledge: Knowledge) -> None:
    names = [fields_of(knowledge, finding(SEVERITY=level)).get("severity") for level in range(1, 7)]
    assert names == ["informational", "low", "medium", "high", "critical", None]


def test_a_summary_is_no_finding(knowledge: Knowledge) -> None:
    assert not {"signature", "severity", "severity_id", "tag"} & fields_of(knowledge, SAMPLES["summary"]).keys()


# Eventtypes and tags

STATES: dict[str, tuple[dict[str, Any], str]] = {
    "new": ({"STATUS": "NEW"}, "open_finding"),
    "active": ({"STATUS": "ACTIVE"}, "open_finding"),
    "reopened": ({"STATUS": "RE-OPENED"}, "open_finding"),
    "potential": ({"TYPE": "POTENTIAL"}, "open_finding"),
    "without marks": ({"IS_IGNORED": None, "IS_DISABLED": None}, "open_finding"),
    "fixed": ({"STATUS": "FIXED"}, "fixed_finding"),
    "fixed and ignored": ({"STATUS": "FIXED", "IS_IGNORED": "1"}, "fixed_finding"),
    "ignored": ({"IS_IGNORED": "1"}, "ignored_finding"),
    "disabled": ({"IS_DISABLED": "1"}, "ignored_finding"),
    "information": ({"TYPE": "INFO", "STATUS": None}, "information"),
    "information with a status": ({"TYPE": "INFO"}, "information"),
    "unknown status": ({"STATUS": "MITIGATED"}, ""),
    "unknown type": ({"TYPE": "SUSPECTED"}, ""),
}


@pytest.mark.parametrize("state", STATES)
def test_d2_only_open_findings_are_vulnerabilities(knowledge: Knowledge, state: str) -> None:
    changes, name = STATES[state]
    row = event_row(finding(**changes))
    assert knowledge.eventtypes(row) == ["qualys_vm_detection_event", *([f"qualys_vm_{name}"] if name else [])]
    assert knowledge.tags(row) == (["report", "vulnerability"] if name == "open_finding" else [])


def test_d1_data_may_be_in_any_index(knowledge: Knowledge) -> None:
    assert all("index" not in condition.names for condition in knowledge.event_conditions.values())
    assert knowledge.tags(event_row(finding(), index="vulnerabilities")) == ["report", "vulnerability"]


def test_another_sourcetype_is_left_alone(knowledge: Knowledge) -> None:
    assert not knowledge.eventtypes(event_row(finding(), sourcetype="other"))


def test_every_tag_is_on_an_eventtype_that_exists(knowledge: Knowledge) -> None:
    assert {value for name, value in knowledge.tag_names if name == "eventtype"} <= knowledge.event_conditions.keys()


# Saved searches


def scan(host_id: int, day: int, os: str, critical: int) -> dict[str, Any]:
    scanned = f"2018-09-{day:02}T12:00:00Z"
    raw = summary(HOST_ID=host_id, OS=os, LAST_SCAN_DATETIME=scanned, ACTIVE_SEVERITY_5=critical)
    return event_row(raw, index="anywhere", time=epoch(scanned))


SCANS = [
    scan(1, 1, "Linux", 2),
    scan(1, 10, "Linux", 1),
    scan(2, 2, "Linux", 3),
    scan(3, 2, "", 3),
    scan(4, 1, "Windows", 5),
    scan(4, 2, "Windows", 0),
]
NOW = epoch("2018-09-20T13:00:05Z")


@pytest.mark.parametrize("utc_offset_s", [0, 7200])
def test_time_since_last_scan(knowledge: Knowledge, utc_offset_s: int) -> None:
    rows = knowledge.saved_search("Qualys: Time since Last Scan", SCANS, now=NOW, utc_offset_s=utc_offset_s)
    shown = [(row["HOST_ID"], row["ACTIVE_SEVERITY_5"], row["Time Since Last Scan"]) for row in rows]
    assert shown == [("2", "3", "18+01:00:05"), ("3", "3", "18+01:00:05"), ("1", "1", "10+01:00:05")]


def test_host_distribution_by_os(knowledge: Knowledge) -> None:
    rows = knowledge.saved_search("Qualys: Host Distribution by OS", SCANS, now=NOW)
    assert [(row["OS"], row["Hosts"]) for row in rows] == [("Linux", "2"), ("Windows", "1"), ("unknown", "1")]


def test_scan_volume(knowledge: Knowledge) -> None:
    rows = knowledge.saved_search("Qualys: Scan Volume", SCANS, now=NOW)
    assert [row["Hosts scanned"] for row in rows] == ["2", "3", *["0"] * 7, "1"]


@pytest.fixture
def log_rows(knowledge: Knowledge, tmp_path: Path) -> list[dict[str, Any]]:
    """What Splunk indexes of a log with calls of two versions, written by the add-on's own log."""
    path = tmp_path / FILE_NAME
    log = Log(path, "host_detection", clock=lambda: 1_537_325_246.5)
    for version in ("2.0", "5.0"):
        log.info(f"POST /api/{version}/fo/asset/host/vm/detection/ action=list show_igs=1 -> 200, 512 bytes, 0.2 s")
    log.info("GET /msp/about.php  -> 401, 99 bytes, 0.1 s, 299 calls left")
    log.warning("The answer to /api/5.0/fo/asset/host/vm/detection/ was cut. Waiting 2 s, then try 2 of 6.")
    source = f"/opt/splunk/var/log/splunk/{FILE_NAME}"
    where = {"index": "_internal", "source": source, "sourcetype": knowledge.sourcetype_of(source)}
    lines = path.read_text("utf-8").splitlines()
    return [event_row(line, time=event_time(knowledge.props[LOG_STANZA], line), **where) for line in lines]


def test_the_log_is_read_field_by_field(knowledge: Knowledge, log_rows: list[dict[str, Any]]) -> None:
    found = knowledge.fields(log_rows[0])
    assert (found["sourcetype"], found["_time"]) == ("qualys:log", "1537325246.5")
    assert (found["input"], found["log_level"], found["api_status"]) == ("host_detection", "INFO", "200")
    assert str(found["message"]).startswith("POST /api/2.0/")


def test_api_calls_being_made(knowledge: Knowledge, log_rows: list[dict[str, Any]]) -> None:
    rows = knowledge.saved_search("Qualys: API calls being made", [*log_rows, *SCANS], now=NOW)
    when = "2018-09-19 02:47:26"
    assert [tuple(row.values()) for row in rows] == [
        ("host_detection", "/fo/asset/host/vm/detection/", "200", "2", when),
        ("host_detection", "/msp/about.php", "401", "1", when),
    ]


def test_no_shipped_search_is_scheduled_or_names_an_index_of_ours() -> None:
    searches = conf.parse((PACKAGE / "default" / "savedsearches.conf").read_text("utf-8"))
    assert {settings["enableSched"] for settings in searches.values()} == {"0"}
    named = re.findall(r"index=(\S+)", " ".join(settings["search"] for settings in searches.values()))
    assert set(named) == {"_internal"}
