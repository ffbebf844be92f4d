"""The Qualys stand-in as a server: who may call, what it refuses, its limits, its TLS, its own door, its command."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.qualys import DETECTION, HOST_LIST, Client, Reply

from standins.qualys import Allowance, QualysStandin
from standins.qualys.clock import stamp
from standins.qualys.limits import Limits, spoken

ROOT = Path(__file__).parents[2]


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path, hosts=3, findings=4) as running:
        yield running


@pytest.fixture
def client(standin: QualysStandin) -> Iterator[Client]:
    with Client(standin) as connected:
        yield connected


def code(reply: Reply) -> str:
    """The CODE of a SIMPLE_RETURN, else ""."""
    return reply.xml.findtext("RESPONSE/CODE", "")


def test_basic_login_takes_any_printable_password(client: Client) -> None:
    assert client.call("/msp/about.php", method="GET").xml.findtext("WEB-VERSION")


def test_wrong_password_is_401_without_limit_headers(standin: QualysStandin) -> None:
    with Client(standin, password="wrong") as stranger:
        reply = stranger.detections()
    assert (reply.status, code(reply)) == (401, "2000")
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
    assert code(client.call("/api/2.0/fo/session/", params)) == expected


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
    assert (reply.status, code(reply)) == (400, expected)
    assert text in reply.xml.findtext("RESPONSE/TEXT", "")


def test_path_without_final_slash_is_moved(standin: QualysStandin, client: Client) -> None:
    reply = client.call(DETECTION[:-1], {"action": "list"})
    assert (reply.status, reply.headers["location"]) == (301, standin.url + DETECTION)
    assert standin.url.replace("https", "http") + DETECTION in reply.text


def test_unknown_path_is_404(client: Client) -> None:
    assert client.call("/api/5.0/fo/nothing/").status == 404


def test_get_and_post_take_the_same_parameters(client: Client) -> None:
    query = {"action": "list", "details": "None"}
    ids = [client.call(HOST_LIST, query, method=method).xml.findall(".//ID_SET/*") for method in ("GET", "POST")]
    assert [[node.text for node in found] for found in ids][0] == [node.text for node in ids[1]]


def test_last_of_repeated_parameters_wins(client: Client) -> None:
    assert code(client.call(DETECTION, body="action=list&ids=1&ids=abc")) == "1905"


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
    assert (statuses, blocked.status, code(blocked)) == ([200, 200], 409, "1965")
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
    """A call that stalls runs; the next one finds the concurrency used up."""
    with QualysStandin(tmp_path, hosts=1, faults=("stall",), allowance=Allowance(9, 60, 1)) as standin:
        stalled = threading.Thread(target=_call_and_be_cut, args=(standin,))
        stalled.start()
        with Client(standin) as client:
            blocked = _first(reply for reply in iter(client.detections, None) if reply.status == 409)
        standin.stop_stalling()
        stalled.join()
    assert code(blocked) == "1960"
    assert "x-ratelimit-remaining" not in blocked.headers


@pytest.mark.parametrize(
    ("wait_s", "words"),
    [(86_274, "23 hours, 57 minutes and 54 seconds"), (1, "1 second"), (60, "1 minute"), (0, "0 seconds")],
)
def test_waits_are_spoken_as_recorded(wait_s: int, words: str) -> None:
    assert spoken(wait_s) == words


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [("expired", "expired"), ("wrong_name", "mismatch"), ("unknown_ca", "unable to get local issuer|self.signed")],
)
def test_bad_server_certificates_are_refused(tmp_path: Path, certificate: str, reason: str) -> None:
    with QualysStandin(tmp_path, certificate=certificate) as standin, Client(standin) as client:
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            client.detections()
        assert standin.requests == []


@pytest.mark.parametrize(("combined", "passphrase"), [(False, ""), (True, ""), (False, "s€cret"), (True, "s€cret")])
def test_client_certificate_lets_in(tmp_path: Path, combined: bool, passphrase: str) -> None:
    with QualysStandin(tmp_path, hosts=1, require_client_cert=True) as standin:
        own = standin.authority.client_certificate("client", combined=combined, passphrase=passphrase)
        context = ssl.create_default_context(cafile=standin.ca)
        context.load_cert_chain(own.cert, own.key, passphrase or None)
        with Client(standin, context=context) as client:
            assert client.detections().status == 200
        with Client(standin) as bare, pytest.raises((ssl.SSLError, ConnectionError)):
            bare.detections()


def test_key_of_another_certificate_does_not_match(tmp_path: Path) -> None:
    with QualysStandin(tmp_path) as standin:
        one, other = (standin.authority.client_certificate(name) for name in ("one", "other"))
    with pytest.raises(ssl.SSLError, match="(?i)mismatch"):
        ssl.create_default_context().load_cert_chain(one.cert, other.key)


def test_requests_are_kept(standin: QualysStandin, client: Client) -> None:
    client.detections(ids="1")
    received = standin.requests[-1]
    assert (received.method, received.path, received.status) == ("POST", DETECTION, 200)
    assert received.params == {"action": "list", "ids": "1"}
    assert received.headers["x-requested-with"] == "tests"


def test_another_process_can_steer(standin: QualysStandin, client: Client) -> None:
    def post(verb: str, **body: object) -> Reply:
        return client.call(f"/_standin/{verb}", headers={"Authorization": ""}, body=json.dumps(body))

    first = standin.population.ids[0]
    post("clock", set="2026-01-01T00:00:00Z")
    assert json.loads(post("touch", hosts=[first]).body) == [first]
    assert stamp(standin.population.host(first).processed_at) == "2026-01-01T00:00:00Z"
    assert json.loads(post("hosts", add=2, remove=[first]).body)["added"] == list(standin.population.ids[-2:])
    post("faults", set=["unavailable"])
    assert client.detections().status == 503
    post("dirt", set=["comments"])
    assert "evaluation version" in client.detections().text
    assert json.loads(post("clock", advance=60).body) == {"now": "2026-01-01T00:01:00Z"}
    assert json.loads(client.call("/_standin/state", method="GET").body)["hosts"] == 4
    assert [entry["status"] for entry in json.loads(client.call("/_standin/requests", method="GET").body)] == [503, 200]


def test_ledger_can_be_read_by_another_process(standin: QualysStandin, client: Client) -> None:
    client.detections()
    ledger = json.loads(client.call("/_standin/ledger", {"hosts": "1"}, method="GET").body)
    assert (ledger["hosts"], ledger["findings"], ledger["served_hosts"]) == (3, 12, 3)
    assert {found["host_id"] for host in ledger["expected"] for found in host["findings"]} == set(standin.population.ids)


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [("faults", '{"set": ["nonsense"]}', 400), ("touch", '{"hosts": [1]}', 400), ("touch", "{", 400), ("x", "{}", 404)],
)
def test_own_door_says_what_is_wrong(client: Client, verb: str, body: str, status: int) -> None:
    reply = client.call(f"/_standin/{verb}", body=body)
    assert (reply.status, "error" in json.loads(reply.body)) == (status, True)


def test_command_serves_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "standins", "qualys", "--port", "0", "--seed", "7", "--hosts", "3", "--findings", "2"]
    options = ["--faults", "busy,cut*2@3", "--dirt", "all", "--epoch", "now"]
    with subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        greeting = json.loads(process.stdout.readline())
        assert greeting["url"].startswith("https://127.0.0.1:")
        assert Path(greeting["ca"]).is_file()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_command_without_a_name_says_how() -> None:
    asked = subprocess.run([sys.executable, "-m", "standins", "x"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "usage: python -m standins" in asked.stderr


def _call_and_be_cut(standin: QualysStandin) -> None:
    with Client(standin) as client, pytest.raises((ConnectionError, ssl.SSLError)):
        client.detections()


def _first(replies: Iterator[Reply]) -> Reply:
    return next(replies)
