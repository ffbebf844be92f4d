"""Every cause has its line: the diagnosis against a stand-in platform, its settings given instead of read."""

from __future__ import annotations

import calendar
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

import pytest

from qualys_ta import populator
from qualys_ta.account import Account, Proxy
from qualys_ta.api.permission import Permissions
from qualys_ta.api.transport import HttpsTransport
from qualys_ta.api.way import DAY_S, Way
from qualys_ta.checks import Line
from qualys_ta.diagnosis import PROBES, STAGES, Diagnosis
from qualys_ta.errors import ConfigError, NoSplunkd, TaError, TryLater
from qualys_ta.splunk import fields
from qualys_ta.splunk.settings import Settings
from qualys_ta.times import TIME_FORMAT
from standins.qualys import QualysStandin
from standins.qualys.limits import Allowance
from standins.replay import Recorded, Replay
from support.core import PACKAGE
from support.page import closed_port
from support.proxy import ConnectProxy

WAY = ("session", "settings", "name", "proxy", "tls", "clock", "gateway")
APIS = tuple(f"api_{name}" for name in PROBES)
POLICIES = ("api_policy_list", "api_posture_info")
LOGIN = ("credentials", *APIS, "budget", "versions")
SERVER = ("checkpoints", "downloads", "lookups", "log", "leftovers")
AFTER_LOGIN = (*APIS, "budget")
ENDS_SOON = "It ends soon: ask its owner (Qualys, or who runs the proxy) to renew it."
AT_GATEWAY = ("api_fim_events", "api_fim_ignored_events", "api_fim_incidents")
NEVER_AHEAD = ("proxy", "gateway", *AT_GATEWAY)
"""Left out where no proxy is set and no gateway known."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("platform"), hosts=3, findings=2) as running:
        yield running


@pytest.fixture
def qualys(platform: QualysStandin) -> Iterator[QualysStandin]:
    platform.requests.clear()
    yield platform
    platform.faults.set()
    platform.clock.release()


class Asked:
    """One diagnosis: all its lines by name."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = {line.name: line for line in lines}

    def of(self, verdict: str) -> set[str]:
        return {name for name, line in self.lines.items() if line.verdict == verdict}

    def not_well(self) -> dict[str, str]:
        return {name: line.verdict for name, line in self.lines.items() if line.verdict in ("failed", "warning")}


def settings(platform: QualysStandin, proxy: Optional[Proxy] = None, **changed: str) -> Settings:
    known = {"api_server": platform.url, "username": platform.username, "password": platform.password}
    account = replace(Account("acme", "", "", "", "", ca_bundle=platform.ca), **{**known, **changed})
    return Settings(account, ("acme",), proxy, fields.checked("api", {}), {}, "INFO")


def splunk(folder: Path) -> dict[str, str]:
    """The environment of a Splunk whose folders are there."""
    (folder / "var/log/splunk").mkdir(parents=True)
    return {"SPLUNK_HOME": str(folder)}


def ask(folder: Path, given: Settings) -> Asked:
    environ = splunk(folder)
    diagnosis = Diagnosis(lambda: "admin", lambda: given, folder / "app", environ)
    found: list[Line] = []
    broken: list[str] = []
    for stage in STAGES:
        lines = list(diagnosis.run(stage, broken))
        broken = diagnosis.broken(stage, lines, broken)
        found += lines
    return Asked(found)


def test_a_server_that_is_well(qualys: QualysStandin, tmp_path: Path) -> None:
    found = ask(tmp_path, settings(qualys))
    assert tuple(found.lines) == (*WAY, *LOGIN, *SERVER)
    assert (found.not_well(), found.of("left out")) == ({}, set(NEVER_AHEAD))
    assert found.lines["tls"].found.startswith("TLSv1.")
    assert "trusted by the account's own CA" in found.lines["tls"].found
    assert "Qualys 10.35.2.0-1" in found.lines["versions"].found
    assert "of 3000 calls left in 3600 s; 2 at once, 0 running" in found.lines["budget"].found
    assert not (tmp_path / "app").exists(), "nothing is made or left"


