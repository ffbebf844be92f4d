"""The golden events of every metric through the shipped knowledge objects: times, kinds, and every search of ours."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from standins.splunk.breaking import Breakers
from standins.splunk.conf import Stanza
from standins.splunk.search import Knowledge, dashboard, event_time
from standins.splunk.search.extract import clean_key
from support.asset_events import ASSET, TAG_EVENT, with_lists
from support.knowledge import PACKAGE, SOURCETYPE, epoch, event_row, package_copy
from support.posture_events import POLICY, POSTURE
from support.ticket_events import TICKET
from support.web_events import WAS

REPORT = "qualys:scanReport"
GOLDEN = Path(__file__).parents[1] / "golden"
NOW = epoch("2026-01-01T00:00:00Z")
VIEWS = PACKAGE / "default" / "data" / "ui" / "views"
KINDS = {
    "HOSTSUMMARY": (SOURCETYPE, "qualys_host_summary_event"),
    "HOSTVULN": (SOURCETYPE, "qualys_vm_detection_event"),
    "WAS_FINDING": (WAS, "qualys_was_finding_event"),
    "WAS_SUMMARY": (WAS, "qualys_was_summary_event"),
    "POLICY_INFO": (POLICY, "qualys_policy_info_event"),
    "POSTURE_INFO": (POSTURE, "qualys_posture_info_event"),
    "POLICY_SUMMARY": (POSTURE, "qualys_policy_summary_event"),
    '{"report_generated"': (REPORT, "qualys_report_event"),
    '{"number"': (TICKET, "qualys_ticket_event"),
    "asset": (ASSET, "qualys_host_asset_event"),
    "openPort": (ASSET, "qualys_asset_port_event"),
    "software": (ASSET, "qualys_asset_software_event"),
    "assetTag": (ASSET, "qualys_asset_tag_event"),
    "tag": (TAG_EVENT, "qualys_tag_event"),
    "assetGroup": (TAG_EVENT, "qualys_asset_group_event"),
    "FIM_EVENT": ("qualys:fim:event", "qualys_fim_event"),
    "FIM_IGNORED_EVENT": ("qualys:fim:ignored_event", "qualys_ignored_fim_event"),
    "FIM_INCIDENT": ("qualys:fim:incident", "qualys_fim_incident"),
    "FIM_INCIDENT_EVENT": ("qualys:fim:incident_event", "qualys_fim_incident_event"),
}
"""What an event begins with, or what kind it says it is of -> its sourcetype and its eventtype."""

REPLACED = {"severity", "cwe"}
"""Fields that the CIM's form, or several values, take the place of."""

EMPTY = {"Qualys: API calls being made", "Qualys: Time since Last Scan"}
"""The log, and hosts with what no golden host has."""

METRICS = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir() and folder.name != "knowledge_base")


def told(metric: str) -> list[dict[str, Any]]:
    """The golden events of a metric as they are indexed, and when each happened."""
    paths = sorted((GOLDEN / metric).glob("*.events.jsonl"))
    events = [json.loads(line) for path in paths for line in path.read_text("utf-8").split("\n") if line]
    return [
        event_row(event["text"], sourcetype=KINDS[kind(event["text"])][0], time=float(event["time"] or 0), indexed_at=n)
        for n, event in enumerate(events)
    ]


def kind(raw: str) -> str:
    if '"splunk_event_type":"' in raw:
        return str(json.loads(raw)["splunk_event_type"])
    start, _, rest = raw.partition(":")
    return rest.split('"')[1] if start == '{"eventKind"' else start


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    app = package_copy(tmp_path_factory.mktemp("app"))
    return Knowledge.load(with_lists(app, [{"id": "7", "name": "DMZ"}], [{"ID": "5", "TITLE": "Site A"}]))


@pytest.mark.parametrize("metric", METRICS)
def test_splunk_reads_the_time_that_the_add_on_tells(knowledge: Knowledge, metric: str) -> None:
    for row in told(metric):
        if row["time"]:
            assert event_time(knowledge.props_of(row), row["raw"]) == row["time"], row["raw"][:200]


@pytest.mark.parametrize("metric", METRICS)
def test_every_event_is_of_one_kind(knowledge: Knowledge, metric: str) -> None:
    names = {eventtype for _, eventtype in KINDS.values()}
    for row in told(metric):
        assert set(knowledge.eventtypes(row)) & names == {KINDS[kind(row["raw"])][1]}, row["raw"][:200]


@pytest.mark.parametrize("metric", METRICS)
def test_events_are_broken_where_they_begin(knowledge: Knowledge, metric: str) -> None:
    raws: dict[str, list[str]] = {}
    for row in told(metric):
        raws.setdefault(row["sourcetype"], []).append(row["raw"])
    for sourcetype, events in raws.items():
        stanza = Stanza(sourcetype, dict(knowledge.props[sourcetype]), "app", shipped=True)
        assert Breakers({sourcetype: stanza}).of(sourcetype).events("\n".join(events)) == events


FLAT = [metric for metric in METRICS if metric != "host_detection"]
"""Those of one line and of no value without quotes."""


@pytest.mark.parametrize("metric", FLAT)
def test_every_value_of_an_event_is_a_field(knowledge: Knowledge, metric: str) -> None:
    for row in told(metric):
        found = knowledge.fields(row)
        for name, value in re.findall(r'(?:: |, )([^=" ]+)="([^"]*)"', row["raw"]):
            if value and name not in REPLACED:
                assert found[clean_key(name)] == value, name


@pytest.fixture(scope="module")
def everything() -> list[dict[str, Any]]:
    return [row for metric in METRICS for row in told(metric)]


@pytest.mark.parametrize("view", sorted(path.stem for path in VIEWS.glob("*.xml")))
def test_every_panel_shows_something_of_them(knowledge: Knowledge, everything: list[dict[str, Any]], view: str) -> None:
    """But the log's, and what is about the last days."""
    panels = [panel for panel in dashboard(VIEWS / f"{view}.xml", knowledge) if panel.earliest == "0"]
    assert panels
    assert [panel.title for panel in panels if not knowledge.search(panel.search, everything, now=NOW)] == []


def test_every_search_runs_over_them(knowledge: Knowledge, everything: list[dict[str, Any]]) -> None:
    found = {name: knowledge.saved_search(name, everything, now=NOW) for name in knowledge.saved_searches}
    assert {name for name, rows in found.items() if not rows} <= EMPTY
