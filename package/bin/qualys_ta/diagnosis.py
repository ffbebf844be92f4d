"""What may be wrong between this server and Qualys, check by check: joins the way (api), the metrics and this server.

Three stages, because a page waits for an answer half a minute at most: the way to Qualys, the login, this server.
"""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Callable

from . import VERSION, populator
from .api.gateway import GatewayTransport
from .api.permission import Permissions, Probe
from .api.transport import HttpsTransport
from .api.way import Way
from .checks import FAILED, WARNING, Check, Found, Line, broken_after, run_checks
from .errors import NoSplunkd
from .populator import asset_groups, host_list, policy_list, policy_posture_info, report_api
from .splunk import leftovers
from .splunk.places import places
from .splunk.settings import Settings, read_settings, session_user

STAGES = {"way": 22.0, "login": 25.0, "server": 12.0}
"""Stage -> the most seconds it takes; a minute in all."""

CALL_TIMEOUT_S = 9.0
_NO_SCOPE = "This user sees no hosts: look at its role and its asset groups in Qualys."

PROBES: Mapping[str, Probe] = {
    probe.resource.name: probe
    for probe in (
        Probe(
            "host detection",
            populator.load("host_detection").resource,
            {"action": "list", "ids": "1", "truncation_limit": "1", "show_results": "0"},
        ),
        Probe(
            "host list", host_list.RESOURCE, {"action": "list", "details": "None", "truncation_limit": "1"}, _NO_SCOPE
        ),
        Probe(
            "knowledge base",
            populator.load("knowledge_base").resource,
            {"action": "list", "details": "None", "ids": "1"},
        ),
        Probe("policy compliance", policy_list.RESOURCE, {"action": "list", "details": "None", "ids": "1"}),
        Probe(
            "compliance posture",
            policy_posture_info.POSTURE,
            {"action": "list", "details": "None", "policy_id": "1", "truncation_limit": "1"},
            no_such="1905",
            after=policy_list.RESOURCE.name,
        ),
        Probe("web applications", populator.load("was_findings").resource, {"limitResults": "1", "id LESSER": "2"}),
        Probe("tickets", populator.load("tickets").resource, {"ticket_numbers": "1"}),
        Probe("assets", populator.load("host_assets").resource, {"limitResults": "1", "id LESSER": "2"}),
        Probe("asset tags", populator.load("asset_tags").resource, {"limitResults": "1", "id LESSER": "2"}),
        Probe("asset groups", asset_groups.RESOURCE, {"action": "list", "ids": "1"}),
        Probe("reports", replace(report_api.REPORTS, name=report_api.REPORT.name), {"action": "list", "id": "1"}),
        Probe("report templates", report_api.TEMPLATES, {}, after=report_api.REPORT.name),
        *(
            Probe(label, populator.load(name).resource, {"pageSize": "1", "filter": "id: '1'"})
            for label, name in (
                ("file integrity", "fim_events"),
                ("ignored file events", "fim_ignored_events"),
                ("file incidents", "fim_incidents"),
            )
        ),
    )
}
"""Resource -> the call that shows whether it may be used. One id that hardly exists costs the platform nothing; the
list of templates is short, and can only be had whole."""


