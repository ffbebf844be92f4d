"""What holds for every page of panels that ships; what one shows, is in the test of its own."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import parse

import pytest

from standins.splunk.search import Knowledge, Panel, dashboard
from support.asset_events import asset_on, with_lists
from support.fim_rows import FIM, change_row, incident_row
from support.knowledge import PACKAGE, epoch, event_row, finding, package_copy, summary
from support.posture_events import checked, policy, policy_row, policy_summary, posture_row
from support.report_rows import report_row
from support.ticket_events import ticket_on
from support.web_events import web_row, web_vuln

UI = PACKAGE / "default" / "data" / "ui"
VIEWS = sorted((UI / "views").glob("*.xml"))
NOW = epoch("2018-09-20T13:00:05Z")
AT = NOW - 3600
LINKS = {
    "qualys_overview": 2,
    "qualys_policy_compliance": 3,
    "qualys_web_applications": 2,
    "qualys_tickets": 1,
    "qualys_assets": 1,
    "qualys_file_integrity": 1,
    "qualys_scan_reports": 1,
}
IDS = {"HOST_ID", "QID", "qid", "webapp_id", "POLICY_ID", "CONTROL_ID", "number", "id"}
INTERNAL = "index=_internal"

EVENTS = [
    event_row(finding(), time=AT),
    event_row(summary(), time=AT),
    web_vuln(1, 1, 19, firstDetectedDate="2018-09-19T00:00:00Z"),
    policy_row(policy(), time=AT),
    posture_row(policy_summary(7, 1, 1, 1), time=AT, indexed_at=NOW),
    checked(7, 1, 1, 19),
    ticket_on(1, 19, severity=5, reopened=True),
    asset_on(1, 19, tags=[{"id": 7, "name": "DMZ"}]),
    change_row(dateTime="2018-09-19T12:00:00.000Z", severity=5),
    change_row(FIM[1], dateTime="2018-09-19T12:00:00.000Z", severity=5),
    report_row(severity=5, generated="2018-09-19T12:00:00Z", LAST_FOUND="2018-09-19T02:00:00Z"),
    incident_row(name="Hosts file", approvalStatus="PENDING", createdBy={"date": (int(AT) - 86_400) * 1000}),
]

pytestmark = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.stem)


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    app = package_copy(tmp_path_factory.mktemp("app"))
    return Knowledge.load(with_lists(app, [{"id": "7", "name": "DMZ"}], [{"ID": "5", "TITLE": "Site A"}]))


def test_the_page_is_in_the_apps_navigation(view: Path) -> None:
    views = {each.get("name"): each.get("default") for each in parse(UI / "nav" / "default.xml").iter("view")}
    assert views[view.stem] is None
    assert views["configuration"] == "true"
    assert views.keys() == {"inputs", "configuration", "search", *(each.stem for each in VIEWS)}


def test_every_panel_runs_where_there_is_nothing(knowledge: Knowledge, view: Path) -> None:
    panels = dashboard(view, knowledge)
    found = [panel for panel in panels if knowledge.search(panel.search, [], now=NOW)]
    assert [panel.title for panel in found if "inputlookup" not in panel.search] == []


def columns(knowledge: Knowledge, panel: Panel) -> set[str]:
    times = {"earliest": panel.earliest, "latest": panel.latest}
    return {name for row in knowledge.search(panel.search, EVENTS, now=NOW, **times) for name in row}


def test_columns_that_are_chosen_or_formatted_are_there(knowledge: Knowledge, view: Path) -> None:
    for panel in dashboard(view, knowledge):
        if INTERNAL not in panel.search:
            found = columns(knowledge, panel)
            assert found, panel.title
            assert {*panel.fields, *panel.formatted} <= found, panel.title


def test_columns_have_names_of_people(knowledge: Knowledge, view: Path) -> None:
    for panel in dashboard(view, knowledge):
        if panel.kind == "table" and INTERNAL not in panel.search:
            shown = panel.fields or columns(knowledge, panel)
            assert [name for name in shown if "_" in name or not name[0].isupper()] == [], panel.title


def test_clicks_lead_to_the_events_behind_a_row(knowledge: Knowledge, view: Path) -> None:
    panels = dashboard(view, knowledge)
    assert sum(len(panel.links) for panel in panels) == LINKS[view.stem]
    for panel in panels:
        told = {panel.options.get("drilldown"), panel.options.get("charting.drilldown")} - {None}
        assert told == ({"row"} if panel.links else {"none"}), panel.title


def test_no_scanned_text_is_part_of_a_link(view: Path) -> None:
    """Ids only: a name in a link would be a way to put words into somebody's search."""
    links = [link.text or "" for link in parse(view).iter("link")]
    assert {token for link in links for token in link.split("$")[1::2]} <= {f"row.{name}|u" for name in IDS}


def test_every_choice_is_a_search_that_runs(knowledge: Knowledge, view: Path, tmp_path: Path) -> None:
    text, page = view.read_text("utf-8"), tmp_path / "page.xml"
    for choices in parse(view).iter("input"):
        default, counts = choices.findtext("default"), []
        for value in (choice.get("value", "").replace(">", "&gt;") for choice in choices.iter("choice")):
            page.write_text(text.replace(f"<default>{default}<", f"<default>{value}<"), encoding="utf-8")
            panels = dashboard(page, knowledge)
            counts.append(sum(bool(columns(knowledge, panel)) for panel in panels if INTERNAL not in panel.search))
        assert max(counts) == counts[0] > 0


def test_all_panels_of_findings_look_at_all_time(knowledge: Knowledge, view: Path) -> None:
    """What does not change may have been told only once."""
    for panel in dashboard(view, knowledge):
        if "`qualys_current" in panel.search or "`qualys_latest" in panel.search:
            assert panel.earliest == "0", panel.title


def test_a_row_of_another_sourcetype_is_in_no_panel(knowledge: Knowledge, view: Path) -> None:
    foreign = [{**row, "sourcetype": "other"} for row in [*EVENTS, web_row("WAS_FINDING: x")]]
    for panel in dashboard(view, knowledge):
        if INTERNAL not in panel.search and "inputlookup" not in panel.search:
            assert knowledge.search(panel.search, foreign, now=NOW) == [], panel.title
