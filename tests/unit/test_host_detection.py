"""A HOST becomes events: what is asked, what is written, what changed."""

from __future__ import annotations

import pytest

from qualys_ta.errors import BadRecord
from qualys_ta.populator import METRICS, load
from qualys_ta.populator.host_detection_api import (
    DETECTION_FIELDS,
    HOST_FIELDS,
)
from support.core import SINCE, answer, cdata, converted, detection, events, extracted, host, leaves, tag, texts


def vuln(
    *markup: str, host_markup: str = "", chosen: str = "QID,TYPE,STATUS", hosts: str = "ID,IP", **values: object
) -> dict[str, str]:
    """The fields of the one HOSTVULN of a host."""
    body = answer(host(7, host_markup, detections=[detection(*markup, **values)]))
    (text,) = texts(body, log_host_summary="0", detection_fields_to_log=chosen, host_fields_to_log=hosts)
    assert text.startswith("HOSTVULN: HOST_ID=7, ")
    return dict(extracted(text))


def summary(*markup: str, hosts: str) -> dict[str, str]:
    (text,) = texts(answer(host(7, *markup)), log_detections="0", host_fields_to_log=hosts)
    return dict(extracted(text))


def test_every_metric_loads_its_own_declaration() -> None:
    assert {name: load(name).name for name in METRICS} == {name: name for name in METRICS}
    with pytest.raises(KeyError):
        load("nothing")


def test_severity_first_and_results_last() -> None:
    text = texts(
        answer(host(7, detections=[detection(tag("RESULTS", "r"), tag("SSL", "0"))])), detection_params="show_results=1"
    )[1]
    names = [name for name, _ in extracted(text)]
    assert names[3] == "SEVERITY"
    assert names[-2:] == ["RESULT_TRUNCATED", "RESULTS"]


OLD_IDENTITY = {"PORT": "443", "PROTOCOL": "TCP", "SSL": "1", "INSTANCE": "x", "FQDN": "a.b"}
SURE = {"QID", "TYPE", "STATUS", "LAST_UPDATE_DATETIME", "IS_IGNORED", "IS_DISABLED"}


def test_identity_times_and_whether_it_counts_are_always_written() -> None:
    found = vuln(chosen="SERVICE", IS_IGNORED="0", IS_DISABLED="1", **OLD_IDENTITY)
    assert found.keys() >= SURE | {"UNIQUE_VULN_ID"}
    assert not found.keys() & OLD_IDENTITY.keys()


def test_old_identity_is_written_where_there_is_no_unique_id() -> None:
    told = {"QID": "7", "TYPE": "Info", **OLD_IDENTITY}
    finding = tag("DETECTION", *(tag(name, value) for name, value in told.items()))
    body = answer(host(7, detections=[finding]))
    (text,) = texts(body, log_host_summary="0", detection_fields_to_log="SERVICE")
    assert dict(extracted(text)).items() >= OLD_IDENTITY.items()


def test_letter_case_is_kept_but_for_three_fields() -> None:
    found = vuln(
        chosen="SERVICE,TYPE,STATUS,PROTOCOL", SERVICE="MySQL", TYPE="Confirmed", STATUS="Re-Opened", PROTOCOL="tcp"
    )
    assert (found["SERVICE"], found["TYPE"], found["STATUS"], found["PROTOCOL"]) == (
        "MySQL",
        "CONFIRMED",
        "RE-OPENED",
        "TCP",
    )


@pytest.mark.parametrize(
    ("severity", "written"), [("3", ", SEVERITY=3, "), ("Urgent", ', SEVERITY="Urgent", '), ("٣", ', SEVERITY="٣", ')]
)
def test_severity(severity: str, written: str) -> None:
    (text,) = texts(answer(host(7, detections=[detection(SEVERITY=severity)])), log_host_summary="0")
    assert written in text


@pytest.mark.parametrize(
    ("longest", "truncated", "kept"),
    [("0", "0", "abcdef"), ("6", "0", "abcdef"), ("7", "0", "abcdef"), ("5", "2", "abcde [TRUNCATED 1 Characters]")],
)
def test_longest_results(longest: str, truncated: str, kept: str) -> None:
    body = answer(host(7, detections=[detection(tag("RESULTS", cdata("abcdef")))]))
    settings = {"log_host_summary": "0", "detection_params": "show_results=1", "max_allowed_results_field_len": longest}
    found = dict(extracted(texts(body, **settings)[0]))
    assert (found["RESULT_TRUNCATED"], found["RESULTS"]) == (truncated, kept)


