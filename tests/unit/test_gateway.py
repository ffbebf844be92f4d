"""The gateway's dialect: one login for all, renewed once, secrets never shown, pages to the empty one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qualys_ta.account import Account
from qualys_ta.api import gateway
from qualys_ta.api.client import ApiClient
from qualys_ta.api.gateway import FULL, GatewayTransport, body, following
from qualys_ta.errors import AuthError, ConfigError, Refused, TryLater
from qualys_ta.jsonpage import CURSOR, RECORDS
from qualys_ta.model import Request
from qualys_ta.populator import fim_events
from qualys_ta.populator.fim_incidents import INCIDENT_EVENTS
from standins.qualys import QualysStandin
from support.fim import event
from support.pulls import Answers, ListLog, Said, client

PATH = "/fim/v2/events/search"
FOUR_HOURS = 4 * 3600
WHOLE = {"pageSize": "15", "sort": '[{"processedTime":"asc"},{"id":"asc"}]'}


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path / "qualys", hosts=1, findings=1) as running:
        yield running


def account(platform: QualysStandin, **changed: str) -> Account:
    known = Account("demo", platform.url, platform.url, platform.username, platform.password, ca_bundle=platform.ca)
    return replace(known, **changed)


def sent(transport: GatewayTransport) -> int:
    request = Request(PATH, WHOLE)
    with transport.send(request, body(request)) as response:
        assert b"".join(response.chunks()) or response.status == 204
        return response.status


def logins(platform: QualysStandin) -> int:
    return sum(call.path == gateway.LOGIN for call in platform.requests)


def test_one_login_serves_all_calls(platform: QualysStandin) -> None:
    transport = GatewayTransport(account(platform), None, 10)
    assert logins(platform) == 0
    assert [sent(transport) for _ in range(3)] == [200, 200, 200]
    assert logins(platform) == 1


def test_a_token_whose_time_is_over_is_renewed(platform: QualysStandin) -> None:
    transport = GatewayTransport(account(platform), None, 10)
    sent(transport)
    platform.clock.advance(FOUR_HOURS)
    assert sent(transport) == 200
    assert logins(platform) == 2


def test_a_second_refusal_is_no_reason_for_a_third_login(platform: QualysStandin, tmp_path: Path) -> None:
    """Accounts lock: the call is repeated once with a new token, and then the account counts as refused."""
    platform.faults.set("fim_event:expired_token*always")
    ours = replace(
        client(GatewayTransport(account(platform), None, 10), tmp_path, []),  # type: ignore[arg-type]
        resource=fim_events.FEED.resource,
    )
    with pytest.raises(AuthError):
        ours.fetch(Request(PATH, WHOLE))
    assert logins(platform) == 2
    assert sum(call.path == PATH for call in platform.requests) == 2


@pytest.mark.parametrize(
    ("changed", "error"),
    [({"password": "wrong"}, AuthError), ({"username": "nobody"}, AuthError), ({"gateway_server": ""}, ConfigError)],
    ids=["password", "user", "no gateway"],
)
def test_an_account_that_cannot_log_in(platform: QualysStandin, changed: dict[str, str], error: type) -> None:
    with pytest.raises(error) as raised:
        sent(GatewayTransport(account(platform, **changed), None, 10))
    assert "wrong" not in str(raised.value)
    assert logins(platform) <= 1


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("html", Refused),
        ("empty", Refused),
        ("unavailable", TryLater),
        ("too_many", TryLater),
        ("cut", TryLater),
        ("reset", TryLater),
        ("unauthorized", AuthError),
    ],
)
def test_a_login_that_brings_no_token(platform: QualysStandin, kind: str, error: type) -> None:
    platform.faults.set(f"auth:{kind}*always")
    with pytest.raises(error):
        sent(GatewayTransport(account(platform), None, 10))


def test_several_threads_share_one_login(platform: QualysStandin) -> None:
    transport = GatewayTransport(account(platform), None, 10)
    platform.gateway_limits.allow(replace(platform.gateway_limits._allowance, concurrency=20))
    started = threading.Barrier(8)
    statuses: list[int] = []

    def call() -> None:
        started.wait()
        statuses.append(sent(transport))

    for _ in range(2):
        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        platform.clock.advance(FOUR_HOURS)
        started = threading.Barrier(8)
    assert statuses == [200] * 16
    assert logins(platform) == 2


def test_a_token_is_never_sent_with_a_password(platform: QualysStandin) -> None:
    sent(GatewayTransport(account(platform), None, 10))
    login, call = platform.requests
    assert "authorization" not in login.headers
    assert (login.status, login.params["username"]) == (201, platform.username)
    assert call.headers["authorization"].startswith("Bearer ")
    assert call.headers["content-type"] == "application/json"
    assert call.headers["x-requested-with"]


def test_secrets_are_in_no_text_and_no_line(platform: QualysStandin, tmp_path: Path) -> None:
    known = account(platform)
    transport = GatewayTransport(known, None, 10)
    ours = replace(client(transport, tmp_path, []), resource=fim_events.FEED.resource)  # type: ignore[arg-type]
    ours.fetch(Request(PATH, WHOLE))
    token = transport._token
    assert token.count(".") == 2
    log = ours.log
    assert isinstance(log, ListLog)
    told = "\n".join([repr(known), repr(transport), repr(ours), *log.lines])
    assert platform.password not in told
    assert token not in told


def test_a_page_names_the_next_one_up_to_an_empty_one(platform: QualysStandin, tmp_path: Path) -> None:
    transport = GatewayTransport(account(platform), None, 10)
    ours = replace(client(transport, tmp_path, []), resource=fim_events.FEED.resource)  # type: ignore[arg-type]
    found: list[Any] = []
    request = Request(PATH, WHOLE)
    while request:
        page = ours.fetch(request)
        found.append([record["data"]["id"] for record in page.records()])
        request = page.next  # type: ignore[assignment]
    assert [len(page) for page in found] == [15, 15, 10, 0]
    assert len({ident for page in found for ident in page}) == 40


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_gzip_that_is_cut_is_asked_for_again_and_nothing_is_lost(
    platform: QualysStandin, tmp_path: Path, call: int
) -> None:
    """Whichever page it is: what came of it is dropped, and no record is missing or comes twice."""
    platform.faults.set(f"fim_event:cut_gzip@{call}")
    waits: list[float] = []
    transport = GatewayTransport(account(platform), None, 10)
    ours = replace(client(transport, tmp_path, waits), resource=fim_events.FEED.resource)  # type: ignore[arg-type]
    found: list[str] = []
    request: Any = Request(PATH, WHOLE)
    while request:
        page = ours.fetch(request)
        found += [record["data"]["id"] for record in page.records()]
        request = page.next
    assert len(found) == len(set(found)) == 40
    assert sum(each.path == PATH for each in platform.requests) == 5
    assert len(waits) == 1


def test_a_gzip_that_is_always_cut_is_no_page(platform: QualysStandin, tmp_path: Path) -> None:
    platform.faults.set("fim_event:cut_gzip*always")
    transport = GatewayTransport(account(platform), None, 10)
    ours = replace(client(transport, tmp_path, []), resource=fim_events.FEED.resource)  # type: ignore[arg-type]
    with pytest.raises(TryLater):
        ours.fetch(Request(PATH, WHOLE))


ASKED = Request(PATH, {"pageSize": "2"})
BEHIND = Request(PATH, {"pageSize": "2", "searchAfter": '[1, "a"]'})


def behind_full(request: Request) -> Request:
    return replace(request, params={**request.params, FULL: "1"})


def test_where_to_go_on() -> None:
    log = ListLog()
    assert following(ASKED, {RECORDS: "0"}, log) is None
    assert following(ASKED, {RECORDS: "1", CURSOR: '[1, "a"]'}, log) == BEHIND
    assert following(behind_full(ASKED), {RECORDS: "1", CURSOR: '[1, "a"]'}, log) == BEHIND
    assert following(ASKED, {RECORDS: "2", CURSOR: '[1, "a"]'}, log) == behind_full(BEHIND)
    second = following(ASKED, {RECORDS: "2"}, log)
    assert second == behind_full(Request(PATH, {"pageSize": "2", "pageNumber": "1"}))
    assert following(second, {RECORDS: "1"}, log) == Request(PATH, {"pageSize": "2", "pageNumber": "2"})
    assert following(second, {RECORDS: "1", CURSOR: '[1, "a"]'}, log) == BEHIND
    with pytest.raises(Refused, match="same page"):
        following(BEHIND, {RECORDS: "2", CURSOR: '[1, "a"]'}, log)
    with pytest.raises(Refused, match="where its next page starts"):
        following(BEHIND, {RECORDS: "2"}, log)


DATE = {"date": "Thu, 02 May 2024 10:00:00 GMT"}
NO_CONTENT = Said(status=204, headers=DATE)
PAGE = Said(json.dumps([{**event(), "sortValues": [2, "b"]}]).encode(), headers=DATE)
GONE = Said(b'{"errorCode":"404 NOT_FOUND","message":"Incident not found."}', 404)


def said(folder: Path, *answers: Said) -> tuple[ApiClient, list[float]]:
    """A client of the gateway's for a platform that says this."""
    waits: list[float] = []
    return replace(client(Answers(*answers), folder, waits), resource=fim_events.FEED.resource), waits


