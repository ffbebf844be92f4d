"""The Qualys stand-in as a server: who may call, what it refuses, its limits."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import pytest

from standins.qualys import Allowance, QualysStandin
from standins.qualys.limits import Limits, spoken
from support.qualys import DETECTION, HOST_LIST, Client


def test_basic_login_takes_any_printable_password(client: Client) -> None:
    assert client.call("/msp/about.php", method="GET").xml.findtext("WEB-VERSION")


def test_wrong_password_is_401_without_limit_headers(standin: QualysStandin) -> None:
    with Client(standin, password="wrong") as stranger:
        reply = stranger.detections()
    assert (reply.status, reply.code) == (401, "2000")
    assert not any(name.startswith("x-ratelimit") for name in reply.headers)


@pytest.mark.parametrize("authorization", ["", "Basic", "Basic ???", "Basic //4=", "Bearer x"])
def test_unreadable_credentials_are_401(client: Client, authorization: str) -> None:
    assert client.call(DETECTION, {"action": "list"}, {"Authorization": authorization}).status == 401


def test_session_cookie_stands_for_the_login(standin: QualysStandin, client: Client) -> None:
    session, nobody = "/api/2.0/fo/session/", {"Authorization": ""}
    login = {"action": "login", "username": standin.username, "password": standin.password}
    answered = client.call(session, login, nobody)
    cookie = {**nobody, "Cookie": answered.headers["set-cookie"].split(";")[0]}
    assert answered.xml.findtext("RESPONSE/TEXT") == "Logged in"
    assert answered.headers["set-cookie"].endswith("path=/api; secure")
    assert "x-ratelimit-limit" not in answered.headers
    assert client.call(DETECTION, {"action": "list"}, cookie).status == 200
    assert client.call(session, {"action": "logout"}, cookie).xml.findtext("RESPONSE/TEXT") == "Logged out"
    assert client.call(DETECTION, {"action": "list"}, cookie).status == 401


@pytest.mark.parametrize(
    ("params", "expected"),
    [({}, "1903"), ({"action": "login", "username": "x", "password": "y"}, "2000"), ({"action": "dance"}, "1905")],
)
def test_session_refuses(client: Client, params: dict[str, str], expected: str) -> None:
    assert client.call("/api/2.0/fo/session/", params).code == expected


def test_missing_x_requested_with_is_400(client: Client) -> None:
    reply = client.call(DETECTION, {"action": "list"}, {"X-Requested-With": ""})
    assert (reply.status, reply.xml.tag) == (400, "SIMPLE_RETURN")


@pytest.mark.parametrize(
    ("params", "expected", "text"),
    [
        ({}, "1903", "Missing required parameter(s): action"),
        ({"action": "list", "colour": "1"}, "1901", "Unrecognized parameter(s): colour"),
        (
            {"action": "list", "ids": "abc123"},
            "1905",
            "parameter ids has invalid value: abc123 (neither a positive integer nor a range: abc123)",
        ),
        ({"action": "list", "status": "Opened"}, "1905", "parameter status has invalid value: Opened"),
        ({"action": "list", "vm_processed_after": "yesterday"}, "1905", "not a valid date"),
        ({"action": "list", "ips": "10.0.0"}, "1905", "neither an IP nor a range"),
        ({"action": "list", "show_igs": "yes"}, "1905", "must be one of: 0, 1"),
        ({"action": "list", "truncation_limit": "-1"}, "1905", "not a positive integer"),
        ({"action": "list", "os_pattern": "("}, "1905", "not a regular expression"),
        ({"action": "purge"}, "1905", "must be one of: list"),
    ],
)
def test_parameters_are_refused_as_the_platform_does(
    client: Client, params: dict[str, str], expected: str, text: str
) -> None:
    reply = client.call(DETECTION, params)
    assert (reply.status, reply.code) == (400, expected)
    assert text in reply.xml.findtext("RESPONSE/TEXT", "")


def test_path_without_final_slash_is_moved(standin: QualysStandin, client: Client) -> None:
    reply = client.call(DETECTION[:-1], {"action": "list"})
    assert (reply.status, reply.headers["location"]) == (301, standin.url + DETECTION)
    assert standin.url.replace("https", "http") + DETECTION in reply.text


def test_unknown_path_is_404(client: Client) -> None:
    assert client.call("/api/5.0/fo/nothing/").status == 404


def test_get_and_post_take_the_same_parameters(client: Client) -> None:
    query = {"action": "list", "details": "None"}
    got, posted = (client.call(HOST_LIST, query, method=method).xml.find(".//ID_SET") for method in ("GET", "POST"))
    assert got is not None
    assert posted is not None
    assert [node.text for node in got] == [node.text for node in posted]


def test_last_of_repeated_parameters_wins(client: Client) -> None:
    assert client.call(DETECTION, body="action=list&ids=1&ids=abc").code == "1905"


def test_request_is_echoed_when_asked(standin: QualysStandin, client: Client) -> None:
    request = client.detections(echo_request="1").xml.find("REQUEST")
    assert request is not None
    assert request.findtext("USER_LOGIN") == standin.username
    assert request.findtext("PARAM_LIST/PARAM/KEY") == "action"


def test_limit_headers_count_down(standin: QualysStandin, client: Client) -> None:
    left = [int(client.detections().headers["x-ratelimit-remaining"]) for _ in range(3)]
    assert left == [left[0], left[0] - 1, left[0] - 2]


def test_rate_limit_says_how_long_to_wait(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, allowance=Allowance(2, 3600, 2)) as standin, Client(standin) as client:
        statuses = [client.detections().status for _ in range(2)]
        blocked = client.detections()
    assert (statuses, blocked.status, blocked.code) == ([200, 200], 409, "1965")
    items = {item.findtext("KEY"): item.findtext("VALUE", "") for item in blocked.xml.iter("ITEM")}
    assert 3590 <= int(items["SECONDS_TO_WAIT"]) <= 3600
    assert blocked.headers["x-ratelimit-towait-sec"] == items["SECONDS_TO_WAIT"]


def test_concurrency_is_judged_first_and_freed_again(standin: QualysStandin) -> None:
    limits = Limits(Allowance(5, 3600, 1))
    with limits.admit():
        refusal = limits.refuse_concurrency()
        with pytest.raises(type(refusal)) as caught, limits.admit():
            pass
    assert (caught.value.code, caught.value.status) == (1960, 409)
    assert {name for name, _ in caught.value.headers}.isdisjoint({"X-RateLimit-Remaining", "X-RateLimit-ToWait-Sec"})
    with limits.admit() as headers:
        assert ("X-RateLimit-Remaining", "3") in headers


def test_calls_at_once_beyond_the_limit_get_409(tmp_path: Path) -> None:
    """A call that stalls runs; when it has begun, another one finds the concurrency used up."""
    with QualysStandin(tmp_path, hosts=1, faults="host:stall", allowance=Allowance(concurrency=1)) as standin:
        stalled = threading.Thread(target=_list_hosts_in_vain, args=(standin,))
        stalled.start()
        with Client(standin) as client:
            received = iter(lambda: client.call("/_standin/requests", method="GET").text, "")
            assert next(text for text in received if '"fault": "stall"' in text)
            blocked = client.detections()
    stalled.join()
    assert blocked.code == "1960"
    assert "x-ratelimit-remaining" not in blocked.headers


@pytest.mark.parametrize(
    ("wait_s", "words"),
    [(86_274, "23 hours, 57 minutes and 54 seconds"), (1, "1 second"), (60, "1 minute"), (0, "0 seconds")],
)
def test_waits_are_spoken_as_recorded(wait_s: int, words: str) -> None:
    assert spoken(wait_s) == words


def test_requests_are_kept(standin: QualysStandin, client: Client) -> None:
    client.detections(ids="1")
    received = standin.requests[-1]
    assert (received.method, received.path, received.status) == ("POST", DETECTION, 200)
    assert received.params == {"action": "list", "ids": "1"}
    assert received.headers["x-requested-with"] == "tests"


def _list_hosts_in_vain(standin: QualysStandin) -> None:
    with Client(standin) as client, pytest.raises((ConnectionError, ssl.SSLError)):
        client.call(HOST_LIST, {"action": "list"})
