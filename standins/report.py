"""The table that ends ``make demo``: what came, whether it is all, and whether it fits the CIM."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from standins.splunk.store import EventRow
from standins.verdict import CimCheck, Verdict, judge, kind

LONGEST_SAMPLE = 1000


@dataclass(frozen=True)
class Row:
    """One line of the closing table; `cim` says how many of the events belong into the CIM, and whether they fit."""

    sourcetype: str
    kind: str
    events: int
    hosts: int
    cim: str
    sample: str


def report(
    console: Console,
    qualys: QualysStandin,
    splunk: SplunkStandin,
    seconds: float,
    path: Path,
    troubles: Sequence[str] = (),
) -> Verdict:
    """Judge, print, and write the same as JSON to `path`. `troubles`: why inputs did not pull all there is."""
    events = splunk.events()
    verdict = judge(qualys, splunk, events)
    rows = list(_rows(events, verdict))
    _print_rows(console, rows, seconds)
    _print_faults(console, qualys, splunk)
    _print_verdict(console, verdict, troubles)
    told = {"good": verdict.good, "seconds": round(seconds, 1), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps({**told, **asdict(verdict)}, indent=1) + "\n", encoding="utf-8")
    return verdict


def _print_rows(console: Console, rows: list[Row], seconds: float) -> None:
    table = Table(title=f"What came in {seconds:.1f} s", title_justify="left")
    for name in ("sourcetype", "kind"):
        table.add_column(name, no_wrap=True)
    for name in ("events", "hosts"):
        table.add_column(name, justify="right")
    table.add_column("open (CIM)", no_wrap=True)
    for row in rows:
        table.add_row(row.sourcetype, row.kind, f"{row.events:,}", f"{row.hosts:,}" if row.hosts else "", row.cim)
    console.print(table)
    for row in rows:
        console.print(f"[b]Sample:[/b] {escape(row.sample.replace(chr(10), ' ')[:LONGEST_SAMPLE])}\n", highlight=False)


def _rows(events: Iterable[EventRow], verdict: Verdict) -> Iterable[Row]:
    counts: Counter[tuple[str, str]] = Counter()
    hosts: dict[tuple[str, str], set[str]] = {}
    samples: dict[tuple[str, str], str] = {}
    for event in events:
        key = (event["sourcetype"], kind(event))
        counts[key] += 1
        hosts.setdefault(key, set()).add(event["raw"].partition("HOST_ID=")[2].partition(",")[0])
        if key not in samples or ("STATUS=" in event["raw"] and "STATUS=" not in samples[key]):
            samples[key] = event["raw"]  # a finding with a status says more than one without
    for key in sorted(counts):
        told = _told(verdict.cim.get(key[1]))
        yield Row(*key, events=counts[key], hosts=len(hosts[key] - {""}), cim=told, sample=samples[key])


def _told(check: Optional[CimCheck]) -> str:
    if check is None or not (check.tagged or check.faults):
        return ""
    return f"{check.tagged:,} {f'with {len(check.faults)} faults' if check.faults else 'complete'}"


def _print_faults(console: Console, qualys: QualysStandin, splunk: SplunkStandin) -> None:
    struck = Counter(request.fault for request in qualys.requests if request.fault)
    if struck:
        told = ", ".join(f"{kind} {count} times" for kind, count in sorted(struck.items()))
        waited = splunk.log().count(" WARNING: ")
        console.print(f"Faults that struck: {told}; the add-on's log warns of {waited}.")


def _print_verdict(console: Console, verdict: Verdict, troubles: Sequence[str]) -> None:
    table = Table(title="Whether it is all", title_justify="left")
    table.add_column("what", no_wrap=True)
    for name in ("platform's ledger", "index and lookups"):
        table.add_column(name, justify="right")
    for name, count in verdict.expected.items():
        table.add_row(name, f"{count:,}", f"{verdict.indexed[name]:,}")
    console.print(table)
    if verdict.good:
        console.print("[green]Ledger and index agree, and every open finding has the fields the CIM asks for.")
        return
    for trouble in troubles:
        console.print(f"[red]{escape(trouble)}")
    console.print(f"[red]Missing: {verdict.missing:,}, surplus: {verdict.surplus:,}. {_cim(verdict)}")


def _cim(verdict: Verdict) -> str:
    if verdict.cim_faults:
        return f"The CIM asks for more: {escape('; '.join(verdict.cim_faults[:5]))}"
    tagged = sum(check.tagged for check in verdict.cim.values())
    return "What came fits the CIM." if tagged else "No open finding came, so nothing is said of the CIM."
