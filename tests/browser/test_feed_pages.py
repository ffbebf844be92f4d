"""Tickets, reports, assets, tags and file integrity: their dashboards show what was pulled, and lead to its events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, expect

from standins.qualys import QualysStandin
from standins.qualys.reports import TEMPLATES
from standins.splunk import SplunkStandin
from support.browser import Visitor
from support.e2e import BUILT, REST
from support.page import account_form

SCREENSHOTS = BUILT.parent / "build" / "screenshots"
PULLED = (
    "tickets",
    "scan_report",
    "host_assets",
    "asset_tags",
    "fim_events",
    "fim_ignored_events",
    "fim_incidents",
)


@dataclass(frozen=True)
class Page:
    """A dashboard: its panels, and the row that leads to its events."""

    title: str
    panels: tuple[str, ...]
    leads: str
    told: str
    """What the events behind a row hold."""


PAGES = (
    Page(
        "Qualys tickets",
        (
            "Tickets by severity",
            "Tickets by status",
            "Tickets by what is left of their time",
            "Assignees with the most tickets",
            "Hosts with the most tickets",
        ),
        "Tickets that are overdue for the longest time",
        "current_state",
    ),
    Page(
        "Qualys scan reports",
        (
            "Open findings in reports by severity",
            "Open findings in reports by status",
            "Open findings in reports by age",
            "Newest reports",
            "Hosts with the most severe open findings in reports",
        ),
        "Open QIDs in reports on the most hosts",
        "report_generated",
    ),
    Page(
        "Qualys assets",
        (
            "Assets by operating system",
            "Assets by how they are tracked",
            "Tags by source",
            "Tags on the most assets",
            "Asset groups with the most recent changes",
        ),
        "Assets that were not updated for the longest time",
        "eventKind",
    ),
    Page(
        "Qualys file integrity",
        (
            "Changes by severity",
            "Changes by what was done",
            "Hosts with the most changes",
            "Users who changed the most",
            "Changes that are ignored most often",
            "Incidents by decision",
        ),
        "Incidents that wait for the longest time",
        "FIM_INCIDENT_EVENT",
    ),
)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.title).replace(" ", "_"))


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory, qualys: QualysStandin) -> Iterator[SplunkStandin]:
    """One pull of each; the dashboards only read."""
    with SplunkStandin(tmp_path_factory.mktemp("pulled") / "splunk", BUILT) as splunk:
        splunk.post(REST.format("account"), **account_form(qualys, gateway_server=qualys.url))
        reports = {"report_templates": TEMPLATES[1].title, "report_poll_seconds": "1"}
        splunk.post(f"{REST.format('settings')}/reports", **reports)
        for name in PULLED:
            splunk.post(REST.format("qualys"), name=name, duration="1h", start_date="1999-01-01T00:00:00Z")
            assert splunk.tick(name).returncode == 0
        yield splunk


@pytest.fixture
def reader(chromium: Browser, pulled: SplunkStandin) -> Iterator[Visitor]:
    """Somebody who looks at what was pulled."""
    visitor = Visitor(chromium, pulled.web_url, SCREENSHOTS)
    yield visitor
    visitor.page.context.close()
    assert visitor.faults == []


def _panel(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("region", name=title)


def _open(visitor: Visitor, page: Page) -> None:
    """All panels are there, none with a problem."""
    visitor.open("/")
    visitor.page.get_by_role("heading", name=page.title).click()
    if visitor.page.get_by_role("combobox", name="Time").count():
        visitor.page.get_by_role("combobox", name="Time").select_option("0")
        visitor.page.wait_for_url("**form.since=0*")
    expect(visitor.page.locator("section.panel").first).to_be_visible()
    expect(visitor.page.locator("[aria-busy]")).to_have_count(0)
    expect(visitor.page.locator(".problem")).to_have_count(0)


@each_page
def test_a_dashboard_shows_what_was_pulled_and_leads_to_its_events(reader: Visitor, page: Page) -> None:
    _open(reader, page)
    for title in page.panels:
        expect(_panel(reader, title).locator("tbody tr, .columns > div").first).to_be_visible()
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    reader.keep(page.title.replace(" ", "_").lower())
    row = _panel(reader, page.leads).locator("tbody tr").first
    row.get_by_role("link").first.click()
    expect(reader.page.get_by_role("status")).to_have_text(re.compile(r"^[1-9]\d* (result|event)s? \(all time\)\.?$"))
    expect(reader.page.locator("article").first).to_contain_text(page.told)


@each_page
def test_a_dashboard_says_so_where_there_is_nothing(visitor: Visitor, page: Page) -> None:
    _open(visitor, page)
    expect(_panel(visitor, page.leads)).to_contain_text("No results found.")