def test_qds_and_its_factors() -> None:
    markup = tag("QDS", "85", severity="HIGH"), tag("QDS_FACTORS", tag("QDS_FACTOR", "Exploited", name="RTI x"))
    found = vuln(*markup, chosen="QDS,QDS_FACTORS")
    assert (found["QDS_Severity"], found["QDS"], found["QDS_FACTORS_RTI_x"]) == ("HIGH", "85", "Exploited")


@pytest.mark.parametrize("name", DETECTION_FIELDS)
def test_every_field_of_a_finding_may_be_empty_or_missing(name: str) -> None:
    for markup in (tag(name), tag(name, "\n "), f"<{name}/>", tag(name, tag("DEEP", "x"))):
        body = answer(host(7, detections=[tag("DETECTION", tag("QID", "1"), markup)]))
        assert len(events(body, detection_fields_to_log=",".join(DETECTION_FIELDS))) == 2


@pytest.mark.parametrize("name", HOST_FIELDS)
def test_every_field_of_a_host_may_be_empty_or_missing(name: str) -> None:
    for markup in (tag(name), tag(name, "\n "), tag(name, tag("DEEP", "x"))):
        body = answer(tag("HOST", tag("ID", "7"), markup)) if name != "ID" else answer(host(7))
        assert len(events(body, host_fields_to_log=",".join(HOST_FIELDS))) == 1


def test_tags_dns_data_and_cloud_tags() -> None:
    found = summary(
        tag("DNS_DATA", tag("HOSTNAME", "web"), tag("DOMAIN"), tag("FQDN", "web.x")),
        tag("TAGS", tag("TAG", tag("NAME", "Prod")), tag("TAG", tag("NAME")), tag("TAG", tag("NAME", 'D"MZ'))),
        tag("CLOUD_PROVIDER_TAGS", tag("CLOUD_TAG", tag("NAME", "cost center"), tag("VALUE", "a, b=c"))),
        hosts="HOSTNAME,DOMAIN,FQDN,TAGS,CLOUD_PROVIDER_TAGS",
    )
    expected = {
        "HOSTNAME": "web",
        "DOMAIN": "",
        "FQDN": "web.x",
        "TAGS": "Prod,D'MZ",
        "CLOUD_PROVIDER_TAGS_cost_center": "a, b=c",
    }
    assert found.items() >= expected.items()


def test_part_of_dns_data_that_was_not_chosen_stays_away() -> None:
    markup = tag("DNS_DATA", tag("HOSTNAME", "web"), tag("DOMAIN", "x"), tag("FQDN", "web.x"))
    found = summary(markup, hosts="HOSTNAME")
    assert "HOSTNAME" in found
    assert not found.keys() & {"DOMAIN", "FQDN"}


def test_the_findings_fqdn_takes_the_place_of_the_hosts() -> None:
    markup = tag("DNS_DATA", tag("FQDN", "host.x"))
    assert vuln(host_markup=markup, hosts="FQDN", chosen="FQDN", FQDN="alias.x")["FQDN"] == "alias.x"
    assert vuln(host_markup=markup, hosts="FQDN")["FQDN"] == "host.x"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("a/b/instance-id", "instance_id"),
        ("HOST_ID", "METADATA_HOST_ID"),
        ("a/", "METADATA_"),
        ("a/host", "METADATA_host"),
        ("a/_time", "METADATA__time"),
        ("a/qualys_event", "METADATA_qualys_event"),
    ],
)
def test_cloud_attribute_never_passes_for_a_field(name: str, field: str) -> None:
    attribute = tag("ATTRIBUTE", tag("NAME", name), tag("LAST_STATUS", "Error"), tag("VALUE", 'x IP="1"'))
    found = summary(tag("METADATA", tag("AZURE", attribute)), hosts="METADATA")
    assert found[field] == "x IP='1'"
    assert found[f"{field}_last_status"] == "Error"
    assert (found["HOST_ID"], "IP" in found) == ("7", False)


def test_host_details_can_be_left_out_of_findings() -> None:
    body = answer(host(7, detections=[detection()]))
    (text,) = texts(body, log_host_summary="0", log_host_details_in_detections="0")
    assert text.startswith("HOSTVULN: HOST_ID=7, SEVERITY=3, ")


def test_event_time() -> None:
    body = answer(host(7, detections=[detection(), detection(LAST_UPDATE_DATETIME="-")]))
    scanned, updated = "1714618800", "1714619045"
    assert [event.time for event in events(body)] == [scanned, updated, scanned]


OLD, NEW = "2023-12-31T23:59:59Z", SINCE