def test_no_call_costs_much_or_changes_anything(qualys: QualysStandin, tmp_path: Path) -> None:
    ask(tmp_path, settings(qualys))
    calls = [call for call in qualys.requests if call.path != "/"]
    assert [call.status for call in calls] == [200] * (1 + len(APIS) - len(AT_GATEWAY))
    assert all("authorization" not in call.headers for call in qualys.requests if call.path == "/")
    assert {call.params.get("action") for call in calls} == {None, "list"}
    few = ("id", "ids", "truncation_limit", "limitResults", "ticket_numbers")
    whole = [PROBES["report_templates"].resource.path]
    assert [call.path for call in calls[1:] if "1" not in [call.params.get(name) for name in few]] == whole


def test_each_refusal_names_what_is_needed() -> None:
    told = {name: probe.resource.needs for name, probe in PROBES.items()}
    assert [name for name, needs in told.items() if not needs] == []
    assert all("FIM" in told[name] for name in populator.METRICS if name.startswith("fim_"))
    assert "PC" in told["posture_info"]
    assert "download the KnowledgeBase" in told["knowledge_base"]


def test_each_metric_has_the_call_that_shows_whether_it_is_allowed() -> None:
    assert {populator.load(metric).resource.name for metric in populator.METRICS} <= set(PROBES)


CAUSES: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = {
    "about:unauthorized": ("credentials", "failed", "The user name or password is wrong.", AFTER_LOGIN),
    "about:expired": ("credentials", "failed", "The account or subscription has expired.", AFTER_LOGIN),
    "about:secureid": ("credentials", "failed", "allow API access in its settings", AFTER_LOGIN),
    "about:html": ("credentials", "failed", "is this a Qualys API server?", AFTER_LOGIN),
    "about:unavailable": ("credentials", "failed", "The platform is busy or down.", AFTER_LOGIN),
    "detection:registration": ("api_host_detection", "failed", "2003 Registration must be completed", ()),
    "host:secureid": ("api_host_list", "failed", "2011 SecureID authentication", ()),
    "host:html": ("api_host_list", "failed", "not whole or no XML", ()),
    "knowledge:gone_version": ("api_knowledge_base", "failed", "(knowledge_base_api_version)", ()),
    "knowledge:entity": ("api_knowledge_base", "failed", "declares the XML entity", ()),
    "knowledge:cut": ("api_knowledge_base", "failed", "before the end", ()),
    "detection:busy": ("api_host_detection", "warning", "1960 This API cannot be run again", ()),
    "detection:rate": ("api_host_detection", "warning", "1965 This API cannot be run again", ()),
    "detection:unauthorized": ("api_host_detection", "failed", "2000 Bad Login/Password", APIS[1:]),
    "policy:cut": ("api_policy_list", "failed", "before the end", POLICIES[1:]),
    "policy:gone_version": ("api_policy_list", "failed", "(policy_list_api_version)", POLICIES[1:]),
    "policy:rate": ("api_policy_list", "warning", "1965 This API cannot be run again", ()),
    "policy:unauthorized": ("api_policy_list", "failed", "2000 Bad Login/Password", APIS[4:]),
    "policy:unlicensed": ("api_policy_list", "failed", "2012 User license is not authorized", POLICIES[1:]),
    "posture:busy": ("api_posture_info", "warning", "1960 This API cannot be run again", ()),
    "posture:gone_version": ("api_posture_info", "failed", "(posture_info_api_version)", ()),
    "posture:unlicensed": ("api_posture_info", "failed", "2012 User license is not authorized", ()),
    "was_finding:busy": ("api_was_findings", "warning", "1960 This API cannot be run again", ()),
    "was_finding:entity": ("api_was_findings", "failed", "declares the XML entity", ()),
    "was_finding:gone_version": ("api_was_findings", "failed", "(was_findings_api_version)", ()),
    "was_finding:invalid_credentials": (
        "api_was_findings",
        "failed",
        "INVALID_CREDENTIALS Authentication failed",
        APIS[6:],
    ),
    "was_finding:invalid_request": ("api_was_findings", "failed", "INVALID_REQUEST Criteria: ", ()),
    "was_finding:no_permission": ("api_was_findings", "failed", "the subscription, lacks the module", ()),
    "detection:redirect": ("api_host_detection", "failed", "check the account's API server", ()),
}


@pytest.mark.parametrize("fault", CAUSES)
def test_each_answer_of_the_platform_has_its_line(qualys: QualysStandin, tmp_path: Path, fault: str) -> None:
    name, verdict, words, left_out = CAUSES[fault]
    qualys.faults.set(fault)
    found = ask(tmp_path, settings(qualys))
    scarce = {"budget": "warning"} if fault.endswith(":rate") else {}
    assert found.not_well() == {name: verdict, **scarce}
    assert words in found.lines[name].found
    assert found.lines[name].todo
    assert found.of("left out") == {*NEVER_AHEAD, *left_out}


