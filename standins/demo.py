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
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from standins.qualys import QualysStandin
from standins.qualys.faults import FaultPlan
from standins.splunk import SplunkStandin
from standins.splunk.store import RunRecord
from standins.verdict import Verdict, judge

APP = Path("TA-QualysCloudPlatform")
FOLDER = Path("build/demo")
REPORT = Path("build/demo.json")
INPUT = "host_detection"
TICK_S = 1.0
LONGEST_S = 1800.0
PICTURE_COLUMNS = 110


@dataclass(frozen=True)
class Row:
    """One line of the closing table."""

    sourcetype: str
    kind: str
    events: int
    hosts: int
    seconds: float
    sample: str


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
            folder / "qualys", hosts=options.hosts, findings=options.findings, seed=7, faults=options.faults
        ) as qualys,
        SplunkStandin(folder / "splunk", APP) as splunk,
    ):
        started = time.monotonic()
        _set_up(console, qualys, splunk, options.hosts)
        splunk.schedule(TICK_S)
        _watch(console, splunk, options.hosts, stopped)
        seconds = time.monotonic() - started
        verdict = _report(console, qualys, splunk, seconds)
        if options.picture:
            console.save_svg(str(options.picture), title="make demo", unique_id="demo")
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
    parser.add_argument("--hosts", type=_some, default=200)
    parser.add_argument("--findings", type=_some, default=20, help="per host")
    parser.add_argument("--faults", type=_faults, default=(), help="faults of the platform, e.g. busy or cut*2,html")
    parser.add_argument("--picture", type=Path, help="draw the closing table into this SVG file")
    return parser.parse_args(argv)


def _some(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
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
        username=qualys.username,
        password=qualys.password,
        ca_bundle=str(qualys.ca),
    )
    console.print("Account [b]demo[/b] saved: the connection was tested.")
    splunk.post("TA_QualysCloudPlatform_settings/api", retry_interval_seconds="2")
    splunk.post("TA_QualysCloudPlatform_settings/vm", detection_truncation_limit=str(max(hosts // 10, 1)))
    splunk.post("TA_QualysCloudPlatform_qualys", name=INPUT, duration="1h", start_date="1999-01-01T00:00:00Z")
    splunk.post(f"TA_QualysCloudPlatform_qualys/{INPUT}", disabled="false")
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
    store = splunk.splunkd.store
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("hosts indexed", total=hosts)
        while not stopped.wait(0.2):
            progress.update(task, completed=store.count(text="HOSTSUMMARY: "), description=_doing(splunk))
            state = _state(splunk)
            if state.get("outcome") == "closed" and _ended(store.last_run(f"qualys://{INPUT}"), state):
                progress.update(task, completed=store.count(text="HOSTSUMMARY: "))
                return
            if state.get("outcome") == "held" or time.monotonic() > ends:
                console.print(f"[red]The input stopped: {state.get('message')}")
                return


def _doing(splunk: SplunkStandin) -> str:
    """What an admin would read in the log: the last trouble, while nothing better came after it."""
    lines = [line for line in splunk.log().splitlines() if f"({INPUT})" in line]
    last = lines[-1].partition(") ")[2] if lines else ""
    return escape(
        f"hosts indexed ({last[:90]} …)" if last.startswith(("WARNING", "INFO: Next try")) else "hosts indexed"
    )


def _ended(run: Optional[RunRecord], state: Mapping[str, Any]) -> bool:
    """Whether the run that closed the window has ended, so that all it wrote is indexed."""
    return run is not None and run.started_at + run.seconds >= float(state["last_start"])


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
    _print_rows(console, rows)
    verdict = judge(qualys, splunk, events)
    _print_faults(console, qualys, splunk)
    _print_verdict(console, verdict)
    REPORT.write_text(
        json.dumps({"good": verdict.good, "rows": [asdict(row) for row in rows], **asdict(verdict)}, indent=1) + "\n",
        encoding="utf-8",
    )
    return verdict


def _print_rows(console: Console, rows: list[Row]) -> None:
    table = Table(title=f"What {INPUT} brought", title_justify="left")
    table.add_column("sourcetype", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    for name in ("events", "hosts", "seconds"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(row.sourcetype, row.kind, f"{row.events:,}", f"{row.hosts:,}", f"{row.seconds:.1f}")
    console.print(table)
    for row in rows:
        console.print(f"[b]Sample:[/b] {escape(row.sample.replace(chr(10), ' '))}\n", highlight=False)


def _rows(events: Iterable[Mapping[str, Any]], seconds: float) -> Iterable[Row]:
    counts: Counter[tuple[str, str]] = Counter()
    hosts: dict[tuple[str, str], set[str]] = {}
    samples: dict[tuple[str, str], str] = {}
    for event in events:
        key = (event["sourcetype"], event["raw"].partition(":")[0])
        counts[key] += 1
        hosts.setdefault(key, set()).add(event["raw"].partition("HOST_ID=")[2].partition(",")[0])
        if key not in samples or ("STATUS=" in event["raw"] and "STATUS=" not in samples[key]):
            samples[key] = event["raw"]  # a finding with a status says more than one without
    for key in sorted(counts):
        yield Row(*key, events=counts[key], hosts=len(hosts[key]), seconds=seconds, sample=samples[key])


def _print_faults(console: Console, qualys: QualysStandin, splunk: SplunkStandin) -> None:
    struck = Counter(request.fault for request in qualys.requests if request.fault)
    if struck:
        told = ", ".join(f"{kind} {count} times" for kind, count in sorted(struck.items()))
        waited = splunk.log().count(" WARNING: ")
        console.print(f"Faults that struck: {told}; the add-on's log warns of {waited}.")


def _print_verdict(console: Console, verdict: Verdict) -> None:
    console.print(f"Platform's ledger: {dict(verdict.expected)}   Index: {dict(verdict.indexed)}")
    if verdict.good:
        console.print("[green]Ledger and index agree, and open findings have their CIM fields.")
        return
    console.print(
        f"[red]Missing: {verdict.missing}, surplus: {verdict.surplus}. CIM: {verdict.cim_faults[:5] or 'fine'}"
    )


if __name__ == "__main__":
    sys.exit(main())
