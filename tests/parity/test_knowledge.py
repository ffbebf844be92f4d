"""The shipped knowledge objects over sample events, evaluated as Splunk would; Q1, D2 … are known defects of others."""

from __future__ import annotations

from typing import Any

import pytest

from qualys_ta.populator.keyvalue import multi_line
from standins.splunk import conf
from standins.splunk.breaking import Breakers
from standins.splunk.search import Knowledge, event_time
from support.knowledge import (
    ENRICHED,
    FINDING,
    HOST,
    KNOWLEDGE_BASE,
    SCANNED,
    SOURCETYPE,
    UPDATED,
    epoch,
    event_row,
    finding,
    gone,
    package_copy,
    summary,
)

GONE_AT = "2018-09-25T09:00:00Z"
PORTS = ("TCP_PORT", "TCP_PORT_SERVICE", "UDP_PORT", "UDP_PORT_SERVICE")
SAMPLES = {
    "summary": summary(),
    "summary with open ports": summary(
        **dict.fromkeys(("TCP_PORT", "TCP_PORT_SERVICE", "UDP_PORT", "UDP_PORT_SERVICE"), "a,b")
    ),
    "finding": finding(),
    "finding without its host": finding({"HOST_ID": 7}),
    "finding never updated": finding(LAST_UPDATE_DATETIME=""),
    "finding with results": finding(RESULTS="Package\tVersion\nopenssl\t1.0\n"),
    "enriched finding": finding(**ENRICHED),
    "finding on a port": finding(PORT="443", PROTOCOL="TCP", INSTANCE="os", FQDN="shop.example.com"),
    "host that is gone": gone(7, GONE_AT),
}
HAPPENED = {
    **dict.fromkeys(("finding never updated", "summary", "summary with open ports"), SCANNED),
    "host that is gone": GONE_AT,
}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """As it is on the day of the installation: no knowledge base was pulled."""
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("fresh")))


def fields_of(knowledge: Knowledge, raw: str) -> dict[str, Any]:
    return dict(knowledge.event(event_row(raw)))


# Index time


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_event_says_when_it_happened(knowledge: Knowledge, sample: str) -> None:
    raw = SAMPLES[sample]
    assert event_time(knowledge.props_of(event_row(raw)), raw) == epoch(HAPPENED.get(sample, UPDATED))


@pytest.mark.parametrize(
    "forged", ["LAST_UPDATE_DATETIME=", "x, LAST_UPDATE_DATETIME=", "x, LAST_UPDATE_DATETIME='2001-01-01T00:00:00Z'"]
)
def test_a_value_that_quotes_a_time_does_not_set_the_time(knowledge: Knowledge, forged: str) -> None:
    raw = finding({**HOST, "OS": forged, "NETBIOS": "2001-01-01T00:00:00Z"}, RESULTS=forged)
    assert event_time(knowledge.props_of(event_row(raw)), raw) == epoch(UPDATED)


def test_a_stream_of_events_is_broken_where_they_begin(knowledge: Knowledge) -> None:
    stanza = conf.Stanza(SOURCETYPE, dict(knowledge.props[SOURCETYPE]), "app", shipped=True)
    results = multi_line("line\nHOSTVULN: HOST_ID=1, QID=2\r\nHOSTSUMMARY: HOST_ID=3\nHOSTGONE: HOST_ID=4\n")
    events = [finding(RESULTS=results), summary(), gone(7, GONE_AT), finding(RESULTS="x" * 20_000)]
    assert Breakers({SOURCETYPE: stanza}).of(SOURCETYPE).events("\n".join(events)) == events


@pytest.mark.parametrize("sourcetype", [SOURCETYPE, KNOWLEDGE_BASE])
def test_indexer_and_forwarder_break_alike(knowledge: Knowledge, sourcetype: str) -> None:
    props = knowledge.props[sourcetype]
    assert (props["EVENT_BREAKER"], props["EVENT_BREAKER_ENABLE"]) == (props["LINE_BREAKER"], "true")


@pytest.mark.parametrize("sourcetype", [SOURCETYPE, KNOWLEDGE_BASE])
def test_a_cut_off_would_lose_text(knowledge: Knowledge, sourcetype: str) -> None:
    props = knowledge.props[sourcetype]
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
    'TITLE="fine" CVE=CVE-1999-1',
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
    calculated = {name for name, _ in rules.calculated}
    others = {other for name, expression in rules.calculated for other in expression.names if other != name}
    assert not others & calculated  # but one may put itself into another form


# What tells findings apart

SAME = {"UNIQUE_VULN_ID": None}
APART = ("HOST_ID", "QID", "PORT", "PROTOCOL", "SSL", "INSTANCE", "FQDN")


def test_a_finding_is_known_by_its_number(knowledge: Knowledge) -> None:
    assert fields_of(knowledge, finding(PORT="443"))["qualys_finding"] == "11"
    assert "qualys_finding" not in fields_of(knowledge, SAMPLES["summary"])
    assert "qualys_finding" not in fields_of(knowledge, SAMPLES["host that is gone"])


@pytest.mark.parametrize("name", APART)
def test_without_a_number_a_finding_is_known_by_where_it_is(knowledge: Knowledge, name: str) -> None:
    plain, other = (fields_of(knowledge, finding(**{**SAME, name: value}))["qualys_finding"] for value in ("1", "2"))
    assert plain != other


def test_the_same_finding_told_again_is_the_same(knowledge: Knowledge) -> None:
    raws = finding(**SAME), finding(**SAME, STATUS="FIXED", LAST_UPDATE_DATETIME=SCANNED, RESULTS="x")
    assert len({fields_of(knowledge, raw)["qualys_finding"] for raw in raws}) == 1


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


def test_a_host_that_is_gone_is_an_event_of_its_own(knowledge: Knowledge) -> None:
    found = fields_of(knowledge, SAMPLES["host that is gone"])
    assert (found["qualys_event"], found["HOST_ID"], found["GONE_DATETIME"]) == ("HOSTGONE", "7", GONE_AT)
    assert (found["eventtype"], "tag" in found) == (["qualys_host_gone_event"], False)


def test_another_sourcetype_is_left_alone(knowledge: Knowledge) -> None:
    assert not knowledge.eventtypes(event_row(finding(), sourcetype="other"))


def test_every_tag_is_on_an_eventtype_that_exists(knowledge: Knowledge) -> None:
    assert {value for name, value in knowledge.tag_names if name == "eventtype"} <= knowledge.event_conditions.keys()


def test_d1_data_may_be_in_any_index(knowledge: Knowledge) -> None:
    assert all("index" not in condition.names for condition in knowledge.event_conditions.values())
    assert knowledge.tags(event_row(finding(), index="vulnerabilities")) == ["report", "vulnerability"]
