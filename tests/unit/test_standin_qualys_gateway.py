"""The gateway of the stand-in: tokens, searches, limits and errors as the facts tell them."""

from __future__ import annotations

import gzip
import json
from typing import Any, Optional

import pytest
import requests

from standins.qualys import QualysStandin
from standins.qualys.gateway.query import Query
from standins.qualys.limits import Allowance

EVENTS, INCIDENTS = "/fim/v2/events/search", "/fim/v2/incidents/search"
SORT = '[{"processedTime":"asc"},{"id":"asc"}]'
ALL = {"pageSize": 1000, "sort": SORT}


class Gate:
    """A client with a token."""

    def __init__(self, standin: QualysStandin) -> None:
        self._standin = standin
        self._session = requests.Session()
        self._session.verify = standin.ca
        self._session.trust_env = False

    def login(self, **form: str) -> requests.Response:
        given = {"username": self._standin.username, "password": self._standin.password, "token": "true", **form}
        return self._session.post(f"{self._standin.url}/auth", data=given, timeout=10)

    def ask(self, path: str, asked: Any, token: Optional[str] = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.login().text.strip()}"}
        return self._session.post(f"{self._standin.url}{path}", json=asked, headers=headers, timeout=10)

    def found(self, path: str, **asked: Any) -> list[dict[str, Any]]:
        answer = self.ask(path, asked)
        assert answer.status_code == 200, answer.text
        read: list[dict[str, Any]] = answer.json()
        return read


@pytest.fixture
def gate(standin: QualysStandin) -> Gate:
    return Gate(standin)


def test_a_login_gives_a_token_as_plain_text(gate: Gate) -> None:
    answer = gate.login()
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (201, "text/plain")
    assert answer.text.strip().count(".") == 2
    assert gate.login(password="wrong").status_code == 401
    assert gate.login(token="").status_code == 401


def test_a_token_lives_four_hours_of_the_platform(gate: Gate, standin: QualysStandin) -> None:
    token = gate.login().text.strip()
    standin.clock.advance(4 * 3600 - 10)
    assert gate.ask(EVENTS, ALL, token).status_code == 200
    standin.clock.advance(10)
    answer = gate.ask(EVENTS, ALL, token)
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "401 UNAUTHORIZED")
    assert gate.ask(EVENTS, ALL, "a.b.c").status_code == 401


def test_a_password_opens_nothing_here(standin: QualysStandin) -> None:
    login = (standin.username.encode(), standin.password.encode())
    answer = requests.post(f"{standin.url}{EVENTS}", json=ALL, auth=login, verify=standin.ca, timeout=10)  # type: ignore[arg-type]
    assert answer.status_code == 401


def test_pages_follow_by_sort_values_to_an_empty_one(gate: Gate) -> None:
    found: list[str] = []
    after: dict[str, Any] = {}
    while page := gate.found(EVENTS, pageSize=9, sort=SORT, **after):
        found += [record["data"]["id"] for record in page]
        after = {"searchAfter": page[-1]["sortValues"]}
    assert len(found) == len(set(found)) == 40
    by_number = [gate.found(EVENTS, pageSize=9, sort=SORT, pageNumber=number) for number in range(6)]
    assert [record["data"]["id"] for page in by_number for record in page] == found
    assert by_number[-1] == []


