"""``make demo``: the add-on's whole way on one machine, from the set-up endpoints to events you can click through.

Starts the Qualys and the Splunk stand-in on loopback, saves an account and an input through the same REST endpoints as
the pages, lets the scheduler start ``qualys.py`` as splunkd does, and compares what was indexed with what the platform
holds. ``--once`` ends there (exit 1 if they differ); else the pages stay open until Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from standins.splunk.search import Knowledge

APP = Path("TA-QualysCloudPlatform")
FOLDER = Path("build/demo")
REPORT = Path("build/demo.json")
INPUT = "host_detection"
TICK_S = 1.0
LONGEST_S = 1800.0
SEVERITIES = frozenset(("informational", "low", "medium", "high", "critical"))
CIM_FIELDS = ("dest", "dvc", "severity", "signature", "signature_id", "vendor_product")


@dataclass(frozen=True)
class Row:
    """One line of the closing table."""

    sourcetype: str
    kind: str
    events: int
    hosts: int
    seconds: float
    sample: str


@dataclass(frozen=True)
class Verdict:
    """What the demo proves: index against ledger, and the CIM fields of open findings."""

    expected: Mapping[str, int]
    indexed: Mapping[str, int]
    missing: int
    surplus: int
    cim_faults: list[str]

    @property
    def good(self) -> bool:
        return not self.missing and not self.surplus and not self.cim_faults


def main(argv: Optional[list[str]] = None) -> int:
    options = _options(argv)
    console = Console()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    faults = tuple(filter(None, options.faults.split(",")))
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with (
        QualysStandin(
            FOLDER / "qualys", hosts=options.hosts, findings=options.findings, seed=7, faults=faults
        ) as qualys,
        SplunkStandin(FOLDER / "splunk", APP) as splunk,
    ):
        started = time.monotonic()
        _set_up(console, qualys, splunk, options.hosts)
        splunk.schedule(TICK_S)
        _watch(console, splunk, options.hosts, stopped)
        seconds = time.monotonic() - started
        verdict = _report(console, qualys, splunk, seconds)
        if options.once or stopped.is_set():
            return 0 if verdict.good else 1
        console.print(
            f"\nClick through: [link={splunk.web_url}]{splunk.web_url}[/link]"
            "  (Configuration, Inputs, Data Inputs, Events, Log). Ctrl-C ends the demo."
        )
        stopped.wait()
    return 0 if verdict.good else 1


def _options(argv: Optional[list[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the table; exit 1 if index and ledger differ")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--findings", type=int, default=20, help="per host")
    parser.add_argument("--faults", default="", help="faults of the platform, e.g. busy or cut*2,html")
    return parser.parse_args(argv)


def _set_up(console: Console, qualys: QualysStandin, splunk: SplunkStandin, hosts: int) -> None:
    """The same requests that the set-up pages send."""
    splunk.post(
        "TA_QualysCloudPlatform_account",
        name="demo",
        api_server=qualys.url,
        username=qualys.username,
        password=qualys.password,
        ca_bundle=str(qualys.ca),
    )
    console.print("Account [b]demo[/b] saved: the connection was tested.")
    splunk.post("TA_QualysCloudPlatform_settings/api", retry_interval_seconds="2")
    splunk.post("TA_QualysCloudPlatform_settings/vm", detection_truncation_limit=str(max(hosts // 10, 1)))
    splunk.post("TA_QualysCloudPlatform_qualys", name=INPUT, duration="1h", start_date="1999-01-01T00:00:00Z")
    splunk.post(f"TA_QualysCloudPlatform_qualys/{INPUT}/enable")
    console.print(f"Input [b]{INPUT}[/b] created and enabled; the scheduler starts it like splunkd does.")


def _watch(console: Console, splunk: SplunkStandin, hosts: int, stopped: threading.Event) -> None:
    """Progress from what arrives in the index, until the input says that its window is closed."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    ends = time.monotonic() + LONGEST_S
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("hosts indexed", total=hosts)
        while not stopped.wait(0.2):
            progress.update(task, completed=splunk.count("HOSTSUMMARY: "))
            state = _state(splunk)
            if state.get("outcome") == "closed" and not splunk.running(INPUT):
                progress.update(task, completed=splunk.count("HOSTSUMMARY: "))
                return
            if state.get("outcome") == "held" or time.monotonic() > ends:
                console.print(f"[red]The input stopped: {state.get('message')}")
                return


