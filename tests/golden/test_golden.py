"""Answers of the platform and what we promise for them, pair by pair.

`<case>.xml` is what the platform says, `<case>.settings.json` (optional) the metric's tab, `<case>.events.jsonl` the
events, one JSON object a line. Host detections: `<case>.knowledge.json` (optional) is what the knowledge base holds.
Tickets: `<case>.hosts.json` (optional) is what was asked of their hosts.
Knowledge base: `<case>.kb.csv`, `.cim.csv` and `.cve.csv` are the lookups. File integrity: `<case>.answer.json` is what
the platform says. ``make golden`` writes what we promise anew; review the difference before you keep it.
"""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qualys_ta.model import Entry, Event, Knowledge
from qualys_ta.output import Totals, converted_records
from qualys_ta.populator import asset_lists, host_detection, knowledge_base, tickets, was_findings
from qualys_ta.populator.knowledge_tables import KEPT
from qualys_ta.splunk.asset_store import AssetStore
from qualys_ta.splunk.knowledge_store import KnowledgeStore
from qualys_ta.splunk.lookups import lookup_path
from qualys_ta.work.tables import SLIM, TEXTS, write_knowledge, write_lists
from support.assets import asset_events
from support.assets import entries as list_entries
from support.core import broken, events, inspected, records
from support.fim import golden_events
from support.posture import compliance_events
from support.pulls import ListLog
from support.reports import REPORT, report_events
from support.tickets import RECORD as TICKET
from support.tickets import ticket_events
from support.vulns import RECORD, converter
from support.webapps import RECORD as WEB_FINDING
from support.webapps import was_events

HERE = Path(__file__).parent
HOSTS = sorted((HERE / "host_detection").glob("*.xml"))
ENTRIES = sorted((HERE / "knowledge_base").glob("*.xml"))
WEB_FINDINGS = sorted((HERE / "was_findings").glob("*.xml"))
POSTURE = sorted((HERE / "policy_posture_info").glob("*.xml"))
TICKETS = sorted((HERE / "tickets").glob("*.xml"))
REPORTS = sorted((HERE / "scan_report").glob("*.xml"))
ASSETS = sorted((HERE / "host_assets").glob("*.xml"))
LISTS = sorted((HERE / "asset_tags").glob("*.xml"))
FIM = sorted(HERE.glob("fim_*/*.answer.json"))
TABLES = {"kb": "qualys_kb.csv", "cim": "qualys_kb_cim.csv", "cve": "qualys_kb_cve.csv"}
"""Ending of the expectation -> lookup."""


def named(case: Path) -> str:
    return case.stem


def same(found: bytes, expected: Path, request: pytest.FixtureRequest) -> None:
    """What was made is what is promised, line by line."""
    if request.config.getoption("--rewrite"):
        expected.write_bytes(found)
    assert found.decode().split("\n") == expected.read_bytes().decode().split("\n")


def lines(told: list[Event]) -> bytes:
    return "".join(json.dumps(event._asdict(), ensure_ascii=False) + "\n" for event in told).encode()