def test_a_range_holds_both_its_ends(gate: Gate) -> None:
    events = gate.found(EVENTS, **ALL)
    moments = [record["sortValues"][0] for record in events]
    assert moments == sorted(moments)
    first, last = (events[place]["data"]["processedTime"][:23] + "Z" for place in (5, 20))
    chosen = gate.found(EVENTS, **ALL, filter=f"processedTime: ['{first}'..'{last}'] AND (severity: 5)")
    expected = [each["data"]["id"] for each in events if moments[5] <= each["sortValues"][0] <= moments[20]]
    assert {each["data"]["severity"] for each in chosen} == {5}
    assert {each["data"]["id"] for each in chosen} < set(expected)
    counted = gate.ask("/fim/v2/events/count", {"filter": f"processedTime: ['{first}'..'{last}']"}).json()
    assert counted == {"count": len(expected)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("severity: 5 OR severity: 1", {1, 5}),
        ("platform: LINUX AND severity: 5 OR severity: 1 AND platform: LINUX", {1, 5}),
        ("severity: 9 AND severity: 5 OR severity: 1", {1}),
        ("severity: 9 AND (severity: 5 OR severity: 1)", set()),
        ("NOT severity: 5 AND NOT (severity: 1 OR severity: 2)", {3, 4}),
        ("NOT NOT severity: 5", {5}),
        (" ", {1, 2, 3, 4, 5}),
    ],
)
def test_not_binds_closer_than_and_which_binds_closer_than_or(gate: Gate, query: str, expected: set[int]) -> None:
    assert {record["data"]["severity"] for record in gate.found(EVENTS, **ALL, filter=query)} == expected


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"filter": "nonsense: 5"}, "unknown token"),
        ({"filter": "severity: 5 AND (severity: 4"}, "parentheses"),
        ({"filter": "severity: 5) OR severity: 4"}, "near: )"),
        ({"filter": "severity: 5 OR"}, "near"),
        ({"filter": "severity: 5 severity: 4"}, "near"),
        ({"filter": "severity 5"}, "near"),
        ({"filter": "processedTime: ['2016-01-01T00:00:00Z'..'2024-01-01T00:00:00Z']"}, "2017-01-01"),
        ({"filter": "processedTime: ['yesterday'..'today']"}, "Invalid date"),
        ({"pageSize": 1001}, "pageSize"),
        ({"pageSize": "10"}, "pageSize"),
        ({"searchAfter": "1"}, "searchAfter"),
        ({"sort": [{"id": "asc"}]}, "sort"),
        ({"sort": "id"}, "sort"),
        ([], "object"),
    ],
)
def test_a_call_that_is_wrong(gate: Gate, asked: Any, said: str) -> None:
    answer = gate.ask(EVENTS, asked)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400 BAD_REQUEST")
    assert said in answer.json()["message"]


def test_events_carry_what_trips_clients(gate: Gate) -> None:
    data = [record["data"] for record in gate.found(EVENTS, **ALL)]
    assert {each["processedTime"][-1] for each in data} == {"0", "Z"}
    assert {each["class"] for each in data} == {"Disk", "Registry"}
    for name in ("profiles", "changedAttributes"):
        assert any(each[name] is None for each in data)
    assert any(each["asset"]["interfaces"] is None for each in data)
    assert max(each["actor"].get("startTime", 0) for each in data) > 2**53


def test_incidents_are_decided_as_time_goes_by(gate: Gate, standin: QualysStandin) -> None:
    new = standin.fim.report(4)

    def states() -> list[tuple[str, str, bool]]:
        found = {record["data"]["id"]: record["data"] for record in gate.found(INCIDENTS, pageSize=1000)}
        told = (found[each] for each in new)
        return [
            (each["status"], each["approvalStatus"], each["lastUpdatedBy"]["date"] > each["createdBy"]["date"])
            for each in told
        ]

    assert states() == [("OPEN", "PENDING", False)] * 4
    standin.clock.advance(40 * 3600)
    assert states() == [
        ("CLOSED", "APPROVED", True),
        ("CLOSED", "POLICY_VIOLATION", True),
        ("OPEN", "PENDING", False),
        ("CLOSED", "APPROVED", False),
    ]
    standin.fim.update(new[:1], comment="again", status="OPEN")
    assert states()[0] == ("OPEN", "APPROVED", True)


def test_the_events_of_an_incident(gate: Gate, standin: QualysStandin) -> None:
    (incident,) = standin.fim.report(1)
    path = f"/fim/v2/incidents/{incident}/events/search"
    before = gate.found(path, **ALL)
    standin.fim.grow([incident], 2)
    assert len(gate.found(path, **ALL)) == len(before) + 2
    assert gate.ask("/fim/v2/incidents/nobody/events/search", ALL).status_code == 404
    told = {("FIM_INCIDENT_EVENT", incident, each["data"]["id"]) for each in gate.found(path, **ALL)}
    assert told < set(standin.fim_ledger.incidents())
    standin.fim.lose([incident])
    assert gate.ask(path, ALL).status_code == 404
    left = set(standin.fim_ledger.incidents())
    assert not told & left
    assert ("FIM_INCIDENT", incident, "OPEN", "PENDING", "None") in left