@dataclass(frozen=True)
class Diagnosis:
    """One account as seen from this server. `session` says who asks, `read` gives the settings; each once, when the
    first check needs it."""

    session: Callable[[], str]
    read: Callable[[], Settings]
    app_home: Path
    environ: Mapping[str, str]

    def run(self, stage: str, broken: Collection[str] = ()) -> Iterator[Line]:
        """The lines of one stage. `broken`: what failed in the stages before, see `broken`."""
        stages = self._stages(broken)
        labels = {check.name: check.label for checks in stages.values() for check in checks}
        known = [name for name in broken if name in labels]
        yield from run_checks(stages[stage], labels, known, STAGES[stage])

    def broken(self, stage: str, lines: list[Line], before: Collection[str]) -> list[str]:
        """What is broken after this stage."""
        return broken_after(lines, before, self._stages(before)[stage])

    def secrets(self) -> list[str]:
        """What no line may show; none where no settings were read."""
        settings = self.__dict__.get("_settings")
        return settings.secrets() if settings else []

    def _stages(self, broken: Collection[str]) -> Mapping[str, tuple[Check, ...]]:
        server = self._server_checks("settings" not in broken)
        return {"way": self._way_checks(), "login": self._login_checks(), "server": server}

    def _way_checks(self) -> tuple[Check, ...]:
        ready, reached = ("settings",), ("settings", "name", "proxy")
        return (
            Check("session", "Splunk", self._ask_splunkd, todo=_NO_SESSION, if_slow=_SPLUNKD_SLOW),
            Check("settings", "Settings", self._tell, ("session",), _NO_SETTINGS),
            Check("name", "Name lookup", lambda: self._way.look_up(), ready),
            Check("proxy", "Proxy", lambda: self._way.reach_proxy(), ("settings", "name"), _PROXY),
            Check("tls", "TLS", lambda: self._way.greet(), reached, _CERTIFICATES),
            Check("clock", "Clock", lambda: self._way.compare_clocks(), (*reached, "tls")),
            Check("gateway", "Gateway", lambda: self._way.reach_gateway(), ready, seconds=6.0, if_slow=_GATEWAY_SLOW),
        )

    def _login_checks(self) -> tuple[Check, ...]:
        there = ("settings", "name", "proxy", "tls")
        way_in = (*there, "credentials")
        return (
            Check("credentials", "Credentials", lambda: self._permissions.log_in(), there, _ADDRESS, seconds=10.0),
            *(
                Check(
                    f"api_{name}",
                    f"API: {probe.label}",
                    self._probe(probe),
                    (*way_in, *([f"api_{probe.after}"] if probe.after else [])),
                    _BETWEEN,
                    if_slow=_SLOW,
                )
                for name, probe in PROBES.items()
            ),
            Check("budget", "Calls left", lambda: self._permissions.budget(), way_in),
            Check("versions", "Versions", self._versions),
        )

    def _server_checks(self, has_settings: bool) -> tuple[Check, ...]:
        usual = places(self.app_home, self.environ)
        looks = {place.name: self._look(place.name) if has_settings else place.look for place in usual}
        return (
            *(Check(each.name, each.label, looks[each.name], if_slow=_DRIVE_SLOW, seconds=5.0) for each in usual),
            Check("leftovers", "The vendor's files", self._leftovers),
        )

    @cached_property
    def _settings(self) -> Settings:
        return self.read()

    @cached_property
    def _way(self) -> Way:
        return Way(self._settings.account, self._settings.proxy)

    @cached_property
    def _permissions(self) -> Permissions:
        account = self._settings.account
        transport = HttpsTransport(account, account.api_server, self._settings.proxy, CALL_TIMEOUT_S)
        gateway = partial(GatewayTransport, account, self._settings.proxy, CALL_TIMEOUT_S)
        return Permissions(transport, account.api_server, gateway)

    def _ask_splunkd(self) -> Found:
        try:
            return Found(f"the session is that of {self.session()}")
        except NoSplunkd as error:
            return Found(str(error), FAILED, _NO_SPLUNKD)

    def _tell(self) -> Found:
        account = self._settings.account
        through = "through a proxy" if self._settings.proxy else "without a proxy"
        return Found(f"account {account.name}: user {account.username} at {account.api_server}, {through}")

    def _probe(self, probe: Probe) -> Callable[[], Found]:
        return lambda: self._permissions.may_use(probe, self._settings.api.get(probe.resource.version_setting, ""))

    def _versions(self) -> Found:
        splunk = _splunk_version(self.environ)
        told = (f"add-on {VERSION}", f"Splunk {splunk}" if splunk else "", f"Python {platform.python_version()}")
        qualys = self._permissions.platform_version if "_permissions" in self.__dict__ else ""
        return Found(", ".join(filter(None, (*told, f"Qualys {qualys}" if qualys else ""))))

    def _look(self, name: str) -> Callable[[], Found]:
        """At a folder, where a person chose it."""

        def look() -> Found:
            api = self._settings.api
            chosen = places(self.app_home, self.environ, api["temp_dir"], api["temp_quota_mb"])
            return next(place for place in chosen if place.name == name).look()

        return look

    def _leftovers(self) -> Found:
        left = leftovers.warning(self.app_home)
        return Found(left, WARNING, "Stop Splunk and delete them.") if left else Found("none is left")


def diagnosis_of(
    server_uri: str, session_key: str, account: str, app_home: Path, environ: Mapping[str, str]
) -> Diagnosis:
    """The diagnosis of `account` (of "": the only one there is), with the rights of a Splunk session."""

    def session() -> str:
        return session_user(server_uri, session_key)

    def read() -> Settings:
        return read_settings(server_uri, session_key, account, "api")

    return Diagnosis(session, read, app_home, environ)


_NO_SESSION = "Get a new token: a session ends after an hour."
_NO_SPLUNKD = "Is splunkd running, and is this its address? Another one is given by --server-uri."
_SPLUNKD_SLOW = Found("no answer of splunkd in time", FAILED, _NO_SPLUNKD)
_NO_SETTINGS = "Correct it on the Configuration page; the session's user must be allowed to read passwords."
_PROXY = "Ask who runs the proxy whether it lets this server through to Qualys."
_CERTIFICATES = "Correct the account's certificates on the Configuration page."
_BETWEEN = "Diagnose again later; if it stays, ask who runs the proxy in between, or Qualys."
_ADDRESS = "Check the account's API server."
_SLOW = Found("no answer in time; a run waits longer", WARNING, "If pulls fail, too, ask Qualys why this call is slow.")
_GATEWAY_SLOW = Found("no answer in time", WARNING, "File integrity needs the gateway, and nothing else does.")
_DRIVE_SLOW = Found("no answer in time", FAILED, "Is this a network drive that hangs?")


def _splunk_version(environ: Mapping[str, str]) -> str:
    """From the file that Splunk's installer writes; "" where there is none."""
    try:
        text = Path(environ.get("SPLUNK_HOME", ""), "etc", "splunk.version").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
    facts = dict(line.partition("=")[::2] for line in text.splitlines())
    return facts.get("VERSION", "").strip()