def beside(case: Path, what: str) -> dict[str, Any]:
    path = case.with_suffix(f".{what}.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def host_events(case: Path) -> list[Event]:
    known: Knowledge = beside(case, "knowledge").get
    return events(case.read_bytes(), knowledge=known, **beside(case, "settings"))


@pytest.mark.parametrize("case", HOSTS, ids=named)
def test_host_detections(case: Path, request: pytest.FixtureRequest) -> None:
    assert inspected(case.read_bytes()).root == host_detection.FEED.resource.root
    same(lines(host_events(case)), case.with_suffix(".events.jsonl"), request)


@pytest.mark.parametrize("case", HOSTS, ids=named)
def test_every_golden_event_stays_one_event(case: Path) -> None:
    found = [event.text for event in host_events(case)]
    assert broken("\n".join(found)) == found or not found


def entries(case: Path) -> list[Entry]:
    body = case.read_bytes()
    assert inspected(body, RECORD).root == knowledge_base.FEED.resource.root
    convert = converter(**beside(case, "settings"))
    return list(converted_records(records(body, RECORD), convert, Totals(), ListLog()))


def with_texts(case: Path) -> bool:
    return bool(beside(case, "settings").get("log_kb_additional_fields") == "1")


@pytest.mark.parametrize("case", ENTRIES, ids=named)
def test_knowledge_base_as_lookups(case: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with closing(KnowledgeStore(tmp_path / "kb.db", KEPT)) as store:
        store.put(entries(case))
        write_knowledge(tmp_path, store, TEXTS if with_texts(case) else SLIM)
    for ending, name in TABLES.items():
        same(lookup_path(tmp_path, name).read_bytes(), case.with_suffix(f".{ending}.csv"), request)


@pytest.mark.parametrize("case", ENTRIES, ids=named)
def test_knowledge_base_as_events(case: Path, request: pytest.FixtureRequest) -> None:
    told = [knowledge_base.event(entry, with_texts(case)) for entry in entries(case)]
    same(lines(told), case.with_suffix(".events.jsonl"), request)


@pytest.mark.parametrize("case", WEB_FINDINGS, ids=named)
def test_web_application_findings(case: Path, request: pytest.FixtureRequest) -> None:
    assert inspected(case.read_bytes(), WEB_FINDING).root == was_findings.FEED.resource.root
    told = was_events(case.read_bytes(), **beside(case, "settings"))
    assert not [event for event in told if len(event.text.split("\n")) > 1 or "\r" in event.text]
    same(lines(told), case.with_suffix(".events.jsonl"), request)


@pytest.mark.parametrize("case", POSTURE, ids=named)
def test_policy_compliance(case: Path, request: pytest.FixtureRequest) -> None:
    told = compliance_events(case.read_bytes(), **beside(case, "settings"))
    assert not [event for event in told if len(event.text.split("\n")) > 1 or "\r" in event.text]
    same(lines(told), case.with_suffix(".events.jsonl"), request)


@pytest.mark.parametrize("case", TICKETS, ids=named)
def test_tickets(case: Path, request: pytest.FixtureRequest) -> None:
    assert inspected(case.read_bytes(), TICKET).root == tickets.FEED.resource.root
    told = ticket_events(case.read_bytes(), beside(case, "hosts"), **beside(case, "settings"))
    assert not [event for event in told if not event.text.isascii() or "\n" in event.text]
    same(lines(told), case.with_suffix(".events.jsonl"), request)


@pytest.mark.parametrize("case", REPORTS, ids=named)
def test_scan_reports(case: Path, request: pytest.FixtureRequest) -> None:
    assert inspected(case.read_bytes(), REPORT.record).root == REPORT.root
    told = report_events(case.read_bytes(), **beside(case, "settings"))
    assert not [event for event in told if not event.text.isascii() or "\n" in event.text]
    same(lines(told), case.with_suffix(".events.jsonl"), request)


@pytest.mark.parametrize("case", ASSETS, ids=named)
def test_host_assets(case: Path, request: pytest.FixtureRequest) -> None:
    told = asset_events(case.read_bytes(), **beside(case, "settings"))
    assert not [event for event in told if not event.text.isascii() or "\n" in event.text]
    same(lines(told), case.with_suffix(".events.jsonl"), request)


@pytest.mark.parametrize("case", LISTS, ids=named)
def test_tags_and_asset_groups(case: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = list_entries(case.read_bytes())
    same(lines([asset_lists.event(each) for each in found]), case.with_suffix(".events.jsonl"), request)
    with closing(AssetStore(tmp_path / "lists.db", "asset_tags", "demo")) as store:
        store.put(found)
        store.commit()
        (table,) = write_lists(tmp_path, store)
    same(lookup_path(tmp_path, table).read_bytes(), case.with_suffix(".lookup.csv"), request)


@pytest.mark.parametrize("case", FIM, ids=lambda case: f"{case.parent.name} {case.name.partition('.')[0]}")
def test_file_integrity(case: Path, request: pytest.FixtureRequest) -> None:
    told = golden_events(case)
    assert not [event for event in told if not event.text.isascii() or "\n" in event.text]
    same(lines(told), case.with_name(case.name.replace(".answer.json", ".events.jsonl")), request)


def test_all_pairs_are_whole() -> None:
    endings = ("events.jsonl", *(f"{ending}.csv" for ending in TABLES))
    expected = {f"{case.stem}.events.jsonl" for case in HOSTS}
    expected |= {f"knowledge_base/{case.stem}.{ending}" for case in ENTRIES for ending in endings}
    others = (*WEB_FINDINGS, *POSTURE, *TICKETS, *REPORTS, *ASSETS, *LISTS)
    expected |= {f"{case.parent.name}/{case.stem}.events.jsonl" for case in others}
    expected |= {f"asset_tags/{case.stem}.lookup.csv" for case in LISTS}
    expected |= {f"{case.parent.name}/{case.name.partition('.')[0]}.events.jsonl" for case in FIM}
    found = {path.name for path in HOSTS[0].parent.glob("*.jsonl")}
    found |= {
        f"{folder.name}/{path.name}"
        for folder in {case.parent for case in (*ENTRIES, *others, *FIM)}
        for path in folder.iterdir()
        if path.suffix in (".csv", ".jsonl")
    }
    assert found == expected
