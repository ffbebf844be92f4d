"""What the stand-in's web application API shares with its other resources, and what only it does on the wire."""

from __future__ import annotations

import http.client
import json
import ssl
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from standins.qualys import FAULTS, Allowance, QualysStandin
from standins.qualys.dirt import KINDS
from standins.qualys.faults import QPS_RESOURCES, SPECIAL, FaultPlan
from support.qualys import Client
from support.web import APPS, FINDINGS, VERBOSE, XML, ask, body, ids, pages, pulled, refusal

PORTAL = "/qps/rest/portal/version"
LOGIN = ("INVALID_CREDENTIALS", "Authentication failed", "Verify both, user and password credentials.")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=1) as standin:
        yield standin


@pytest.fixture
def standin(running: QualysStandin) -> QualysStandin:
    """The same for all, as it was at first."""
    running.faults.set()
    running.dirt.set(())
    running.requests.clear()
    running.web.restore()
    return running


@pytest.mark.parametrize("path", [FINDINGS, f"{FINDINGS}/", APPS, FINDINGS.replace("search", "count"), PORTAL])
def test_a_wrong_login_is_told_with_200(standin: QualysStandin, client: Client, path: str) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Basic eDp5"}):
        assert refusal(client.call(path, headers={**XML, **headers}, body="")) == LOGIN
    with Client(standin, password="wrong") as stranger:
        assert refusal(ask(stranger, path=path)) == LOGIN
    assert client.call(path, headers=XML, body="").xml.findtext("responseCode") == "SUCCESS"


def test_the_header_is_asked_for_here_too(tmp_path: Path, client: Client) -> None:
    reply = client.call(FINDINGS, headers={**XML, "X-Requested-With": ""}, body="")
    assert (reply.status, reply.code) == (400, "1903")
    with QualysStandin(tmp_path / "other", hosts=1, web_unnamed=True) as lenient, Client(lenient) as other:
        assert other.call(FINDINGS, headers={**XML, "X-Requested-With": ""}, body="").status == 200
        assert other.call("/api/5.0/fo/asset/host/", headers={"X-Requested-With": ""}).status == 400


@pytest.mark.parametrize(
    "path", ["/qps/rest/3.0/update/was/webapp/1", "/qps/rest/3.0/search/was/x", "/qps/rest/portal"]
)
def test_other_paths_are_not_there(client: Client, path: str) -> None:
    assert client.call(path, headers=XML, body="").status == 404


def test_limits_are_counted_apart_and_not_told(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, allowance=Allowance(2, 3600, 2)) as standin, Client(standin) as client:
        replies = [ask(client), ask(client, path=APPS), ask(client)]
        assert [reply.status for reply in replies] == [200, 200, 409]
        assert [[name for name in reply.headers if "limit" in name] for reply in replies[:2]] == [[], []]
        assert replies[2].code == "1965"
        assert int(replies[2].headers["x-ratelimit-towait-sec"]) > 0
        assert client.detections().headers["x-ratelimit-remaining"] == "1"
        standin.web_limits.allow(Allowance(2, 3600, 0))
        assert ask(client).code == "1960"


def test_requests_are_listed_as_flat_parameters(standin: QualysStandin, client: Client) -> None:
    sent = {"limitResults": "5", "verbose": "true", "id GREATER": "1", "id GREATER #2": "2", "name CONTAINS": '<"&>'}
    ask(client, sent)
    client.call(FINDINGS, headers=XML, body="<cut")
    assert [dict(request.params) for request in standin.requests] == [sent, {}]


def test_json_for_those_who_accept_it(standin: QualysStandin, client: Client) -> None:
    told = json.loads(
        ask(client, {**VERBOSE, "limitResults": "12"}, headers={**XML, "Accept": "application/json"}).body
    )
    answer = told["ServiceResponse"]
    found = [record["Finding"] for record in answer["data"]]
    assert (answer["responseCode"], answer["count"], answer["hasMoreRecords"]) == ("SUCCESS", 12, "true")
    assert answer["lastId"] == found[-1]["id"] == list(standin.web.finding_ids)[11]
    for finding in found:
        expected = standin.web_ledger.expected()[finding["id"]].elements
        assert finding["severity"] == expected["severity"]
        assert (finding["name"], finding["potential"]) == (expected["name"], expected["potential"])
        assert [tag["Tag"]["id"] for tag in finding["webApp"]["tags"].get("list", ())] == [
            int(ident) for ident in expected.get("webApp/tags/list/Tag/id", "").split(",") if ident
        ]
        assert isinstance(finding.get("detectionScore", 0.0), float)