@pytest.mark.parametrize("request_", [ASKED, BEHIND], ids=["first page", "behind a page that is not full"])
def test_an_answer_without_content_is_an_end(tmp_path: Path, request_: Request) -> None:
    ours, waits = said(tmp_path, NO_CONTENT)
    page = ours.fetch(request_)
    assert (list(page.records()), page.next, waits) == ([], None, [])


def test_an_answer_without_content_behind_a_full_page_is_no_end(tmp_path: Path) -> None:
    """What stands behind it would be lost: it is asked for again, and then the window stays open."""
    ours, waits = said(tmp_path, NO_CONTENT, PAGE)
    assert len(list(ours.fetch(behind_full(BEHIND)).records())) == len(waits) == 1
    ours, waits = said(tmp_path, NO_CONTENT)
    with pytest.raises(TryLater, match="without content behind a full page"):
        ours.fetch(behind_full(BEHIND))
    assert len(waits) == 3


def warnings(ours: ApiClient) -> list[str]:
    log = ours.log
    assert isinstance(log, ListLog)
    return [line for line in log.lines if line.startswith("WARNING")]


@pytest.mark.parametrize("status", [404, 410])
def test_what_belongs_to_a_record_that_is_gone_is_nothing(tmp_path: Path, status: int) -> None:
    ours, _ = said(tmp_path, replace(GONE, status=status, headers=DATE))
    ours = replace(ours, resource=INCIDENT_EVENTS)
    page = ours.fetch(Request("/fim/v2/incidents/i1/events/search", {"pageSize": "2"}))
    assert (list(page.records()), page.next) == ([], None)
    (line,) = warnings(ours)
    assert "/incidents/i1/" in line
    assert "Incident not found" in line


