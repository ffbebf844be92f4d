"""The built add-on between two stand-ins, run as splunkd runs it, and what came of it compared with the ledger."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standins.qualys import QualysStandin
from standins.qualys.ledger import ExpectedFinding, ExpectedHost
from standins.qualys.standin import Received
from standins.splunk import SplunkStandin
from standins.splunk.run import Run
from support.core import extracted

BUILT = Path(__file__).resolve().parents[2] / "TA-QualysCloudPlatform"
PUPPET = Path(__file__).with_name("puppet")
REST = "TA_QualysCloudPlatform_{}"
NAME = "host_detection"
DETECTION = "/api/5.0/fo/asset/host/vm/detection/"
HOSTS, PER_PAGE, FINDINGS = 9, 3, 30
"""Three pages, each of more events than fit into one write to splunkd's pipe."""
EVENTS_PER_PAGE = PER_PAGE * (FINDINGS + 1)
DEADLINE_S = 30.0
ENDINGS = (".json", ".json.bak", ".lock", ".seen", ".tallies", ".files")
"""Of the files that an input keeps."""

API = {"max_retries": "1", "retry_interval_seconds": "1"}
VM = {
    "num_threads": "1",  # so that calls can be counted; what more of them change is in test_parallel
    "detection_truncation_limit": str(PER_PAGE),
    "detection_fields_to_log": "QID,TYPE,PORT,PROTOCOL,SSL,STATUS,LAST_UPDATE_DATETIME,LAST_FOUND_DATETIME,"
    "FIRST_FOUND_DATETIME,TIMES_FOUND,IS_IGNORED,IS_DISABLED,INSTANCE,FQDN,ASSET_CVE,RESULTS",
}
FLAGS = ("SSL", "IS_IGNORED", "IS_DISABLED")
SAME_IN_BOTH = ("QID", "SEVERITY", "PORT", "INSTANCE", "FQDN", "TIMES_FOUND", "ASSET_CVE", *FLAGS)
TIMES = ("FIRST_FOUND_DATETIME", "LAST_FOUND_DATETIME", "LAST_UPDATE_DATETIME")
CHANGE_TIMES = ("FIRST_FOUND_DATETIME", "LAST_UPDATE_DATETIME", "LAST_FIXED_DATETIME")
ALWAYS = "9999"
UPPER = ("TYPE", "STATUS", "PROTOCOL")
OF_HOST = ("IP", "NETWORK_ID", "TRACKING_METHOD", "OS", "DNS", "NETBIOS", "LAST_SCAN_DATETIME")