@pytest.mark.parametrize(
    ("params", "expected"),
    [({"id EQUALS": "1"}, {"responseCode": "SUCCESS", "count": 0}), ({"id EQUALS": "x"}, "INVALID_REQUEST")],
    ids=["nothing", "refused"],
)
def test_json_without_records(client: Client, params: dict[str, str], expected: object) -> None:
    reply = ask(client, params, headers={**XML, "Accept": "application/json"})
    told = json.loads(reply.body)["ServiceResponse"]
    assert reply.headers["content-type"] == "application/json"
    assert expected in (told, told["responseCode"])
    count = json.loads(ask(client, {}, FINDINGS.replace("search", "count"), {**XML, "Accept": "application/json"}).body)
    assert count == {"ServiceResponse": {"responseCode": "SUCCESS", "count": 40}}
    portal = client.call(PORTAL, headers={"Accept": "application/json"}, method="GET")
    assert json.loads(portal.body)["ServiceResponse"]["data"][1]["QWeb-Version"]["WEB-VERSION"]


STATUS = {
    "busy": 409,
    "rate": 409,
    "too_many": 429,
    "registration": 409,
    "secureid": 409,
    "unavailable": 503,
    "gateway": 502,
    "error500": 500,
    "simple1905": 400,
    "unauthorized": 401,
    "gone_version": 404,
    "redirect": 301,
}
BROKEN: tuple[type[BaseException], ...] = (http.client.HTTPException, ET.ParseError, ConnectionError, ssl.SSLError)
AS_IF_NOTHING = ("slow", "foreign_next", "stall")


@pytest.mark.parametrize("resource", ["was_finding", "was_webapp"])
@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind not in (*AS_IF_NOTHING, "loop")])
def test_every_fault_strikes_here_too(standin: QualysStandin, client: Client, kind: str, resource: str) -> None:
    path = FINDINGS if resource == "was_finding" else APPS
    standin.faults.set(f"{resource}:{kind}")
    try:
        reply = ask(client, path=path)
        good = reply.status == 200 and reply.xml.tag == "ServiceResponse" and len(ids(reply)) > 1
    except BROKEN:
        good = False
    assert not good
    assert (standin.requests[-1].fault, standin.requests[-1].status) == (kind, STATUS.get(kind, 200))
    assert len(ids(ask(client, path=path))) in (6, 40)


@pytest.mark.parametrize("resource", ["was_finding", "was_webapp", "portal"])
def test_refusals_with_200(standin: QualysStandin, client: Client, resource: str) -> None:
    path = {"was_finding": FINDINGS, "was_webapp": APPS, "portal": PORTAL}[resource]
    standin.faults.set(f"{resource}:invalid_request,{resource}:invalid_credentials,{resource}:no_permission")
    refusals = [refusal(ask(client, path=path)) for _ in range(3)]
    assert [told[0] for told in refusals] == ["INVALID_REQUEST", "INVALID_CREDENTIALS", "UNAUTHORIZED"]
    assert refusals[1] == LOGIN
    assert refusals[0][1] == "Criteria: Invalid value format for criteria 'webApp.id' (abc123)."


@pytest.mark.parametrize(("params", "more"), [({"limitResults": "3"}, True), ({}, False)], ids=["first", "only"])
def test_a_page_that_leads_nowhere(standin: QualysStandin, client: Client, params: dict[str, str], more: bool) -> None:
    standin.faults.set("was_finding:no_last_id")
    strange, good = ask(client, params).xml, ask(client, params).xml
    assert [child.tag for child in strange] == ["responseCode", "count", "hasMoreRecords", "data"]
    assert strange.findtext("hasMoreRecords") == "true"
    assert (good.findtext("hasMoreRecords") == "true") is more


