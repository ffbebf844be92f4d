"""The add-on's dashboard: its panels show the numbers of what was pulled, and lead to the events behind them."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Locator, expect

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from support.browser import Visitor
from support.e2e import NAME, REST
from support.page import account_form

NAMES = {"5": "critical", "4": "high", "3": "medium", "2": "low", "1": "informational"}


@pytest.fixture(autouse=True)
def severities(splunk: SplunkStandin, qualys: QualysStandin) -> Counter[str]:
    """How many open findings one pull brought, by severity."""
    splunk.post(REST.format("account"), **account_form(qualys))
    splunk.post(REST.format("qualys"), name=NAME, duration="1h")
    assert splunk.tick(NAME).returncode == 0
    knowledge = splunk.splunkd.knowledge.current()
    events = map(knowledge.event, splunk.events())
    opened = [event for event in events if "qualys_vm_open_finding" in event.get("eventtype", ())]
    return Counter(str(event.get("severity_id", "0")) for event in opened)


def _open(visitor: Visitor) -> None:
    visitor.open("/")
    visitor.page.get_by_role("heading", name="Qualys overview").click()
    _drawn(visitor)


def _drawn(visitor: Visitor) -> None:
    """All panels are there, none with a problem."""
    page = visitor.page
    expect(page.locator("section.panel").first).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(page.locator(".problem")).to_have_count(0)


def _panel(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("region", name=title)


def test_panels_show_what_was_pulled(visitor: Visitor, severities: Counter[str]) -> None:
    _open(visitor)
    by_severity = _panel(visitor, "Open findings by severity")
    for severity, count in severities.items():
        if severity in NAMES:
            expect(by_severity.get_by_role("row", name=f"{severity} {NAMES[severity]}")).to_contain_text(str(count))
    health = _panel(visitor, "Collection health")
    expect(health.get_by_role("row", name=NAME)).to_contain_text("good")
    expect(_panel(visitor, "Hosts with the most severe open findings").get_by_role("row")).not_to_have_count(1)
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    visitor.keep("dashboard")


def test_a_choice_is_searched_for(visitor: Visitor, severities: Counter[str]) -> None:
    _open(visitor)
    visitor.page.get_by_role("combobox", name="Severity").select_option("severity_id=5")
    visitor.page.wait_for_url("**form.severity=severity_id*")
    _drawn(visitor)
    rows = _panel(visitor, "Open findings by severity").get_by_role("row")
    expect(rows).to_have_count(1 if severities["5"] else 0)
    expect(visitor.page.get_by_role("combobox", name="Severity")).to_have_value("severity_id=5")


def test_a_row_leads_to_its_events(visitor: Visitor) -> None:
    _open(visitor)
    row = _panel(visitor, "Open QIDs on the most hosts").locator("tbody tr").first
    qid, findings = row.get_by_role("cell").first.inner_text(), row.get_by_role("cell").last.inner_text()
    row.get_by_role("link").first.click()
    number = "1 result" if findings == "1" else f"{findings} results"
    expect(visitor.page.get_by_role("status")).to_have_text(f"{number} (all time).")
    expect(visitor.page.locator("article").first).to_contain_text(f'QID="{qid}"')