@pytest.mark.parametrize(
    ("fault", "label", "todo"),
    [
        ("policy:unlicensed", "API: policy compliance", "the subscription needs the module PC"),
        ("was_finding:no_permission", "API: web applications", "the subscription needs the module WAS"),
        ("ticket:unlicensed", "API: tickets", "the oldest part of the API (/msp/)"),
        ("host_asset:no_permission", "API: assets", "the permission to read assets"),
        ("tag:no_permission", "API: asset tags", "the permission to read tags"),
        ("asset_group:unlicensed", "API: asset groups", "switch off Pull asset groups"),
        ("report_template:unlicensed", "API: report templates", "a role that may view and download reports"),
        ("was_finding:invalid_credentials", "API: web applications", "Do not try often: Qualys locks users."),
        ("report:unlicensed", "API: reports", "a role that may view and download reports"),
    ],
)
def test_a_module_that_is_refused_says_what_to_do(
    qualys: QualysStandin, tmp_path: Path, fault: str, label: str, todo: str
) -> None:
    """Each with HTTP 403 or, in web applications, with 200: the other APIs are all right."""
    qualys.faults.set(fault)
    found = ask(tmp_path, settings(qualys))
    (name,) = found.not_well()
    assert found.lines[name].label == label
    assert todo in found.lines[name].todo
    others = found.of("ok") | found.of("left out")
    assert {*APIS} - {name} <= others
    assert {*APIS[: APIS.index(name)]} <= found.of("ok")


def test_a_version_of_the_posture_api_that_there_is_not(qualys: QualysStandin, tmp_path: Path) -> None:
    given = settings(qualys)
    api = {**given.api, "posture_info_api_version": "9.9"}
    found = ask(tmp_path, replace(given, api=api))
    assert found.not_well() == {"api_posture_info": "failed"}
    assert "(posture_info_api_version)" in found.lines["api_posture_info"].found


@pytest.mark.parametrize("code", [1905, 1904])
def test_a_platform_that_does_not_know_the_policy_has_answered(tmp_path: Path, code: int) -> None:
    path = "/api/2.0/fo/compliance/posture/info/"
    said = f"<RESPONSE><CODE>{code}</CODE><TEXT>parameter policy_id has invalid value: 1</TEXT></RESPONSE>"
    answer = Recorded(400, f"<SIMPLE_RETURN>{said}</SIMPLE_RETURN>".encode())
    with Replay(tmp_path, {path: answer}) as platform:
        account = Account("acme", platform.url, "user", "secret", "", ca_bundle=str(platform.ca))
        transport = HttpsTransport(account, platform.url, None, 5)
        found = Permissions(transport, platform.url).may_use(PROBES["posture_info"], "2.0")
    assert found.verdict == ("ok" if code == 1905 else "failed")


def test_a_login_that_was_refused_is_not_repeated(qualys: QualysStandin, tmp_path: Path) -> None:
    found = ask(tmp_path, settings(qualys, password="wrong"))
    assert found.not_well() == {"credentials": "failed"}
    assert [call.status for call in qualys.requests if call.path != "/"] == [401]
    assert found.lines["api_host_list"].found == "because of: Credentials"


def test_a_user_who_sees_no_hosts(tmp_path: Path) -> None:
    with QualysStandin(tmp_path / "platform", hosts=0) as empty:
        found = ask(tmp_path, settings(empty))
    assert found.not_well() == {"api_host_list": "warning"}
    assert "asset groups" in found.lines["api_host_list"].todo


def test_few_calls_are_left(tmp_path: Path) -> None:
    with QualysStandin(tmp_path / "platform", hosts=1, allowance=Allowance(rate=10, concurrency=1)) as scarce:
        found = ask(tmp_path, settings(scarce))
    assert found.not_well() == {"budget": "warning"}
    assert found.lines["budget"].found == "report templates: 0 of 10 calls left in 3600 s; 1 at once, 0 running"


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("unknown_ca", "Enter the path"),
        ("wrong_name", "Check the API"),
        ("expired", "clock; it shows 20"),
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_that_cannot_be_trusted(tmp_path: Path, certificate: str, words: str, host: str) -> None:
    with QualysStandin(tmp_path / "platform", hosts=1, certificate=certificate) as platform:
        found = ask(tmp_path, settings(platform, api_server=platform.url.replace("127.0.0.1", host)))
        assert platform.requests == []
    assert found.not_well() == {"tls": "failed"}
    assert words in found.lines["tls"].todo
    told = {name for name, line in found.lines.items() if line.found == "because of: TLS"}
    assert told == {"clock", "credentials", *AFTER_LOGIN}