@pytest.mark.parametrize("after", [None, "6816400"])
def test_a_last_id_that_does_not_ascend(standin: QualysStandin, client: Client, after: str) -> None:
    standin.faults.set("was_finding:loop")
    params = {"limitResults": "3", **({"id GREATER": after} if after else {})}
    looped = ask(client, params)
    last = looped.xml.findtext("lastId", "")
    assert int(last) < ids(looped)[0]
    assert after in (None, last)
    assert ids(ask(client, {**params, "id GREATER": last})) == ids(looped)


def test_what_is_of_the_web_strikes_nothing_else() -> None:
    for kind in ("invalid_request", "invalid_credentials", "no_permission", "no_last_id"):
        assert set(SPECIAL[kind]) <= set(QPS_RESOURCES)
        assert FaultPlan(kind).strike("detection") == ""
        assert FaultPlan(kind).strike("was_finding") == kind
        with pytest.raises(ValueError, match="no such resource"):
            FaultPlan(f"host:{kind}")


def test_cut_answers_are_noted_and_whole_the_next_time(standin: QualysStandin, client: Client) -> None:
    standin.faults.set("was_finding:cut_clean")
    cut, whole = ask(client), ask(client)
    assert 0 < len(cut.body) < len(whole.body)
    assert len(cut.body) == int(cut.headers["content-length"])


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_dirt_still_describes_the_same_findings(tmp_path: Path, kind: str) -> None:
    with QualysStandin(tmp_path, hosts=1, dirt=kind) as standin, Client(standin) as client:
        if kind in ("cut", "all"):
            with pytest.raises(http.client.IncompleteRead):
                ask(client, VERBOSE)
        assert pulled(client) == standin.web_ledger.expected()


@pytest.mark.parametrize(
    ("kind", "mark"),
    [("control_chars", b"\x02 caf\xe9]]>"), ("entities", b"<name><![CDATA[\n\t\t"), ("tag_space", b"\n      </id>")],
)
def test_dirt_is_there_when_it_is_on_and_only_then(
    standin: QualysStandin, client: Client, kind: str, mark: bytes
) -> None:
    assert mark not in ask(client, VERBOSE).body
    standin.dirt.set([kind])
    assert mark in ask(client, VERBOSE).body


def test_hostile_text_is_one_text(standin: QualysStandin, client: Client) -> None:
    payloads = {node.text for root in pages(client, VERBOSE) for node in root.iter("payload")}
    assert any("]]> </PayloadInstance>" in (text or "") for text in payloads)
    assert any('\nWAS_FINDING: webapp_id="1"' in (text or "") for text in payloads)


def test_another_process_can_steer(standin: QualysStandin, client: Client) -> None:
    def post(**settings: object) -> dict[str, list[int]]:
        reply = client.call("/_standin/web", headers={"Authorization": ""}, body=json.dumps(settings))
        assert reply.status == 200, reply.text
        return dict(json.loads(reply.body))

    def get(**params: str) -> dict[str, object]:
        return dict(json.loads(client.call("/_standin/web", params, method="GET").body))

    standin.clock.set("2025-11-03T00:00:00Z")
    first = standin.web.app_ids[0]
    assert post(rescan=[first], lag_s=60) == {"added": [], "scanned": [first]}
    met = get(findings="1", **{"lastTestedDate GREATER": "2025-11-02T00:00:00Z"})
    assert met["web_findings"] == len(met["expected"]) == 9  # type: ignore[arg-type]
    assert list(met["summaries"]) == [str(first)]  # type: ignore[call-overload]
    (added,) = post(add=1, remove=[first], ignore=[standin.web.finding_ids[0]])["added"]
    assert standin.web.app_ids[-1] == added
    assert get()["web_apps"] == 6
    wrong = client.call("/_standin/web", {"id EQUALS": "x"}, method="GET")
    assert (wrong.status, "Criteria" in wrong.text) == (400, True)


def test_body_of_a_call_is_escaped_once(standin: QualysStandin, client: Client) -> None:
    assert "&lt;" in body({"name CONTAINS": "<b>"})
    assert pulled(client, **{"webApp.name CONTAINS": "<b>Büro</b>"}) == standin.web_ledger.expected(
        {"webApp.name CONTAINS": "<b>Büro</b>"}
    )