@dataclass
class Site:
    """One platform and one Splunk whose only input, `host_detection`, is started by hand.

    `fresh` makes it as good as new; what is told of events, calls and log lines is what came since. `name` is the
    input that is started and told of.
    """

    qualys: QualysStandin
    splunk: SplunkStandin
    account: dict[str, str]
    saved: Path
    """A copy of the app's local folder as it is when all is set up."""
    calls_before: int = 0
    name: str = NAME

    @property
    def checkpoints(self) -> Path:
        return self.splunk.home / "var/lib/splunk/modinputs/qualys"

    @property
    def tmp(self) -> Path:
        return self.splunk.app_home / "tmp"

    @property
    def pages(self) -> Path:
        return self.tmp / self.name / self.name

    @property
    def lookups(self) -> Path:
        return self.splunk.app_home / "lookups"

    def fresh(self) -> None:
        """An input that never ran, settings as they were set up, an empty index, a platform in order."""
        local = self.splunk.app_home / "local"
        for folder in (self.checkpoints, self.tmp, local):
            shutil.rmtree(folder, ignore_errors=True)
        self.checkpoints.mkdir()
        shutil.copytree(self.saved, local)
        for stub in self.lookups.glob("*.csv.default"):
            shutil.copyfile(stub, stub.with_suffix(""))
        (self.splunk.home / "var/log/splunk/ta_QualysCloudPlatform.log").unlink(missing_ok=True)
        self.splunk.clean()
        self.qualys.faults.set()
        self.qualys.dirt.set(())
        self.qualys.clock.release()
        self.qualys.population.restore()
        self.qualys.knowledge.restore()
        self.qualys.compliance.restore()
        self.qualys.web.restore()
        self.qualys.fim.restore()
        self.qualys.assets.restore()
        self.qualys.tickets.restore()
        self.qualys.reports.restore()
        self.qualys.search_lists.restore()
        self.calls_before = len(self.qualys.requests)

    # What is done to it.

    def tick(self, deadline_s: float = DEADLINE_S, **puppet: Any) -> Run:
        """One start by splunkd, waited for; `puppet` see support/puppet."""
        return self.start(**puppet).wait(deadline_s)

    def start(self, **puppet: Any) -> Run:
        return self.splunk.start(self.name, env=environment(puppet))

    def popen(self, **puppet: Any) -> subprocess.Popen[bytes]:
        """The same process with its pipes in the test's own hands."""
        splunkd = self.splunk.splunkd
        parameters = splunkd.confs.stanza("inputs", "-", f"qualys://{self.name}").settings
        told = splunkd.scripts.configuration("qualys", f"qualys://{self.name}", parameters, splunkd.session())
        process = subprocess.Popen(
            [sys.executable, str(splunkd.scripts.path("qualys"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=splunkd.scripts.environment(environment(puppet)),
            bufsize=0,
            cwd="/",
        )
        assert process.stdin
        process.stdin.write(told.encode())
        process.stdin.close()
        process.stdin = None
        return process

    def save(self, tab: str, **values: str) -> None:
        """What a person does on the configuration page."""
        self.splunk.post(f"{REST.format('settings')}/{tab}", **values)

    def save_account(self, **values: str) -> None:
        self.splunk.post(f"{REST.format('account')}/demo", **{**self.account, **values})

    def ask(self, action: str, **values: str) -> None:
        """What a person does in the row of the inputs page."""
        self.splunk.post(f"{REST.format('checkpoint')}/{self.name}", action=action, **values)

    def set_input(self, **values: str) -> None:
        """A parameter of the input, written as an editor of inputs.conf does."""
        self.splunk.splunkd.confs.write("inputs", self.splunk.app_home.name, f"qualys://{self.name}", values)

    # What came of it.

    @property
    def calls(self) -> list[Received]:
        """The detection calls that the platform got."""
        return [call for call in self.qualys.requests[self.calls_before :] if "/detection/" in call.path]

    @property
    def raw(self) -> list[str]:
        return [row["raw"] for row in self.splunk.events()]

    @property
    def repeats(self) -> int:
        return sum(count - 1 for count in Counter(self.raw).values())

    @property
    def state(self) -> dict[str, Any]:
        """The state file: outcome, message, checkpoints …"""
        found: dict[str, Any] = json.loads((self.checkpoints / f"{self.name}.json").read_text("utf-8"))
        return found

    @property
    def checkpoint(self) -> dict[str, Any]:
        (found,) = self.state["checkpoints"].values()
        return dict(found)

    def lines(self, level: str) -> list[str]:
        """The log's messages of this level."""
        mark = f"({self.name}) {level}: "
        return [line.partition(mark)[2] for line in self.splunk.log().splitlines() if mark in line]

    def error(self) -> str:
        """The one ERROR line of all runs."""
        (line,) = self.lines("ERROR")
        return line

    def errored(self) -> list[str]:
        return sorted(path.name for path in self.pages.glob("*.errored"))

    def leftovers(self) -> list[str]:
        """Files that a pull which ended well should not have left."""
        kept = {"known_hosts.db", "asset_lists.db", *(f"{self.name}{ending}" for ending in ENDINGS)}
        pages = [path for path in self.tmp.rglob("*") if path.is_file()]
        return sorted({path.name for path in (*pages, *self.checkpoints.iterdir())} - kept)

    def differences(self, since: str = "") -> list[str]:
        """Where index and ledger disagree on any host, finding or value; [] where everything arrived as it is.

        `since`: what was processed (hosts) or changed (findings) before must not be there, as in an incremental pull.
        Of an event that came several times, each must be right; how often it came is not judged here.
        """
        index = Index.of(self.raw)
        asked = {name: text for name, text in self.calls[-1].params.items() if name != "vm_processed_after"}
        known = self.qualys.ledger.expected(asked).values()
        expected = [host for host in known if host.elements["LAST_SCAN_DATETIME"] >= since]
        found = [line for host in expected for line in index.differences(host, since)]
        strangers = index.hosts.keys() - {str(host.id) for host in expected}
        return [*found, *(f"host {ident} does not belong here" for ident in sorted(strangers))]

    def assert_complete(self, repeats: int = 0, since: str = "") -> None:
        """Index = ledger, and at most so many events came twice."""
        assert self.differences(since) == []
        assert self.repeats <= repeats


@dataclass(frozen=True)
class Index:
    """Events by what they speak of: host id -> summaries, (host id, UNIQUE_VULN_ID) -> findings."""

    hosts: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    findings: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: list[str]) -> Index:
        index = cls()
        for text in dict.fromkeys(raw):
            fields = dict(extracted(text))
            if text.startswith("HOSTSUMMARY: "):
                index.hosts.setdefault(fields["HOST_ID"], []).append(fields)
            else:
                index.findings.setdefault((fields["HOST_ID"], fields["UNIQUE_VULN_ID"]), []).append(fields)
        return index

    def differences(self, host: ExpectedHost, since: str) -> Iterator[str]:
        ident = str(host.id)
        yield from _compared(f"host {ident}", self.hosts.get(ident, []), of_host(host))
        expected = {found.unique_vuln_id: found for found in host.findings if changed(found) >= since}
        for number, finding in expected.items():
            events = self.findings.get((ident, number), [])
            yield from _compared(f"finding {ident} {number}", events, of_finding(finding))
        strangers = [number for known, number in self.findings if known == ident and number not in expected]
        yield from (f"finding {ident} {number} does not belong here" for number in strangers)


def _compared(what: str, events: list[dict[str, str]], expected: Mapping[str, str]) -> Iterator[str]:
    if not events:
        yield f"{what} is missing"
    for event in events:
        for name, text in expected.items():
            if event.get(name, "").strip() != text:
                yield f"{what}: {name}={event.get(name)!r}, not {text!r}"


def changed(finding: ExpectedFinding) -> str:
    """When the finding or its status last changed; one that has no times always did."""
    return max(finding.elements.get(name, "") for name in CHANGE_TIMES) or ALWAYS


def of_host(host: ExpectedHost) -> dict[str, str]:
    """What a HOSTSUMMARY must say."""
    told = {name: _line(host.elements.get(name, "")) for name in OF_HOST}
    states = Counter(finding.elements.get("STATUS", "").upper() for finding in host.findings)
    counts = {name: str(states[name]) for name in ("NEW", "ACTIVE", "FIXED", "RE-OPENED")}
    return {**told, **counts, "TAGS": _line(",".join(host.tags)), "TOTAL_VULNS": str(len(host.findings))}


def of_finding(finding: ExpectedFinding) -> dict[str, str]:
    """What a HOSTVULN must say."""
    elements = finding.elements
    told = {name: _line(elements.get(name, "")) for name in (*SAME_IN_BOTH, *TIMES)}
    upper = {name: _line(elements.get(name, "")).upper() for name in UPPER}
    return {**told, **upper, "RESULTS": elements.get("RESULTS", "").replace('"', "'")}


def _line(text: str) -> str:
    return text.translate(str.maketrans({'"': "'", "\n": " ", "\r": " ", "\t": " "}))


def environment(puppet: Mapping[str, Any]) -> dict[str, str]:
    """What makes the add-on's process a puppet; nothing where there is nothing to do."""
    return {"PYTHONPATH": str(PUPPET), "PUPPET": json.dumps(puppet)} if puppet else {}


@contextmanager
def site(folder: Path, **platform: Any) -> Iterator[Site]:
    """A Splunk with the built add-on, its account, settings and input saved through the pages' REST endpoints.

    `platform`: see `standins.qualys.plan`.
    """
    with (
        QualysStandin(folder / "qualys", **{"hosts": HOSTS, "findings": FINDINGS, "seed": 3, **platform}) as qualys,
        SplunkStandin(folder / "splunk", BUILT) as splunk,
    ):
        account = {"api_server": qualys.url, "username": qualys.username, "password": qualys.password}
        account.update(ca_bundle=str(qualys.ca), gateway_server=qualys.url)
        splunk.post(REST.format("account"), name="demo", **account)
        splunk.post(f"{REST.format('settings')}/api", **API)
        splunk.post(f"{REST.format('settings')}/vm", **VM)
        splunk.post(REST.format("qualys"), name=NAME, duration="1h")
        saved = folder / "saved"
        shutil.copytree(splunk.app_home / "local", saved)
        yield Site(qualys, splunk, account, saved)
