"""Policy compliance and web applications, from a new input to its events and the dashboard of its own."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from support.browser import EVENTS, INPUTS, Visitor
from support.e2e import REST
from support.page import account_form

INPUT = REST.format("qualys")


@dataclass(frozen=True)
class Metric:
    """What an admin sees of one: its input, the sourcetype of each kind of event, its dashboard."""

    name: str
    kinds: dict[str, str]
    dashboard: str
    panels: tuple[str, ...]


METRICS = (
    Metric(
        "policy_posture_info",
        {
            "POLICY_INFO": "qualys:pc:policyInfo",
            "POSTURE_INFO": "qualys:pc:postureInfo",
            "POLICY_SUMMARY": "qualys:pc:postureInfo",
        },
        "Qualys policy compliance",
        (
            "Postures by result",
            "Postures by criticality",
            "Policies, those with the most failed postures first",
            "Controls that fail on the most hosts",
            "Hosts with the most failed controls",
        ),
    ),
    Metric(
        "was_findings",
        {"WAS_FINDING": "qualys:wasFindings", "WAS_SUMMARY": "qualys:wasFindings"},
        "Qualys web applications",
        (
            "Open web findings by severity",
            "Open web findings by status",
            "Open web findings by age",
            "Web applications with the most severe open findings",
            "Open QIDs in the most web applications",
            "Web applications that were not tested for the longest time",
        ),
    ),
)
each_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: str(metric.name))


@pytest.fixture(autouse=True)
def account(splunk: SplunkStandin, qualys: QualysStandin) -> None:
    splunk.post(REST.format("account"), **account_form(qualys))


def _pull(splunk: SplunkStandin, metric: Metric) -> Counter[str]:
    """How many events of which kind one pull brought."""
    splunk.post(INPUT, name=metric.name, duration="1h")
    assert splunk.tick(metric.name).returncode == 0
    return _kinds(splunk)


def _kinds(splunk: SplunkStandin) -> Counter[str]:
    return Counter(row["raw"].partition(": ")[0] for row in splunk.events())


@each_metric
def test_an_input_is_added_switched_on_and_its_events_are_seen(
    visitor: Visitor, splunk: SplunkStandin, metric: Metric
) -> None:
    visitor.open(INPUTS)
    visitor.press("Create New Input")
    visitor.enter(name=metric.name, duration="1h")
    visitor.dialog.get_by_role("button", name="Add").click()
    row = visitor.row(metric.name)
    expect(row).to_contain_text("Disabled")
    row.get_by_role("switch").click()
    expect(row).to_contain_text("Enabled")
    assert splunk.tick(metric.name).returncode == 0
    kinds = _kinds(splunk)
    assert kinds.keys() == metric.kinds.keys()
    page = visitor.page
    visitor.open(EVENTS)
    for kind, count in kinds.items():
        page.get_by_label("Metric").select_option(f"type:{metric.kinds[kind]}|{kind}")
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page.get_by_role("status")).to_have_text(re.compile(rf"^{count:,} events? "))
        expect(page.locator("article").first).to_contain_text(f"{kind}: ")


def _panel(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("region", name=title)


def _open(visitor: Visitor, metric: Metric) -> None:
    """All panels of its dashboard are there, none with a problem."""
    visitor.open("/")
    visitor.page.get_by_role("heading", name=metric.dashboard).click()
    expect(visitor.page.locator("section.panel").first).to_be_visible()
    expect(visitor.page.locator("[aria-busy]")).to_have_count(0)
    expect(visitor.page.locator(".problem")).to_have_count(0)


@each_metric
def test_its_dashboard_shows_what_was_pulled(visitor: Visitor, splunk: SplunkStandin, metric: Metric) -> None:
    _pull(splunk, metric)
    _open(visitor, metric)
    for title in metric.panels:
        expect(_panel(visitor, title).locator("tbody tr, .columns > div").first).to_be_visible()
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    visitor.keep(metric.name)


@each_metric
def test_its_dashboard_says_so_where_there_is_nothing(visitor: Visitor, metric: Metric) -> None:
    _open(visitor, metric)
    expect(_panel(visitor, metric.panels[-1])).to_contain_text("No results found.")


def test_a_policy_leads_to_what_failed_of_it(visitor: Visitor, splunk: SplunkStandin) -> None:
    metric = METRICS[0]
    _pull(splunk, metric)
    _open(visitor, metric)
    row = _panel(visitor, metric.panels[2]).locator("tbody tr").first
    row.get_by_role("link").first.click()
    expect(visitor.page.get_by_role("status")).to_have_text(re.compile(r"^[1-9]\d* results? \(all time\)\.$"))
    expect(visitor.page.locator("article").first).to_contain_text('STATUS="Failed"')


def test_a_severity_is_chosen(visitor: Visitor, splunk: SplunkStandin) -> None:
    metric = METRICS[1]
    _pull(splunk, metric)
    _open(visitor, metric)
    visitor.page.get_by_role("combobox", name="Severity").select_option("severity_id=5")
    visitor.page.wait_for_url("**form.severity=severity_id*")
    expect(visitor.page.locator("[aria-busy]")).to_have_count(0)
    expect(_panel(visitor, metric.panels[0]).get_by_role("row", name="5 critical")).to_be_visible()
    expect(_panel(visitor, metric.panels[0]).get_by_role("row", name="4 high")).to_have_count(0)
