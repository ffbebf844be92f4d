"""``make demo``: the add-on's whole way on one machine, from the set-up endpoints to events you can click through.

Starts the Qualys and the Splunk stand-in on loopback, saves an account and an input through the same REST endpoints as
the pages, lets the scheduler start ``qualys.py`` as splunkd does, and compares what was indexed with what the platform
holds. ``--once`` ends there (exit 1 if they differ); else the pages stay open until Ctrl-C.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from standins.qualys import QualysStandin
from standins.qualys.faults import FaultPlan
from standins.qualys.reports import TEMPLATES
from standins.report import report
from standins.splunk import SplunkStandin

APP = Path("TA-QualysCloudPlatform")
FOLDER = Path("build/demo")
REPORT = Path("build/demo.json")
COUNTED = {
    "knowledge_base": ("QIDs indexed", {"sourcetype": "qualys:knowledgebase"}),
    "host_detection": ("hosts indexed", {"text": "HOSTSUMMARY: "}),
    "was_findings": ("web findings indexed", {"text": "WAS_FINDING: "}),
    "policy_posture_info": ("postures indexed", {"text": "POSTURE_INFO: "}),
    "tickets": ("tickets indexed", {"sourcetype": "qualys:ticket"}),
    "scan_report": ("report findings indexed", {"sourcetype": "qualys:scanReport"}),
    "host_assets": ("assets indexed", {"sourcetype": "qualys:hostAsset"}),
    "asset_tags": ("tags and groups indexed", {"sourcetype": "qualys:tag"}),
    "fim_events": ("file changes indexed", {"sourcetype": "qualys:fim:event"}),
    "fim_ignored_events": ("ignored changes indexed", {"sourcetype": "qualys:fim:ignored_event"}),
    "fim_incidents": ("incidents indexed", {"sourcetype": "qualys:fim:incident"}),
}
"""Input -> what shows how far it is. In the order in which they are enabled: findings then have their names from the
first moment."""
TICK_S = 1.0
MOST = 1_000_000
"""Hosts, or findings of one: more would fill this machine's memory before anything is served."""
LONGEST_S = 1800.0
PICTURE_COLUMNS = 110
HOSTS_PER_WEB_APP = 20
REPORT_TEMPLATE = TEMPLATES[1]