@pytest.mark.parametrize(
    ("resource", "answer"),
    [
        (fim_events.FEED.resource, GONE),
        (INCIDENT_EVENTS, replace(GONE, body=b"<html>Not found</html>")),
        (INCIDENT_EVENTS, replace(GONE, body=b"")),
        (INCIDENT_EVENTS, replace(GONE, status=400)),
        (INCIDENT_EVENTS, replace(GONE, cut=True)),
    ],
    ids=["a list of its own", "a web page", "nothing", "a wrong call", "cut"],
)
def test_only_the_platform_says_that_a_record_is_gone(tmp_path: Path, resource: Any, answer: Said) -> None:
    ours, _ = said(tmp_path, answer)
    with pytest.raises(Refused):
        replace(ours, resource=resource).fetch(ASKED)
    assert warnings(ours) == []


def test_what_is_posted() -> None:
    params = {"filter": 'name: "ü"', "searchAfter": "[9007199254740993]", "pageNumber": "3", "@part": "not sent"}
    posted = body(Request(PATH, params))
    assert posted is not None
    assert posted.kind == "application/json"
    assert json.loads(posted.content) == {
        "filter": 'name: "ü"',
        "searchAfter": [9007199254740993],
        "pageNumber": 3,
    }
    assert body(Request(PATH, params, method="GET")) is None
