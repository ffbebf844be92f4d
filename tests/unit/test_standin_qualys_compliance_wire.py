"""What policy compliance of the Qualys stand-in shares with its other resources: login, limits, faults and dirt."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standins.qualys import EVERYTHING, FAULTS, Allowance, QualysStandin
from standins.qualys import fault_answers as timing
from standins.qualys.compliance.ledger import EVERY_DETAIL
from standins.qualys.dirt import KINDS
from standins.qualys.faults import ANSWERED, RESOURCES, SPECIAL, FaultPlan
from support.compliance import POLICIES, POSTURE, ids, judged, listed, misshapen, pages, policy_ids, same_as_ledger
from support.qualys import Client, Reply, paths

ROUTES = ("policy", "posture")
ROOTS = {"policy": "POLICY_LIST_OUTPUT", "posture": "POSTURE_INFO_LIST_OUTPUT"}
OWN = ("unlicensed", "ignore_filters")
OWN_ROUTES = {route for kind in OWN for route in SPECIAL[kind]}


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    """A platform for tests of faults; each sets its own."""
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=3, policies=3, page_limit=2) as running:
        yield running


@pytest.fixture
def caller(struck: QualysStandin) -> Iterator[Client]:
    with Client(struck) as connected:
        yield connected


def call(standin: QualysStandin, client: Client, route: str, **params: str) -> Reply:
    if route == "policy":
        return listed(client, **params)
    return judged(client, policy_id=str(standin.compliance.ids[0]), **params)


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_dirt_still_describes_the_same(tmp_path: Path, kind: str) -> None:
    with QualysStandin(tmp_path, hosts=6, policies=2, dirt=kind) as standin, Client(standin) as client:
        for ident in standin.compliance.ids:
            assert same_as_ledger(standin, client, ident, truncation_limit="9") > 0
        (root,) = pages(client, POLICIES)
        assert misshapen(root) == []
        expected = standin.compliance_ledger.expected().values()
        assert [paths(policy) for policy in root.iter("POLICY")] == [policy.elements for policy in expected]


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("comments", b"CONFIDENTIAL AND PROPRIETARY"),
        ("keepalive", b"</DATETIME>\n<!-- keep-alive for POSTURE_INFO_LIST_OUTPUT  -->\n    <INFO_LIST>"),
        ("tag_comment", b"<!-- <EC2_INSTANCE_ID> tag"),
        ("doctype", b"<!DOCTYPE POSTURE_INFO_LIST_OUTPUT\n  SYSTEM\n"),
        ("control_chars", b"<V><![CDATA[\x00caf\xe9 \x0b"),
        ("entities", b"&lt;BR&gt;"),
        ("tag_space", b"<V\n            >"),
        ("no_value", b"<INSTANCE><![CDATA[-]]>"),
        ("new_status", b"<STATUS>Not Applicable</STATUS>"),
    ],
)
def test_dirt_is_there_when_it_is_on_and_only_then(tmp_path: Path, kind: str, mark: bytes) -> None:
    with QualysStandin(tmp_path, hosts=30, policies=1) as standin, Client(standin) as client:
        assert mark not in call(standin, client, "posture", **EVERY_DETAIL).body
        standin.dirt.set([kind])
        assert mark in call(standin, client, "posture", **EVERY_DETAIL).body


def test_gaps_are_in_the_glossary(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=30, policies=1, dirt=("gaps",)) as standin, Client(standin) as client:
        root = call(standin, client, "posture", **EVERY_DETAIL).xml
    for tag in ("HOST", "CONTROL"):
        told = {each.findtext("ID") for each in root.iter(tag)}
        assert told < {info.findtext(f"{tag}_ID") for info in root.iter("INFO")}


def test_a_page_ends_with_the_posture_that_begins_the_next(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=5, policies=1, dirt=("duplicates",)) as standin, Client(standin) as client:
        ident = str(standin.compliance.ids[0])
        first, second, *_ = pages(client, policy_id=ident, truncation_limit="4")
    assert ids(first)[-1] == ids(second)[0]


@pytest.mark.parametrize("path", [POLICIES, POSTURE])
@pytest.mark.parametrize(
    ("headers", "expected"),
    [({"Authorization": "Basic eDp5"}, (401, "2000")), ({"X-Requested-With": ""}, (400, "1903"))],
    ids=["login", "header"],
)
def test_who_may_call_is_the_same(
    client: Client, path: str, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    reply = client.call(path, {"action": "list", "policy_id": "1"}, headers)
    assert (reply.status, reply.code) == expected


@pytest.mark.parametrize("path", [POLICIES, POSTURE])
def test_paths_and_versions_are_as_elsewhere(standin: QualysStandin, client: Client, path: str) -> None:
    moved = client.call(path[:-1], {"action": "list"})
    assert (moved.status, moved.headers["location"]) == (301, standin.url + path)
    for version in ("1.0", "6.0"):
        assert client.call(path.replace(path[5:8], version), {"action": "list"}).status == 404


def test_limits_count_these_calls_too(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, allowance=Allowance(2, 3600, 2)) as standin, Client(standin) as client:
        left = [call(standin, client, route).headers["x-ratelimit-remaining"] for route in ROUTES]
        blocked = call(standin, client, "posture")
    assert (left, blocked.status, blocked.code) == (["1", "0"], 409, "1965")
    assert blocked.headers["x-concurrency-limit-limit"] == "2"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("kind", [*ANSWERED, "unlicensed"])
def test_faults_answer_instead_when_the_route_is_named(
    struck: QualysStandin, caller: Client, route: str, kind: str
) -> None:
    struck.faults.set(f"{route}:{kind}")
    assert caller.detections(**EVERYTHING).xml.find(".//HOST") is not None
    reply = call(struck, caller, route)
    assert struck.requests[-1].fault == kind
    assert f"<{ROOTS[route]}>\n" not in reply.text
    assert call(struck, caller, route).xml.tag == ROOTS[route]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("wrong_root", "_OUTPUT><RESPONSE/>"),
        ("entity", '<!ENTITY lol "lol">'),
        ("unlicensed", "<CODE>2012</CODE>"),
        ("generic999", 'number="999"'),
    ],
    ids=["wrong_root", "entity", "unlicensed", "generic999"],
)
def test_faults_look_right_on_each_route(
    struck: QualysStandin, caller: Client, route: str, kind: str, text: str
) -> None:
    struck.faults.set(f"{route}:{kind}")
    reply = call(struck, caller, route)
    assert text in reply.text
    assert (f"<{ROOTS[route]}>" in reply.text) == (kind == "entity")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("kind", "broken"),
    [("cut", http.client.IncompleteRead), ("reset", (ConnectionError, ssl.SSLError))],
    ids=["cut", "reset"],
)
def test_connections_can_end_early(struck: QualysStandin, caller: Client, route: str, kind: str, broken: Any) -> None:
    struck.faults.set(f"{route}:{kind}")
    with pytest.raises(broken):
        call(struck, caller, route)
    assert call(struck, caller, route).status == 200


@pytest.mark.parametrize("route", ROUTES)
def test_answers_can_be_shortened_and_slowed(
    struck: QualysStandin, caller: Client, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "TRICKLE_S", 0.001)
    struck.faults.set(f"{route}:cut_clean,{route}:slow")
    cut, slow, whole = (call(struck, caller, route) for _ in range(3))
    assert 0 < len(cut.body) < len(whole.body)
    assert len(slow.body) == len(whole.body)


@pytest.mark.parametrize("route", ROUTES)
def test_answers_can_stall(struck: QualysStandin, caller: Client, route: str) -> None:
    struck.faults.set(f"{route}:stall")
    caller._connection.timeout = 0.3
    with pytest.raises(TimeoutError):
        call(struck, caller, route)


@pytest.mark.parametrize("route", ROUTES)
def test_the_next_page_can_be_the_same_or_elsewhere(struck: QualysStandin, caller: Client, route: str) -> None:
    struck.faults.set(f"{route}:loop,{route}:foreign_next")
    looping, elsewhere = (call(struck, caller, route).xml for _ in range(2))
    first = policy_ids(looping)[0] if route == "policy" else ids(looping)[0]
    assert f"id_min={first}&" in looping.findtext(".//WARNING/URL", "") + "&"
    assert ".elsewhere.example" in elsewhere.findtext(".//WARNING/URL", "")


def test_every_fault_is_shown_here() -> None:
    assert set(FAULTS) == {*ANSWERED, "cut", "reset", "cut_clean", "slow", "stall", "loop", "foreign_next"}
    assert {kind for kind, routes in SPECIAL.items() if {*routes} & {*ROUTES}} == set(OWN)


def test_a_platform_may_not_heed_filters(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=10, policies=1, faults="ignore_filters*2") as standin, Client(standin) as client:
        filters = {"status": "Failed", "control_ids": "1041", "host_ids": "1"}
        assert client.detections().status == listed(client).status == 200
        unheeded = ids(call(standin, client, "posture", **filters).xml)
        since = call(standin, client, "posture", **filters, status_changes_since="2025-10-20").xml
        assert standin.requests[-1].fault == "ignore_filters"
        assert unheeded == sorted(standin.compliance_ledger.statuses())
        assert 0 < len(ids(since)) < len(unheeded)
        assert ids(call(standin, client, "posture", **filters).xml) == []
        assert call(standin, client, "posture", status="Opened").code == "1905"


def test_nobody_without_the_module_is_let_in(struck: QualysStandin, caller: Client) -> None:
    struck.faults.set("unlicensed*always")
    for route in ROUTES:
        reply = call(struck, caller, route)
        assert (reply.status, reply.code) == (403, "2012")
    assert caller.detections().status == 200


def test_faults_of_their_own_strike_nothing_else() -> None:
    plan = FaultPlan([f"{kind}*always" for kind in OWN])
    struck = {resource: plan.strike(resource) for resource in RESOURCES}
    assert {resource for resource, kind in struck.items() if kind} == OWN_ROUTES
    assert not OWN_ROUTES & {"host", "detection", "knowledge"}
    with pytest.raises(ValueError, match="no such resource"):
        FaultPlan("detection:ignore_filters")


def test_faults_without_a_name_leave_it_alone(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, faults="busy") as standin, Client(standin) as client:
        assert [call(standin, client, route).status for route in ROUTES] == [200, 200]
        assert client.detections().status == 409
