"""The built add-on in a Splunk stand-in, and a platform whose every answer is one file: to measure whole processes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from benchmarks.hld_page import write_page
from benchmarks.process import Used, measured
from standins.replay import ANY, Recorded, Replay
from standins.splunk import SplunkStandin

BUILT = Path(__file__).resolve().parents[1] / "TA-QualysCloudPlatform"
FINDINGS = 50
HOST_MB = 0.051
"""Of a host with that many findings."""
_FINISHED = re.compile(r"\((\S+)\) INFO: Finished: .* bytes=(\d+) .* events=(\d+) ")


@dataclass(frozen=True)
class Pulled:
    """One run of `qualys.py` that pulled one page."""

    page_mb: float
    events: int
    used: Used

    @property
    def events_per_second(self) -> float:
        return self.events / self.used.seconds


@dataclass(frozen=True)
class Installed:
    """Inputs are made as they are needed; each has a name of its own, so each is due once."""

    splunk: SplunkStandin
    answers: dict[str, Recorded]
    folder: Path

    def pull(self, page_mb: float) -> Pulled:
        """Pull one page of about `page_mb` MB, with an input that never ran."""
        page = self.folder / "page.xml"
        with page.open("w", encoding="utf-8", newline="\n") as file:
            write_page(round(page_mb / HOST_MB), FINDINGS, file)
        self.answers[ANY] = Recorded(200, page)
        name = f"page{page_mb:.0f}"
        self.add(name)
        used = self.start(name)
        found = {input_name: rest for input_name, *rest in _FINISHED.findall(self.splunk.log())}
        if used.returncode or name not in found:
            raise RuntimeError(f"The pull failed:\n{self.splunk.log()}")
        size, events = map(int, found[name])
        return Pulled(size / 1e6, events, used)

    def add(self, name: str) -> None:
        self.splunk.post("data/inputs/qualys", name=name, metric="host_detection", duration="1d")

    def start(self, name: str, python: Optional[str] = None) -> Used:
        """One start as splunkd does it, but its events go nowhere."""
        splunkd = self.splunk.splunkd
        stanza = f"qualys://{name}"
        params = {"metric": "host_detection", "duration": "1d"}
        told = splunkd.scripts.configuration("qualys", stanza, params, splunkd.session())
        command = [python or sys.executable, str(splunkd.scripts.path("qualys"))]
        return measured(command, told, splunkd.scripts.environment())


@contextmanager
def installed(folder: Path) -> Iterator[Installed]:
    """Stand-ins in `folder`, an account, nothing pulled so far."""
    answers: dict[str, Recorded] = {}
    with Replay(folder / "platform", answers) as platform, SplunkStandin(folder / "splunk", BUILT) as splunk:
        account = {"api_server": platform.url, "ca_bundle": platform.ca, "username": "user", "password": "secret"}
        splunk.post("TA_QualysCloudPlatform_account", name="acme", skip_test="1", **account)
        yield Installed(splunk, answers, folder)