def test_a_limit_does_not_say_how_long_to_wait(gate: Gate, standin: QualysStandin) -> None:
    token = gate.login().text.strip()
    standin.gateway_limits.allow(Allowance(rate=1, window_s=60))
    assert gate.ask(EVENTS, ALL, token).status_code == 200
    answer = gate.ask(EVENTS, ALL, token)
    assert (answer.status_code, answer.json()["errorCode"]) == (429, "429 TOO_MANY_REQUESTS")
    told = {name: value for name, value in answer.headers.items() if "limit" in name.lower() or "retry" in name.lower()}
    assert told == {"X-RateLimit-Limit": "1", "X-RateLimit-Remaining": "0"}


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("expired_token", 401, "401 UNAUTHORIZED"),
        ("unauthorized", 401, "401 UNAUTHORIZED"),
        ("forbidden", 403, "403 FORBIDDEN"),
        ("error500", 500, ""),
        ("html", 200, "<h1>"),
        ("empty", 200, ""),
        ("no_content", 204, ""),
        ("wrong_root", 200, "count"),
        ("bad_json", 200, '{"id":}'),
        ("entity", 200, "[[[["),
        ("gone_version", 404, "404 NOT_FOUND"),
        ("secureid", 403, "403 FORBIDDEN"),
        ("busy", 429, "429 TOO_MANY_REQUESTS"),
    ],
)
def test_what_faults_look_like(gate: Gate, standin: QualysStandin, kind: str, status: int, said: str) -> None:
    standin.faults.set(f"fim_event:{kind}")
    answer = gate.ask(EVENTS, ALL)
    assert answer.status_code == status
    assert said in answer.text
    assert gate.ask(EVENTS, ALL).status_code == 200


def test_a_packed_answer_may_be_cut(gate: Gate, standin: QualysStandin) -> None:
    standin.faults.set("fim_event:cut_gzip")
    with pytest.raises((requests.RequestException, gzip.BadGzipFile, EOFError)):
        gate.ask(EVENTS, ALL).json()


def test_answers_may_lack_where_to_go_on(gate: Gate, standin: QualysStandin) -> None:
    standin.faults.set("fim_event:no_sort_values")
    assert {tuple(record["sortValues"]) for record in gate.found(EVENTS, **ALL)} == {()}


def test_the_ledger_counts_what_was_served(gate: Gate, standin: QualysStandin) -> None:
    gate.found(EVENTS, **ALL)
    counts = standin.fim_ledger.counts()
    assert (counts["fim_events"], counts["served_fim"], counts["served_fim_records"]) == (40, 40, 40)


def test_changes_are_made_from_outside(standin: QualysStandin) -> None:
    def ask(method: str, **body: Any) -> Any:
        url = f"{standin.url}/_standin/fim?expected=1"
        return requests.request(method, url, json=body or None, verify=standin.ca, timeout=10).json()

    before = ask("GET")
    done = ask("POST", happen=2, ignore=1, report=1)
    after = ask("GET")
    assert (len(done["happened"]), len(done["ignored"]), len(done["reported"])) == (2, 1, 1)
    assert after["fim_events"] - before["fim_events"] == 2
    ask("POST", grow=done["reported"], update=done["reported"], values={"comment": "seen"})
    assert ["FIM_INCIDENT", done["reported"][0], "OPEN", "PENDING", "seen"] in ask("GET")["expected"]


def test_a_query_is_read_condition_by_condition() -> None:
    text = "createdBy.date: ['2024-01-01T00:00:00Z'..'2024-01-02T00:00:00.000Z'] AND (name: \"x y\")"
    query = Query(text, ("createdBy.date", "name"))
    created = {"date": 1_704_067_200_000}
    assert query.holds({"createdBy": created, "name": "X Y"})
    assert not query.holds({"createdBy": None, "name": "X Y"})
    assert not query.holds({"createdBy": created, "name": "x"})


def test_the_same_seed_draws_the_same(standin: QualysStandin, tmp_path_factory: pytest.TempPathFactory) -> None:
    with QualysStandin(tmp_path_factory.mktemp("other"), hosts=1, findings=1) as other:
        assert json.dumps(other.fim.events) == json.dumps(standin.fim.events)
        assert json.dumps(other.fim_ledger.records()) == json.dumps(standin.fim_ledger.records())