def test_a_certificate_that_ends_soon(qualys: QualysStandin) -> None:
    account = settings(qualys).account
    ends = Way(account, None).greet().found.partition("valid until ")[2].partition(" ")[0]
    ends_s = calendar.timegm(time.strptime(ends, TIME_FORMAT))
    assert Way(account, None, lambda: ends_s - 5 * DAY_S).greet()[1:] == ("warning", ENDS_SOON)
    assert Way(account, None, lambda: ends_s - 16 * DAY_S).greet().verdict == "ok"


def test_a_client_certificate(tmp_path: Path) -> None:
    with QualysStandin(tmp_path / "platform", hosts=1, require_client_cert=True) as platform:
        issued = platform.authority.client_certificate("client")
        without = ask(tmp_path / "a", settings(platform))
        shown = ask(tmp_path / "b", settings(platform, client_cert=issued.cert, client_key=issued.key))
        wrong = ask(tmp_path / "c", settings(platform, client_cert=issued.cert, client_key="/no/such.key"))
    assert without.lines["tls"].verdict == "failed"
    assert "client certificate" in without.lines["tls"].todo
    assert shown.not_well() == {}
    assert "our client certificate was accepted" in shown.lines["tls"].found
    assert "/no/such.key does not exist on this server" in wrong.lines["tls"].found


@pytest.mark.parametrize(
    ("server", "name", "words"),
    [
        ("https://qualysapi.nowhere.invalid", "name", "the API server qualysapi.nowhere.invalid cannot be resolved"),
        (f"https://127.0.0.1:{closed_port()}", "tls", "cannot be reached (Connection refused)"),
    ],
    ids=["no such name", "nobody listens"],
)
def test_nobody_is_there(qualys: QualysStandin, tmp_path: Path, server: str, name: str, words: str) -> None:
    found = ask(tmp_path, settings(qualys, api_server=server))
    assert found.not_well() == {name: "failed"}
    assert words in found.lines[name].found


def test_the_gateway_is_only_a_warning(qualys: QualysStandin, tmp_path: Path) -> None:
    found = ask(tmp_path, settings(qualys, gateway_server="https://gateway.nowhere.invalid"))
    assert found.not_well() == dict.fromkeys(("gateway", *AT_GATEWAY), "warning")
    found = ask(tmp_path / "again", settings(qualys, gateway_server=qualys.url))
    assert {found.lines[name].verdict for name in ("gateway", *AT_GATEWAY)} == {"ok"}


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    with ConnectProxy("ann", "sesame") as running:
        yield running


@pytest.mark.parametrize(
    ("changed", "name", "words"),
    [
        ({}, "", "leads to 127.0.0.1:"),
        ({"password": "wrong"}, "proxy", "The proxy refused its user or password"),
        ({"port": closed_port()}, "proxy", "it cannot be reached"),
        ({"server": "proxy.invalid"}, "name", "the proxy proxy.invalid cannot be resolved"),
    ],
    ids=["works", "wrong password", "nobody listens", "no such host"],
)
def test_the_proxy(
    qualys: QualysStandin, proxy: ConnectProxy, tmp_path: Path, changed: dict[str, Any], name: str, words: str
) -> None:
    way = replace(Proxy("127.0.0.1", proxy.port, "ann", "sesame"), **changed)
    found = ask(tmp_path, settings(qualys, way))
    assert found.not_well() == ({name: "failed"} if name else {})
    assert words in found.lines[name or "proxy"].found
    assert found.of("left out") >= ({"tls", "credentials"} if name else {"gateway"})


@pytest.mark.parametrize(("ahead_s", "words"), [(600, "behind the platform's"), (-7200, "ahead of the platform's")])
def test_a_clock_that_is_wrong(qualys: QualysStandin, tmp_path: Path, ahead_s: int, words: str) -> None:
    qualys.clock.advance(ahead_s)
    found = ask(tmp_path, settings(qualys))
    assert found.not_well() == {"clock": "warning"}
    assert words in found.lines["clock"].found