def _state(splunk: SplunkStandin) -> dict[str, Any]:
    path = splunk.home / "var" / "lib" / "splunk" / "modinputs" / "qualys" / f"{INPUT}.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _report(console: Console, qualys: QualysStandin, splunk: SplunkStandin, seconds: float) -> Verdict:
    events = splunk.events()
    rows = list(_rows(events, seconds))
    table = Table(title=f"What {INPUT} brought in {seconds:.1f} s", title_justify="left")
    for name, justify in (("sourcetype", "left"), ("kind", "left"), ("events", "right"), ("hosts", "right"),
                          ("events/s", "right"), ("sample", "left")):  # fmt: skip
        table.add_column(name, justify=justify, no_wrap=name != "sample", overflow="ellipsis")  # type: ignore[arg-type]
    for row in rows:
        rate = f"{row.events / row.seconds:,.0f}"
        table.add_row(row.sourcetype, row.kind, f"{row.events:,}", f"{row.hosts:,}", rate, row.sample[:160])
    console.print(table)
    verdict = _verdict(qualys, splunk, events)
    _print_verdict(console, verdict)
    REPORT.write_text(
        json.dumps({"good": verdict.good, "rows": [asdict(row) for row in rows], **asdict(verdict)}, indent=1) + "\n",
        encoding="utf-8",
    )
    return verdict


def _rows(events: Iterable[Mapping[str, Any]], seconds: float) -> Iterable[Row]:
    counts: Counter[tuple[str, str]] = Counter()
    hosts: dict[tuple[str, str], set[str]] = {}
    samples: dict[tuple[str, str], str] = {}
    for event in events:
        key = (event["sourcetype"], event["raw"].partition(":")[0])
        counts[key] += 1
        hosts.setdefault(key, set()).add(event["raw"].partition("HOST_ID=")[2].partition(",")[0])
        samples.setdefault(key, event["raw"])
    for key in sorted(counts):
        yield Row(*key, events=counts[key], hosts=len(hosts[key]), seconds=seconds, sample=samples[key])


def _print_verdict(console: Console, verdict: Verdict) -> None:
    console.print(f"Platform's ledger: {dict(verdict.expected)}   Index: {dict(verdict.indexed)}")
    if verdict.good:
        console.print("[green]Ledger and index agree; every open finding has its CIM fields.")
        return
    console.print(
        f"[red]Missing: {verdict.missing}, surplus: {verdict.surplus}. CIM: {verdict.cim_faults[:5] or 'fine'}"
    )


def _verdict(qualys: QualysStandin, splunk: SplunkStandin, events: list[dict[str, Any]]) -> Verdict:
    knowledge = Knowledge.load(splunk.app_home)
    wanted = Counter(qualys.ledger.identities())
    found: Counter[tuple[str, str]] = Counter()
    faults: list[str] = []
    for event in events:
        fields = knowledge.fields(event)
        if event["raw"].startswith("HOSTVULN"):
            found[(str(fields["HOST_ID"]), str(fields.get("UNIQUE_VULN_ID", "")))] += 1
        else:
            found[(str(fields["HOST_ID"]), "")] += 1
        if "vulnerability" in knowledge.tags(event):
            faults.extend(_cim_faults(fields))
    return Verdict(
        expected=_kinds(wanted),
        indexed=_kinds(found),
        missing=sum((wanted - found).values()),
        surplus=sum((found - wanted).values()),
        cim_faults=faults,
    )


def _kinds(identities: Counter[tuple[str, str]]) -> dict[str, int]:
    return {
        "hosts": sum(count for (_, finding), count in identities.items() if not finding),
        "findings": sum(count for (_, finding), count in identities.items() if finding),
    }


def _cim_faults(fields: Mapping[str, Any]) -> Iterable[str]:
    where = f"host {fields.get('HOST_ID')} QID {fields.get('QID')}"
    yield from (f"{where}: {name} is empty" for name in CIM_FIELDS if not fields.get(name))
    if fields.get("severity") not in SEVERITIES:
        yield f"{where}: severity is {fields.get('severity')!r}"


if __name__ == "__main__":
    sys.exit(main())
