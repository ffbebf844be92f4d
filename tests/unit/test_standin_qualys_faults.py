"""The faults of the Qualys stand-in: when they strike, and what a client sees of each."""

from __future__ import annotations

import http.client
import ssl
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standins.qualys import EVERYTHING, FAULTS, QualysStandin
from standins.qualys import fault_answers as timing
from standins.qualys.faults import FaultPlan
from support.qualys import HOST_LIST, Client


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=30, findings=5) as running:
        yield running


@pytest.fixture
def client(standin: QualysStandin) -> Iterator[Client]:
    with Client(standin) as connected:
        yield connected


def struck(plan: FaultPlan, calls: int) -> list[str]:
    return [plan.strike("detection") for _ in range(calls)]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ("busy", ["busy", "", "", "", ""]),
        ("busy*2", ["busy", "busy", "", "", ""]),
        ("busy*always", ["busy"] * 5),
        ("busy@3", ["", "", "busy", "", ""]),
        ("cut*always@4", ["", "", "", "cut", "cut"]),
        ("busy,cut*2@3", ["busy", "", "cut", "cut", ""]),
        (["busy", "rate"], ["busy", "rate", "", "", ""]),
        ("about:busy", [""] * 5),
        ("detection:busy", ["busy", "", "", "", ""]),
    ],
)
def test_faults_strike_when_they_are_told_to(faults: Any, expected: list[str]) -> None:
    assert struck(FaultPlan(faults), 5) == expected


def test_only_calls_for_data_are_counted() -> None:
    plan = FaultPlan("busy@2")
    assert [plan.strike(resource) for resource in ("about", "session", "host", "detection")] == ["", "", "", "busy"]


def test_setting_a_plan_begins_anew() -> None:
    plan = FaultPlan("busy")
    assert struck(plan, 2) == ["busy", ""]
    plan.set("busy", ["rate"])
    assert struck(plan, 3) == ["busy", "rate", ""]


@pytest.mark.parametrize("wrong", ["", "nonsense", "busy*", "busy*x", "nowhere:busy", "busy @2"])
def test_unknown_faults_are_errors(wrong: str) -> None:
    with pytest.raises(ValueError, match="no such"):
        FaultPlan([wrong])


ANSWERS = {
    "busy": (409, "<CODE>1960</CODE>"),
    "rate": (409, "<KEY>SECONDS_TO_WAIT</KEY>"),
    "too_many": (429, ""),
    "registration": (409, "<CODE>2003</CODE>"),
    "unavailable": (503, ""),
    "gateway": (502, "<html>"),
    "error500": (500, ""),
    "html": (200, "<!DOCTYPE html>"),
    "generic999": (200, 'number="999"'),
    "truncated999": (200, "Internal error"),
    "simple1905": (400, "<CODE>1905</CODE>"),
    "unauthorized": (401, "<CODE>2000</CODE>"),
    "expired": (200, "<CODE>2001</CODE>"),
    "secureid": (409, "<CODE>2011</CODE>"),
    "gone_version": (404, "<SIMPLE_RETURN>"),
    "wrong_root": (200, "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"),
    "entity": (200, "<!ENTITY"),
    "redirect": (301, ""),
    "empty": (200, ""),
}
BREAKS: dict[str, tuple[type[BaseException], ...]] = {
    "cut": (http.client.IncompleteRead,),
    "reset": (ConnectionError, ssl.SSLError),
}
SEEN_ELSEWHERE = {"cut_clean", "slow", "stall", "loop", "foreign_next"}


def test_every_kind_is_shown_here() -> None:
    assert set(FAULTS) == {*ANSWERS, *BREAKS, *SEEN_ELSEWHERE}


@pytest.mark.parametrize(("kind", "status", "text"), [(kind, *seen) for kind, seen in ANSWERS.items()])
def test_fault_answers_once_and_then_all_is_well(
    standin: QualysStandin, client: Client, kind: str, status: int, text: str
) -> None:
    standin.faults.set(kind)
    reply = client.detections()
    assert reply.status == status
    assert text in reply.text
    assert standin.requests[-1].fault == kind
    assert client.detections().xml.find(".//HOST") is not None


def test_waits_are_in_the_headers(standin: QualysStandin, client: Client) -> None:
    standin.faults.set("rate,too_many")
    assert client.detections().headers["x-ratelimit-towait-sec"] == "1"
    assert client.detections().headers["retry-after"] == "1"


def test_truncated_internal_error_is_not_xml(standin: QualysStandin, client: Client) -> None:
    standin.faults.set("generic999,truncated999")
    assert client.detections().xml.tag == "GENERIC_RETURN"
    with pytest.raises(ET.ParseError):
        assert client.detections().xml


@pytest.mark.parametrize("kind", BREAKS)
def test_broken_connections(standin: QualysStandin, client: Client, kind: str) -> None:
    standin.faults.set(kind)
    with pytest.raises(BREAKS[kind]):
        client.detections()
    assert client.detections().status == 200


@pytest.mark.parametrize("hosts", ["1", "0"])
def test_clean_cut_has_its_length_but_not_its_end(standin: QualysStandin, client: Client, hosts: str) -> None:
    whole = client.detections(truncation_limit=hosts, **EVERYTHING)
    standin.faults.set("cut_clean")
    reply = client.detections(truncation_limit=hosts, **EVERYTHING)
    assert len(reply.body) == int(reply.headers["content-length"])
    assert 0 < len(reply.body) < len(whole.body)
    with pytest.raises(ET.ParseError):
        assert reply.xml


def test_slow_answers_trickle_and_are_whole(
    standin: QualysStandin, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "TRICKLE_S", 0.001)
    standin.faults.set("slow")
    started = time.monotonic()
    reply = client.detections()
    assert time.monotonic() - started >= timing.TRICKLES * 0.001
    assert reply.xml.find(".//HOST") is not None


def test_loop_never_moves_on(standin: QualysStandin, client: Client) -> None:
    standin.faults.set("loop*always")
    replies = [client.detections(truncation_limit="5", id_min=str(standin.population.ids[3])) for _ in range(2)]
    standin.faults.set()
    urls = [reply.xml.findtext(".//WARNING/URL", "") for reply in replies]
    assert f"id_min={replies[0].xml.findtext('.//HOST/ID')}&" in urls[0]
    assert urls[0] == urls[1]


def test_foreign_next_leads_elsewhere_with_the_right_query(standin: QualysStandin, client: Client) -> None:
    true = client.detections(truncation_limit="5").xml.findtext(".//WARNING/URL", "")
    standin.faults.set("foreign_next")
    foreign = client.detections(truncation_limit="5").xml.findtext(".//WARNING/URL", "")
    assert foreign == true.replace(standin.url, "https://qualysapi.elsewhere.example")


def test_removed_versions_are_gone_for_good(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, gone_versions=("2.0",)) as standin, Client(standin) as client:
        statuses = [client.detections(version).status for version in ("2.0", "3.0", "9.0")]
        assert (statuses, client.call("/msp/about.php").status) == ([404, 200, 404], 200)


def test_other_resources_fail_when_they_are_named(standin: QualysStandin, client: Client) -> None:
    standin.faults.set("about:expired,host:busy")
    assert "<CODE>2001</CODE>" in client.call("/msp/about.php").text
    assert client.detections().status == 200
    assert client.call(HOST_LIST, {"action": "list"}).status == 409
