"""The built add-on in a Splunk stand-in, and a platform whose every answer is one file: to measure whole processes."""

from __future__ import annotations

import io
import itertools
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional, TextIO

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "package" / "bin"))

from benchmarks import asset_page, fim_page, hld_page, kb_page, posture_page, report_page, ticket_page, was_page
from benchmarks.process import Used, measured
from qualys_ta.api.gateway import LOGIN
from qualys_ta.feed import JSON
from qualys_ta.populator import fim_incidents, load
from standins.replay import ANY, Answer, Recorded, Replay
from standins.splunk import SplunkStandin

BUILT = Path(__file__).resolve().parents[1] / "TA-QualysCloudPlatform"
FINDINGS = 50
HOST_MB = 0.051
"""Of a host with that many findings."""
POSTURE_MB, FINDING_MB = 0.001_24, 0.002_42
"""Of a posture with all details, of a web finding."""
EVENT_MB, IGNORED_MB = 0.001_89, 0.001_69
TICKET_MB, ASSET_MB, REPORTED_HOST_MB = 0.002_61, 0.029_2, 0.041

HOST_LIST = "/api/5.0/fo/asset/host/"
POLICY_LIST = "/api/5.0/fo/compliance/policy/"
ONE_POLICY = (
    b"<POLICY_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-20T10:00:00Z</DATETIME><POLICY_LIST>"
    b"<POLICY><ID>7</ID></POLICY></POLICY_LIST></RESPONSE></POLICY_LIST_OUTPUT>"
)
ALL_HOSTS = (
    b"<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-20T10:00:00Z</DATETIME>"
    b"<ID_SET><ID_RANGE>1-999999999</ID_RANGE></ID_SET></RESPONSE></HOST_LIST_OUTPUT>"
)


def _followed_by_none(page: Recorded) -> Answer:
    """Of a search in JSON: the page, and behind it an empty one."""
    return lambda params: EMPTY if "searchAfter" in params else page


def _one_incident() -> Answer:
    out = io.StringIO()
    fim_page.write_page("incidents", 1, out)
    return _followed_by_none(Recorded(200, out.getvalue().encode(), DATED))


DATED = {"Date": "Fri, 20 Nov 2026 10:00:00 GMT"}
EMPTY = Recorded(200, b"[]", DATED)
LISTS: Mapping[str, Answer] = {
    HOST_LIST: Recorded(200, ALL_HOSTS),
    POLICY_LIST: Recorded(200, ONE_POLICY),
    LOGIN: Recorded(201, b"a.token.of"),
    fim_incidents.INCIDENTS.path: _one_incident(),
}
"""What there is to ask before a page."""

_FINISHED = re.compile(r"\((\S+)\) INFO: Finished: .* bytes=(\d+) records=(\d+) events=(\d+) ")


def _write_hosts(page_mb: float, file: TextIO) -> None:
    hld_page.write_page(round(page_mb / HOST_MB), FINDINGS, file)


def _write_postures(page_mb: float, file: TextIO) -> None:
    posture_page.write_page(round(page_mb / POSTURE_MB), file)


def _write_findings(page_mb: float, file: TextIO) -> None:
    was_page.write_page(round(page_mb / FINDING_MB), file)


def _write_events(page_mb: float, file: TextIO) -> None:
    fim_page.write_page("events", round(page_mb / EVENT_MB), file)


def _write_ignored(page_mb: float, file: TextIO) -> None:
    fim_page.write_page("ignored", round(page_mb / IGNORED_MB), file)


def _write_tickets(page_mb: float, file: TextIO) -> None:
    ticket_page.write_page(round(page_mb / TICKET_MB), file)


def _write_assets(page_mb: float, file: TextIO) -> None:
    asset_page.write_page(round(page_mb / ASSET_MB), file)


def _write_report(page_mb: float, file: TextIO) -> None:
    report_page.write_page(round(page_mb / REPORTED_HOST_MB), file)


PAGES: Mapping[str, Callable[[float, TextIO], object]] = {
    "host_detection": _write_hosts,
    "knowledge_base": kb_page.write_page,
    "policy_posture_info": _write_postures,
    "was_findings": _write_findings,
    "fim_events": _write_events,
    "fim_ignored_events": _write_ignored,
    "fim_incidents": _write_events,
    "tickets": _write_tickets,
    "host_assets": _write_assets,
    "scan_report": _write_report,
}
"""Metric -> what writes a page of about so many MB. That of incidents is the events of one incident."""


@dataclass(frozen=True)
class Pulled:
    """One run of `qualys.py` by the input `name`, which pulled one page, or so many MB in several."""

    name: str
    page_mb: float
    records: int
    events: int
    used: Used

    @property
    def events_per_second(self) -> float:
        return self.events / self.used.seconds


@dataclass(frozen=True)
class Installed:
    """Inputs are made as they are needed; each has a name of its own, so each is due once."""

    splunk: SplunkStandin
    platform: Replay
    answers: dict[str, Answer]
    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def page(self) -> Path:
        """The page that was pulled last."""
        return self.folder / "page.xml"

    def pull(self, page_mb: float, metric: str = "host_detection") -> Pulled:
        """Pull one page of about `page_mb` MB, with an input that never ran."""
        with self.page.open("w", encoding="utf-8", newline="\n") as file:
            PAGES[metric](page_mb, file)
        page = Recorded(200, self.page, DATED)
        is_json = load(metric).resource.form == JSON
        self.answers.update({**LISTS, ANY: _followed_by_none(page) if is_json else page})
        if metric == "scan_report":
            self.save("reports", report_file=str(self.page))
        return self.run(metric)

    def save(self, tab: str, **values: str) -> None:
        """What a person does on the configuration page."""
        self.splunk.post(f"TA_QualysCloudPlatform_settings/{tab}", **values)

    def run(self, metric: str) -> Pulled:
        """One whole pull of what the platform answers now, with an input that never ran."""
        name = f"{metric}_{next(self._numbers)}"
        self.splunk.post("data/inputs/qualys", name=name, metric=metric, duration="1d")
        used = self.start(name, metric)
        self.splunk.delete(f"data/inputs/qualys/{name}")  # a knowledge base has one owner
        found = {input_name: rest for input_name, *rest in _FINISHED.findall(self.splunk.log())}
        if used.returncode or name not in found:
            raise RuntimeError(f"The pull failed:\n{self.splunk.log()}")
        size, records, events = map(int, found[name])
        return Pulled(name, size / 1e6, records, events, used)

    def start(self, name: str, metric: str, python: Optional[str] = None) -> Used:
        """One start as splunkd does it, but its events go nowhere."""
        splunkd = self.splunk.splunkd
        stanza = f"qualys://{name}"
        params = {"metric": metric, "duration": "1d"}
        told = splunkd.scripts.configuration("qualys", stanza, params, splunkd.session())
        command = [python or sys.executable, str(splunkd.scripts.path("qualys"))]
        return measured(command, told, splunkd.scripts.environment())


@contextmanager
def installed(folder: Path) -> Iterator[Installed]:
    """Stand-ins in `folder`, an account, nothing pulled so far."""
    answers: dict[str, Answer] = {}
    with Replay(folder / "platform", answers) as platform, SplunkStandin(folder / "splunk", BUILT) as splunk:
        account = {
            "api_server": platform.url,
            "gateway_server": platform.url,
            "ca_bundle": platform.ca,
            "username": "user",
            "password": "secret",
        }
        splunk.post("TA_QualysCloudPlatform_account", name="acme", skip_test="1", **account)
        yield Installed(splunk, platform, answers, folder)
