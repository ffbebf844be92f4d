"""What the knowledge base of the Qualys stand-in shares with its other resources: login, limits, faults and dirt."""

from __future__ import annotations

from pathlib import Path

import pytest

from standins.qualys import EVERYTHING, Allowance, QualysStandin
from standins.qualys.dirt import KINDS
from support.qualys import EVERY_DETAIL, KNOWLEDGE, Client, entries


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_dirt_still_describes_the_same_entries(tmp_path: Path, kind: str) -> None:
    with QualysStandin(tmp_path, hosts=1, dirt=kind) as standin, Client(standin) as client:
        if kind in ("cut", "all"):
            with pytest.raises(Exception, match="IncompleteRead"):
                client.knowledge(**EVERY_DETAIL)
        assert entries(client.knowledge(**EVERY_DETAIL).xml) == standin.knowledge_ledger.expected()


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("comments", b"CONFIDENTIAL AND PROPRIETARY"),
        ("keepalive", b"</DATETIME>\n<!-- keep-alive for KNOWLEDGE_BASE_VULN_LIST_OUTPUT  -->\n    <VULN_LIST>"),
        ("doctype", b"<!DOCTYPE KNOWLEDGE_BASE_VULN_LIST_OUTPUT\n  SYSTEM\n"),
        ("control_chars", b"\x00caf\xe9 \x0b"),
        ("entities", b"&lt;BR&gt;"),
        ("tag_space", b"<DIAGNOSIS\n            >"),
        ("gaps", b"<TITLE />"),
        ("gaps", b"<EXPLT />"),
    ],
)
def test_dirt_is_there_when_it_is_on_and_only_then(tmp_path: Path, kind: str, mark: bytes) -> None:
    with QualysStandin(tmp_path, hosts=1) as standin, Client(standin) as client:
        assert mark not in client.knowledge(details="All").body
        standin.dirt.set([kind])
        assert mark in client.knowledge(details="All").body


def test_gaps_are_those_of_the_recordings(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, dirt=("gaps",)) as standin, Client(standin) as client:
        root = client.knowledge(details="All").xml
    cves, exploits, sources = root.findall(".//CVE"), root.findall(".//EXPLT"), root.findall(".//EXPLT_SRC")
    assert any(cve.find("URL") is None for cve in cves)
    assert any(not cve.findtext("ID") for cve in cves)
    assert {tuple(part.tag for part in exploit) for exploit in exploits} >= {(), ("REF",), ("REF", "DESC", "LINK")}
    assert any(source.find("EXPLT_LIST") is None for source in sources)
    assert any(not vuln.findtext("TITLE") for vuln in root.iter("VULN"))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({"Authorization": "Basic eDp5"}, (401, "2000")), ({"X-Requested-With": ""}, (400, "1903"))],
)
def test_who_may_call_is_the_same(client: Client, headers: dict[str, str], expected: tuple[int, str]) -> None:
    reply = client.call(KNOWLEDGE, {"action": "list"}, headers)
    assert (reply.status, reply.code) == expected


def test_path_without_final_slash_is_moved(standin: QualysStandin, client: Client) -> None:
    reply = client.call(KNOWLEDGE[:-1], {"action": "list"})
    assert (reply.status, reply.headers["location"]) == (301, standin.url + KNOWLEDGE)


def test_limits_count_its_calls_too(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, allowance=Allowance(2, 3600, 2)) as standin, Client(standin) as client:
        left = [reply.headers["x-ratelimit-remaining"] for reply in (client.detections(), client.knowledge(ids="6"))]
        blocked = client.knowledge(ids="6")
    assert (left, blocked.status, blocked.code) == (["1", "0"], 409, "1965")


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("busy", 409, "<CODE>1960</CODE>"),
        ("unavailable", 503, "Unavailable"),
        ("secureid", 409, "<CODE>2011</CODE>"),
        ("generic999", 200, 'number="999"'),
        ("gone_version", 404, "<SIMPLE_RETURN>"),
        ("wrong_root", 200, "<HOST_LIST_VM_DETECTION_OUTPUT>"),
        ("entity", 200, "<!DOCTYPE KNOWLEDGE_BASE_VULN_LIST_OUTPUT ["),
    ],
)
def test_faults_strike_it_when_it_is_named(tmp_path: Path, fault: str, status: int, text: str) -> None:
    with QualysStandin(tmp_path, hosts=1, faults=f"knowledge:{fault}") as standin, Client(standin) as client:
        assert client.detections(**EVERYTHING).status == 200
        reply = client.knowledge()
        assert (reply.status, standin.requests[-1].fault) == (status, fault)
        assert text in reply.text
        assert len(client.knowledge().qids) == 600


def test_an_answer_can_break_off(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, faults="knowledge:cut_clean") as standin, Client(standin) as client:
        cut, whole = client.knowledge(), client.knowledge()
        assert 0 < len(cut.body) < len(whole.body)
        assert standin.knowledge_ledger.counts()["served_entries"] == 600


def test_faults_without_a_name_leave_it_alone(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, faults="busy") as standin, Client(standin) as client:
        assert client.knowledge().status == 200
        assert client.detections().status == 409
