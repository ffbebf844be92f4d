"""What four findings tell of their host, also where a host's text is hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.populator.host_detection import FEED
from qualys_ta.populator.host_summary_qids import FIELDS, QIDS, Told, summary_fields, told_by
from standins.qualys.catalog import INFORMATION
from support.core import answer, cdata, detection, extracted, host, records, tag, texts, vm_settings

TCP = "Port\tIANA Assigned Ports/Services\tDescription\tService Detected\tOS On Redirected Port\n"
UDP = "Port\tIANA Assigned Ports/Services\tDescription\tService Detected\n"


def told(*findings: tuple[str, str], status: str = "") -> dict[str, str]:
    pairs = extracted(", ".join(summary_fields(Told(qid, status, results) for qid, results in findings)))
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)


def test_open_ports_with_the_service_that_was_detected_else_its_usual_name() -> None:
    rows = "443\thttps\thttp protocol over TLS/SSL\thttp over ssl\t\n22\tssh\tSSH\tunknown\tLinux"
    assert told(("82023", TCP + rows)) == {"TCP_PORT": "22,443", "TCP_PORT_SERVICE": "22:ssh,443:http over ssl"}
    rows = "1900\tunknown\tunknown\tunknown\n123\tntp\tNetwork Time Protocol\tntp"
    assert told(("82004", UDP + rows)) == {"UDP_PORT": "123,1900", "UDP_PORT_SERVICE": "123:ntp,1900:unknown"}


@pytest.mark.parametrize(
    "row", ["", "22", "0\tx\ty\tz", "65536\tx\ty\tz", "-1\tx", "٢٢\tx\ty\tz", "22 ssh SSH ssh", "x\t22\t22\t22"]
)
def test_what_is_no_row_of_a_port_gives_nothing(row: str) -> None:
    assert told(("82023", TCP + row)) == {}


def test_ports_of_several_findings_are_one_list() -> None:
    found = told(("82023", TCP + "22\tssh\t\tssh"), ("82023", TCP + "80\thttp\t\thttp\n22\tssh\t\tssh"))
    assert found["TCP_PORT"] == "22,80"


def test_a_service_cannot_pose_as_another_field_or_port() -> None:
    hostile = 'a", REBOOT_PENDING="yes,\r99:x\x0bHOSTVULN: HOST_ID=1'
    found = told(("82023", TCP + f"22\tssh\t\t{hostile}"), ("90126", "no reboot"))
    assert found.keys() == {"TCP_PORT", "TCP_PORT_SERVICE", "REBOOT_PENDING"}
    assert (found["TCP_PORT"], found["REBOOT_PENDING"]) == ("22", "no")
    assert found["TCP_PORT_SERVICE"].count(",") == 0


@pytest.mark.parametrize(
    ("results", "seconds"),
    [
        ("Scan duration: 268 seconds\n\nStart time: Wed, Jul 31 2019, 21:53:20 GMT\n", "268"),
        ("\nscan duration: 1 second", "1"),
        ("Scan duration: unknown", None),
        ("It took 5 s. Scan duration: 268 seconds", None),
        ("", None),
    ],
)
def test_scan_duration(results: str, seconds: str | None) -> None:
    assert told(("45038", results)).get("SCAN_DURATION") == seconds


def test_the_longest_of_several_scans_counts() -> None:
    assert told(("45038", "Scan duration: 9 seconds"), ("45038", "Scan duration: 10 seconds"))["SCAN_DURATION"] == "10"


@pytest.mark.parametrize(
    ("results", "pending"),
    [
        ("HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager PendingFileRenameOperations exists", "yes"),
        ("", "yes"),
        ("Reboot required: Yes", "yes"),
        ("Reboot pending = 0", "no"),
        ("No reboot is pending", "no"),
        ("A reboot is not required", "no"),
    ],
)
def test_reboot_pending(results: str, pending: str) -> None:
    assert told(("90126", results)) == {"REBOOT_PENDING": pending}


def test_what_is_fixed_does_not_stand() -> None:
    fixed = [(qid, TCP + "22\tssh\t\tssh") for qid in sorted(QIDS)]
    assert told(*fixed, status="FIXED") == {"REBOOT_PENDING": "no"}
    assert told() == {}


@given(st.lists(st.tuples(st.sampled_from(sorted(QIDS)), st.sampled_from(["", "FIXED"]), st.text()), max_size=6))
def test_any_text_gives_only_our_fields_in_their_order(findings: list[tuple[str, str, str]]) -> None:
    pairs = extracted(", ".join(summary_fields(Told(*each) for each in findings)))
    names = [name for name, _ in pairs]
    assert names == [name for name in FIELDS if name in names]


def test_what_the_platform_says_of_them() -> None:
    said = [(str(each.qid), each.table) for each in INFORMATION if str(each.qid) in QIDS]
    assert {qid for qid, _ in said} == QIDS
    assert told(*said) == {
        "TCP_PORT": "22,443",
        "TCP_PORT_SERVICE": "22:ssh,443:http over ssl",
        "UDP_PORT": "161",
        "UDP_PORT_SERVICE": "161:snmp",
        "SCAN_DURATION": "352",
        "REBOOT_PENDING": "yes",
    }


def test_findings_of_a_host() -> None:
    wanted = [detection(tag("RESULTS", cdata("x\ty")), QID="820\n 23", STATUS="Fixed"), detection(QID=90126)]
    (element,) = records(answer(host(7, detections=[detection(QID=1), *wanted])))
    assert list(told_by(element)) == [Told("82023", "FIXED", "x\ty"), Told("90126", "ACTIVE", "")]


def summary(**chosen: str) -> dict[str, str]:
    body = answer(host(7, detections=[detection(tag("RESULTS", cdata("Scan duration: 9 seconds")), QID=45038)]))
    found = texts(body, **chosen)
    assert not chosen.get("log_host_summary_qid_fields") or "RESULTS" not in found[1]
    return dict(extracted(found[0]))


@pytest.mark.parametrize(
    ("chosen", "results", "written"),
    [
        ({}, "0", False),
        ({"log_host_summary_qid_fields": "1"}, "1", True),
        ({"detection_fields_to_log": "QID,RESULTS"}, "1", True),
        ({"detection_params": "show_results=1"}, "1", True),
    ],
    ids=["off", "on", "RESULTS is chosen", "RESULTS is asked for by hand"],
)
def test_results_are_asked_for_and_not_written_by_that(chosen: dict[str, str], results: str, written: bool) -> None:
    assert FEED.params(vm_settings(**chosen))["show_results"] == results
    found = summary(**chosen)
    assert ("SCAN_DURATION" in found) is written
    assert list(found)[-1] == "TOTAL_VULNS"