def main(argv: Optional[list[str]] = None) -> int:
    options = _options(argv)
    console = Console(record=bool(options.picture), width=PICTURE_COLUMNS if options.picture else None)
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with open(FOLDER.with_suffix(".lock"), "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.print("[red]Another demo runs in this folder: end it first.")
            return 1
        return _demo(console, options)


def _demo(console: Console, options: argparse.Namespace) -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    folder = FOLDER.resolve()
    folder.mkdir(parents=True)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with (
        QualysStandin(
            folder / "qualys",
            hosts=options.hosts,
            findings=options.findings,
            seed=7,
            faults=options.faults,
            epoch=int(time.time()),
            web_apps=2 + options.hosts // HOSTS_PER_WEB_APP,
            web_findings=options.findings,
            tickets=2 * options.hosts,
            fim_events=10 * options.hosts,
            fim_ignored_events=2 * options.hosts,
            fim_incidents=2 + options.hosts // HOSTS_PER_WEB_APP,
        ) as qualys,
        SplunkStandin(folder / "splunk", APP) as splunk,
    ):
        started = time.monotonic()
        _set_up(console, qualys, splunk, options.hosts)
        splunk.schedule(TICK_S)
        troubles = _watch(console, splunk, _totals(qualys, options.hosts), stopped)
        verdict = report(console, qualys, splunk, time.monotonic() - started, REPORT, troubles)
        if options.picture:
            console.save_svg(str(options.picture), title="make demo", unique_id="demo")
        if options.once or stopped.is_set():
            return 0 if verdict.good else 1
        console.print(
            f"\nClick through: [link={splunk.web_url}]{splunk.web_url}[/link]"
            "  (Configuration, Inputs, dashboard, Data Inputs, Events, Reports, Log). Ctrl-C ends the demo.\n"
            f"The add-on lives in {splunk.app_home.relative_to(Path.cwd())}."
        )
        stopped.wait()
    return 0 if verdict.good else 1


def _totals(qualys: QualysStandin, hosts: int) -> Mapping[str, int]:
    """How much of what `COUNTED` shows there is to come."""
    return {
        "knowledge_base": len(qualys.knowledge_ledger.expected()),
        "host_detection": hosts,
        "was_findings": len(qualys.web_ledger.expected()),
        "policy_posture_info": len(qualys.compliance_ledger.statuses()),
        "tickets": len(qualys.tickets.numbers),
        "scan_report": qualys.report_ledger.findings_of(REPORT_TEMPLATE),
        "fim_events": len(qualys.fim.events),
        "fim_ignored_events": len(qualys.fim.ignored),
        "fim_incidents": len(qualys.fim.incidents),
        "host_assets": hosts,
        "asset_tags": len(qualys.asset_ledger.tags()) + len(qualys.asset_ledger.groups()),
    }


def _options(argv: Optional[list[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the table; exit 1 if index and ledger differ")
    parser.add_argument("--hosts", type=_some, default=200)
    parser.add_argument("--findings", type=_some, default=20, help="per host")
    parser.add_argument("--faults", type=_faults, default=(), help="faults of the platform, e.g. busy or cut*2,html")
    parser.add_argument("--picture", type=Path, help="draw the closing table into this SVG file")
    return parser.parse_args(argv)


def _some(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to {MOST:,}")
    return int(text)


def _faults(text: str) -> tuple[str, ...]:
    faults = tuple(filter(None, text.split(",")))
    try:
        FaultPlan(faults)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; see docs/standins.md") from None
    return faults


def _set_up(console: Console, qualys: QualysStandin, splunk: SplunkStandin, hosts: int) -> None:
    """The same requests that the set-up pages send."""
    splunk.post(
        "TA_QualysCloudPlatform_account",
        name="demo",
        api_server=qualys.url,
        gateway_server=qualys.url,
        username=qualys.username,
        password=qualys.password,
        ca_bundle=str(qualys.ca),
    )
    console.print("Account [b]demo[/b] saved: the connection was tested.")
    splunk.post("TA_QualysCloudPlatform_settings/api", retry_interval_seconds="2")
    splunk.post("TA_QualysCloudPlatform_settings/vm", detection_truncation_limit=str(max(hosts // 10, 1)))
    splunk.post("TA_QualysCloudPlatform_settings/pc", pc_extra_details="1", pc_truncation_limit=str(hosts))
    splunk.post("TA_QualysCloudPlatform_settings/was", was_page_size="50")
    reports = {"report_templates": REPORT_TEMPLATE.title, "report_poll_seconds": "1"}
    splunk.post("TA_QualysCloudPlatform_settings/reports", **reports)
    splunk.post("TA_QualysCloudPlatform_settings/kb", is_index_knowledgebase="1")
    for name in COUNTED:
        splunk.post("TA_QualysCloudPlatform_qualys", name=name, duration="1h", start_date="1999-01-01T00:00:00Z")
        splunk.post(f"TA_QualysCloudPlatform_qualys/{name}", disabled="false")
    console.print(f"Inputs [b]{', '.join(COUNTED)}[/b] enabled; the scheduler starts them like splunkd does.")


def _watch(console: Console, splunk: SplunkStandin, totals: Mapping[str, int], stopped: threading.Event) -> list[str]:
    """Progress from what arrives in the index, until every input says that its window is closed.

    Returns why inputs did not come that far.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    ends = time.monotonic() + LONGEST_S
    with Progress(*columns, console=console) as progress:
        tasks = {name: progress.add_task(what, total=totals[name]) for name, (what, _) in COUNTED.items()}
        while not stopped.wait(0.2):
            for name, (what, chosen) in COUNTED.items():
                done = splunk.splunkd.store.count(**chosen)
                progress.update(tasks[name], completed=done, description=f"{what}{_trouble(splunk, name)}")
            outcomes = {name: _outcome(splunk, name) for name in COUNTED}
            if "held" in outcomes.values() or time.monotonic() > ends or set(outcomes.values()) == {"closed"}:
                break
    return [_why(splunk, name) for name in COUNTED if _outcome(splunk, name) != "closed"]


def _why(splunk: SplunkStandin, name: str) -> str:
    """Why an input has not pulled all there is."""
    message = _state(splunk, name).get("message")
    return f"The input {name} stopped: {message}" if message else f"The input {name} had not ended."


def _outcome(splunk: SplunkStandin, name: str) -> str:
    """How the input's last run ended; closed only once all it wrote is indexed."""
    state = _state(splunk, name)
    outcome = str(state.get("outcome", ""))
    run = splunk.splunkd.store.last_run(f"qualys://{name}")
    ended = run is not None and run.started_at + run.seconds >= float(state.get("last_start") or 0)
    return outcome if outcome != "closed" or ended else "running"


def _trouble(splunk: SplunkStandin, name: str) -> str:
    """What an admin would read in the log: the input's last trouble, while nothing better came after it."""
    told = [line.partition(") ")[2] for line in splunk.log().splitlines() if f" ({name}) " in line][-1:]
    return "".join(escape(f" ({line[:90]} …)") for line in told if line.startswith(("WARNING", "INFO: Next try")))


def _state(splunk: SplunkStandin, name: str) -> dict[str, Any]:
    path = splunk.home / "var" / "lib" / "splunk" / "modinputs" / "qualys" / f"{name}.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


if __name__ == "__main__":
    sys.exit(main())