def test_too_little_room_and_what_the_vendor_left(qualys: QualysStandin, tmp_path: Path) -> None:
    given = settings(qualys)
    api = {**given.api, "temp_quota_mb": 10_000_000, "temp_dir": str(tmp_path)}
    (tmp_path / "app/bin").mkdir(parents=True)
    (tmp_path / "app/bin/run.py").touch()
    found = ask(tmp_path, replace(given, api=api))
    assert found.not_well() == {"downloads": "warning", "leftovers": "warning"}
    assert found.lines["downloads"].found.startswith(f"{tmp_path} is writable")


@pytest.mark.parametrize(
    ("error", "todo"), [(NoSplunkd("nobody there"), "Is splunkd running"), (TryLater("refused"), "Get a new token")]
)
def test_no_splunkd_is_no_refused_session(tmp_path: Path, error: TaError, todo: str) -> None:
    def session() -> str:
        raise error

    first, *_ = Diagnosis(session, lambda: pytest.fail("nobody may read"), tmp_path, splunk(tmp_path)).run("way")
    assert (first.verdict, first.found) == ("failed", str(error))
    assert first.todo.startswith(todo)


def test_settings_that_cannot_be_read_do_not_hide_this_server(tmp_path: Path) -> None:
    def read() -> Settings:
        raise ConfigError("Account: there are several (a, b); choose one.", "account")

    diagnosis = Diagnosis(lambda: "admin", read, tmp_path, splunk(tmp_path))
    way = list(diagnosis.run("way"))
    broken = diagnosis.broken("way", way, ())
    assert {line.verdict for line in way} == {"ok", "failed", "left out"}
    assert {"settings", "name", "tls", "gateway"} <= set(broken)
    assert {line.verdict for line in diagnosis.run("server", broken)} == {"ok"}
    assert diagnosis.secrets() == []


HUMBLE = """
import json, sys
from pathlib import Path
from qualys_ta.splunk.places import become_splunk, places
home = Path(sys.argv[1])
became = become_splunk(home) if sys.argv[2:] else ""
print(json.dumps([became, *(place.look()[:2] for place in places(home / "app", {"SPLUNK_HOME": str(home)}))]))
"""


def looked(home: Path, *argv: str, puppet: str = "{}") -> list[Any]:
    """What another process finds: who it is, then checkpoints, downloads, lookups, log."""
    path = os.pathsep.join((str(PACKAGE.parent / "tests/support/puppet"), str(PACKAGE / "bin")))
    done = subprocess.run(
        [sys.executable, "-c", HUMBLE, str(home), *argv],
        env={"PYTHONPATH": path, "PUPPET": puppet},
        capture_output=True,
        check=True,
        text=True,
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def test_places_that_splunkds_user_may_not_write(tmp_path: Path) -> None:
    splunk(tmp_path)
    folder = tmp_path / "var/lib/splunk/modinputs/qualys"
    log = tmp_path / "var/log/splunk/ta_QualysCloudPlatform.log"
    folder.mkdir(parents=True)
    log.touch(mode=0o444)
    folder.chmod(0o555)
    _, checkpoints, downloads, _, logs = looked(tmp_path, puppet='{"humble": true}')
    assert checkpoints == [f"cannot write to {folder}: Permission denied", "failed"]
    assert downloads[1] == "ok"
    assert logs == [f"{log} cannot be written", "failed"]


@contextlib.contextmanager
def owned_by(user: int, home: Path) -> Iterator[None]:
    """`home` belongs to somebody, who may come there."""
    closed = [folder for folder in home.parents if not folder.stat().st_mode & 0o001]
    modes = [folder.stat().st_mode for folder in closed]
    for folder in closed:
        folder.chmod(0o711)
    os.chown(home, user, user)
    yield
    for folder, mode in zip(closed, modes):
        folder.chmod(mode)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_root_goes_on_as_splunkds_user(tmp_path: Path) -> None:
    splunk(tmp_path)
    assert looked(tmp_path, "become")[0] == "", "the folder is root's"
    with owned_by(65534, tmp_path):
        became, checkpoints, _, _, logs = looked(tmp_path, "become")
    assert became in ("nobody", "user 65534")
    assert checkpoints[1] == logs[1] == "failed", "both are root's"