@pytest.mark.parametrize(
    ("times", "written"),
    [
        ({}, True),
        ({"LAST_UPDATE_DATETIME": ""}, True),
        ({"LAST_UPDATE_DATETIME": "-"}, True),
        ({"LAST_UPDATE_DATETIME": "N/A", "FIRST_FOUND_DATETIME": OLD}, True),
        ({"LAST_UPDATE_DATETIME": OLD}, False),
        ({"LAST_UPDATE_DATETIME": NEW}, True),
        ({"LAST_UPDATE_DATETIME": OLD, "FIRST_FOUND_DATETIME": NEW}, True),
        ({"LAST_UPDATE_DATETIME": OLD, "LAST_FIXED_DATETIME": NEW}, True),
        ({"LAST_UPDATE_DATETIME": OLD, "LAST_REOPENED_DATETIME": NEW}, True),
        ({"LAST_UPDATE_DATETIME": OLD, "LAST_FOUND_DATETIME": NEW, "LAST_TEST_DATETIME": NEW}, False),
    ],
)
def test_only_changed_findings_are_written(times: dict[str, str], written: bool) -> None:
    finding = tag("DETECTION", tag("QID", "1"), *(tag(name, value) for name, value in times.items()))
    body = answer(host(7, detections=[finding]))
    assert len(events(body, since=SINCE, log_host_summary="0")) == written
    assert len(events(body, since=SINCE, log_host_summary="0", changed_findings_only="0")) == 1
    assert len(events(body, since=SINCE, log_host_summary="0", enable_full_pull="1")) == 1


@pytest.mark.parametrize("host_id", ["", "x", "-1", "٣", "1.5", "9" * 19])
def test_host_without_a_number_is_a_bad_record(host_id: str) -> None:
    with pytest.raises(BadRecord, match="ID"):
        converted(answer(host(host_id)))


def test_moment_is_the_latest_time_the_platform_touched_the_host() -> None:
    touched = [detection(LAST_PROCESSED_DATETIME="2024-05-09T00:00:00Z"), detection()]
    (record,) = converted(answer(host(7, detections=touched)))
    assert (record.record, record.moment) == (7, "2024-05-09T00:00:00Z")
    (record,) = converted(answer(host(7)))
    assert record.moment == ""


def test_the_guides_own_finding_comes_out_as_it_is_printed_there() -> None:
    """HOSTVULN of the vendor's integration guide 1.3.4, letter by letter."""
    finding = {
        "UNIQUE_VULN_ID": None,
        "QID": 370845,
        "TYPE": "Potential",
        "SEVERITY": 3,
        "SSL": 0,
        "STATUS": "Fixed",
        "FIRST_FOUND_DATETIME": "2018-04-10T23:36:56Z",
        "LAST_FOUND_DATETIME": "2018-07-09T17:36:54Z",
        "TIMES_FOUND": 438,
        "LAST_TEST_DATETIME": "2018-09-19T02:43:34Z",
        "LAST_UPDATE_DATETIME": "2018-09-19T02:47:26Z",
        "LAST_FIXED_DATETIME": "2018-07-09T23:15:12Z",
        "IS_IGNORED": 0,
        "IS_DISABLED": 0,
    }
    described = {
        "IP": "172.16.5.4",
        "TRACKING_METHOD": "AGENT",
        "NETWORK_ID": 0,
        "OS": "Ubuntu Linux 14.04.5",
        "DNS": "wordpress",
        "LAST_SCAN_DATETIME": "2018-09-19T02:47:26Z",
        "LAST_VM_SCANNED_DATE": "2018-09-19T02:43:34Z",
    }
    markup = tag(
        "HOST", leaves({"ID": 190339320, **described}), tag("DETECTION_LIST", tag("DETECTION", leaves(finding)))
    )
    assert texts(answer(markup), since="1999-01-01T00:00:00Z", log_host_summary="0") == [
        'HOSTVULN: HOST_ID=190339320, IP="172.16.5.4", TRACKING_METHOD="AGENT", NETWORK_ID="0", '
        'OS="Ubuntu Linux 14.04.5", DNS="wordpress", LAST_SCAN_DATETIME="2018-09-19T02:47:26Z", '
        'LAST_VM_SCANNED_DATE="2018-09-19T02:43:34Z", SEVERITY=3, QID="370845", TYPE="POTENTIAL", SSL="0", '
        'STATUS="FIXED", FIRST_FOUND_DATETIME="2018-04-10T23:36:56Z", LAST_FOUND_DATETIME="2018-07-09T17:36:54Z", '
        'TIMES_FOUND="438", LAST_TEST_DATETIME="2018-09-19T02:43:34Z", LAST_UPDATE_DATETIME="2018-09-19T02:47:26Z", '
        'LAST_FIXED_DATETIME="2018-07-09T23:15:12Z", IS_IGNORED="0", IS_DISABLED="0"'
    ]
